using Confluent.Kafka;

namespace StreamSync.Clients.Tests.Durability;

/// <summary>A member of a group that reads the numbers and commits as it goes; keeps what was acknowledged.</summary>
sealed class GroupReader : IDisposable
{
    public const string Group = "readers";

    readonly IConsumer<Ignore, byte[]> _consumer;
    readonly Lock _gate = new();
    readonly long[] _committed = new long[KillLoop.Partitions];
    readonly long[] _read = new long[KillLoop.Partitions];
    long _commits;

    public GroupReader(string bootstrapServers, ClientLog log) => _consumer = new ConsumerBuilder<Ignore, byte[]>(new ConsumerConfig
    {
        BootstrapServers = bootstrapServers,
        GroupId = Group,
        EnableAutoCommit = false,
        AutoOffsetReset = AutoOffsetReset.Earliest,
        ReconnectBackoffMs = 10,
        ReconnectBackoffMaxMs = 50,
    }).SetLogHandler((_, message) => log.Add("group", message)).SetPartitionsAssignedHandler((_, _) => { }).Build();

    /// <summary>The committed offset of each partition, as far as acknowledged.</summary>
    public long[] Committed
    {
        get
        {
            lock (_gate)
            {
                return [.. _committed];
            }
        }
    }

    /// <summary>Commits that were acknowledged.</summary>
    public long Commits => Interlocked.Read(ref _commits);

    public Task RunAsync(CancellationToken stop) => Task.Run(
        () =>
        {
            _consumer.Subscribe(KillLoop.Numbers);
            while (!stop.IsCancellationRequested)
            {
                Take(_consumer.Consume(100));
            }

            _consumer.Close();
        },
        CancellationToken.None);

    void Take(ConsumeResult<Ignore, byte[]>? record)
    {
        if (record is null)
        {
            return;
        }

        var (partition, offset) = (record.Partition.Value, record.Offset.Value);
        // After a rebalance it goes on from what is committed, so it may read again, but never skip.
        Assert.True(offset <= _read[partition], $"the group skipped from {_read[partition]} to {offset} of partition {partition}");
        _read[partition] = offset + 1;
        if (offset % 100 == 0)
        {
            Commit(partition, offset + 1);
        }
    }

    void Commit(int partition, long offset)
    {
        try
        {
            _consumer.Commit([new TopicPartitionOffset(KillLoop.Numbers, partition, offset)]);
            lock (_gate)
            {
                _committed[partition] = Math.Max(_committed[partition], offset);
                _commits++;
            }
        }
        catch (KafkaException)
        {
            // Killed meanwhile: it may have been kept or not.
        }
    }

    public void Dispose() => _consumer.Dispose();
}
