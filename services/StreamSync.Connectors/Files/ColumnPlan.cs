using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Avro;
using Avro.Generic;
using StreamSync.Connectors.Sdk;

namespace StreamSync.Connectors.Files;

/// <summary>
/// Which column fills which field of the schema, found by name: case, blanks and signs do not count. Two columns of one name are two columns
/// (the second is <c>name_2</c>). A column without a field is kept among the extras.
/// </summary>
sealed class ColumnPlan
{
    readonly RecordSchema _schema;
    readonly Column[] _columns;
    readonly int _extraField;
    readonly string?[] _lastText;
    readonly ArrayBufferWriter<byte> _extras = new(256);

    ColumnPlan(RecordSchema schema, Column[] columns, int extraField)
    {
        _schema = schema;
        _columns = columns;
        _extraField = extraField;
        _lastText = new string?[columns.Length];
    }

    enum Kind
    {
        Text,
        Integer,
        Decimal,
        Flag,
        Extra,
    }

    public int Count => _columns.Length;

    /// <summary>Names of columns that no field takes.</summary>
    public IEnumerable<string> Unknown => _columns.Where(c => c.Kind == Kind.Extra).Select(c => c.Name);

    /// <summary>Names that stand on several columns.</summary>
    public required IReadOnlyList<string> Repeated { get; init; }

    /// <summary>Fields that a column fills.</summary>
    public IEnumerable<string> Filled => _columns.Where(c => c.Kind != Kind.Extra).Select(c => _schema.Fields[c.Field].Name);

    /// <summary>Makes the plan of a header.</summary>
    /// <param name="header">Names of the columns, in order.</param>
    /// <param name="schema">Schema of the stream's record.</param>
    /// <param name="aliases">Other names for fields, best first.</param>
    /// <param name="prefixes">What may stand before these names.</param>
    /// <param name="extraField">Field of type map that takes columns without a field; null leaves them to the extras.</param>
    public static ColumnPlan Create(IReadOnlyList<string> header, RecordSchema schema, IReadOnlyDictionary<string, IReadOnlyList<string>> aliases, IReadOnlyList<PrefixRule> prefixes, string? extraField)
    {
        var names = Unique(header, out var repeated);
        var fields = Assign(names, schema, aliases, prefixes);
        var columns = names.Select(name => fields.TryGetValue(name, out var field) ? new Column(name, KindOf(field.Schema)!.Value, field.Pos) : new Column(name, Kind.Extra, -1));
        return new ColumnPlan(schema, [.. columns], extraField is null ? -1 : schema[extraField].Pos) { Repeated = repeated };
    }

    /// <summary>Finds the field of each column. A column has one field at most, and a field one column: another that means the same is left over.</summary>
    /// <param name="names">Names of the columns, each once.</param>
    /// <param name="schema">Schema of the stream's record.</param>
    /// <param name="aliases">Other names for fields, best first.</param>
    /// <param name="prefixes">What may stand before these names.</param>
    /// <returns>The fields by name of the column.</returns>
    public static Dictionary<string, Field> Assign(IReadOnlyList<string> names, RecordSchema schema, IReadOnlyDictionary<string, IReadOnlyList<string>> aliases, IReadOnlyList<PrefixRule> prefixes)
    {
        var byName = new Dictionary<string, string>();
        foreach (var name in names)
        {
            byName.TryAdd(Squash(name), name);
        }

        var assigned = new Dictionary<string, Field>();
        var open = schema.Fields.Where(f => KindOf(f.Schema) is not null).ToList();
        open.RemoveAll(field => Take(field, string.Empty));
        foreach (var rule in prefixes)
        {
            // The word with the most columns first, so that an address is not made of two.
            var fields = open.Where(f => rule.Fields.Contains(f.Name)).ToList();
            foreach (var prefix in rule.Names.Select(Squash).OrderByDescending(prefix => fields.Count(f => Wanted(f, prefix).Any())).ToList())
            {
                open.RemoveAll(field => rule.Fields.Contains(field.Name) && Take(field, prefix));
            }
        }

        return assigned;

        // Aliases first where they are given: they begin with what the sync itself names.
        IEnumerable<string> Wanted(Field field, string prefix) => (aliases.TryGetValue(field.Name, out var others) ? others.Append(field.Name) : [field.Name])
            .Select(name => byName.GetValueOrDefault(prefix + Squash(name))).OfType<string>();

        bool Take(Field field, string prefix) => Wanted(field, prefix).Any(column => assigned.TryAdd(column, field));
    }

    /// <summary>Fills a record from a row.</summary>
    /// <param name="row">Bytes of the row, valid in the encoding.</param>
    /// <param name="fields">Its fields, as many as there are columns or more.</param>
    /// <param name="encoding">Encoding of the bytes.</param>
    /// <param name="record">Takes the values.</param>
    /// <param name="extras">Columns without a field, as a JSON object; null when none has a value.</param>
    /// <returns>Name of a column whose value has the wrong type, with that type; null when all is well.</returns>
    public (string Column, string Type)? Fill(ReadOnlySpan<byte> row, ReadOnlySpan<FieldSlice> fields, Encoding encoding, GenericRecord record, out string? extras)
    {
        extras = null;
        Dictionary<string, object>? map = _extraField >= 0 ? [] : null;
        Utf8JsonWriter? json = null;
        for (var i = 0; i < _columns.Length; i++)
        {
            var bytes = row.Slice(fields[i].Start, fields[i].Length);
            ref readonly var column = ref _columns[i];
            if (bytes.IsEmpty)
            {
                continue;
            }

            var text = Text(i, bytes, fields[i].HasQuotes, encoding);
            switch (column.Kind)
            {
                case Kind.Text:
                    record.Add(column.Field, text);
                    break;
                case Kind.Extra when map is not null:
                    map[column.Name] = text;
                    break;
                case Kind.Extra:
                    json ??= NewExtras();
                    json.WriteString(column.Name, text);
                    break;
                default:
                    if (!string.IsNullOrWhiteSpace(text))
                    {
                        if (Typed(column.Kind, text) is not { } value)
                        {
                            json?.Dispose();
                            return (column.Name, column.Kind switch { Kind.Integer => "integer", Kind.Decimal => "number", _ => "true or false" });
                        }

                        record.Add(column.Field, value);
                    }

                    break;
            }
        }

        if (map is not null)
        {
            record.Add(_extraField, map);
        }

        if (json is not null)
        {
            json.WriteEndObject();
            json.Dispose();
            extras = Encoding.UTF8.GetString(_extras.WrittenSpan);
        }

        return null;
    }

    /// <summary>Letters and digits of a name, in lower case.</summary>
    public static string Squash(string name)
    {
        var builder = new StringBuilder(name.Length);
        foreach (var c in name)
        {
            if (char.IsLetterOrDigit(c))
            {
                builder.Append(char.ToLowerInvariant(c));
            }
        }

        return builder.ToString();
    }

    /// <summary>The field of a name that no column can fill, such as a list; null for another name.</summary>
    public static Field? OtherFieldOf(string name, RecordSchema schema) => schema.Fields.FirstOrDefault(f => KindOf(f.Schema) is null && Squash(f.Name) == Squash(name));

    Utf8JsonWriter NewExtras()
    {
        _extras.ResetWrittenCount();
        var json = new Utf8JsonWriter(_extras);
        json.WriteStartObject();
        return json;
    }

    /// <summary>The text of a field. Columns repeat themselves (state, committee, day): an equal neighbour's string is used again.</summary>
    string Text(int column, ReadOnlySpan<byte> bytes, bool hasQuotes, Encoding encoding)
    {
        if (_lastText[column] is { } last && last.Length == bytes.Length && Ascii.Equals(bytes, last))
        {
            return last;
        }

        var text = encoding.GetString(bytes);
        if (hasQuotes)
        {
            text = text.Replace("\"\"", "\"", StringComparison.Ordinal);
        }
        else if (text.Length <= 40)
        {
            _lastText[column] = text;
        }

        return text;
    }

    static object? Typed(Kind kind, string text) => kind switch
    {
        Kind.Integer => long.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number) ? number : null,
        Kind.Decimal => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null,
        _ => text.Trim().ToUpperInvariant() switch
        {
            "TRUE" or "T" or "YES" or "Y" or "1" => true,
            "FALSE" or "F" or "NO" or "N" or "0" => false,
            _ => null,
        },
    };

    static Kind? KindOf(Schema schema) => FieldPath.NonNull(schema)?.Tag switch
    {
        Schema.Type.String => Kind.Text,
        Schema.Type.Long => Kind.Integer,
        Schema.Type.Double => Kind.Decimal,
        Schema.Type.Boolean => Kind.Flag,
        _ => null,
    };

    static List<string> Unique(IReadOnlyList<string> header, out IReadOnlyList<string> repeated)
    {
        var names = new List<string>(header.Count);
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var again = new SortedSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < header.Count; i++)
        {
            var trimmed = header[i].Trim();
            var name = trimmed.Length == 0 ? string.Create(CultureInfo.InvariantCulture, $"column_{i + 1}") : trimmed;
            var unique = name;
            for (var n = 2; !taken.Add(unique); n++)
            {
                again.Add(name);
                unique = string.Create(CultureInfo.InvariantCulture, $"{name}_{n}");
            }

            names.Add(unique);
        }

        repeated = [.. again];
        return names;
    }

    readonly record struct Column(string Name, Kind Kind, int Field);
}
