using System.Globalization;
using System.Text;
using System.Text.Json;
using Avro;
using Avro.Generic;
using StreamSync.Connectors.Sdk;

namespace StreamSync.Connectors.Postgres;

/// <summary>A column's value as PostgreSQL writes it as text.</summary>
/// <param name="Column">Name of the column.</param>
/// <param name="Type">OID of its type.</param>
/// <param name="Text">The text; null for NULL.</param>
/// <param name="Unchanged">True for a large value that the log leaves out because it did not change.</param>
internal readonly record struct ColumnText(string Column, uint Type, string? Text, bool Unchanged = false);

/// <summary>Turns rows into drafts of the stream's schema; columns that it does not know become extras.</summary>
internal sealed class RowReader(StreamContext context, PostgresOptions options)
{
    const uint Timestamp = 1114, TimestampTz = 1184;
    readonly HashSet<string> _told = [];

    /// <summary>Columns that the schema does not know and that were not told yet.</summary>
    public List<string> NewColumns { get; } = [];

    /// <summary>Fills a record; false with the reason when a value does not fit its field.</summary>
    public bool TryRead(IReadOnlyList<ColumnText> row, out GenericRecord record, out string? extras, out Refusal refusal)
    {
        var schema = context.RecordSchema;
        record = new GenericRecord(schema);
        extras = null;
        refusal = null!;
        Dictionary<string, string?>? unknown = null;
        foreach (var value in row)
        {
            if (value.Unchanged)
            {
                continue;
            }

            if (!schema.TryGetField(value.Column, out var field))
            {
                (unknown ??= [])[value.Column] = value.Text;
                if (_told.Add(value.Column))
                {
                    NewColumns.Add(value.Column);
                }

                continue;
            }

            if (!TryConvert(field.Schema, value, out var converted))
            {
                refusal = new Refusal("wrong_type", $"the column '{value.Column}' does not fit the schema's type", "when the vendor changed the column's type for good, change the schema; then replay the entry");
                return false;
            }

            record.Add(field.Pos, converted);
        }

        foreach (var (name, text) in options.Set)
        {
            record.Add(name, text.StartsWith("setting:", StringComparison.Ordinal) ? context.Settings.Get<string>(text["setting:".Length..]) : text);
        }

        extras = unknown is null ? null : JsonSerializer.Serialize(unknown);
        return true;
    }

    /// <summary>The row as JSON, for quarantine.</summary>
    public static byte[] Raw(IReadOnlyList<ColumnText> row) =>
        Encoding.UTF8.GetBytes(JsonSerializer.Serialize(row.Where(v => !v.Unchanged).ToDictionary(v => v.Column, v => v.Text)));

    static bool TryConvert(Schema schema, ColumnText value, out object? converted)
    {
        converted = null;
        if (value.Text is not { } text)
        {
            return true;
        }

        var type = schema is UnionSchema union ? union.Schemas.First(s => s.Tag != Schema.Type.Null).Tag : schema.Tag;
        switch (type)
        {
            case Schema.Type.Boolean:
                converted = text is "t" or "true";
                return text is "t" or "f" or "true" or "false";
            case Schema.Type.Long:
                var isLong = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number);
                converted = number;
                return isLong;
            case Schema.Type.Int:
                var isInt = int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var small);
                converted = small;
                return isInt;
            case Schema.Type.Double:
                var isDouble = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real);
                converted = real;
                return isDouble;
            case Schema.Type.String:
                converted = value.Type is Timestamp or TimestampTz ? Iso(text, value.Type == TimestampTz) : text;
                return true;
            default:
                return false;
        }
    }

    /// <summary><c>2024-09-01 15:00:00+00</c> as <c>2024-09-01T15:00:00Z</c>; the session's zone is UTC.</summary>
    static string Iso(string text, bool withZone)
    {
        var iso = text.Replace(' ', 'T');
        return withZone && iso.EndsWith("+00", StringComparison.Ordinal) ? iso[..^3] + "Z" : iso;
    }
}
