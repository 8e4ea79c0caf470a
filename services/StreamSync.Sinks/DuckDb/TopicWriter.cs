using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using Avro;
using StreamSync.Sinks.AvroBinary;
using StreamSync.Sinks.DuckDb.Filling;
using StreamSync.Sinks.Mirror;

namespace StreamSync.Sinks.DuckDb;

/// <summary>Writes the records that a batch has of one topic into its table.</summary>
/// <param name="topic">The topic.</param>
/// <param name="table">Its table.</param>
/// <param name="next">For each partition the offset up to which the table stands: a record before it has been written and is left out.</param>
/// <param name="schemas">Gives the writer schema of an id.</param>
/// <param name="rejected">Takes records that no row can hold.</param>
sealed class TopicWriter(string topic, MirrorTable table, IReadOnlyDictionary<int, long> next, IWriterSchemas schemas, List<RejectedRecord> rejected)
{
    /// <summary>A zero byte and the schema id, big-endian: Confluent's wire format.</summary>
    const int HeaderLength = 5;

    readonly HashSet<int> _unknown = [];
    long _rows;
    long _tombstones;
    long _rejected;

    public string Topic => topic;

    /// <summary>What to do about a table that stopped.</summary>
    public static string Remedy(string table) =>
        $"give the field its old type or a new name in the schema and publish the record again, or stop StreamSync, drop the table {table} and start again to rebuild it from the topic";

    /// <summary>
    /// Brings the table to the schemas of the records, outside of the batch's transaction. Where a schema doesn't fit, the
    /// batch is cut at the first record written with it.
    /// </summary>
    /// <returns>Why the table stopped, or null.</returns>
    public string? Prepare(MirrorBatch batch, List<MirrorRecord> records)
    {
        string? stopped = null;
        var last = -1;
        for (var i = 0; i < records.Count; i++)
        {
            if (SchemaIdOf(batch[records[i].Value]) is not { } id || id == last || _unknown.Contains(id))
            {
                continue;
            }

            try
            {
                last = id;
                _ = Program(id);
            }
            catch (Exception error) when (error is ColumnConflictException or SchemaNotMirroredException)
            {
                var record = records[i];
                stopped ??= $"{error.Message}, from {topic}-{record.Partition}-{record.Offset} on; {Remedy(table.Name)}";
                rejected.Add(Rejected(batch, record, "schema_conflict", error.Message, Remedy(table.Name), stops: true));
                batch.Cut(topic, record.Partition, record.Offset);
                last = -1;
                i--;
            }
        }

        return stopped;
    }

    /// <summary>Writes the rows, inside the connection's transaction.</summary>
    public TableCounts Write(MirrorBatch batch, List<MirrorRecord> records, LatestOfKey latest, DateTime now)
    {
        records.RemoveAll(r => r.Offset < next.GetValueOrDefault(r.Partition));
        latest.Read(batch, records);
        var loadedAt = Micros(now);
        var bad = new HashSet<int>();
        for (var i = 0; i < records.Count; i++)
        {
            if (latest.IsSuperseded(i))
            {
                // Only looked at: a record that can't be read is reported even when a later one makes up for it.
                if (!Try(batch, records[i], keep: false, loadedAt))
                {
                    bad.Add(i);
                }

                continue;
            }

            // The latest that can be read stands for its key.
            for (var j = i; j >= 0; j = latest.Previous(j))
            {
                if (!bad.Contains(j) && Try(batch, records[j], keep: true, loadedAt))
                {
                    break;
                }
            }
        }

        table.Deleter.Flush();
        table.Rows.Flush();
        return new TableCounts(_rows, _tombstones, _rejected);
    }

    static long Micros(DateTime utc) => (utc - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    static int? SchemaIdOf(ReadOnlySpan<byte> value) =>
        value.Length >= HeaderLength && value[0] == 0 ? BinaryPrimitives.ReadInt32BigEndian(value[1..]) : null;

    bool Try(MirrorBatch batch, MirrorRecord record, bool keep, long loadedAt)
    {
        var key = batch[record.Key];
        var value = batch[record.Value];
        var why = record.Key.IsNull || key.IsEmpty ? ("no_key", "the record has no key, so that no row can stand for it")
            : !Utf8.IsValid(key) ? ("bad_key", "the key is not UTF-8")
            : record.Value.IsNull ? null
            : Apply(key, value, record, keep, loadedAt);
        if (why is { } reason)
        {
            _rejected++;
            rejected.Add(Rejected(batch, record, reason.Item1, reason.Item2, "mend the writer and publish the record again", stops: false));
            return false;
        }

        if (keep)
        {
            table.Deleter.Add(key, replaced: !record.Value.IsNull);
            _ = record.Value.IsNull ? _tombstones++ : _rows++;
        }

        return true;
    }

    (string Code, string Reason)? Apply(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, MirrorRecord record, bool keep, long loadedAt)
    {
        if (SchemaIdOf(value) is not { } id)
        {
            return ("no_schema_id", "the value does not begin with a zero byte and a schema id");
        }

        if (Program(id) is not { } program)
        {
            return ("unknown_schema", $"schema {id} is unknown to the registry, or it is none of this topic's records");
        }

        var avro = value[HeaderLength..];
        try
        {
            if (!new AvroReader(avro).ReadString().SequenceEqual(key))
            {
                return ("key_mismatch", $"the record's key is not its {table.Key}");
            }

            if (keep)
            {
                table.Rows.Write(program, avro, record.Partition, record.Offset, record.TimestampMs * 1000, loadedAt);
            }
            else
            {
                table.Rows.Check(program, avro);
            }

            return null;
        }
        catch (MalformedRecordException error)
        {
            return ("undecodable", $"{error.Message} (schema {id})");
        }
    }

    RowProgram? Program(int id)
    {
        if (_unknown.Contains(id))
        {
            return null;
        }

        var program = table.ProgramFor(id, schemas.Find);
        if (program is null)
        {
            _unknown.Add(id);
        }

        return program;
    }

    RejectedRecord Rejected(MirrorBatch batch, MirrorRecord record, string code, string reason, string remedy, bool stops) => new(
        topic,
        record.Partition,
        record.Offset,
        record.TimestampMs,
        record.Key.IsNull || !Utf8.IsValid(batch[record.Key]) ? null : Encoding.UTF8.GetString(batch[record.Key]),
        record.Value.IsNull ? null : batch[record.Value].ToArray(),
        code,
        reason,
        remedy,
        stops);
}
