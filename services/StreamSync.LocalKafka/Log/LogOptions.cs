namespace StreamSync.LocalKafka.Log;

/// <summary>What <c>cleanup.policy</c> allows to be thrown away.</summary>
[Flags]
enum CleanupPolicy
{
    /// <summary>Nothing: an empty list, which Apache Kafka allows since 4.2.</summary>
    None = 0,

    /// <summary>Whole segments, by age and by size.</summary>
    Delete = 1,

    /// <summary>All but the newest record of each key.</summary>
    Compact = 2,

    /// <summary>Both: compacted first, deleted by age and size as well.</summary>
    CompactDelete = Delete | Compact,
}

/// <summary>Who sets the timestamp of a record (<c>message.timestamp.type</c>).</summary>
enum TimestampType
{
    /// <summary>The producer.</summary>
    CreateTime = 0,

    /// <summary>The broker, when it appends.</summary>
    LogAppendTime = 1,
}

/// <summary>How a batch is compressed on disk. The numeric value of a codec is its code in a batch's attributes.</summary>
enum CompressionType
{
    /// <summary>As the producer sent it (only a topic's setting, never a batch's).</summary>
    Producer = -1,

    /// <summary>Not compressed.</summary>
    None = 0,

    /// <summary>RFC 1952.</summary>
    Gzip = 1,

    /// <summary>Snappy, raw or in the block framing of the Java library (xerial).</summary>
    Snappy = 2,

    /// <summary>LZ4 frame format.</summary>
    Lz4 = 3,

    /// <summary>RFC 8878.</summary>
    Zstd = 4,
}

/// <summary>When appended bytes are forced to the disk; they have always reached the operating system before an append returns.</summary>
enum FsyncPolicy
{
    /// <summary>When a segment is closed, in the background, and at a clean stop: as Apache Kafka does by default.</summary>
    Never,

    /// <summary>Before each append returns.</summary>
    PerBatch,

    /// <summary>In the background, at most <see cref="LogOptions.FsyncIntervalMs"/> after the append.</summary>
    Interval,
}

/// <summary>Settings of one partition's log. Defaults are those of Apache Kafka unless a comment says otherwise.</summary>
sealed record LogOptions
{
    /// <summary><c>segment.bytes</c>. Smaller than Apache's 1 GiB, so that space is given back and compacted sooner on a laptop.</summary>
    public int SegmentBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary><c>segment.ms</c>: a segment older than this (by its first record's timestamp) takes no further records.</summary>
    public long SegmentMs { get; init; } = 7L * 24 * 3600 * 1000;

    /// <summary><c>index.interval.bytes</c>: bytes of log between two entries of the sparse index.</summary>
    public int IndexIntervalBytes { get; init; } = 4096;

    /// <summary><c>retention.ms</c>; -1 keeps records for ever.</summary>
    public long RetentionMs { get; init; } = 7L * 24 * 3600 * 1000;

    /// <summary><c>retention.bytes</c> of this partition; -1 sets no limit.</summary>
    public long RetentionBytes { get; init; } = -1;

    /// <summary><c>cleanup.policy</c>.</summary>
    public CleanupPolicy Cleanup { get; init; } = CleanupPolicy.Delete;

    /// <summary><c>delete.retention.ms</c>: how long a tombstone or transaction marker outlives its first compaction.</summary>
    public long DeleteRetentionMs { get; init; } = 24L * 3600 * 1000;

    /// <summary><c>min.cleanable.dirty.ratio</c>: share of bytes not yet compacted from which compaction runs.</summary>
    public double MinCleanableRatio { get; init; } = 0.5;

    /// <summary><c>min.compaction.lag.ms</c>: records younger than this are not compacted.</summary>
    public long MinCompactionLagMs { get; init; }

    /// <summary><c>max.compaction.lag.ms</c>: compaction runs whatever the ratio once a record is older than this.</summary>
    public long MaxCompactionLagMs { get; init; } = long.MaxValue;

    /// <summary><c>max.message.bytes</c>: the largest batch, with its header.</summary>
    public int MaxMessageBytes { get; init; } = 1_048_588;

    /// <summary><c>message.timestamp.type</c>.</summary>
    public TimestampType Timestamps { get; init; } = TimestampType.CreateTime;

    /// <summary><c>message.timestamp.before.max.ms</c>: how far a producer's timestamp may lie in the past.</summary>
    public long TimestampBeforeMaxMs { get; init; } = long.MaxValue;

    /// <summary><c>message.timestamp.after.max.ms</c>: how far a producer's timestamp may lie in the future.</summary>
    public long TimestampAfterMaxMs { get; init; } = 3600 * 1000;

    /// <summary><c>compression.type</c>.</summary>
    public CompressionType Compression { get; init; } = CompressionType.Producer;

    /// <summary>When bytes are forced to the disk.</summary>
    public FsyncPolicy Fsync { get; init; } = FsyncPolicy.Never;

    /// <summary>Longest time between append and fsync with <see cref="FsyncPolicy.Interval"/>.</summary>
    public long FsyncIntervalMs { get; init; } = 1000;

    /// <summary><c>producer.id.expiration.ms</c>: an idle producer's sequence is forgotten after this.</summary>
    public long ProducerIdExpirationMs { get; init; } = 24L * 3600 * 1000;
}
