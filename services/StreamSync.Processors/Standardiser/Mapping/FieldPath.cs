using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Avro;
using Avro.Generic;

namespace StreamSync.Processors.Standardiser.Mapping;

/// <summary>A plain path into a vendor record, such as <c>location.address_lines[0]</c>, walked without reflection or JSON.</summary>
sealed class FieldPath
{
    readonly Step[] _steps;

    FieldPath(bool fromRecord, Step[] steps)
    {
        FromRecord = fromRecord;
        _steps = steps;
    }

    /// <summary>True for a path that starts with <c>$.</c>: at the record instead of the list's element.</summary>
    public bool FromRecord { get; }

    /// <summary>Reads a plain path; false for anything else.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out FieldPath? path)
    {
        path = null;
        var fromRecord = text.StartsWith("$.", StringComparison.Ordinal);
        var rest = fromRecord ? text.AsSpan(2) : text;
        var steps = new List<Step>();
        var expectName = true;
        while (!rest.IsEmpty)
        {
            if (expectName)
            {
                var length = NameLength(rest);
                if (length == 0)
                {
                    return false;
                }

                steps.Add(new Step(rest[..length].ToString(), 0));
                rest = rest[length..];
                expectName = false;
            }
            else if (rest[0] == '.')
            {
                rest = rest[1..];
                expectName = true;
            }
            else if (rest[0] == '[' && rest.IndexOf(']') is > 1 and var end && int.TryParse(rest[1..end], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index))
            {
                steps.Add(new Step(null, index));
                rest = rest[(end + 1)..];
            }
            else
            {
                return false;
            }
        }

        path = steps.Count > 0 && !expectName ? new FieldPath(fromRecord, [.. steps]) : null;
        return path is not null;
    }

    /// <summary>The length of the name at the start of a text.</summary>
    public static int NameLength(ReadOnlySpan<char> text)
    {
        var length = 0;
        while (length < text.Length && (char.IsAsciiLetter(text[length]) || text[length] == '_' || (length > 0 && char.IsAsciiDigit(text[length]))))
        {
            length++;
        }

        return length;
    }

    /// <summary>The value, or null when a part of the path is missing or the text there is blank.</summary>
    public object? Of(MappingScope scope)
    {
        var at = FromRecord ? scope.Record : scope.Current;
        foreach (var step in _steps)
        {
            at = step.Of(at);
            if (at is null)
            {
                return null;
            }
        }

        return at is string text && string.IsNullOrWhiteSpace(text) ? null : at;
    }

    /// <summary>The schema at the end of the path; null where the schema leaves it open. False when the schema has no such field.</summary>
    /// <param name="start">Schema where the path starts; null when unknown.</param>
    /// <param name="end">Schema at its end.</param>
    /// <param name="missing">The name that is missing.</param>
    public bool TryResolve(Schema? start, out Schema? end, out string missing)
    {
        end = NonNull(start);
        missing = string.Empty;
        foreach (var step in _steps)
        {
            switch (end)
            {
                case RecordSchema record when step.Name is not null:
                    if (!record.TryGetField(step.Name, out var field))
                    {
                        missing = step.Name;
                        return false;
                    }

                    end = NonNull(field.Schema);
                    break;
                case MapSchema map:
                    end = NonNull(map.ValueSchema);
                    break;
                case ArraySchema array when step.Name is null:
                    end = NonNull(array.ItemSchema);
                    break;
                case null:
                    break;
                default:
                    missing = step.Name ?? "[" + step.Index.ToString(CultureInfo.InvariantCulture) + "]";
                    return false;
            }
        }

        return true;
    }

    /// <summary>The schema inside a union with null.</summary>
    public static Schema? NonNull(Schema? schema) => schema is UnionSchema union ? union.Schemas.FirstOrDefault(s => s.Tag != Schema.Type.Null) : schema;

    sealed class Step(string? name, int index)
    {
        RecordSchema? _schema;
        int _position;

        public string? Name => name;

        public int Index => index;

        public object? Of(object? value)
        {
            if (name is null)
            {
                return value is IList list && (index < 0 ? list.Count + index : index) is var at && at >= 0 && at < list.Count ? list[at] : null;
            }

            switch (value)
            {
                case GenericRecord record:
                    if (!ReferenceEquals(record.Schema, _schema))
                    {
                        _schema = record.Schema;
                        _position = record.Schema.TryGetField(name, out var field) ? field.Pos : -1;
                    }

                    return _position < 0 ? null : record.GetValue(_position);
                case IDictionary<string, object> map:
                    return map.TryGetValue(name, out var item) ? item : null;
                default:
                    return null;
            }
        }
    }
}
