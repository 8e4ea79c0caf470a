using Avro;
using Avro.Specific;
using StreamSync.Contracts;

namespace StreamSync.Processors.Standardiser.Mapping;

/// <summary>The generated classes behind Avro schemas.</summary>
static class AvroTypes
{
    /// <summary>The generated class of a record schema.</summary>
    public static Type ClassOf(RecordSchema schema) =>
        typeof(TopicCatalog).Assembly.GetType(schema.Fullname, throwOnError: true)!;

    /// <summary>Makes instances of a record schema's class.</summary>
    public static Func<ISpecificRecord> FactoryOf(RecordSchema schema)
    {
        var type = ClassOf(schema);
        return () => (ISpecificRecord)Activator.CreateInstance(type)!;
    }

    /// <summary>Makes empty lists or maps for an array or map schema.</summary>
    public static Func<object> EmptyOf(Schema schema)
    {
        var type = schema is ArraySchema array
            ? typeof(List<>).MakeGenericType(array.ItemSchema is RecordSchema record ? ClassOf(record) : typeof(string))
            : typeof(Dictionary<string, string>);
        return () => Activator.CreateInstance(type)!;
    }
}
