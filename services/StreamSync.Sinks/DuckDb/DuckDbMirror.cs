using DuckDB.NET.Data;
using StreamSync.Contracts;
using StreamSync.Sinks.Mirror;

namespace StreamSync.Sinks.DuckDb;

/// <summary>Mirrors topics in a DuckDB file.</summary>
/// <param name="warehouse">The file.</param>
/// <param name="schemas">Gives the writer schema of an id.</param>
/// <param name="clock">Clock of <c>_loaded_at</c>.</param>
/// <param name="logger">Takes views that can't be made.</param>
sealed class DuckDbMirror(DuckDbWarehouse warehouse, IWriterSchemas schemas, TimeProvider clock, ILogger<DuckDbMirror> logger) : IMirror
{
    readonly Dictionary<string, MirrorTable> _tables = [];
    readonly Dictionary<string, Dictionary<int, long>> _next = [];
    readonly LatestOfKey _latest = new();
    DuckDBConnection? _connection;
    MirrorLedger? _ledger;

    public IReadOnlyDictionary<string, TopicPosition> Open(IReadOnlyList<TopicSpec> topics)
    {
        Close();
        return Guard(() =>
        {
            _connection = warehouse.OpenWriter();
            _ledger = new MirrorLedger(_connection);
            using (var transaction = _connection.BeginTransaction())
            {
                _ledger.Create();
                var comments = TableColumns.Comments(_connection);
                foreach (var topic in topics)
                {
                    _ledger.Add(topic.Name, topic.Table);
                    _ledger.SetState(topic.Name, OpenTable(topic, comments));
                }

                transaction.Commit();
            }

            foreach (var (view, reason) in Views.Create(_connection))
            {
                logger.LogWarning("the view {View} can't be made: {Reason}", view, reason);
            }

            var positions = _ledger.Positions();
            foreach (var topic in topics)
            {
                _next[topic.Name] = positions[topic.Name].Next.ToDictionary();
            }

            return positions;
        });
    }

    public void Close()
    {
        foreach (var table in _tables.Values)
        {
            table.Dispose();
        }

        _tables.Clear();
        _next.Clear();
        _ledger = null;
        if (_connection is not null)
        {
            _connection.Dispose();
            _connection = null;
            warehouse.CloseWriter();
        }
    }

    public IReadOnlyDictionary<string, string> Write(MirrorBatch batch, Action<IReadOnlyList<RejectedRecord>> publish) => Guard(() =>
    {
        var stopped = new Dictionary<string, string>();
        var rejected = new List<RejectedRecord>();
        var writers = new List<TopicWriter>();
        foreach (var (topic, records) in batch.Records)
        {
            if (records.Count > 0)
            {
                var writer = new TopicWriter(topic, _tables[topic], _next[topic], schemas, rejected);
                if (writer.Prepare(batch, records) is { } reason)
                {
                    stopped[topic] = reason;
                }

                writers.Add(writer);
            }
        }

        var now = clock.GetUtcNow().UtcDateTime;
        using var transaction = _connection!.BeginTransaction();
        var counts = writers.ToDictionary(w => w.Topic, w => w.Write(batch, batch.Records[w.Topic], _latest, now));
        _ledger!.Record(batch.NextOffsets, counts, now);
        foreach (var (topic, reason) in stopped)
        {
            _ledger.SetState(topic, reason);
        }

        if (rejected.Count > 0)
        {
            publish(rejected);
        }

        transaction.Commit();
        foreach (var ((topic, partition), next) in batch.NextOffsets)
        {
            _next[topic][partition] = Math.Max(next, _next[topic].GetValueOrDefault(partition));
        }

        return stopped;
    });

    public void Restart(string topic, string? topicId) => Guard(() =>
    {
        using var transaction = _connection!.BeginTransaction();
        if (_tables.TryGetValue(topic, out var table))
        {
            DuckDbDatabase.Execute(_connection, $"UPDATE {SqlType.Quote(table.Name)} SET _offset = -1");
        }

        _ledger!.Forget(topic);
        _ledger.SetTopicId(topic, topicId);
        transaction.Commit();
        _next[topic].Clear();
        return true;
    });

    public void Identify(string topic, string topicId) => Guard(() =>
    {
        _ledger!.SetTopicId(topic, topicId);
        return true;
    });

    public void Dispose() => Close();

    /// <summary>Opens a topic's table.</summary>
    /// <returns>Why it can't take rows, or null.</returns>
    string? OpenTable(TopicSpec topic, ILookup<string, (string Column, string? Comment)> comments)
    {
        try
        {
            _tables[topic.Name] = new MirrorTable(_connection!, topic.Table, topic.ValueSchema, comments);
            return null;
        }
        catch (Exception error) when (error is ColumnConflictException or SchemaNotMirroredException)
        {
            return $"{error.Message}; {TopicWriter.Remedy(topic.Table)}";
        }
    }

    /// <summary>Turns DuckDB's errors into the warehouse's, after closing: what state the file's opening is in is unknown.</summary>
    T Guard<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (DuckDBException error)
        {
            Close();
            throw new WarehouseWriteException($"the warehouse {warehouse.Path} took no rows: {DuckDbErrors.WithoutValues(error)}", error);
        }
        catch
        {
            Close();
            throw;
        }
    }
}
