namespace StreamSync.LocalKafka.Log;

/// <summary>The data directory, held against a second process as long as this lives.</summary>
sealed class DataDirectory : IDisposable
{
    const string LockName = ".lock";

    // Apache Kafka's directories look alike but have checkpoints of their own, which would be out of date afterwards.
    const string ApacheMark = "meta.properties";

    readonly FileStream _lock;

    DataDirectory(string path, FileStream held) => (Path, _lock) = (path, held);

    public string Path { get; }

    /// <exception cref="IOException">The directory is in use, cannot be written or is not ours; the message names it and the remedy.</exception>
    public static DataDirectory Open(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The data directory {path} cannot be made: {e.Message} Choose another directory, or make it and give this user the right to write to it.", e);
        }

        if (File.Exists(System.IO.Path.Combine(path, ApacheMark)))
        {
            throw new IOException($"The data directory {path} belongs to an Apache Kafka broker ({ApacheMark} is in it). Choose another directory.");
        }

        var lockPath = System.IO.Path.Combine(path, LockName);
        try
        {
            return new DataDirectory(path, new FileStream(lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException e)
        {
            throw NotWritable(path, e);
        }
        catch (IOException e)
        {
            // A lock that is held and a medium that takes no writes fail with the same type; reading tells them apart.
            throw File.Exists(lockPath) && !IsReadOnly(lockPath) ? InUse(path, e) : NotWritable(path, e);
        }
    }

    static bool IsReadOnly(string lockPath)
    {
        try
        {
            File.SetLastAccessTimeUtc(lockPath, File.GetLastAccessTimeUtc(lockPath));
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    static DirectoryInUseException InUse(string path, Exception e) =>
        new($"The data directory {path} is in use by another process. Stop that process, or choose another directory.", e);

    static IOException NotWritable(string path, Exception e) =>
        new($"The data directory {path} cannot be written: {e.Message} Give this user the right to write to it, free space on its volume, or choose another directory.", e);

    public void Dispose() => _lock.Dispose();
}

/// <summary>Another process holds the data directory.</summary>
sealed class DirectoryInUseException(string message, Exception inner) : IOException(message, inner);
