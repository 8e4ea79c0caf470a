using System.Net;

namespace StreamSync.LocalKafka;

/// <summary>What the embedded broker is started with.</summary>
public sealed record LocalKafkaOptions
{
    /// <summary>Directory that holds everything: topics, committed offsets, transactions. Made if missing, locked while the broker runs.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>TCP port to serve on; 0 takes any free one, see <see cref="LocalKafkaBroker.Port"/>.</summary>
    public int Port { get; init; }

    /// <summary>Address to serve on. Anything but a loopback address is refused: the broker has no authentication and no encryption.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>When appended records are forced to the disk. They have reached the operating system before they are acknowledged in any case.</summary>
    public DiskFlush Flush { get; init; } = DiskFlush.InBackground;

    /// <summary>
    /// Time that the first rebalance of an empty group waits for more members (<c>group.initial.rebalance.delay.ms</c>). Apache Kafka's
    /// default is 3 s, which suits a cluster and not a laptop.
    /// </summary>
    public TimeSpan InitialRebalanceDelay { get; init; } = TimeSpan.Zero;

    /// <summary>Most members of a consumer group (<c>group.max.size</c>); by default as many as come, as in Apache Kafka.</summary>
    public int MaxGroupSize { get; init; } = int.MaxValue;

    /// <summary>
    /// How long committed offsets that nobody uses are kept (<c>offsets.retention.minutes</c>): those of a group since its last member
    /// left, those of a client without a group and of topics that a group no longer subscribes to since they were committed.
    /// </summary>
    public TimeSpan OffsetsRetention { get; init; } = TimeSpan.FromDays(7);

    /// <summary>
    /// How long to wait for the directory while another process holds it: one that was killed keeps it until the system has taken its memory
    /// back. By default a held directory is refused at once.
    /// </summary>
    public TimeSpan LockPatience { get; init; } = TimeSpan.Zero;

    /// <summary>Connections served at a time; null for what the process's limit of open files allows.</summary>
    internal int? MaxConnections { get; init; }
}

/// <summary>When appended records are forced from the operating system to the disk.</summary>
public enum DiskFlush
{
    /// <summary>By the operating system and at a clean stop, as Apache Kafka does: a crash of the process loses nothing, a power cut may.</summary>
    InBackground,

    /// <summary>At most a second after the append.</summary>
    EverySecond,

    /// <summary>Before each append is acknowledged.</summary>
    EveryBatch,
}
