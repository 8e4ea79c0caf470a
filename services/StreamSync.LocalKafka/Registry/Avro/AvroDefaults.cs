using System.Runtime.CompilerServices;

namespace StreamSync.LocalKafka.Registry.Avro;

/// <summary>
/// Whether a field's default fits its type, as Avro Java 1.12 judges it: any branch of a union will do, a symbol outside the enum
/// and a fixed of another length pass, a record's default may leave out what has a default of its own.
/// </summary>
static class AvroDefaults
{
    /// <param name="record">The record that holds the field.</param>
    /// <param name="field">The field's name.</param>
    /// <param name="schema">The field's type.</param>
    /// <param name="value">The default.</param>
    /// <param name="inProgress">Records whose fields are not all known yet: a default that would have to look into one is refused.</param>
    /// <exception cref="AvroSchemaException">It does not fit.</exception>
    public static void Check(AvroName record, string field, AvroSchema schema, JsonValue value, IReadOnlySet<RecordSchema>? inProgress)
    {
        if (!Fits(schema, value, inProgress))
        {
            throw new AvroSchemaException($"the default of field \"{record.Full}.{field}\" does not fit its type");
        }
    }

    static bool Fits(AvroSchema schema, JsonValue? value, IReadOnlySet<RecordSchema>? inProgress)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (value is null)
        {
            return false;
        }
        switch (schema)
        {
            case UnresolvedSchema:
                return value.IsObject;
            case UnionSchema union:
                return union.Branches.Any(branch => Fits(branch, value, inProgress));
            case ArraySchema array:
                return value.IsArray && value.Items.All(item => Fits(array.Items, item, inProgress));
            case MapSchema map:
                return value.IsObject && value.Members.Values.All(item => Fits(map.Values, item, inProgress));
            case RecordSchema record when value.IsObject:
                return inProgress?.Contains(record) == true
                    ? throw new AvroSchemaException($"a default of \"{record.FullName}\" stands inside \"{record.FullName}\" itself")
                    : record.Fields.All(field => Fits(field.Schema, value.Get(field.Name) ?? field.Default, inProgress));
            default:
                return schema.Type switch
                {
                    AvroType.String or AvroType.Bytes or AvroType.Enum or AvroType.Fixed => value.IsText,
                    AvroType.Int => value is { Kind: JsonKind.Integer, Integer: >= int.MinValue and <= int.MaxValue },
                    AvroType.Long => value.Kind == JsonKind.Integer,
                    AvroType.Float or AvroType.Double => value.IsNumber,
                    AvroType.Boolean => value.Kind == JsonKind.Boolean,
                    AvroType.Null => value.Kind == JsonKind.Null,
                    _ => false,
                };
        }
    }
}
