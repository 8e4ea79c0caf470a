namespace StreamSync.Kafka.Configuration;

/// <summary>Section <c>kafka</c>: the cluster that carries everything.</summary>
public sealed record KafkaSettings
{
    /// <summary>The word that stands for the broker and the registry inside the process.</summary>
    public const string Embedded = "embedded";

    /// <summary>Brokers.</summary>
    [ConfigKey("bootstrap", "Brokers to start from, host:port separated by commas; 'embedded' runs a broker inside the process.", Default = Embedded, Example = "kafka-1.example.org:9092,kafka-2.example.org:9092")]
    public string Bootstrap { get; init; } = Embedded;

    /// <summary>Schema registry.</summary>
    [ConfigKey("registry", "URL of the schema registry; 'embedded' runs one inside the process.", Default = Embedded, Example = "http://registry.example.org:8081")]
    public string Registry { get; init; } = Embedded;

    /// <summary>Credentials of the registry.</summary>
    [ConfigKey("registry_auth", "Credentials of the schema registry, user:password, by reference only.", Secret = true, Example = "${env:REGISTRY_AUTH}")]
    public SecretText? RegistryAuth { get; init; }

    /// <summary>Partitions of a new topic; null takes <see cref="DefaultPartitions"/>.</summary>
    [ConfigKey("partitions", "Partitions of every source, entity, identity and activity topic; fixed once they exist. Without it: 1 with the embedded broker, 2 elsewhere.", Min = 1, Max = 1000)]
    public int? Partitions { get; init; }

    /// <summary>
    /// Partitions where none are configured: more than one serve processes that share the work, and only cost in a process that does it alone.
    /// </summary>
    public int DefaultPartitions => Bootstrap == Embedded ? 1 : 2;

    /// <summary>Further librdkafka properties.</summary>
    [ConfigKey("client", "Properties for every Kafka client, by their librdkafka names.", Example = "{ security.protocol: sasl_ssl, sasl.mechanisms: PLAIN, sasl.username: streamsync, sasl.password: \"${env:KAFKA_PASSWORD}\" }")]
    public IReadOnlyDictionary<string, SecretText> Client { get; init; } = new Dictionary<string, SecretText>();
}

/// <summary>Section <c>broker</c>: the embedded broker and registry.</summary>
public sealed record BrokerSettings
{
    /// <summary>Port of the broker.</summary>
    [ConfigKey("port", "Port of the embedded broker on the loopback address; 0 picks a free one.", Default = "0", Min = 0, Max = 65535)]
    public int Port { get; init; }

    /// <summary>Port of the registry.</summary>
    [ConfigKey("registry_port", "Port of the embedded schema registry on the loopback address; 0 picks a free one.", Default = "0", Min = 0, Max = 65535)]
    public int RegistryPort { get; init; }
}

/// <summary>Section <c>console</c>.</summary>
public sealed record ConsoleSettings
{
    /// <summary>Port of the web console.</summary>
    [ConfigKey("port", "Port of the web console; 0 picks a free one.", Default = "8080", Min = 0, Max = 65535)]
    public int Port { get; init; } = 8080;

    /// <summary>Address to listen on.</summary>
    [ConfigKey("address", "IP address on which the console listens; 0.0.0.0 takes connections from other machines, which then need a proxy that knows its users.", Default = "127.0.0.1")]
    public string Address { get; init; } = "127.0.0.1";
}

/// <summary>Section <c>webhooks</c>.</summary>
public sealed record WebhookSettings
{
    /// <summary>Port of the listener.</summary>
    [ConfigKey("port", "Port on which webhooks of vendors are taken; 0 picks a free one.", Default = "0", Min = 0, Max = 65535)]
    public int Port { get; init; }

    /// <summary>Address to listen on.</summary>
    [ConfigKey("address", "IP address on which webhooks are taken; 0.0.0.0 takes them from other machines.", Default = "127.0.0.1")]
    public string Address { get; init; } = "127.0.0.1";
}

/// <summary>Section <c>warehouse</c>.</summary>
public sealed record WarehouseSettings
{
    /// <summary>Kind of warehouse.</summary>
    [ConfigKey("kind", "Kind of warehouse.", Default = "duckdb", OneOf = "duckdb")]
    public string Kind { get; init; } = "duckdb";

    /// <summary>File of the warehouse.</summary>
    [ConfigKey("path", "File of the warehouse; a relative path is below the data folder.", Default = "warehouse.duckdb")]
    public string Path { get; init; } = "warehouse.duckdb";

    /// <summary>Time between flushes.</summary>
    [ConfigKey("flush_ms", "Longest time that rows wait before they are written, milliseconds.", Default = "200", Min = 10, Max = 3_600_000)]
    public int FlushMs { get; init; } = 200;

    /// <summary>Port for the queries of a console in another process; null for none.</summary>
    [ConfigKey("port", "Port on which a sink that runs apart answers the console's queries; without it none answers.", Min = 0, Max = 65535, Example = "8091")]
    public int? Port { get; init; }

    /// <summary>Address to listen on.</summary>
    [ConfigKey("address", "IP address on which a sink that runs apart answers; it knows no users, so that only the console should reach it.", Default = "127.0.0.1")]
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>Where a console asks a sink in another process; null for none.</summary>
    [ConfigKey("url", "Where a console that runs apart asks the sink.", Example = "http://sinks:8091")]
    public string? Url { get; init; }
}

/// <summary>Section <c>processors</c>.</summary>
public sealed record ProcessorSettings
{
    /// <summary>Time between commits.</summary>
    [ConfigKey("commit_ms", "Time between the commits of a processor, milliseconds; results become visible with the commit.", Default = "100", Min = 10, Max = 60_000)]
    public int CommitMs { get; init; } = 100;
}

/// <summary>Section <c>identity</c>: who is who.</summary>
public sealed record IdentitySection
{
    /// <summary>File of a learnt model; null takes the shipped one.</summary>
    [ConfigKey("model", "A model that 'streamsync identity train' wrote; a relative path starts at this file. A change weighs everything again, and people follow; decisions hold.", Default = "the shipped one", Example = "./model.json")]
    public string? Model { get; init; }

    /// <summary>Region of telephone numbers.</summary>
    [ConfigKey("region", "ISO code of the country whose telephone numbers are written without a country code.", Default = "US", Example = "CA")]
    public string Region { get; init; } = "US";
}

/// <summary>An item of <c>sharing</c>: what groups agreed to find out about each other's people.</summary>
public sealed record AgreementSettings
{
    /// <summary>Unique name.</summary>
    [ConfigKey("id", "Unique name of the agreement; it stands in every row that crosses by it.", Required = true, Example = "mi-table")]
    public string Id { get; init; } = "";

    /// <summary>The groups.</summary>
    [ConfigKey("parties", "The groups that agreed, two or more.", Required = true, Example = "[mi-wtp, mi-teachers]")]
    public IReadOnlyList<string> Parties { get; init; } = [];

    /// <summary>What for.</summary>
    [ConfigKey("purpose", "What the groups agreed to use it for, in their own words.", Required = true, Example = "no household is asked twice")]
    public string Purpose { get; init; } = "";

    /// <summary>Records that take part.</summary>
    [ConfigKey("entities", "Records of people that take part, by the entity in their source URN, or by tool and entity; no other record is compared.", Required = true, Example = "[person, mobilize/user]")]
    public IReadOnlyList<string> Entities { get; init; } = [];

    /// <summary>First day.</summary>
    [ConfigKey("from", "First day on which it holds (UTC), yyyy-MM-dd.", Required = true, Example = "2026-01-01")]
    public DateOnly From { get; init; }

    /// <summary>Last day.</summary>
    [ConfigKey("until", "Last day on which it holds (UTC), yyyy-MM-dd. After it, or once the item is taken out of the file, everything that crossed is taken back.", Default = "no end", Example = "2026-11-30")]
    public DateOnly? Until { get; init; }

    /// <summary>Where the agreement stands in the file.</summary>
    public ConfigPlace Place { get; init; } = new("", 1, 1);

    /// <summary>True when it holds at a moment.</summary>
    /// <param name="now">The moment.</param>
    public bool Holds(DateTimeOffset now) => DateOnly.FromDateTime(now.UtcDateTime) is var day && day >= From && !(day > Until);

    /// <summary>True when a record takes part: its owner is a party, and the agreement names its entity.</summary>
    /// <param name="org">The record's owner.</param>
    /// <param name="vendor">Tool of its source URN.</param>
    /// <param name="entity">Entity of its source URN.</param>
    public bool Covers(string org, string vendor, string entity) => Parties.Contains(org) && (Entities.Contains(entity) || Entities.Contains($"{vendor}/{entity}"));
}

/// <summary>An item of <c>syncs</c>: one account of one vendor.</summary>
public sealed record SyncSettings
{
    /// <summary>Unique name.</summary>
    [ConfigKey("id", "Unique name of the sync.", Required = true, Example = "van-files")]
    public string Id { get; init; } = "";

    /// <summary>Connector.</summary>
    [ConfigKey("connector", "Connector: the name of its vendor folder.", Required = true, Example = "ngpvan")]
    public string Connector { get; init; } = "";

    /// <summary>The group that owns the data; never empty after loading.</summary>
    [ConfigKey("org", "The group that owns the data.", Default = "the file's org", Example = "mi-wtp")]
    public string Org { get; init; } = "";

    /// <summary>Account inside the vendor.</summary>
    [ConfigKey("instance", "Account, committee or database inside the vendor; part of every source URN.", Required = true, Example = "c77")]
    public string Instance { get; init; } = "";

    /// <summary>Who answers for it.</summary>
    [ConfigKey("owner", "Who answers for the sync when it is late.")]
    public OwnerSettings? Owner { get; init; }

    /// <summary>What was promised.</summary>
    [ConfigKey("promise", "What was promised to those who use the data.")]
    public PromiseSettings Promise { get; init; } = new();

    /// <summary>Streams to read; null takes all of the connector.</summary>
    [ConfigKey("streams", "Streams to read.", Default = "all of the connector", Example = "[contactscontacts, publicusers]")]
    public IReadOnlyList<string>? Streams { get; init; }

    /// <summary>The connector's own settings; check them with <see cref="SettingsReader"/>.</summary>
    [ConfigKey("settings", "The connector's own settings; its README names them, such as `max_absent` of connectors whose files or snapshots are complete.", Example = "{ folder: ./drops/van, time_zone: America/New_York }")]
    public ConfigMap Settings { get; init; } = new(new ConfigPlace("", 1, 1), []);

    /// <summary>Credentials.</summary>
    [ConfigKey("secrets", "Credentials of the connector, by reference only.", Secret = true, Example = "{ token: \"${env:VAN_TOKEN}\" }")]
    public IReadOnlyDictionary<string, SecretText> Secrets { get; init; } = new Dictionary<string, SecretText>();

    /// <summary>Where the sync stands in the file.</summary>
    public ConfigPlace Place { get; init; } = new("", 1, 1);
}

/// <summary>Who answers for a sync.</summary>
public sealed record OwnerSettings
{
    /// <summary>Name.</summary>
    [ConfigKey("name", "Name of the person or team.", Required = true, Example = "Data desk")]
    public string Name { get; init; } = "";

    /// <summary>Kind of party.</summary>
    [ConfigKey("kind", "Kind of party.", Default = "group", OneOf = "group|hub|network|vendor")]
    public string Kind { get; init; } = "group";

    /// <summary>How to reach them.</summary>
    [ConfigKey("contact", "How to reach them.", Example = "data@example.org")]
    public string? Contact { get; init; }
}

/// <summary>What was promised of a sync.</summary>
public sealed record PromiseSettings
{
    /// <summary>Longest age of the data.</summary>
    [ConfigKey("freshness", "Longest time between a change in the tool and the warehouse: a number with ms, s, m, h or d.", Default = "15m", Example = "15m")]
    public TimeSpan Freshness { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Longest time without anything new; null promises none.</summary>
    [ConfigKey("arrival", "Longest time in which each stream of the sync brings something new: an export a day, a delivery an hour. Beyond it the stream is late. Without it a source that brings nothing keeps its promise as long as it can be looked at.", Default = "no promise", Example = "26h")]
    public TimeSpan? Arrival { get; init; }
}
