using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using StreamSync.Kafka.Clients;

namespace StreamSync.Sinks.Mirror;

/// <summary>A partition whose next offset the topic no longer has, or never had.</summary>
/// <param name="Partition">Partition.</param>
/// <param name="Wanted">Offset that should be read next.</param>
/// <param name="Low">First offset that the topic has.</param>
/// <param name="High">Offset after the last one.</param>
sealed record OffsetMissing(TopicPartition Partition, long Wanted, long Low, long High);

/// <summary>
/// Reads topics from given offsets, committed records only, into batches. It belongs to no group: the warehouse itself knows how
/// far it is. Used by one thread.
/// </summary>
sealed class MirrorConsumer : IDisposable
{
    /// <summary>A batch is full at so many records or bytes, so that its transaction stays small beside DuckDB's memory.</summary>
    const int MaxRecords = 20_000;
    const int MaxBytes = 8 * 1024 * 1024;

    static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(10);

    readonly IConsumer<Slice, Slice> _consumer;
    readonly MirrorBatch _batch;
    readonly TimeProvider _clock;
    readonly Dictionary<TopicPartition, long> _positions = [];
    readonly HashSet<string> _paused = [];

    public MirrorConsumer(KafkaConnection connection, MirrorBatch batch, TimeProvider clock, ILogger<MirrorConsumer> logger)
    {
        _batch = batch;
        _clock = clock;
        var settings = connection.Consumer("streamsync-mirror");
        settings.AutoOffsetReset = AutoOffsetReset.Error;
        settings.EnablePartitionEof = true;
        settings.ConsumeResultFields = "topic,timestamp";
        var copy = new Copy(batch);
        _consumer = new ConsumerBuilder<Slice, Slice>(settings)
            .SetKeyDeserializer(copy)
            .SetValueDeserializer(copy)
            .SetLogHandler((_, message) => logger.Log((LogLevel)message.LevelAs(LogLevelType.MicrosoftExtensionsLogging), "{Client}: {Facility} {Message}", message.Name, message.Facility, message.Message))
            .SetErrorHandler((_, error) => logger.Log(error.IsFatal ? LogLevel.Error : LogLevel.Warning, "{Code} {Reason}", error.Code, error.Reason))
            .Build();
    }

    /// <summary>Handle for admin requests over the same connections.</summary>
    public Handle Handle => _consumer.Handle;

    /// <summary>Partitions that are read.</summary>
    public IReadOnlyCollection<TopicPartition> Partitions => _positions.Keys;

    /// <summary>Starts over with these partitions.</summary>
    /// <param name="from">Offset to read next by partition; null for the beginning.</param>
    public void Assign(IEnumerable<KeyValuePair<TopicPartition, long?>> from)
    {
        _positions.Clear();
        _paused.Clear();
        var offsets = from.Select(Start).ToList();
        _consumer.Assign(offsets);
    }

    /// <summary>Reads one more partition.</summary>
    public void Add(TopicPartition partition, long? from) => _consumer.IncrementalAssign([Start(new(partition, from))]);

    /// <summary>Reads no more of a topic.</summary>
    public void Pause(string topic)
    {
        if (_paused.Add(topic))
        {
            _consumer.Pause(_positions.Keys.Where(p => p.Topic == topic));
        }
    }

    /// <summary>
    /// Fills the batch until it is full, or until its first record has waited for a time; returns after a moment when there is nothing to read.
    /// </summary>
    /// <param name="wait">How long the first record may wait.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>A partition whose next offset is missing, after which it is no longer read; else null.</returns>
    public OffsetMissing? Fill(TimeSpan wait, CancellationToken cancellationToken)
    {
        var first = 0L;
        while (_batch.Count < MaxRecords && _batch.ByteCount < MaxBytes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var left = _batch.Count == 0 ? Idle : wait - _clock.GetElapsedTime(first);
            if (left < TimeSpan.Zero)
            {
                return null;
            }

            try
            {
                if (_consumer.Consume(left) is not { } result)
                {
                    return null;
                }

                if (_batch.Count == 0)
                {
                    first = _clock.GetTimestamp();
                }

                Take(result);
            }
            catch (ConsumeException error) when (error.Error.Code is ErrorCode.Local_AutoOffsetReset or ErrorCode.OffsetOutOfRange)
            {
                return Missing(error.ConsumerRecord.TopicPartition);
            }
        }

        return null;
    }

    /// <summary>Records still to read of a topic, as far as is known; null before the first answer.</summary>
    public long? Lag(string topic)
    {
        long? lag = null;
        foreach (var (partition, position) in _positions)
        {
            if (partition.Topic == topic)
            {
                var high = _consumer.GetWatermarkOffsets(partition).High;
                if (high == Offset.Unset)
                {
                    return null;
                }

                lag = (lag ?? 0) + Math.Max(0, high.Value - Math.Max(position, 0));
            }
        }

        return lag;
    }

    public void Dispose()
    {
        _consumer.Close();
        _consumer.Dispose();
    }

    TopicPartitionOffset Start(KeyValuePair<TopicPartition, long?> from)
    {
        _positions[from.Key] = from.Value ?? 0;
        return new TopicPartitionOffset(from.Key, from.Value ?? Offset.Beginning);
    }

    void Take(ConsumeResult<Slice, Slice> result)
    {
        if (!_positions.ContainsKey(result.TopicPartition) || _paused.Contains(result.Topic))
        {
            return;
        }

        _positions[result.TopicPartition] = result.IsPartitionEOF ? result.Offset.Value : result.Offset.Value + 1;
        if (!result.IsPartitionEOF)
        {
            _batch.Add(result.Topic, new MirrorRecord(
                result.Partition.Value, result.Offset.Value, result.Message.Timestamp.UnixTimestampMs, result.Message.Key, result.Message.Value));
        }
    }

    OffsetMissing Missing(TopicPartition partition)
    {
        var marks = _consumer.QueryWatermarkOffsets(partition, RequestTimeout);
        _consumer.IncrementalUnassign([partition]);
        _positions.Remove(partition, out var wanted);
        return new OffsetMissing(partition, wanted, marks.Low.Value, marks.High.Value);
    }

    /// <summary>Copies bytes straight from the client's memory into the batch.</summary>
    sealed class Copy(MirrorBatch batch) : IDeserializer<Slice>
    {
        public Slice Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context) => isNull ? Slice.Null : batch.Copy(data);
    }
}
