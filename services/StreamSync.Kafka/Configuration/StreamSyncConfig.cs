namespace StreamSync.Kafka.Configuration;

/// <summary>The whole of <c>streamsync.yaml</c>.</summary>
public sealed record StreamSyncConfig
{
    /// <summary>Default group of the syncs.</summary>
    [ConfigKey("org", "The group that owns the data of the syncs below, unless a sync names another.", Example = "mi-wtp")]
    public string? Org { get; init; }

    /// <summary>The cluster.</summary>
    [ConfigKey("kafka", "The cluster that carries everything.")]
    public KafkaSettings Kafka { get; init; } = new();

    /// <summary>The embedded broker.</summary>
    [ConfigKey("broker", "The embedded broker and registry.")]
    public BrokerSettings Broker { get; init; } = new();

    /// <summary>The web console.</summary>
    [ConfigKey("console", "The web console.")]
    public ConsoleSettings Console { get; init; } = new();

    /// <summary>The webhook listener.</summary>
    [ConfigKey("webhooks", "The listener for webhooks of vendors.")]
    public WebhookSettings Webhooks { get; init; } = new();

    /// <summary>The warehouse.</summary>
    [ConfigKey("warehouse", "Where the tables are kept.")]
    public WarehouseSettings Warehouse { get; init; } = new();

    /// <summary>The processors.</summary>
    [ConfigKey("processors", "The stream processors.")]
    public ProcessorSettings Processors { get; init; } = new();

    /// <summary>Identity resolution.</summary>
    [ConfigKey("identity", "Who is who.")]
    public IdentitySection Identity { get; init; } = new();

    /// <summary>The sharing agreements.</summary>
    [ConfigKey("sharing", "Sharing agreements, one item each. Without one no record of a group is ever compared with another group's.")]
    public IReadOnlyList<AgreementSettings> Sharing { get; init; } = [];

    /// <summary>The syncs.</summary>
    [ConfigKey("syncs", "The accounts to read, one item each.")]
    public IReadOnlyList<SyncSettings> Syncs { get; init; } = [];

    /// <summary>The file it was read from, as the user gave it.</summary>
    public string FileName { get; init; } = "streamsync.yaml";

    /// <summary>The folder of that file: relative paths in settings of syncs start here.</summary>
    public string BaseDirectory { get; init; } = ".";

    /// <summary>The tree that it was read from.</summary>
    public ConfigMap Root { get; init; } = new(new ConfigPlace("streamsync.yaml", 1, 1), []);

    /// <summary>The place of a key for messages that come later, such as an unreachable host; the nearest parent when the key is absent.</summary>
    /// <param name="path">Names from the root.</param>
    public ConfigPlace PlaceOf(params ReadOnlySpan<string> path)
    {
        ConfigPlace place = Root.Place;
        ConfigNode? node = Root;
        foreach (var name in path)
        {
            if ((node as ConfigMap)?.Find(name) is not { } entry)
            {
                break;
            }

            place = entry.Place;
            node = entry.Value;
        }

        return place;
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="ConfigException">The file can't be read or is wrong; holds every error.</exception>
    public static StreamSyncConfig Load(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var why = File.Exists(path) ? "the file can't be read" : Directory.Exists(path) ? "this is a folder, not a file" : "there is no such file";
            throw new ConfigException([new ConfigError(path, 1, 1, why, "name the file with --config FILE, or write one with 'streamsync init'")]);
        }
    }

    /// <summary>Reads a text.</summary>
    /// <param name="text">YAML.</param>
    /// <param name="fileName">Name for messages; its folder is where relative paths start.</param>
    /// <exception cref="ConfigException">The text is wrong; holds every error.</exception>
    public static StreamSyncConfig Parse(string text, string fileName) => Parse(text, fileName, Environment.GetEnvironmentVariable);

    internal static StreamSyncConfig Parse(string text, string fileName, Func<string, string?> environment)
    {
        var errors = new List<ConfigError>();
        var directory = Path.GetDirectoryName(Path.GetFullPath(fileName)) ?? ".";
        var root = ConfigDocument.Parse(text, fileName, new ReferenceResolver(directory, environment), errors);
        var reported = errors.Select(e => (e.Line, e.Column)).ToHashSet();
        var later = new List<ConfigError>();
        var config = ConfigBinder.Bind<StreamSyncConfig>(root, "the file", later) with { FileName = fileName, BaseDirectory = directory, Root = root };
        config = config with { Syncs = [.. config.Syncs.Select(s => s.Org.Length > 0 ? s : s with { Org = config.Org ?? "" })] };
        ConfigRules.Check(config, later);

        // What follows from a value that could not be resolved is no news.
        errors.AddRange(later.Where(e => !reported.Contains((e.Line, e.Column))));
        return errors.Count == 0 ? config : throw new ConfigException([.. errors.OrderBy(e => e.Line).ThenBy(e => e.Column)]);
    }
}
