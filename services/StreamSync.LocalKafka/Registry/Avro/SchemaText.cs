using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace StreamSync.LocalKafka.Registry.Avro;

/// <summary>
/// The text of a schema in Avro Java's order of attributes: what a registry keeps, answers and compares. Only white space, key
/// order, long-hand primitives and the place of a namespace are lost on the way.
/// </summary>
sealed class SchemaText
{
    readonly StringBuilder _output = new();
    readonly HashSet<string> _written;

    SchemaText(IEnumerable<string> known) => _written = new HashSet<string>(known, StringComparer.Ordinal);

    /// <param name="schema">The schema.</param>
    /// <param name="known">Full names of types that are defined elsewhere and so are only named.</param>
    public static string Of(AvroSchema schema, params IEnumerable<string> known)
    {
        var text = new SchemaText(known);
        text.Write(schema, null);
        return text._output.ToString();
    }

    void Write(AvroSchema schema, string? space)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (schema)
        {
            case NamedSchema named:
                WriteNamed(named, space);
                break;
            case UnionSchema union:
                _output.Append('[');
                for (var i = 0; i < union.Branches.Count; i++)
                {
                    Comma(i > 0);
                    Write(union.Branches[i], space);
                }
                _output.Append(']');
                break;
            case ArraySchema array:
                WriteContainer("array", "items", array.Items, array, space);
                break;
            case MapSchema map:
                WriteContainer("map", "values", map.Values, map, space);
                break;
            case { Properties.Count: 0 }:
                JavaText.AppendQuoted(_output, schema.Type.Text());
                break;
            default:
                _output.Append("{\"type\":");
                JavaText.AppendQuoted(_output, schema.Type.Text());
                WriteProperties(schema.Properties);
                _output.Append('}');
                break;
        }
    }

    void WriteContainer(string type, string member, AvroSchema inner, AvroSchema container, string? space)
    {
        _output.Append("{\"type\":\"").Append(type).Append('"');
        Member(member);
        Write(inner, space);
        WriteProperties(container.Properties);
        _output.Append('}');
    }

    void WriteNamed(NamedSchema schema, string? space)
    {
        if (!_written.Add(schema.FullName))
        {
            JavaText.AppendQuoted(_output, schema.Name.Within(space));
            return;
        }
        _output.Append("{\"type\":\"").Append(schema is RecordSchema { IsError: true } ? "error" : schema.Type.Text()).Append('"');
        TextMember("name", schema.Name.Simple);
        if (schema.Name.Space != space)
        {
            TextMember("namespace", schema.Name.Space ?? string.Empty);
        }
        TextMember("doc", schema.Doc);
        switch (schema)
        {
            case RecordSchema record:
                WriteFields(record);
                break;
            case EnumSchema symbols:
                WriteTexts("symbols", symbols.Symbols);
                TextMember("default", symbols.Default);
                break;
            case FixedSchema bytes:
                Member("size");
                _output.Append(CultureInfo.InvariantCulture, $"{bytes.Size}");
                break;
        }
        WriteProperties(schema.Properties);
        if (schema.Aliases.Count > 0)
        {
            WriteTexts("aliases", schema.Aliases.Select(alias => alias.Within(schema.Name.Space)));
        }
        _output.Append('}');
    }

    void WriteFields(RecordSchema record)
    {
        Member("fields");
        _output.Append('[');
        for (var i = 0; i < record.Fields.Count; i++)
        {
            var field = record.Fields[i];
            Comma(i > 0);
            _output.Append("{\"name\":");
            JavaText.AppendQuoted(_output, field.Name);
            Member("type");
            Write(field.Schema, record.Name.Space);
            TextMember("doc", field.Doc);
            if (field.Default is not null)
            {
                Member("default");
                field.Default.WriteTo(_output);
            }
            TextMember("order", field.Order == AvroOrder.Ascending ? null : field.Order == AvroOrder.Ignore ? "ignore" : "descending");
            if (field.Aliases.Count > 0)
            {
                WriteTexts("aliases", field.Aliases);
            }
            WriteProperties(field.Properties);
            _output.Append('}');
        }
        _output.Append(']');
    }

    void WriteProperties(OrderedDictionary<string, JsonValue> properties)
    {
        foreach (var (name, value) in properties)
        {
            Member(name);
            value.WriteTo(_output);
        }
    }

    void WriteTexts(string name, IEnumerable<string> texts)
    {
        Member(name);
        _output.Append('[');
        var first = true;
        foreach (var text in texts)
        {
            Comma(!first);
            first = false;
            JavaText.AppendQuoted(_output, text);
        }
        _output.Append(']');
    }

    void TextMember(string name, string? text)
    {
        if (text is not null)
        {
            Member(name);
            JavaText.AppendQuoted(_output, text);
        }
    }

    void Member(string name)
    {
        _output.Append(',');
        JavaText.AppendQuoted(_output, name);
        _output.Append(':');
    }

    void Comma(bool wanted)
    {
        if (wanted)
        {
            _output.Append(',');
        }
    }
}
