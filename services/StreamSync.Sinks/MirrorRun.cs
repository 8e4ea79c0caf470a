using Confluent.Kafka;
using StreamSync.Contracts;
using StreamSync.Kafka.Clients;
using StreamSync.Kafka.Configuration;
using StreamSync.Sinks.Mirror;

namespace StreamSync.Sinks;

/// <summary>One opening of the warehouse: reads the topics from where its tables stand, until something goes wrong.</summary>
sealed class MirrorRun(
    StreamSyncConfig config,
    KafkaConnection connection,
    IMirror mirror,
    SinkReports reports,
    SinkProgress progress,
    SinkState state,
    TimeProvider clock,
    ILoggerFactory loggers)
{

    static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(1);
    static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);
    const int WaitPerWrite = 3;
    static readonly TimeSpan LookAtTopicsEvery = TimeSpan.FromSeconds(30);
    static readonly IReadOnlyDictionary<string, TopicSpec> Topics = TopicCatalog.Mirrored.ToDictionary(t => t.Name);

    readonly ILogger _logger = loggers.CreateLogger<MirrorRun>();
    readonly Dictionary<string, string> _stopped = [];
    readonly Dictionary<string, string?> _ids = [];
    long _reportedAt;
    long _lookedAt;

    /// <summary>Runs.</summary>
    /// <param name="onWrite">Called after each batch that was kept.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public void Run(Action onWrite, CancellationToken cancellationToken)
    {
        using var batch = new MirrorBatch();
        using var consumer = new MirrorConsumer(connection, batch, clock, loggers.CreateLogger<MirrorConsumer>());
        var positions = mirror.Open(TopicCatalog.Mirrored);
        Assign(consumer, positions, cancellationToken);
        state.Working();
        Report(consumer);
        var write = TimeSpan.Zero;
        while (true)
        {
            if (consumer.Fill(Wait(write), cancellationToken) is { } missing)
            {
                StartAgain(consumer, missing, cancellationToken);
            }

            if (!batch.IsEmpty)
            {
                var start = clock.GetTimestamp();
                Write(consumer, batch, cancellationToken);
                write = clock.GetElapsedTime(start);
                onWrite();
            }

            if (clock.GetElapsedTime(_reportedAt) >= ReportEvery)
            {
                Report(consumer);
            }

            if (clock.GetElapsedTime(_lookedAt) >= LookAtTopicsEvery)
            {
                LookAtTopics(consumer, cancellationToken);
            }
        }
    }

    /// <summary>
    /// How long a batch may wait for more records. Replacing rows costs time that grows with the tables; where they are large, writing more at
    /// once keeps the sink from taking a whole core for a few records.
    /// </summary>
    TimeSpan Wait(TimeSpan lastWrite)
    {
        var flush = TimeSpan.FromMilliseconds(config.Warehouse.FlushMs);
        var spared = TimeSpan.FromTicks(Math.Min((lastWrite * WaitPerWrite).Ticks, LongestWait.Ticks));
        return spared > flush ? spared : flush;
    }

    void Assign(MirrorConsumer consumer, IReadOnlyDictionary<string, TopicPosition> positions, CancellationToken cancellationToken)
    {
        var known = TopicIdentity.Describe(consumer.Handle, Topics.Keys, cancellationToken);
        _lookedAt = clock.GetTimestamp();
        var from = new Dictionary<TopicPartition, long?>();
        foreach (var (name, topic) in known)
        {
            var position = positions[name];
            if (position.Stopped is { } reason)
            {
                Stop(name, reason, cancellationToken);
                continue;
            }

            _ids[name] = position.TopicId;
            var anew = IsAnew(name, topic, cancellationToken);
            for (var p = 0; p < topic.Partitions; p++)
            {
                from[new TopicPartition(name, p)] = !anew && position.Next.TryGetValue(p, out var next) ? next : null;
            }
        }

        consumer.Assign(from);
    }

    /// <summary>True when the topic is not the one that the warehouse was filled from; then the warehouse has forgotten how far that was read.</summary>
    bool IsAnew(string name, TopicIdentity topic, CancellationToken cancellationToken)
    {
        if (topic.Id is null || topic.Id == _ids[name])
        {
            return false;
        }

        var before = _ids[name];
        _ids[name] = topic.Id;
        if (before is null)
        {
            mirror.Identify(name, topic.Id);
            return false;
        }

        Restart(name, cancellationToken);
        return true;
    }

    void Restart(string name, CancellationToken cancellationToken)
    {
        mirror.Restart(name, _ids.GetValueOrDefault(name));
        var table = Topics[name].Table;
        _logger.LogWarning("the topic {Topic} was deleted and made anew; {Table} is filled from its beginning", name, table);
        reports.FindAsync(
            name,
            "topic_made_anew",
            "warning",
            $"the topic {name} was deleted and made anew, so that the table {table} is filled from its beginning",
            $"compare the rows that the new topic did not bring again (SELECT * FROM {table} WHERE _offset < 0) with their tool, and publish deletes for what is gone",
            1,
            cancellationToken).GetAwaiter().GetResult();
    }

    void StartAgain(MirrorConsumer consumer, OffsetMissing missing, CancellationToken cancellationToken)
    {
        var topic = missing.Partition.Topic;
        if (missing.Wanted < missing.Low)
        {
            var lost = missing.Low - missing.Wanted;
            _logger.LogError("{Partition} no longer has the offsets {From} to {To}; reading goes on after them", missing.Partition, missing.Wanted, missing.Low - 1);
            reports.FindAsync(
                topic,
                "records_expired",
                "error",
                $"{missing.Partition} no longer has {lost} records that the warehouse had not read: they were older than the topic's retention",
                "read the syncs behind this topic again from their start, and keep the warehouse running or the retention longer",
                lost,
                cancellationToken).GetAwaiter().GetResult();
            consumer.Add(missing.Partition, missing.Low);
            return;
        }

        // An offset beyond the end: the topic is another one. Its other partitions start anew too.
        LookAtTopics(consumer, cancellationToken);
        Restart(topic, cancellationToken);
        throw new WarehouseWriteException($"the topic {topic} was made anew; reading starts again from its beginning");
    }

    void Write(MirrorConsumer consumer, MirrorBatch batch, CancellationToken cancellationToken)
    {
        var stopped = mirror.Write(batch, rejected => reports.QuarantineAsync(rejected, cancellationToken).GetAwaiter().GetResult());
        progress.Add(batch);
        foreach (var (topic, reason) in stopped)
        {
            consumer.Pause(topic);
            Stop(topic, reason, cancellationToken);
        }

        batch.Clear();
    }

    void Stop(string topic, string reason, CancellationToken cancellationToken)
    {
        _stopped[topic] = reason;
        _logger.LogError("the table {Table} takes no more rows: {Reason}", Topics[topic].Table, reason);
        reports.FindAsync(
            topic, "table_stopped", "error", $"the table {Topics[topic].Table} takes no more rows: {reason}", DuckDb.TopicWriter.Remedy(Topics[topic].Table), 1, cancellationToken)
            .GetAwaiter().GetResult();
    }

    void LookAtTopics(MirrorConsumer consumer, CancellationToken cancellationToken)
    {
        _lookedAt = clock.GetTimestamp();
        foreach (var (name, topic) in TopicIdentity.Describe(consumer.Handle, Topics.Keys, cancellationToken))
        {
            if (_stopped.ContainsKey(name))
            {
                continue;
            }

            if (IsAnew(name, topic, cancellationToken))
            {
                throw new WarehouseWriteException($"the topic {name} was made anew; reading starts again from its beginning");
            }

            for (var p = 0; p < topic.Partitions; p++)
            {
                if (!consumer.Partitions.Contains(new TopicPartition(name, p)))
                {
                    consumer.Add(new TopicPartition(name, p), from: null);
                }
            }
        }
    }

    void Report(MirrorConsumer consumer)
    {
        _reportedAt = clock.GetTimestamp();
        progress.ReportWarehouse(waitingFor: null);
        foreach (var topic in Topics.Values)
        {
            progress.Report(topic, consumer.Lag(topic.Name), _stopped.GetValueOrDefault(topic.Name));
        }
    }
}
