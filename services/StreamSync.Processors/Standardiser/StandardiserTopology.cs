using StreamSync.Contracts;
using StreamSync.Contracts.Ops;
using StreamSync.Kafka.Configuration;
using StreamSync.Kafka.Serdes;
using StreamSync.Processors.Standardiser.Mapping;
using StreamSync.Processors.Streaming;

namespace StreamSync.Processors.Standardiser;

/// <summary>A mapped stream, with what reads its records.</summary>
/// <param name="Mapping">Its mappings.</param>
/// <param name="Codec">Decoder of its changes.</param>
/// <param name="Settings">Settings of the syncs that may feed it, by sync id; "" has the connector's defaults.</param>
sealed record StreamContext(StreamMapping Mapping, SourceChangeCodec Codec, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string?>> Settings)
{
    public IReadOnlyDictionary<string, string?> SettingsOf(string syncId) => Settings.TryGetValue(syncId, out var settings) ? settings : Settings[string.Empty];
}

/// <summary>What the standardiser's stages share.</summary>
sealed class StandardiserSettings
{
    /// <summary>Streams by topic.</summary>
    public required IReadOnlyDictionary<string, StreamContext> Streams { get; init; }

    /// <summary>Codecs by kind of entity.</summary>
    public required IReadOnlyDictionary<string, EntityCodec> Kinds { get; init; }

    public required StageRun Run { get; init; }

    /// <summary>Ids of syncs by vendor, org and instance.</summary>
    public required SyncNames Syncs { get; init; }

    public string? SyncOf(string vendor, string? urn) => SourceUrn.TryParse(urn, out var parsed) ? Syncs.Of(parsed.Org, vendor, parsed.Instance) : null;
}

/// <summary>The topology that turns every mapped <c>source.*</c> topic of the configured connectors into <c>entity.*</c>.</summary>
static class StandardiserTopology
{
    public const string Name = "standardiser";

    /// <summary>Reads the vendors' folders of a configuration.</summary>
    /// <exception cref="ConfigException">A mapping is wrong; holds every error of every vendor.</exception>
    public static IReadOnlyList<VendorFolder> LoadVendors(StreamSyncConfig config, string? root = null, string? schemas = null)
    {
        var errors = new List<ConfigError>();
        var vendors = config.Syncs.Select(s => s.Connector).Distinct().Select(vendor => VendorFolder.Load(vendor, errors, root, schemas)).OfType<VendorFolder>().ToList();
        return errors.Count == 0 ? vendors : throw new ConfigException(errors);
    }

    /// <summary>Describes the topology; null when no configured connector has a mapping.</summary>
    public static TopologyDefinition? Define(StreamSyncConfig config, IReadOnlyList<VendorFolder> vendors, AvroCodecs codecs, StageRun run)
    {
        var streams = vendors.SelectMany(v => v.Streams.Select(s => new StreamContext(s, codecs.ForSource(s.Topic), SettingsOf(config, v)))).ToList();
        if (streams.Count == 0)
        {
            return null;
        }

        var settings = new StandardiserSettings
        {
            Streams = streams.ToDictionary(s => s.Mapping.Topic.Name),
            Kinds = EntityCodec.All(codecs),
            Run = run,
            Syncs = new SyncNames(config),
        };
        return new TopologyDefinition(Name, [.. streams.Select(s => s.Mapping.Topic), .. TopicCatalog.Entities, TopicCatalog.Quarantine, TopicCatalog.Finding], builder => Build(builder, settings, codecs.For<Finding>(TopicCatalog.Finding)));
    }

    static StageTopology Build(StageTopologyBuilder builder, StandardiserSettings settings, AvroCodec<Finding> findings)
    {
        var rows = builder.Add(RowStage.Name, builder.Read([.. settings.Streams.Keys.Order(StringComparer.Ordinal)]), () => new RowStage(settings), () => new PackedTable());
        var shared = builder.Add(SharedEntityStage.Name, rows.Through(SharedEntityStage.Name), () => new SharedEntityStage(settings.Kinds), () => new PackedTable());
        foreach (var kind in settings.Kinds.Values)
        {
            rows.To(kind.Topic);
            shared.To(kind.Topic);
        }

        builder.Add(FindingStage.Name, rows.Through(FindingCounter.Output), () => new FindingStage(findings), () => new PackedTable()).To(TopicCatalog.Finding.Name);
        return builder.Build();
    }

    static Dictionary<string, IReadOnlyDictionary<string, string?>> SettingsOf(StreamSyncConfig config, VendorFolder vendor)
    {
        var result = new Dictionary<string, IReadOnlyDictionary<string, string?>> { [string.Empty] = vendor.SettingDefaults };
        foreach (var sync in config.Syncs.Where(s => s.Connector == vendor.Vendor))
        {
            var values = new Dictionary<string, string?>();
            foreach (var (name, absent) in vendor.SettingDefaults)
            {
                var node = sync.Settings.Find(name)?.Value;
                values[name] = (node as ConfigScalar)?.Text ?? absent;
                foreach (var entry in (node as ConfigMap)?.Entries ?? [])
                {
                    values[MappingScope.SettingOf(name, entry.Name)] = (entry.Value as ConfigScalar)?.Text;
                }
            }

            result[sync.Id] = values;
        }

        return result;
    }
}
