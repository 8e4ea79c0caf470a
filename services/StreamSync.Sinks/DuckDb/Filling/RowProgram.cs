using Avro;
using StreamSync.Sinks.AvroBinary;

namespace StreamSync.Sinks.DuckDb.Filling;

/// <summary>
/// Turns the binary form of one writer schema into rows of a table, compiled once a schema: fields in the writer's order,
/// each to its column by name, so that records of older and newer schemas land in one table.
/// </summary>
sealed class RowProgram
{
    readonly Step _record;
    readonly VectorNode[] _absent;

    RowProgram(Step record, VectorNode[] absent)
    {
        _record = record;
        _absent = absent;
    }

    /// <summary>Compiles a writer schema for a table that has a column for each of its fields.</summary>
    /// <param name="writer">The schema that records were written with.</param>
    /// <param name="columns">The table's columns by name.</param>
    public static RowProgram Compile(RecordSchema writer, IReadOnlyDictionary<string, VectorNode> columns)
    {
        var compiler = new RowCompiler(columns);
        var record = compiler.Columns(writer, prefix: string.Empty);
        return new RowProgram(record, [.. columns.Where(c => !compiler.Used.Contains(c.Key)).Select(c => c.Value)]);
    }

    /// <summary>Writes a record into a row.</summary>
    /// <exception cref="MalformedRecordException">The bytes don't follow the schema; the row is half written.</exception>
    public void Write(ReadOnlySpan<byte> avro, int row)
    {
        var reader = new AvroReader(avro);
        _record.Run(ref reader, row);
        if (!reader.AtEnd)
        {
            throw new MalformedRecordException("the record is longer than its schema says");
        }

        foreach (var column in _absent)
        {
            column.SetNull(row);
        }
    }
}

/// <summary>Reads one value of a writer schema and puts it somewhere, or nowhere.</summary>
abstract class Step
{
    public abstract void Run(ref AvroReader reader, int row);

    /// <summary>Writes null where <see cref="Run"/> would write a value.</summary>
    public abstract void Null(int row);
}
