using System.Globalization;
using Avro;

namespace StreamSync.Connectors.Sdk;

/// <summary>
/// What a text field must look like, as the schema's <c>"format"</c> says: integer, decimal, boolean or time. The text stays as the tool wrote
/// it; a value of another form means that the tool changed the field's type.
/// </summary>
static class FieldFormat
{
    static readonly string[] Booleans = ["true", "false", "t", "f", "yes", "no", "y", "n", "0", "1"];

    /// <summary>The fields of a schema that have a format.</summary>
    /// <exception cref="SchemaParseException">An unknown format.</exception>
    public static IReadOnlyList<(Field Field, string Format)> Of(RecordSchema schema)
    {
        var result = new List<(Field, string)>();
        foreach (var field in schema.Fields)
        {
            if (field.GetProperty("format")?.Trim('"') is { } format)
            {
                result.Add(format is "integer" or "decimal" or "boolean" or "time"
                    ? (field, format)
                    : throw new SchemaParseException($"the field '{field.Name}' of {schema.Fullname} has the format '{format}': use integer, decimal, boolean or time"));
            }
        }

        return result;
    }

    public static bool Fits(string format, ReadOnlySpan<char> text)
    {
        text = text.Trim();
        return text.IsEmpty || format switch
        {
            "integer" => IsInteger(text),
            "decimal" => decimal.TryParse(text, NumberStyles.Number | NumberStyles.AllowCurrencySymbol, CultureInfo.InvariantCulture, out _),
            "boolean" => IsBoolean(text),
            _ => TimeText.TryParse(text, out _, out _),
        };
    }

    static bool IsInteger(ReadOnlySpan<char> text)
    {
        if (text[0] is '-' && text.Length > 1)
        {
            text = text[1..];
        }

        return !text.ContainsAnyExceptInRange('0', '9');
    }

    static bool IsBoolean(ReadOnlySpan<char> text)
    {
        foreach (var word in Booleans)
        {
            if (text.Equals(word, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
