using System.Globalization;
using System.Text;
using System.Text.Json;
using Avro;
using Avro.Generic;

namespace StreamSync.Connectors.Sdk;

/// <summary>A JSON object as a record of the stream's schema.</summary>
/// <param name="Record">The record.</param>
/// <param name="Extras">What the schema does not know, as a JSON object by path; null when nothing.</param>
/// <param name="Unknown">Paths that the schema does not know.</param>
/// <param name="Present">Names of the outermost fields that the object has.</param>
readonly record struct JsonRecord(GenericRecord Record, string? Extras, IReadOnlyList<string> Unknown, IReadOnlyList<string> Present);

/// <summary>
/// Reads JSON objects into records of one schema. JSON names are matched with every character that Avro forbids read as '_'
/// (<c>osdi:people</c> is <c>osdi_people</c>). A text field also takes numbers, booleans and nested JSON, as their JSON text; any
/// other difference of type refuses the object. Not for threads in parallel.
/// </summary>
sealed class JsonRecordReader
{
    readonly RecordSchema _schema;
    readonly Func<string, string?> _fieldOf;
    readonly Dictionary<string, string> _names = [];
    List<(string Path, string Json)> _unknown = [];
    string? _problem;

    /// <param name="schema">Schema of the record.</param>
    /// <param name="fieldOf">The field that a JSON name means, where it has another name; "" for a name that means none; null when there are none such.</param>
    public JsonRecordReader(RecordSchema schema, Func<string, string?>? fieldOf = null)
    {
        _schema = schema;
        _fieldOf = fieldOf ?? (_ => null);
    }

    /// <summary>Why an object with a text that is none can't be read; .NET tells it by an InvalidOperationException.</summary>
    public static Refusal NoUnicode { get; } = new("wrong_encoding", "a text of the record is no Unicode", "mend the value in the tool: its bytes are no UTF-8, or an escape names half of a character");

    /// <summary>Reads an object.</summary>
    /// <param name="element">The object.</param>
    /// <param name="result">The record.</param>
    /// <param name="refusal">What does not fit; names fields, never values.</param>
    public bool TryRead(JsonElement element, out JsonRecord result, out Refusal refusal)
    {
        result = default;
        refusal = null!;
        _unknown = [];
        _problem = null;
        if (element.ValueKind != JsonValueKind.Object)
        {
            refusal = new Refusal("wrong_type", $"the record is a JSON {Kind(element)}, not an object", "check what the tool sends");
            return false;
        }

        var present = new List<string>();
        GenericRecord record;
        try
        {
            record = ReadRecord(_schema, element, string.Empty, present);
            result = new JsonRecord(record, ExtrasOf(_unknown), [.. _unknown.Select(u => u.Path)], present);
        }
        catch (InvalidOperationException)
        {
            // So .NET says that a text is no UTF-8, or half of a surrogate pair.
            refusal = NoUnicode;
            return false;
        }

        if (_problem is not null)
        {
            refusal = new Refusal("wrong_type", _problem, "when the tool changed the field for good, change the schema; then replay the entry");
            return false;
        }

        return true;
    }

    GenericRecord ReadRecord(RecordSchema schema, JsonElement element, string path, List<string>? present = null)
    {
        var record = new GenericRecord(schema);
        foreach (var property in element.EnumerateObject())
        {
            var name = AvroName(property.Name);
            if (schema.TryGetFieldAlias(name, out var field))
            {
                present?.Add(field.Name);
                record.Add(field.Pos, ReadValue(field.Schema, property.Value, path + property.Name));
            }
            else
            {
                _unknown.Add((path + property.Name, property.Value.GetRawText()));
            }
        }

        foreach (var field in schema.Fields)
        {
            if (record.GetValue(field.Pos) is null && !AllowsNull(field.Schema))
            {
                switch (field.Schema)
                {
                    case ArraySchema:
                        record.Add(field.Pos, Array.Empty<object>());
                        break;
                    case MapSchema:
                        record.Add(field.Pos, new Dictionary<string, object>());
                        break;
                    default:
                        _problem ??= $"the field '{path}{field.Name}' is missing";
                        break;
                }
            }
        }

        return record;
    }

    object? ReadValue(Schema schema, JsonElement value, string path)
    {
        if (value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (schema is UnionSchema union)
        {
            foreach (var branch in union.Schemas)
            {
                if (branch.Tag != Schema.Type.Null && (union.Count == 2 || Takes(branch, value)))
                {
                    return ReadValue(branch, value, path);
                }
            }

            return Problem(path, value, "of none of its types");
        }

        switch (schema.Tag)
        {
            case Schema.Type.String:
                return value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText();
            case Schema.Type.Boolean when value.ValueKind is JsonValueKind.True or JsonValueKind.False:
                return value.GetBoolean();
            case Schema.Type.Int when value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number):
                return number;
            case Schema.Type.Long when value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number):
                return number;
            case Schema.Type.Double when value.ValueKind == JsonValueKind.Number:
                return value.GetDouble();
            case Schema.Type.Float when value.ValueKind == JsonValueKind.Number:
                return value.GetSingle();
            case Schema.Type.Array when value.ValueKind == JsonValueKind.Array:
                return ReadArray((ArraySchema)schema, value, path);
            case Schema.Type.Map when value.ValueKind == JsonValueKind.Object:
                return ReadMap((MapSchema)schema, value, path);
            case Schema.Type.Record when value.ValueKind == JsonValueKind.Object:
                return ReadRecord((RecordSchema)schema, value, path + ".");
            default:
                return Problem(path, value, $"no {schema.Tag.ToString().ToLowerInvariant()}");
        }
    }

    object?[] ReadArray(ArraySchema schema, JsonElement value, string path)
    {
        var items = new List<object?>(value.GetArrayLength());
        foreach (var item in value.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Null || AllowsNull(schema.ItemSchema))
            {
                items.Add(ReadValue(schema.ItemSchema, item, path + "[]"));
            }
        }

        return [.. items];
    }

    Dictionary<string, object?> ReadMap(MapSchema schema, JsonElement value, string path)
    {
        var map = new Dictionary<string, object?>();
        foreach (var property in value.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Null || AllowsNull(schema.ValueSchema))
            {
                map[property.Name] = ReadValue(schema.ValueSchema, property.Value, path + "." + property.Name);
            }
        }

        return map;
    }

    object? Problem(string path, JsonElement value, string what)
    {
        _problem ??= $"the field '{path}' is {what}, but a JSON {Kind(value)}";
        return null;
    }

    string AvroName(string json)
    {
        if (!_names.TryGetValue(json, out var name))
        {
            name = _fieldOf(json) ?? Clean(json);
            if (_names.Count < 10_000)
            {
                _names[json] = name;
            }
        }

        return name;
    }

    static string Clean(string json)
    {
        var builder = new StringBuilder(json.Length);
        foreach (var c in json)
        {
            builder.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        }

        return builder.ToString();
    }

    static bool Takes(Schema schema, JsonElement value) => schema.Tag switch
    {
        Schema.Type.String => value.ValueKind == JsonValueKind.String,
        Schema.Type.Boolean => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        Schema.Type.Int => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out _),
        Schema.Type.Long => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        Schema.Type.Double or Schema.Type.Float => value.ValueKind == JsonValueKind.Number,
        Schema.Type.Array => value.ValueKind == JsonValueKind.Array,
        Schema.Type.Map or Schema.Type.Record => value.ValueKind == JsonValueKind.Object,
        _ => false,
    };

    static bool AllowsNull(Schema schema) => schema.Tag == Schema.Type.Null || (schema is UnionSchema union && union.Schemas.Any(s => s.Tag == Schema.Type.Null));

    static string Kind(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => "boolean",
        var kind => kind.ToString().ToLower(CultureInfo.InvariantCulture),
    };

    static string? ExtrasOf(List<(string Path, string Json)> unknown)
    {
        if (unknown.Count == 0)
        {
            return null;
        }

        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            var written = new HashSet<string>();
            foreach (var (path, json) in unknown)
            {
                // An array's items share a path: each gets its own name.
                var name = path;
                for (var n = 2; !written.Add(name); n++)
                {
                    name = string.Create(CultureInfo.InvariantCulture, $"{path}#{n}");
                }

                writer.WritePropertyName(name);
                writer.WriteRawValue(json, skipInputValidation: true);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }
}
