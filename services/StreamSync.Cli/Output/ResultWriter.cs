using System.Globalization;
using System.Text;
using System.Text.Json;
using StreamSync.Contracts;

namespace StreamSync.Cli.Output;

/// <summary>Writes the rows of a query as a table for people, as CSV (RFC 4180) or as JSON for programs.</summary>
static class ResultWriter
{
    /// <summary>The formats, as <c>--format</c> names them.</summary>
    public static readonly string[] Formats = ["table", "csv", "json"];

    /// <summary>Texts of a table on a terminal are cut here: with longer ones no line would stand in one.</summary>
    const int Widest = 80;

    /// <summary>Writes a result.</summary>
    /// <param name="result">Rows.</param>
    /// <param name="format">One of <see cref="Formats"/>.</param>
    /// <param name="output">Where to.</param>
    /// <param name="whole">Options that give long texts whole, for a table that a person reads: there they are cut, and it says so. Null cuts nothing.</param>
    public static void Write(QueryResult result, string format, TextWriter output, string? whole = null)
    {
        switch (format)
        {
            case "csv":
                WriteCsv(result, output);
                break;
            case "json":
                WriteJson(result, output);
                break;
            default:
                WriteTable(result, output, whole);
                break;
        }
    }

    static void WriteTable(QueryResult result, TextWriter output, string? whole)
    {
        var isCut = false;
        var cells = result.Rows.Select(r => r.Select(v => Cell(Text(v) ?? "NULL")).ToArray()).ToList();
        var widths = result.Columns.Select((c, i) => cells.Select(r => r[i].Length).Append(c.Length).Max()).ToArray();
        var numeric = result.Columns.Select((_, i) => result.Rows.Any(r => r[i] is not null) && result.Rows.All(r => r[i] is null or sbyte or short or int or long or decimal or double or float or ulong or System.Numerics.BigInteger)).ToArray();
        string Line(IEnumerable<string> values) => string.Join("  ", values.Select((v, i) => numeric[i] ? v.PadLeft(widths[i]) : v.PadRight(widths[i]))).TrimEnd();
        output.WriteLine(Line(result.Columns));
        output.WriteLine(string.Join("  ", widths.Select(w => new string('-', w))));
        foreach (var row in cells)
        {
            output.WriteLine(Line(row));
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"({result.Rows.Count}{(result.Truncated ? " of more" : "")} {(result.Rows.Count == 1 ? "row" : "rows")})"));
        if (isCut)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Texts that end in … are cut at {Widest} characters; {whole} gives them whole."));
        }

        string Cell(string text)
        {
            var line = text.ReplaceLineEndings(" ");
            if (whole is null || line.Length <= Widest)
            {
                return line;
            }

            isCut = true;
            return line[..(Widest - 1)] + "…";
        }
    }

    /// <summary>A field of a CSV line (RFC 4180): null is empty, an empty text is quoted.</summary>
    public static string CsvField(string? value) =>
        value is null ? string.Empty : value.AsSpan().IndexOfAny("\",\r\n") >= 0 || value.Length == 0 ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : value;

    static void WriteCsv(QueryResult result, TextWriter output)
    {
        output.WriteLine(string.Join(',', result.Columns.Select(CsvField)));
        foreach (var row in result.Rows)
        {
            output.WriteLine(string.Join(',', row.Select(v => CsvField(Text(v)))));
        }
    }

    static void WriteJson(QueryResult result, TextWriter output)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartArray();
            foreach (var row in result.Rows)
            {
                json.WriteStartObject();
                for (var i = 0; i < result.Columns.Count; i++)
                {
                    json.WritePropertyName(result.Columns[i]);
                    WriteValue(json, row[i]);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        output.WriteLine(Encoding.UTF8.GetString(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
    }

    static void WriteValue(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case bool b:
                json.WriteBooleanValue(b);
                break;
            case sbyte or byte or short or ushort or int or uint or long:
                json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case ulong u:
                json.WriteNumberValue(u);
                break;
            case decimal d:
                json.WriteNumberValue(d);
                break;
            case float or double when double.IsFinite(Convert.ToDouble(value, CultureInfo.InvariantCulture)):
                json.WriteNumberValue(Convert.ToDouble(value, CultureInfo.InvariantCulture));
                break;
            case System.Numerics.BigInteger big:
                json.WriteRawValue(big.ToString(CultureInfo.InvariantCulture));
                break;
            case string s:
                json.WriteStringValue(s);
                break;
            case IReadOnlyDictionary<string, object?> map:
                json.WriteStartObject();
                foreach (var (key, item) in map)
                {
                    json.WritePropertyName(key);
                    WriteValue(json, item);
                }

                json.WriteEndObject();
                break;
            case System.Collections.IEnumerable list and not byte[]:
                json.WriteStartArray();
                foreach (var item in list)
                {
                    WriteValue(json, item);
                }

                json.WriteEndArray();
                break;
            default:
                json.WriteStringValue(Text(value));
                break;
        }
    }

    /// <summary>The text of a value; null for null. Times are ISO 8601 in UTC.</summary>
    public static string? Text(object? value) => value switch
    {
        null => null,
        string s => s,
        bool b => b ? "true" : "false",
        DateTime t => t.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture),
        DateOnly d => d.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        byte[] bytes => Convert.ToHexStringLower(bytes),
        IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
        System.Collections.IEnumerable list => "[" + string.Join(", ", list.Cast<object?>().Select(Text)) + "]",
        _ => value.ToString(),
    };
}
