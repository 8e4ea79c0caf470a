using Avro;
using Avro.Specific;
using StreamSync.Contracts;

namespace StreamSync.Kafka.Tests.Serdes;

/// <summary>Values of any generated class, every field filled, or only the required ones.</summary>
static class Samples
{
    public static readonly DateTime Instant = new DateTime(2024, 11, 5, 13, 14, 15, DateTimeKind.Utc).AddTicks(1234560);

    /// <summary>Every topic of the catalogue with its class.</summary>
    public static readonly IReadOnlyList<(TopicSpec Topic, Type Type)> Topics =
        [.. TopicCatalog.Platform.Select(t => (t, typeof(TopicCatalog).Assembly.GetType(t.ValueSchema.Fullname, true)!))];

    public static ISpecificRecord Fill(Type type, bool optional)
    {
        var record = (ISpecificRecord)Activator.CreateInstance(type)!;
        foreach (var field in ((RecordSchema)record.Schema).Fields)
        {
            record.Put(field.Pos, Value(field.Schema, field.Name, optional));
        }

        return record;
    }

    static object? Value(Avro.Schema schema, string name, bool optional) => schema switch
    {
        UnionSchema union => optional ? Value(union.Schemas.Single(s => s.Tag != Avro.Schema.Type.Null), name, optional) : null,
        RecordSchema record => Fill(ClassOf(record), optional),
        ArraySchema array => List(array.ItemSchema, name, optional),
        MapSchema map => new Dictionary<string, string> { [name] = (string)Value(map.ValueSchema, name, optional)! },
        LogicalSchema => Instant,
        _ => schema.Tag switch
        {
            Avro.Schema.Type.String => $"{name} ä€😀",
            Avro.Schema.Type.Long => -name.Length * 1_000_000_007L,
            Avro.Schema.Type.Int => name.Length,
            Avro.Schema.Type.Double => name.Length / 3d,
            Avro.Schema.Type.Boolean => name.Length % 2 == 0,
            Avro.Schema.Type.Bytes => new byte[] { 0, 1, 255 },
            _ => throw new NotSupportedException(schema.ToString()),
        },
    };

    static System.Collections.IList List(Avro.Schema item, string name, bool optional)
    {
        var type = item is RecordSchema record ? ClassOf(record) : typeof(string);
        var list = (System.Collections.IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(type))!;
        for (var i = 0; optional && i < 3; i++)
        {
            list.Add(Value(item, name + i, optional));
        }

        return list;
    }

    static Type ClassOf(RecordSchema schema) => typeof(TopicCatalog).Assembly.GetType(schema.Fullname, true)!;
}
