using System.Globalization;
using Avro;
using Avro.Generic;

namespace StreamSync.Connectors.Sdk;

/// <summary>A path such as <c>contribution.orderNumber</c> or <c>lineitems[0].amount</c> into a record, checked against its schema once.</summary>
sealed class FieldPath
{
    readonly Step[] _steps;

    FieldPath(string text, Step[] steps)
    {
        Text = text;
        _steps = steps;
    }

    /// <summary>The path as written.</summary>
    public string Text { get; }

    /// <summary>Compiles a path.</summary>
    /// <param name="schema">Schema of the record.</param>
    /// <param name="text">The path.</param>
    /// <param name="path">The compiled path.</param>
    /// <param name="missing">The step that the schema does not have.</param>
    public static bool TryCompile(RecordSchema schema, string text, out FieldPath path, out string missing)
    {
        var steps = new List<Step>();
        Schema? at = schema;
        missing = string.Empty;
        foreach (var part in text.Split('.'))
        {
            var bracket = part.IndexOf('[');
            var name = bracket < 0 ? part : part[..bracket];
            switch (NonNull(at))
            {
                case RecordSchema record when record.TryGetField(name, out var field):
                    steps.Add(new Step(name, field.Pos, -1));
                    at = field.Schema;
                    break;
                case MapSchema map:
                    steps.Add(new Step(name, -1, -1));
                    at = map.ValueSchema;
                    break;
                default:
                    missing = name;
                    path = null!;
                    return false;
            }

            if (bracket >= 0)
            {
                if (NonNull(at) is not ArraySchema array || !int.TryParse(part.AsSpan(bracket + 1, part.Length - bracket - 2), NumberStyles.None, CultureInfo.InvariantCulture, out var index))
                {
                    missing = part;
                    path = null!;
                    return false;
                }

                steps.Add(new Step(part, -1, index));
                at = array.ItemSchema;
            }
        }

        path = new FieldPath(text, [.. steps]);
        return true;
    }

    /// <summary>The value, or null when a part of the path is missing.</summary>
    public object? Value(GenericRecord record)
    {
        object? at = record;
        foreach (var step in _steps)
        {
            at = at switch
            {
                GenericRecord inner when step.Position >= 0 => inner.GetValue(step.Position),
                IDictionary<string, object> map => map.TryGetValue(step.Name, out var value) ? value : null,
                System.Collections.IList list when step.Index >= 0 => step.Index < list.Count ? list[step.Index] : null,
                _ => null,
            };
            if (at is null)
            {
                return null;
            }
        }

        return at;
    }

    /// <summary>The value as text; null when missing or blank.</summary>
    public string? TextOf(GenericRecord record)
    {
        var text = Value(record) switch
        {
            null => null,
            string s => s,
            bool b => b ? "true" : "false",
            DateTime time => time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture),
            IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
            var other => other.ToString(),
        };
        return string.IsNullOrWhiteSpace(text) ? null : text;
    }

    /// <summary>The schema inside a union with null.</summary>
    public static Schema? NonNull(Schema? schema) =>
        schema is UnionSchema union ? union.Schemas.FirstOrDefault(s => s.Tag != Schema.Type.Null) : schema;

    readonly record struct Step(string Name, int Position, int Index);
}
