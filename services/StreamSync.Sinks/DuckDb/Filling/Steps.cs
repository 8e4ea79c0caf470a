using System.Text;
using Avro;
using StreamSync.Sinks.AvroBinary;

namespace StreamSync.Sinks.DuckDb.Filling;

sealed class SequenceStep(Step[] steps) : Step
{
    public override void Run(ref AvroReader reader, int row)
    {
        foreach (var step in steps)
        {
            step.Run(ref reader, row);
        }
    }

    public override void Null(int row)
    {
        foreach (var step in steps)
        {
            step.Null(row);
        }
    }
}

/// <summary>A union of null and one type, in either order.</summary>
sealed class UnionStep(Step?[] branches, Step value, VectorNode? target) : Step
{
    public override void Run(ref AvroReader reader, int row)
    {
        var branch = reader.ReadLong();
        if ((ulong)branch >= (ulong)branches.Length)
        {
            throw new MalformedRecordException("a union has no such branch");
        }

        if (branches[branch] is { } step)
        {
            step.Run(ref reader, row);
        }
        else
        {
            Null(row);
        }
    }

    public override void Null(int row)
    {
        if (target is null)
        {
            value.Null(row);
        }
        else
        {
            target.SetNull(row);
        }
    }
}

sealed class ScalarStep(Schema.Type type, int factor, ScalarVector target) : Step
{
    public override void Run(ref AvroReader reader, int row)
    {
        switch (type)
        {
            case Schema.Type.String:
                target.WriteText(row, reader.ReadString());
                break;
            case Schema.Type.Long:
                target.WriteLong(row, Scale(reader.ReadLong()));
                break;
            case Schema.Type.Int:
                target.WriteLong(row, Scale(reader.ReadInt()));
                break;
            case Schema.Type.Boolean:
                target.WriteBoolean(row, reader.ReadBoolean());
                break;
            case Schema.Type.Double:
                target.WriteDouble(row, reader.ReadDouble());
                break;
            case Schema.Type.Float:
                target.WriteFloat(row, reader.ReadFloat());
                break;
            default:
                target.WriteText(row, reader.ReadBytes());
                break;
        }
    }

    public override void Null(int row) => target.SetNull(row);

    long Scale(long value) => factor == 1 || (value <= long.MaxValue / factor && value >= long.MinValue / factor)
        ? value * factor
        : throw new MalformedRecordException("a time is out of range");
}

sealed class FixedStep(int size, ScalarVector target) : Step
{
    public override void Run(ref AvroReader reader, int row) => target.WriteText(row, reader.ReadFixed(size));

    public override void Null(int row) => target.SetNull(row);
}

sealed class EnumStep(EnumSchema schema, ScalarVector target) : Step
{
    readonly byte[][] _symbols = [.. schema.Symbols.Select(Encoding.UTF8.GetBytes)];

    public override void Run(ref AvroReader reader, int row)
    {
        var index = reader.ReadLong();
        target.WriteText(row, (ulong)index < (ulong)_symbols.Length ? _symbols[index] : throw new MalformedRecordException("an enum has no such symbol"));
    }

    public override void Null(int row) => target.SetNull(row);
}

sealed class ListStep(ListVector target, Step item) : Step
{
    public override void Run(ref AvroReader reader, int row)
    {
        target.Begin(row);
        for (var count = reader.ReadBlockCount(); count > 0; count = reader.ReadBlockCount())
        {
            for (var i = 0; i < count; i++)
            {
                item.Run(ref reader, target.Add(row));
            }
        }
    }

    public override void Null(int row) => target.SetNull(row);
}

sealed class MapStep(ListVector target, StructVector entry, Step value) : Step
{
    readonly ScalarVector _key = (ScalarVector)entry.Children[0];

    public override void Run(ref AvroReader reader, int row)
    {
        target.Begin(row);
        for (var count = reader.ReadBlockCount(); count > 0; count = reader.ReadBlockCount())
        {
            for (var i = 0; i < count; i++)
            {
                var index = target.Add(row);
                entry.Begin(index);
                _key.WriteText(index, reader.ReadString());
                value.Run(ref reader, index);
            }
        }
    }

    public override void Null(int row) => target.SetNull(row);
}

sealed class StructStep(StructVector target, Step fields, VectorNode[] absent) : Step
{
    public override void Run(ref AvroReader reader, int row)
    {
        target.Begin(row);
        fields.Run(ref reader, row);
        foreach (var field in absent)
        {
            field.SetNull(row);
        }
    }

    public override void Null(int row) => target.SetNull(row);
}
