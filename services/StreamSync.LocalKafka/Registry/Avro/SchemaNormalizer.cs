using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace StreamSync.LocalKafka.Registry.Avro;

/// <summary>
/// What <c>normalize=true</c> asks for: extra properties and aliases in alphabetical order, full names, logical types first. As
/// Confluent's registry does it the result is a text that is parsed again, so some things fall by the wayside: an empty doc, and
/// the default of a union that is of a later branch (it is written in the terms of the first).
/// </summary>
sealed class SchemaNormalizer
{
    readonly StringBuilder _output = new();
    readonly HashSet<string> _written;

    SchemaNormalizer(IEnumerable<string> known) => _written = new HashSet<string>(known, StringComparer.Ordinal);

    /// <param name="schema">The schema.</param>
    /// <param name="known">Full names of types that are defined elsewhere and so are only named.</param>
    /// <returns>A schema text, to be parsed again.</returns>
    public static string Normalize(AvroSchema schema, IEnumerable<string> known)
    {
        var normalizer = new SchemaNormalizer(known);
        normalizer.Write(schema);
        return normalizer._output.ToString();
    }

    void Write(AvroSchema schema)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (schema)
        {
            case UnionSchema union:
                _output.Append('[');
                for (var i = 0; i < union.Branches.Count; i++)
                {
                    Comma(i > 0);
                    Write(union.Branches[i]);
                }
                _output.Append(']');
                return;
            case NamedSchema named when !_written.Add(named.FullName):
                Quote(named.FullName);
                return;
            case PrimitiveSchema { Properties.Count: 0 }:
                Quote(schema.Type.Text());
                return;
        }
        _output.Append('{');
        if (schema is NamedSchema definition)
        {
            Member("name", first: true);
            Quote(definition.FullName);
        }
        Member("type", first: schema is not NamedSchema);
        Quote(schema.Type.Text());
        WriteInside(schema);
        WriteLogicalType(schema);
        if (schema is NamedSchema noted)
        {
            WriteNotes(noted);
        }
        WriteProperties(schema.Properties);
        _output.Append('}');
    }

    void WriteInside(AvroSchema schema)
    {
        switch (schema)
        {
            case ArraySchema array:
                Member("items");
                Write(array.Items);
                break;
            case MapSchema map:
                Member("values");
                Write(map.Values);
                break;
            case EnumSchema symbols:
                Member("symbols");
                WriteTexts(symbols.Symbols);
                break;
            case FixedSchema bytes:
                Member("size");
                _output.Append(CultureInfo.InvariantCulture, $"{bytes.Size}");
                break;
            case RecordSchema record:
                Member("fields");
                _output.Append('[');
                for (var i = 0; i < record.Fields.Count; i++)
                {
                    Comma(i > 0);
                    WriteField(record.Fields[i]);
                }
                _output.Append(']');
                break;
        }
    }

    void WriteField(AvroField field)
    {
        _output.Append('{');
        Member("name", first: true);
        Quote(field.Name);
        Member("type");
        Write(field.Schema);
        Member("order");
        Quote(field.Order.ToString());
        if (field.Doc is not null)
        {
            Member("doc");
            Quote(field.Doc);
        }
        if (field.Aliases.Count > 0)
        {
            Member("aliases");
            WriteTexts(field.Aliases.Order(StringComparer.Ordinal));
        }
        if (field.Default is not null && InTermsOf(field.Schema, field.Default) is { } fallback)
        {
            Member("default");
            WriteSorted(fallback);
        }
        WriteProperties(field.Properties);
        _output.Append('}');
    }

    void WriteNotes(NamedSchema schema)
    {
        if (!string.IsNullOrEmpty(schema.Doc))
        {
            Member("doc");
            Quote(schema.Doc);
        }
        if (schema.Aliases.Count > 0)
        {
            Member("aliases");
            WriteTexts(schema.Aliases
                .Select(alias => alias.Space is null && schema.Name.Space is not null ? "." + alias.Simple : alias.Full)
                .Order(StringComparer.Ordinal));
        }
        if (schema is EnumSchema { Default: { } fallback })
        {
            Member("default");
            Quote(fallback);
        }
    }

    void WriteLogicalType(AvroSchema schema)
    {
        if (LogicalTypes.NameOf(schema) is not { } name)
        {
            return;
        }
        Member("logicalType");
        Quote(name);
        if (name == LogicalTypes.Decimal)
        {
            Member("precision");
            schema.Properties["precision"].WriteTo(_output);
            if (schema.Properties.TryGetValue("scale", out var scale) && scale.Integer != 0)
            {
                Member("scale");
                scale.WriteTo(_output);
            }
        }
    }

    void WriteProperties(OrderedDictionary<string, JsonValue> properties)
    {
        foreach (var (name, value) in properties.OrderBy(property => property.Key, StringComparer.Ordinal))
        {
            Member(name);
            WriteSorted(value);
        }
    }

    /// <summary>The default as a value of its type, or null where it is of a later branch and so gets lost.</summary>
    static JsonValue? InTermsOf(AvroSchema schema, JsonValue value)
    {
        switch (value.Kind)
        {
            case JsonKind.Null or JsonKind.Boolean:
                return value;
            case JsonKind.Array:
                return schema is ArraySchema array ? JsonValue.FromItems([.. value.Items.Select(item => InTermsOf(array.Items, item) ?? item)]) : First();
            case JsonKind.Object when schema is MapSchema map:
                return Inside(value, _ => map.Values);
            case JsonKind.Object when schema is RecordSchema record:
                return Inside(value, name => record.Field(name)?.Schema);
            case JsonKind.Object when schema is not UnionSchema:
                return value;
        }
        return schema.Type switch
        {
            AvroType.Union => First(),
            AvroType.Int or AvroType.Long => value.Kind == JsonKind.Integer ? value : null,
            AvroType.Float => value.Kind switch
            {
                JsonKind.Integer => AsFloat(value.Integer),
                JsonKind.Double => AsFloat((float)value.Number),
                _ => null,
            },
            AvroType.Double => value.Kind == JsonKind.Integer ? JsonValue.FromDouble(value.Integer) : value.Kind == JsonKind.Double ? value : null,
            AvroType.Bytes or AvroType.Fixed => value.IsText ? JsonValue.FromText(AsBytes(value.Text!)) : null,
            AvroType.String or AvroType.Enum => value.IsText ? value : null,
            _ => null,
        };

        JsonValue? First() => schema is UnionSchema { Branches: [var first, ..] } ? InTermsOf(first, value) : null;
    }

    /// <summary>The number with the digits that tell a float from its neighbours.</summary>
    static JsonValue AsFloat(float number) => JsonValue.FromDouble(double.Parse(number.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));

    /// <summary>The text of a default of bytes: a character stands for the byte of that number, and one that is none becomes a question mark.</summary>
    static string AsBytes(string text) => string.Create(text.Length, text, (bytes, source) =>
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = source[i] <= byte.MaxValue ? source[i] : '?';
        }
    });

    static JsonValue Inside(JsonValue value, Func<string, AvroSchema?> typeOf)
    {
        var members = new OrderedDictionary<string, JsonValue>(StringComparer.Ordinal);
        foreach (var (name, member) in value.Members)
        {
            members[name] = typeOf(name) is { } type ? InTermsOf(type, member) ?? member : member;
        }
        return JsonValue.FromMembers(members);
    }

    void WriteSorted(JsonValue value)
    {
        switch (value.Kind)
        {
            case JsonKind.Array:
                _output.Append('[');
                for (var i = 0; i < value.Items.Count; i++)
                {
                    Comma(i > 0);
                    WriteSorted(value.Items[i]);
                }
                _output.Append(']');
                break;
            case JsonKind.Object:
                _output.Append('{');
                var first = true;
                foreach (var (name, member) in value.Members.OrderBy(member => member.Key, StringComparer.Ordinal))
                {
                    Member(name, first);
                    first = false;
                    WriteSorted(member);
                }
                _output.Append('}');
                break;
            default:
                value.WriteTo(_output);
                break;
        }
    }

    void WriteTexts(IEnumerable<string> texts)
    {
        _output.Append('[');
        var first = true;
        foreach (var text in texts)
        {
            Comma(!first);
            first = false;
            Quote(text);
        }
        _output.Append(']');
    }

    void Member(string name, bool first = false)
    {
        Comma(!first);
        Quote(name);
        _output.Append(':');
    }

    void Comma(bool wanted)
    {
        if (wanted)
        {
            _output.Append(',');
        }
    }

    void Quote(string text) => JavaText.AppendQuoted(_output, text);
}
