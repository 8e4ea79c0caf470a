using System.Text;

namespace StreamSync.LocalKafka.Registry.Avro.Binary;

/// <summary>The default of a field as a value of its type: a default names no branch of a union, a value does.</summary>
static class DefaultValue
{
    /// <exception cref="AvroDataException">The default does not fit, which a registry of new schemas does not let through.</exception>
    public static JsonValue Of(AvroSchema schema, JsonValue value) => TryOf(schema, value)
        ?? throw new AvroDataException(AvroDataProblem.CannotResolve, $"a default does not fit its type {schema.FullName}");

    static JsonValue? TryOf(AvroSchema schema, JsonValue value)
    {
        switch (schema)
        {
            case UnionSchema union:
                foreach (var branch in union.Branches)
                {
                    if (TryOf(branch, value) is { } taken)
                    {
                        return branch.Type == AvroType.Null ? taken : JsonValue.FromMembers(new(StringComparer.Ordinal) { [branch.FullName] = taken });
                    }
                }
                return null;
            case RecordSchema record when value.IsObject:
                return Members(record.Fields.Select(field => (field.Name, field.Schema, Value: value.Get(field.Name) ?? field.Default)));
            case MapSchema map when value.IsObject:
                return Members(value.Members.Select(member => (member.Key, map.Values, (JsonValue?)member.Value)));
            case ArraySchema array when value.IsArray:
                var items = value.Items.Select(item => TryOf(array.Items, item)).ToArray();
                return items.Any(item => item is null) ? null : JsonValue.FromItems(items!);
            case EnumSchema symbols:
                return value.IsText && symbols.Symbols.Contains(value.Text, StringComparer.Ordinal) ? value : null;
            case FixedSchema bytes:
                return value.IsText ? JsonValue.FromText(Resized(value.Text!, bytes.Size)) : null;
            default:
                return Primitive(schema.Type, value);
        }
    }

    static JsonValue? Members(IEnumerable<(string Name, AvroSchema Schema, JsonValue? Value)> members)
    {
        var values = new OrderedDictionary<string, JsonValue>(StringComparer.Ordinal);
        foreach (var (name, schema, value) in members)
        {
            if (value is null || TryOf(schema, value) is not { } taken)
            {
                return null;
            }
            values[name] = taken;
        }
        return JsonValue.FromMembers(values);
    }

    static JsonValue? Primitive(AvroType type, JsonValue value) => type switch
    {
        AvroType.Null => value.Kind == JsonKind.Null ? value : null,
        AvroType.Boolean => value.Kind == JsonKind.Boolean ? value : null,
        AvroType.Int => value is { Kind: JsonKind.Integer, Integer: >= int.MinValue and <= int.MaxValue } ? value : null,
        AvroType.Long => value.Kind == JsonKind.Integer ? value : null,
        AvroType.Float or AvroType.Double => value.Kind == JsonKind.Double ? value
            : value.IsIntegral ? JsonValue.FromDouble(value.Kind == JsonKind.Integer ? value.Integer : (double)value.Big) : null,
        AvroType.String or AvroType.Bytes => value.IsText ? value : null,
        _ => null,
    };

    /// <summary>A fixed default of the wrong length passes as valid; it is cut or filled up with zeros.</summary>
    static string Resized(string text, int size)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        Array.Resize(ref bytes, size);
        return Encoding.Latin1.GetString(bytes);
    }
}
