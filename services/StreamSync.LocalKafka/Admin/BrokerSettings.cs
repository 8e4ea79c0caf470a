using System.Globalization;
using StreamSync.LocalKafka.Server;

namespace StreamSync.LocalKafka.Admin;

/// <summary>The broker's settings in Kafka's vocabulary: constants of this broker and what it was started with. Clients can only read them.</summary>
sealed class BrokerSettings(LocalKafkaOptions options, string dataDirectory, Func<string> endpoint)
{
    /// <summary>Shortest and longest session timeout of a group member, in milliseconds.</summary>
    public const int MinSessionTimeoutMs = 6_000, MaxSessionTimeoutMs = 1_800_000;

    /// <summary>Longest timeout of a transaction, in milliseconds.</summary>
    public const int MaxTransactionTimeoutMs = 900_000;

    /// <summary>Longest text that may be committed beside an offset, in UTF-16 units whatever its setting's name says, as in Apache Kafka.</summary>
    public const int MaxOffsetMetadataLength = 4_096;

    /// <summary>How long an idle transactional id is kept.</summary>
    public static readonly TimeSpan TransactionalIdExpiration = TimeSpan.FromDays(7);

    /// <summary>Settings that are the same for every broker of this kind, so that clients see them as defaults.</summary>
    static readonly HashSet<string> Presets =
    [
        "broker.id", "default.replication.factor", "delete.topic.enable", "fetch.max.bytes", "group.max.session.timeout.ms",
        "group.min.session.timeout.ms", "num.partitions", "offset.metadata.max.bytes", "offsets.retention.minutes", "socket.request.max.bytes",
        "transaction.max.timeout.ms", "transactional.id.expiration.ms",
    ];

    public IEnumerable<(string Name, string Value, ConfigType Type, ConfigSource Source)> All =>
        Listed.Select(s => (s.Name, s.Value, s.Type, Presets.Contains(s.Name) ? ConfigSource.Default : ConfigSource.StaticBroker));

    IEnumerable<(string Name, string Value, ConfigType Type)> Listed =>
    [
        ("advertised.listeners", "PLAINTEXT://" + endpoint(), ConfigType.List),
        ("auto.create.topics.enable", "false", ConfigType.Boolean),
        ("broker.id", Text(ClusterAdmin.NodeId), ConfigType.Int),
        ("default.replication.factor", "1", ConfigType.Int),
        ("delete.topic.enable", "true", ConfigType.Boolean),
        ("fetch.max.bytes", Text(FetchHandler.MaxResponseBytes), ConfigType.Int),
        ("group.initial.rebalance.delay.ms", Text((int)options.InitialRebalanceDelay.TotalMilliseconds), ConfigType.Int),
        ("group.max.size", Text(options.MaxGroupSize), ConfigType.Int),
        ("group.max.session.timeout.ms", Text(MaxSessionTimeoutMs), ConfigType.Int),
        ("group.min.session.timeout.ms", Text(MinSessionTimeoutMs), ConfigType.Int),
        ("listeners", "PLAINTEXT://" + endpoint(), ConfigType.List),
        ("log.dirs", dataDirectory, ConfigType.List),
        ("min.insync.replicas", "1", ConfigType.Int),
        ("node.id", Text(ClusterAdmin.NodeId), ConfigType.Int),
        ("num.partitions", "1", ConfigType.Int),
        ("offset.metadata.max.bytes", Text(MaxOffsetMetadataLength), ConfigType.Int),
        ("offsets.retention.minutes", Text((int)options.OffsetsRetention.TotalMinutes), ConfigType.Int),
        ("offsets.topic.num.partitions", "1", ConfigType.Int),
        ("offsets.topic.replication.factor", "1", ConfigType.Int),
        ("socket.request.max.bytes", Text(Connection.MaxRequestBytes), ConfigType.Int),
        ("transaction.max.timeout.ms", Text(MaxTransactionTimeoutMs), ConfigType.Int),
        ("transaction.state.log.num.partitions", "1", ConfigType.Int),
        ("transaction.state.log.replication.factor", "1", ConfigType.Int),
        ("transactional.id.expiration.ms", Text((int)TransactionalIdExpiration.TotalMilliseconds), ConfigType.Int),
    ];

    static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
