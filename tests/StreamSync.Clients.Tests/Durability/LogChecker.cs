using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace StreamSync.Clients.Tests.Durability;

/// <summary>Holds what the broker has against what its clients know.</summary>
sealed class LogChecker : IDisposable
{
    /// <summary>The value of each record that was never committed.</summary>
    public static readonly byte[] NeverCommitted = [0xff];

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly IAdminClient _admin;
    readonly IConsumer<Ignore, byte[]> _reader;
    readonly IConsumer<Ignore, byte[]> _group;
    readonly Dictionary<string, long[]> _next = new[] { KillLoop.Numbers, KillLoop.Copies }.ToDictionary(topic => topic, _ => new long[KillLoop.Partitions]);
    readonly Dictionary<string, long[]> _position = new[] { KillLoop.Numbers, KillLoop.Copies }.ToDictionary(topic => topic, _ => new long[KillLoop.Partitions]);

    public LogChecker(string bootstrapServers)
    {
        _admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrapServers, ReconnectBackoffMs = 10, ReconnectBackoffMaxMs = 50 }).SetLogHandler((_, _) => { }).Build();
        _reader = Build(bootstrapServers, "checker");
        _group = Build(bootstrapServers, GroupReader.Group);
    }

    /// <summary>Every acknowledged offset lies below the end of the log.</summary>
    public async Task CheckAcknowledgedAsync(long[] acknowledged, int kill)
    {
        var ends = await EndsAsync(KillLoop.Numbers);
        for (var p = 0; p < acknowledged.Length; p++)
        {
            Assert.True(ends[p] > acknowledged[p], $"kill {kill}: partition {p} ends at {ends[p]}, but offset {acknowledged[p]} was acknowledged");
        }
    }

    /// <summary>No committed offset of the group went back.</summary>
    public async Task CheckCommittedAsync(long[] committed, int kill)
    {
        var partitions = Enumerable.Range(0, KillLoop.Partitions).Select(p => new TopicPartition(KillLoop.Numbers, p)).ToList();
        var kept = await AgainAsync(() => Task.Run(() => _group.Committed(partitions, Patience)));
        for (var p = 0; p < committed.Length; p++)
        {
            Assert.True(
                committed[p] == 0 || kept[p].Offset.Value >= committed[p],
                $"kill {kill}: offset {committed[p]} of {kept[p].TopicPartition} was committed, but the group has {kept[p].Offset}");
        }
    }

    /// <summary>Reads everything that is committed since the last time, in both topics: each number once, in order, and nothing else.</summary>
    public async Task ReadOnAsync(int kill)
    {
        var ends = new Dictionary<TopicPartition, long>();
        foreach (var topic in _position.Keys)
        {
            foreach (var (p, end) in (await EndsAsync(topic)).Index())
            {
                ends[new TopicPartition(topic, p)] = end;
            }
        }

        await Task.Run(() => ReadTo(ends, kill));
    }

    void ReadTo(Dictionary<TopicPartition, long> ends, int kill)
    {
        _reader.Assign(ends.Keys.Select(partition => new TopicPartitionOffset(partition, _position[partition.Topic][partition.Partition.Value])));
        var open = ends.Where(end => end.Value > _position[end.Key.Topic][end.Key.Partition.Value]).Select(end => end.Key).ToHashSet();
        var started = TimeProvider.System.GetTimestamp();
        while (open.Count > 0)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Patience, $"kill {kill}: {string.Join(", ", open)} cannot be read to the end");
            if (_reader.Consume(1000) is not { } record)
            {
                continue;
            }

            var position = record.IsPartitionEOF ? record.Offset.Value : record.Offset.Value + 1;
            _position[record.Topic][record.Partition.Value] = position;
            if (!record.IsPartitionEOF)
            {
                Check(record, kill);
            }

            // A reader of committed records comes to its end before an open transaction, wherever the log ends.
            if (record.IsPartitionEOF || position >= ends[record.TopicPartition])
            {
                open.Remove(record.TopicPartition);
            }
        }

        _reader.Unassign();
    }

    async Task<long[]> EndsAsync(string topic)
    {
        var asked = Enumerable.Range(0, KillLoop.Partitions).Select(p => new TopicPartitionOffsetSpec { TopicPartition = new TopicPartition(topic, p), OffsetSpec = OffsetSpec.Latest() });
        var answer = await AgainAsync(() => _admin.ListOffsetsAsync(asked, new ListOffsetsOptions { RequestTimeout = Patience, IsolationLevel = IsolationLevel.ReadUncommitted }));
        return [.. answer.ResultInfos.Select(result => result.TopicPartitionOffsetError).OrderBy(one => one.Partition.Value).Select(one => one.Offset.Value)];
    }

    /// <summary>Asks again while the client has not found the broker that was killed.</summary>
    static async Task<T> AgainAsync<T>(Func<Task<T>> ask)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (KafkaException) when (TimeProvider.System.GetElapsedTime(started) < Patience)
            {
                await Task.Delay(20);
            }
        }
    }

    void Check(ConsumeResult<Ignore, byte[]> record, int kill)
    {
        var where = $"kill {kill}: {record.TopicPartitionOffset}";
        Assert.False(record.Message.Value.AsSpan().SequenceEqual(NeverCommitted), $"{where} was never committed");
        ref var next = ref _next[record.Topic][record.Partition.Value];
        var number = BitConverter.ToInt64(record.Message.Value);
        Assert.True(number == next * KillLoop.Partitions + record.Partition.Value, $"{where} holds {number} where {next * KillLoop.Partitions + record.Partition.Value} had to come");
        if (record.Topic == KillLoop.Numbers)
        {
            Assert.True(record.Offset.Value == next, $"{where} holds record {next}");
        }

        next++;
    }

    /// <summary>All that was acknowledged has been read.</summary>
    public void CheckComplete(long[] acknowledged, IReadOnlyList<long> copied)
    {
        for (var p = 0; p < KillLoop.Partitions; p++)
        {
            Assert.True(_next[KillLoop.Numbers][p] == acknowledged[p] + 1, $"{acknowledged[p] + 1} numbers were acknowledged in partition {p}, {_next[KillLoop.Numbers][p]} are there");
            Assert.True(_next[KillLoop.Copies][p] >= copied[p], $"{copied[p]} numbers were copied in partition {p}, {_next[KillLoop.Copies][p]} are there");
        }
    }

    static IConsumer<Ignore, byte[]> Build(string bootstrapServers, string group) => new ConsumerBuilder<Ignore, byte[]>(new ConsumerConfig
    {
        BootstrapServers = bootstrapServers,
        GroupId = group,
        EnableAutoCommit = false,
        EnablePartitionEof = true,
        IsolationLevel = IsolationLevel.ReadCommitted,
        AutoOffsetReset = AutoOffsetReset.Error,
        ReconnectBackoffMs = 10,
        ReconnectBackoffMaxMs = 50,
    }).SetLogHandler((_, _) => { }).Build();

    public void Dispose()
    {
        _admin.Dispose();
        _reader.Dispose();
        _group.Dispose();
    }
}
