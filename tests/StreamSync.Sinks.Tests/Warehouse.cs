using Avro;
using Avro.Generic;
using Avro.IO;
using Avro.Specific;
using Microsoft.Extensions.Logging.Abstractions;
using StreamSync.Contracts;
using StreamSync.Sinks.DuckDb;
using StreamSync.Sinks.Mirror;

namespace StreamSync.Sinks.Tests;

/// <summary>A DuckDB file in a folder of its own, with the topics of a test, filled record by record.</summary>
sealed class Warehouse : IDisposable, IWriterSchemas
{
    readonly Dictionary<int, Schema> _schemas = [];
    readonly Dictionary<(string, int), long> _ends = [];
    readonly IReadOnlyList<TopicSpec> _topics;

    public Warehouse(params TopicSpec[] topics)
        : this(Directory.CreateTempSubdirectory("sinks-").FullName, topics)
    {
    }

    public Warehouse(string folder, params TopicSpec[] topics)
    {
        Folder = folder;
        _topics = topics;
        Files = new DuckDbWarehouse(new DuckDbOptions(Path.Combine(folder, "warehouse.duckdb")), TimeProvider.System);
        Mirror = new DuckDbMirror(Files, this, TimeProvider.System, NullLogger<DuckDbMirror>.Instance);
        Positions = Mirror.Open(topics);
    }

    public string Folder { get; }

    public DuckDbWarehouse Files { get; }

    public DuckDbMirror Mirror { get; }

    public MirrorBatch Batch { get; } = new();

    public IReadOnlyDictionary<string, TopicPosition> Positions { get; private set; }

    public List<RejectedRecord> Rejected { get; } = [];

    public Exception? SchemaError { get; set; }

    public Schema? Find(int id) => SchemaError is null ? _schemas.GetValueOrDefault(id) : throw SchemaError;

    /// <summary>Adds a record in Confluent's wire format.</summary>
    public Warehouse Add(TopicSpec topic, string key, object? value, int partition = 0, long? offset = null) =>
        AddRaw(topic, key, value is null ? null : Encode(value), partition, offset);

    public Warehouse AddRaw(TopicSpec topic, string? key, byte[]? value, int partition = 0, long? offset = null)
    {
        var at = offset ?? _ends.GetValueOrDefault((topic.Name, partition));
        _ends[(topic.Name, partition)] = at + 1;
        Batch.Add(topic.Name, new MirrorRecord(
            partition,
            at,
            1_780_000_000_000,
            key is null ? Slice.Null : Batch.Copy(System.Text.Encoding.UTF8.GetBytes(key)),
            value is null ? Slice.Null : Batch.Copy(value)));
        return this;
    }

    public IReadOnlyDictionary<string, string> Write()
    {
        var stopped = Mirror.Write(Batch, Rejected.AddRange);
        Batch.Clear();
        return stopped;
    }

    public void Reopen() => Positions = Mirror.Open(_topics);

    public int Register(Schema schema)
    {
        var id = _schemas.FirstOrDefault(s => s.Value.ToString() == schema.ToString()).Key;
        if (id == 0)
        {
            id = _schemas.Count + 1;
            _schemas.Add(id, schema);
        }

        return id;
    }

    public byte[] Encode(object value)
    {
        var schema = value is ISpecificRecord specific ? specific.Schema : ((GenericRecord)value).Schema;
        var id = Register(schema);
        using var stream = new MemoryStream();
        stream.Write([0, 0, 0, (byte)(id >> 8), (byte)id]);
        var encoder = new BinaryEncoder(stream);
        if (value is ISpecificRecord record)
        {
            new SpecificDatumWriter<ISpecificRecord>(schema).Write(record, encoder);
        }
        else
        {
            new GenericDatumWriter<object>(schema).Write(value, encoder);
        }

        return stream.ToArray();
    }

    public QueryResult Query(string sql) => Files.QueryAsync(sql, 1000, CancellationToken.None).GetAwaiter().GetResult();

    /// <summary>Rows as text, a line each, values separated by '|'.</summary>
    public string Rows(string sql) => string.Join('\n', Query(sql).Rows.Select(r => string.Join('|', r.Select(Text))));

    public object? Scalar(string sql) => Query(sql).Rows.Single()[0];

    public void Dispose()
    {
        Mirror.Dispose();
        Files.Dispose();
        Batch.Dispose();
        if (Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    static string Text(object? value) => value switch
    {
        null => "NULL",
        System.Collections.IEnumerable list and not string => "[" + string.Join(',', list.Cast<object?>().Select(Text)) + "]",
        DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss.FFFFFF", System.Globalization.CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)!,
    };
}
