using System.Globalization;
using System.Text;
using DuckDB.NET.Data;
using StreamSync.Sinks.Mirror;

namespace StreamSync.Sinks.DuckDb;

/// <summary>What a batch did to one table.</summary>
/// <param name="Rows">Rows inserted or overwritten.</param>
/// <param name="Tombstones">Keys deleted.</param>
/// <param name="Rejected">Records left out because they could not be read.</param>
readonly record struct TableCounts(long Rows, long Tombstones, long Rejected);

/// <summary>
/// The sink's own tables, in the schema <c>streamsync</c> of the warehouse: consumed offsets and counters, written in the
/// transaction of the rows they cover, so that a crash can neither lose nor repeat a row.
/// </summary>
sealed class MirrorLedger(DuckDBConnection connection)
{
    const string Tables =
        """
        CREATE SCHEMA IF NOT EXISTS streamsync;
        CREATE TABLE IF NOT EXISTS streamsync.mirror_topic (
            topic VARCHAR PRIMARY KEY, table_name VARCHAR NOT NULL, topic_id VARCHAR, state VARCHAR NOT NULL, state_reason VARCHAR,
            rows_written BIGINT NOT NULL, tombstones BIGINT NOT NULL, rejected BIGINT NOT NULL, loaded_at TIMESTAMP);
        CREATE TABLE IF NOT EXISTS streamsync.mirror_offset (
            topic VARCHAR, partition INTEGER, next_offset BIGINT NOT NULL, PRIMARY KEY (topic, partition));
        COMMENT ON TABLE streamsync.mirror_topic IS 'Topics that this warehouse mirrors, each with its table, its state (ok or stopped, and why) and what was written since the file was made.';
        COMMENT ON TABLE streamsync.mirror_offset IS 'Offset to read next, by topic and partition; written in the transaction of the rows it covers.';
        """;

    /// <summary>Makes the tables where they are missing.</summary>
    public void Create() => DuckDbDatabase.Execute(connection, Tables);

    /// <summary>Makes a topic known.</summary>
    public void Add(string topic, string table) => Run(
        "INSERT INTO streamsync.mirror_topic VALUES ($1, $2, NULL, 'ok', NULL, 0, 0, 0, NULL) ON CONFLICT DO NOTHING", topic, table);

    /// <summary>Says whether a topic's table takes rows.</summary>
    /// <param name="topic">Topic.</param>
    /// <param name="stopped">Why it takes none, or null.</param>
    public void SetState(string topic, string? stopped) => Run(
        "UPDATE streamsync.mirror_topic SET state = CASE WHEN $2 IS NULL THEN 'ok' ELSE 'stopped' END, state_reason = $2 WHERE topic = $1", topic, stopped);

    /// <summary>Keeps the broker's id of a topic.</summary>
    public void SetTopicId(string topic, string? topicId) => Run("UPDATE streamsync.mirror_topic SET topic_id = $2 WHERE topic = $1", topic, topicId);

    /// <summary>Forgets how far a topic was read.</summary>
    public void Forget(string topic) => Run("DELETE FROM streamsync.mirror_offset WHERE topic = $1", topic);

    /// <summary>How far each topic has been read.</summary>
    public IReadOnlyDictionary<string, TopicPosition> Positions()
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            "SELECT t.topic, t.topic_id, o.partition, o.next_offset, t.state_reason FROM streamsync.mirror_topic t LEFT JOIN streamsync.mirror_offset o ON o.topic = t.topic";
        using var reader = command.ExecuteReader();
        var positions = new Dictionary<string, TopicPosition>();
        while (reader.Read())
        {
            var topic = reader.GetString(0);
            if (!positions.TryGetValue(topic, out var position))
            {
                position = new TopicPosition(Text(reader, 1), new Dictionary<int, long>(), Text(reader, 4));
                positions.Add(topic, position);
            }

            if (!reader.IsDBNull(2))
            {
                ((Dictionary<int, long>)position.Next)[reader.GetInt32(2)] = reader.GetInt64(3);
            }
        }

        return positions;
    }

    /// <summary>Writes a batch's offsets and counts, inside the connection's transaction.</summary>
    /// <param name="offsets">Offset to read next by topic and partition.</param>
    /// <param name="counts">What was done by topic.</param>
    /// <param name="loadedAt">Now (UTC).</param>
    public void Record(IReadOnlyDictionary<(string Topic, int Partition), long> offsets, IReadOnlyDictionary<string, TableCounts> counts, DateTime loadedAt)
    {
        var sql = new StringBuilder();
        if (offsets.Count > 0)
        {
            sql.Append("INSERT INTO streamsync.mirror_offset VALUES ")
                .AppendJoin(", ", offsets.Select(o => Invariant($"({SqlType.Literal(o.Key.Topic)}, {o.Key.Partition}, {o.Value})")))
                .Append(" ON CONFLICT DO UPDATE SET next_offset = greatest(next_offset, excluded.next_offset);\n");
        }

        if (counts.Count > 0)
        {
            sql.Append("UPDATE streamsync.mirror_topic AS t SET rows_written = rows_written + n.r, tombstones = tombstones + n.d, rejected = rejected + n.x, loaded_at = TIMESTAMP ")
                .Append(Invariant($"'{loadedAt:yyyy-MM-dd HH:mm:ss.ffffff}' FROM (VALUES "))
                .AppendJoin(", ", counts.Select(c => Invariant($"({SqlType.Literal(c.Key)}, {c.Value.Rows}, {c.Value.Tombstones}, {c.Value.Rejected})")))
                .Append(") AS n(topic, r, d, x) WHERE t.topic = n.topic;\n");
        }

        DuckDbDatabase.Execute(connection, sql.ToString());
    }

    static string? Text(DuckDBDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    void Run(string sql, params ReadOnlySpan<string?> values)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var value in values)
        {
            command.Parameters.Add(new DuckDBParameter((object?)value ?? DBNull.Value));
        }

        command.ExecuteNonQuery();
    }
}
