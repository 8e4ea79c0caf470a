using System.Security.Cryptography;
using System.Text.Json;
using StreamSync.LocalKafka.Log.Segments;

namespace StreamSync.LocalKafka.Admin;

/// <summary>A topic as it is stored.</summary>
sealed class StoredTopic
{
    public Guid Id { get; set; }

    public int Partitions { get; set; }

    public Dictionary<string, string> Configs { get; set; } = [];
}

/// <summary>What the broker knows besides records.</summary>
sealed class StoredCatalog
{
    public string ClusterId { get; set; } = "";

    /// <summary>First producer id that was never reserved.</summary>
    public long NextProducerId { get; set; }

    public SortedDictionary<string, StoredTopic> Topics { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Topics whose deletion was begun.</summary>
    public HashSet<string> Deleting { get; set; } = [];
}

/// <summary>The file <c>topics.json</c> in the data directory. A change replaces the file as a whole, so a crash leaves the old or the new.</summary>
sealed class CatalogFile
{
    const string FileName = "topics.json";
    readonly string _path;

    CatalogFile(string path, StoredCatalog content)
    {
        _path = path;
        Content = content;
    }

    public StoredCatalog Content { get; private set; }

    /// <exception cref="IOException">The file cannot be read, or is not what this broker wrote.</exception>
    public static CatalogFile Open(string directory)
    {
        var path = Path.Combine(directory, FileName);
        if (File.Exists(path))
        {
            return new CatalogFile(path, Read(path));
        }

        var file = new CatalogFile(path, new StoredCatalog { ClusterId = NewClusterId() });
        file.Update(_ => { });
        return file;
    }

    /// <summary>Changes the content and stores it.</summary>
    /// <exception cref="IOException">It could not be stored; the change is taken back.</exception>
    public void Update(Action<StoredCatalog> change)
    {
        change(Content);
        try
        {
            LogIo.Default.Replace(_path, CatalogJson.Write(Content), flush: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (File.Exists(_path))
            {
                Content = Read(_path);
            }

            throw new IOException($"{_path} cannot be written: {e.Message}", e);
        }
    }

    static StoredCatalog Read(string path)
    {
        try
        {
            return CatalogJson.Read(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new IOException(
                $"{path} cannot be read: {e.Message}. It says which topics the directory holds; restore it from a copy, or move the "
                + "directory away to start with an empty one.", e);
        }
    }

    /// <summary>16 random bytes as 22 characters, the form of every cluster id in Kafka.</summary>
    static string NewClusterId() =>
        Convert.ToBase64String(RandomNumberGenerator.GetBytes(16)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
