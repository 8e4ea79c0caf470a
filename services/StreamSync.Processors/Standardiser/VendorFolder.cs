using Avro;
using StreamSync.Contracts;
using StreamSync.Contracts.Source;
using StreamSync.Kafka.Configuration;
using StreamSync.Processors.Standardiser.Mapping;

namespace StreamSync.Processors.Standardiser;

/// <summary>A stream and how its records become entities.</summary>
/// <param name="Vendor">Vendor folder name.</param>
/// <param name="Name">Stream name.</param>
/// <param name="Topic">Its topic.</param>
/// <param name="Partial">True when a change may carry a part of the fields only.</param>
/// <param name="Mappings">Its mappings, at least one.</param>
sealed record StreamMapping(string Vendor, string Name, TopicSpec Topic, bool Partial, IReadOnlyList<EntityMapping> Mappings);

/// <summary>What the standardiser needs of a vendor's folder: the streams of <c>connector.yaml</c> and the compiled <c>mapping.yaml</c>.</summary>
/// <param name="Vendor">Vendor folder name.</param>
/// <param name="Streams">Streams that are mapped.</param>
/// <param name="SettingDefaults">The connector's settings with their defaults.</param>
sealed record VendorFolder(string Vendor, IReadOnlyList<StreamMapping> Streams, IReadOnlyDictionary<string, string?> SettingDefaults)
{
    /// <summary>Where the vendors' folders travel beside the binaries.</summary>
    public static string DefaultRoot { get; } = Path.Combine(AppContext.BaseDirectory, "Vendors");

    /// <summary>Reads a vendor's folder.</summary>
    /// <param name="vendor">Vendor folder name.</param>
    /// <param name="errors">Takes every error, with its place.</param>
    /// <param name="root">Folder of the vendors' folders; null for <see cref="DefaultRoot"/>.</param>
    /// <param name="schemas">Folder of the schemas; null for the one beside the binaries.</param>
    /// <returns>The vendor, only to be used when no error was added; null when it has no mapping: then nothing of it is standardised.</returns>
    public static VendorFolder? Load(string vendor, ICollection<ConfigError> errors, string? root = null, string? schemas = null)
    {
        var folder = Path.Combine(root ?? DefaultRoot, vendor);
        var (manifest, mapping) = (Path.Combine(folder, "connector.yaml"), Path.Combine(folder, "mapping.yaml"));
        if (!File.Exists(manifest) || !File.Exists(mapping))
        {
            return null;
        }

        var connector = ConfigDocument.Parse(File.ReadAllText(manifest), manifest, null, errors);
        var streams = new Dictionary<string, (bool Partial, RecordSchema Change)>();
        foreach (var stream in (connector.Find("streams")?.Value as ConfigList)?.Items.OfType<ConfigMap>() ?? [])
        {
            if (TextOf(stream, "name") is { } name && Schema(vendor, name, stream.Place, schemas, errors) is { } change)
            {
                streams[name] = (TextOf(stream, "partial") == "true", change);
            }
        }

        var settings = ((connector.Find("settings")?.Value as ConfigList)?.Items.OfType<ConfigMap>() ?? [])
            .Where(s => TextOf(s, "name") is not null)
            .ToDictionary(s => TextOf(s, "name")!, s => TextOf(s, "default"));
        var reader = new MappingReader(streams.ToDictionary(s => s.Key, s => SourceSchemas.RecordOf(s.Value.Change)), settings.Keys.ToHashSet(), errors);
        var mappings = reader.Read(ConfigDocument.Parse(File.ReadAllText(mapping), mapping, null, errors));
        return new VendorFolder(
            vendor,
            [.. mappings.Select(m => new StreamMapping(vendor, m.Key, TopicCatalog.Source(vendor, m.Key, streams[m.Key].Change), streams[m.Key].Partial, m.Value))],
            settings);
    }

    static RecordSchema? Schema(string vendor, string stream, ConfigPlace place, string? folder, ICollection<ConfigError> errors)
    {
        try
        {
            return SourceSchemas.Load(vendor, stream, folder);
        }
        catch (Exception e) when (e is FileNotFoundException or SchemaParseException)
        {
            errors.Add(new ConfigError(place, e.Message, "mend the schema of the stream"));
            return null;
        }
    }

    static string? TextOf(ConfigMap map, string key) => (map.Find(key)?.Value as ConfigScalar)?.Text;
}
