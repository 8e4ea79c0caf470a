using System.Globalization;
using StreamSync.LocalKafka.Log;

namespace StreamSync.LocalKafka.Admin;

/// <summary>Type of a setting as DescribeConfigs reports it.</summary>
enum ConfigType : sbyte
{
    Boolean = 1,
    String = 2,
    Int = 3,
    Long = 5,
    Double = 6,
    List = 7,
}

/// <summary>One topic setting: its default and what values it takes.</summary>
/// <param name="Name">Name in Kafka's vocabulary.</param>
/// <param name="Type">Type as reported.</param>
/// <param name="Default">Default as text.</param>
/// <param name="BrokerName">Name of the broker's setting that gives the default, if there is one.</param>
/// <param name="Min">Least number, for numbers.</param>
/// <param name="Max">Greatest number, for numbers.</param>
/// <param name="Allowed">The words that are taken, for words and lists of words.</param>
sealed record TopicSetting(
    string Name, ConfigType Type, string Default, string? BrokerName, double Min = double.MinValue, double Max = double.MaxValue, params string[] Allowed)
{
    /// <summary>A further check of a value that has passed the others: what is wrong with it, or null.</summary>
    public Func<string, string?>? Further { get; init; }

    /// <summary>Checks a value. Returns what is wrong with it, or null.</summary>
    public string? Check(string? value)
    {
        if (value is null)
        {
            return $"Invalid value null for configuration {Name}: a value is needed";
        }

        value = value.Trim();
        return CheckType(value) ?? (Further?.Invoke(value) is { } why ? Bad(value, why) : null);
    }

    string? CheckType(string value) => Type switch
    {
        ConfigType.Boolean => value is "true" or "false" || bool.TryParse(value, out _) ? null : Bad(value, "Expected value to be either true or false"),
        ConfigType.Int => int.TryParse(value, CultureInfo.InvariantCulture, out var i) ? Within(value, i) : Bad(value, "Not a number of type INT"),
        ConfigType.Long => long.TryParse(value, CultureInfo.InvariantCulture, out var l) ? Within(value, l) : Bad(value, "Not a number of type LONG"),
        ConfigType.Double => double.TryParse(value, CultureInfo.InvariantCulture, out var d) ? Within(value, d) : Bad(value, "Not a number of type DOUBLE"),
        ConfigType.List when Allowed.Length > 0 && value.Length > 0 =>
            value.Split(',', StringSplitOptions.TrimEntries).FirstOrDefault(w => !Allowed.Contains(w)) is { } wrong ? Bad(wrong, Choices) : null,
        ConfigType.String when Allowed.Length > 0 => Allowed.Contains(value) ? null : Bad(value, Choices),
        _ => null,
    };

    string Choices => "String must be one of: " + string.Join(", ", Allowed);

    string? Within(string value, double number) =>
        number < Min ? Bad(value, $"Value must be at least {Min:0.##}") : number > Max ? Bad(value, $"Value must be no more than {Max:0.##}") : null;

    string Bad(string value, string why) => $"Invalid value {value} for configuration {Name}: {why}";
}

/// <summary>
/// The settings of a topic: those of Apache Kafka 4.3 by name, default and check. Those that only make sense with replicas, tiers or
/// other hardware are taken, kept and reported, and change nothing here.
/// </summary>
static class TopicSettings
{
    const string Week = "604800000", Day = "86400000", Forever = "9223372036854775807";

    public static readonly IReadOnlyDictionary<string, TopicSetting> All = new TopicSetting[]
    {
        new("cleanup.policy", ConfigType.List, "delete", "log.cleanup.policy", Allowed: ["compact", "delete"]),
        new("compression.gzip.level", ConfigType.Int, "-1", "compression.gzip.level", -1, 9)
        {
            Further = value => int.Parse(value, CultureInfo.InvariantCulture) == 0 ? "Value must be between 1 and 9 or equal to -1" : null,
        },
        new("compression.lz4.level", ConfigType.Int, "9", "compression.lz4.level", 1, 17),
        new("compression.type", ConfigType.String, "producer", "compression.type", Allowed: ["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"]),
        new("compression.zstd.level", ConfigType.Int, "3", "compression.zstd.level", -131072, 22),
        new("delete.retention.ms", ConfigType.Long, Day, "log.cleaner.delete.retention.ms", 0),
        new("file.delete.delay.ms", ConfigType.Long, "60000", "log.segment.delete.delay.ms", 0),
        new("flush.messages", ConfigType.Long, Forever, "log.flush.interval.messages", 1),
        new("flush.ms", ConfigType.Long, Forever, null, 0),
        new("follower.replication.throttled.replicas", ConfigType.List, "", null) { Further = CheckReplicas },
        new("index.interval.bytes", ConfigType.Int, "4096", "log.index.interval.bytes", 0),
        new("leader.replication.throttled.replicas", ConfigType.List, "", null) { Further = CheckReplicas },
        new("local.retention.bytes", ConfigType.Long, "-2", "log.local.retention.bytes", -2),
        new("local.retention.ms", ConfigType.Long, "-2", "log.local.retention.ms", -2),
        new("max.compaction.lag.ms", ConfigType.Long, Forever, "log.cleaner.max.compaction.lag.ms", 1),
        new("max.message.bytes", ConfigType.Int, "1048588", "message.max.bytes", 0),
        new("message.timestamp.after.max.ms", ConfigType.Long, "3600000", "log.message.timestamp.after.max.ms", 0),
        new("message.timestamp.before.max.ms", ConfigType.Long, Forever, "log.message.timestamp.before.max.ms", 0),
        new("message.timestamp.type", ConfigType.String, "CreateTime", "log.message.timestamp.type", Allowed: ["CreateTime", "LogAppendTime"]),
        new("min.cleanable.dirty.ratio", ConfigType.Double, "0.5", "log.cleaner.min.cleanable.ratio", 0, 1),
        new("min.compaction.lag.ms", ConfigType.Long, "0", "log.cleaner.min.compaction.lag.ms", 0),
        new("min.insync.replicas", ConfigType.Int, "1", "min.insync.replicas", 1),
        new("preallocate", ConfigType.Boolean, "false", "log.preallocate"),
        new("remote.log.copy.disable", ConfigType.Boolean, "false", null),
        new("remote.log.delete.on.disable", ConfigType.Boolean, "false", null),
        new("remote.storage.enable", ConfigType.Boolean, "false", null),
        new("retention.bytes", ConfigType.Long, "-1", "log.retention.bytes"),
        new("retention.ms", ConfigType.Long, Week, null, -1),
        new("segment.bytes", ConfigType.Int, "67108864", "log.segment.bytes", 1024 * 1024),
        new("segment.index.bytes", ConfigType.Int, "10485760", "log.index.size.max.bytes", 4),
        new("segment.jitter.ms", ConfigType.Long, "0", null, 0),
        new("segment.ms", ConfigType.Long, Week, null, 1),
        new("unclean.leader.election.enable", ConfigType.Boolean, "false", "unclean.leader.election.enable"),
    }.ToDictionary(s => s.Name);

    static string? CheckReplicas(string value) =>
        value == "*" || value.Split(',', StringSplitOptions.TrimEntries).All(r => r.Length == 0 || (r.Split(':') is { Length: 2 } pair && pair.All(IsNumber)))
            ? null
            : "Value must be the literal '*' or a list of replicas as [partitionId]:[brokerId],[partitionId]:[brokerId],...";

    static bool IsNumber(string text) => text.Length > 0 && text.All(char.IsAsciiDigit);

    /// <summary>The words of a list setting.</summary>
    public static string[] Words(string value) =>
        value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Checks settings, each and together. Returns what is wrong, or null.</summary>
    public static string? Check(IEnumerable<KeyValuePair<string, string?>> configs)
    {
        var set = new Dictionary<string, string>();
        foreach (var (name, value) in configs)
        {
            if (!All.TryGetValue(name, out var setting))
            {
                return $"Unknown topic config name: {name}";
            }

            if (setting.Check(value) is { } wrong)
            {
                return wrong;
            }

            set[name] = value!;
        }

        string Get(string name) => set.TryGetValue(name, out var v) ? v : All[name].Default;
        return long.Parse(Get("min.compaction.lag.ms"), CultureInfo.InvariantCulture) > long.Parse(Get("max.compaction.lag.ms"), CultureInfo.InvariantCulture)
            ? "conflict topic config setting min.compaction.lag.ms > max.compaction.lag.ms"
            : bool.Parse(Get("remote.storage.enable").Trim())
                ? "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage."
                : null;
    }

    /// <summary>What the log needs of a topic's settings.</summary>
    public static LogOptions ToLogOptions(IReadOnlyDictionary<string, string> set, FsyncPolicy fsync)
    {
        string Get(string name) => (set.TryGetValue(name, out var v) ? v : All[name].Default).Trim();
        long Long(string name) => long.Parse(Get(name), CultureInfo.InvariantCulture);
        var policy = Words(Get("cleanup.policy"));
        var flushEach = Long("flush.messages") == 1;
        return new LogOptions
        {
            SegmentBytes = (int)Long("segment.bytes"),
            SegmentMs = Long("segment.ms"),
            IndexIntervalBytes = (int)Long("index.interval.bytes"),
            RetentionMs = Long("retention.ms"),
            RetentionBytes = Long("retention.bytes"),
            Cleanup = (policy.Contains("delete") ? CleanupPolicy.Delete : 0) | (policy.Contains("compact") ? CleanupPolicy.Compact : 0),
            DeleteRetentionMs = Long("delete.retention.ms"),
            MinCleanableRatio = double.Parse(Get("min.cleanable.dirty.ratio"), CultureInfo.InvariantCulture),
            MinCompactionLagMs = Long("min.compaction.lag.ms"),
            MaxCompactionLagMs = Long("max.compaction.lag.ms"),
            MaxMessageBytes = (int)Long("max.message.bytes"),
            Timestamps = Enum.Parse<TimestampType>(Get("message.timestamp.type")),
            TimestampBeforeMaxMs = Long("message.timestamp.before.max.ms"),
            TimestampAfterMaxMs = Long("message.timestamp.after.max.ms"),
            Compression = Get("compression.type") switch
            {
                "uncompressed" => CompressionType.None,
                "gzip" => CompressionType.Gzip,
                "snappy" => CompressionType.Snappy,
                "lz4" => CompressionType.Lz4,
                "zstd" => CompressionType.Zstd,
                _ => CompressionType.Producer,
            },
            Fsync = flushEach ? FsyncPolicy.PerBatch : fsync,
        };
    }
}
