using System.Collections.Frozen;
using DuckDB.NET.Data;
using StreamSync.Sinks.AvroBinary;
using StreamSync.Sinks.DuckDb.Filling;

namespace StreamSync.Sinks.DuckDb;

/// <summary>Inserts a batch's rows into one table; the rows that they replace are deleted before.</summary>
sealed class RowWriter : IDisposable
{
    readonly RowBuffer _buffer;
    readonly ScalarVector _partition = new(ScalarKind.Integer);
    readonly ScalarVector _offset = new(ScalarKind.BigInt);
    readonly ScalarVector _publishedAt = new(ScalarKind.Timestamp);
    readonly ScalarVector _loadedAt = new(ScalarKind.Timestamp);

    public RowWriter(DuckDBConnection connection, string table, TableColumns columns)
    {
        var mirrored = columns.All.Where(c => c.Type is not null).ToList();
        var vectors = mirrored.ConvertAll(c => Provenance(c.Name) ?? VectorNode.Of(c.Type!));
        Columns = mirrored.Zip(vectors).Where(c => Provenance(c.First.Name) is null)
            .ToFrozenDictionary(c => c.First.Name, c => c.Second, StringComparer.OrdinalIgnoreCase);
        var names = mirrored.ConvertAll(c => c.Name);
        var list = string.Join(", ", names.Select(SqlType.Quote));
        var insert = $"INSERT INTO {SqlType.Quote(table)} ({list}) SELECT {list} FROM appended_data";
        _buffer = new RowBuffer(QueryAppender.Create(connection, insert, names, mirrored.ConvertAll(c => c.Logical), table), vectors);
    }

    /// <summary>The schema's columns by name.</summary>
    public IReadOnlyDictionary<string, VectorNode> Columns { get; }

    /// <summary>Writes a record as a row.</summary>
    /// <param name="program">The program of the record's writer schema.</param>
    /// <param name="avro">The record.</param>
    /// <param name="partition">Its partition.</param>
    /// <param name="offset">Its offset.</param>
    /// <param name="publishedAt">Its time, microseconds since 1970 (UTC).</param>
    /// <param name="loadedAt">Now, microseconds since 1970 (UTC).</param>
    /// <exception cref="MalformedRecordException">The bytes don't follow the schema; no row is written.</exception>
    public void Write(RowProgram program, ReadOnlySpan<byte> avro, int partition, long offset, long publishedAt, long loadedAt)
    {
        var row = _buffer.Row;
        try
        {
            program.Write(avro, row);
        }
        catch (MalformedRecordException)
        {
            _buffer.Forget();
            throw;
        }

        _partition.WriteLong(row, partition);
        _offset.WriteLong(row, offset);
        _publishedAt.WriteLong(row, publishedAt);
        _loadedAt.WriteLong(row, loadedAt);
        _buffer.Keep();
    }

    /// <summary>Reads a record without writing a row.</summary>
    /// <exception cref="MalformedRecordException">The bytes don't follow the schema.</exception>
    public void Check(RowProgram program, ReadOnlySpan<byte> avro)
    {
        try
        {
            program.Write(avro, _buffer.Row);
        }
        finally
        {
            _buffer.Forget();
        }
    }

    /// <summary>Brings the rows into the table, inside the connection's transaction.</summary>
    public void Flush() => _buffer.Flush();

    public void Dispose() => _buffer.Dispose();

    ScalarVector? Provenance(string column) => column switch
    {
        "_partition" => _partition,
        "_offset" => _offset,
        "_published_at" => _publishedAt,
        "_loaded_at" => _loadedAt,
        _ => null,
    };
}
