using StreamSync.Connectors.Sdk;
using StreamSync.Kafka.Configuration;

namespace StreamSync.Connectors.Runtime;

/// <summary>The vendor folders that are there, and the styles that read them.</summary>
sealed class ConnectorCatalog : IAsyncDisposable
{
    const string Manifest = "connector.yaml";
    readonly string _folder;
    readonly Dictionary<string, ConnectorManifest?> _read = [];

    /// <param name="styles">Styles.</param>
    /// <param name="folder">Folder with one folder a vendor; default is the one beside the binaries.</param>
    public ConnectorCatalog(IEnumerable<IStreamStyle> styles, string? folder = null)
    {
        Styles = styles.ToDictionary(s => s.Name);
        _folder = folder ?? Path.Combine(AppContext.BaseDirectory, "Vendors");
    }

    public IReadOnlyDictionary<string, IStreamStyle> Styles { get; }

    /// <summary>Names of the vendors, sorted.</summary>
    public IReadOnlyList<string> Vendors => Directory.Exists(_folder)
        ? [.. Directory.EnumerateFiles(_folder, Manifest, SearchOption.AllDirectories).Select(f => Path.GetFileName(Path.GetDirectoryName(f)!)!).Order(StringComparer.Ordinal)]
        : [];

    public bool Has(string vendor) => Vendors.Contains(vendor);

    /// <summary>The manifest of a vendor; null when there is none or it is wrong.</summary>
    /// <param name="vendor">Vendor.</param>
    /// <param name="errors">Takes what is wrong with the manifest, the first time.</param>
    public ConnectorManifest? Find(string vendor, ICollection<ConfigError> errors)
    {
        if (_read.TryGetValue(vendor, out var known))
        {
            return known;
        }

        return Has(vendor) ? _read[vendor] = Read(Path.Combine(_folder, vendor), errors) : null;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var style in Styles.Values)
        {
            if (style is IAsyncDisposable asynchronous)
            {
                await asynchronous.DisposeAsync();
            }
            else
            {
                (style as IDisposable)?.Dispose();
            }
        }
    }

    ConnectorManifest? Read(string folder, ICollection<ConfigError> errors)
    {
        var found = new List<ConfigError>();
        var file = Path.Combine(folder, Manifest);
        var root = ConfigDocument.Parse(File.ReadAllText(file), $"{Path.GetFileName(folder)}/{Manifest}", references: null, found);
        var manifest = ManifestReader.Read(root, folder, Styles, found);
        foreach (var error in found)
        {
            errors.Add(error);
        }

        return found.Count == 0 ? manifest : null;
    }
}
