using System.Globalization;
using System.Text;

namespace StreamSync.LocalKafka.Registry.Avro;

/// <summary>Texts and numbers as Java's Double.toString, Float.toString and Jackson write them.</summary>
static class JavaText
{
    /// <summary>Appends a JSON text: quotes, backslashes and control characters escaped, everything else as it is.</summary>
    public static void AppendQuoted(StringBuilder output, string text)
    {
        output.Append('"');
        foreach (var c in text)
        {
            var shortForm = c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\b' => "\\b",
                '\t' => "\\t",
                '\n' => "\\n",
                '\f' => "\\f",
                '\r' => "\\r",
                _ => null,
            };
            if (shortForm is not null)
            {
                output.Append(shortForm);
            }
            else if (c < ' ')
            {
                output.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
            }
            else
            {
                output.Append(c);
            }
        }
        output.Append('"');
    }

    /// <summary>Appends a double; what JSON has no number for (NaN, the infinities) becomes a text.</summary>
    public static void AppendNumber(StringBuilder output, double value) =>
        Append(output, value, value.ToString("R", CultureInfo.InvariantCulture));

    /// <summary>Appends a single-precision number, with only the digits that single precision needs.</summary>
    public static void AppendNumber(StringBuilder output, float value) =>
        Append(output, value, value.ToString("R", CultureInfo.InvariantCulture));

    static void Append(StringBuilder output, double value, string shortest)
    {
        if (double.IsFinite(value))
        {
            output.Append(Rewrite(shortest));
        }
        else
        {
            AppendQuoted(output, double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
        }
    }

    /// <summary>
    /// Java writes 10^-3 to below 10^7 plainly and everything else as d.dddE±n, always with a digit after the point.
    /// </summary>
    static string Rewrite(string shortest)
    {
        var sign = shortest.StartsWith('-') ? "-" : string.Empty;
        var parts = shortest[sign.Length..].Split('E');
        var point = parts[0].IndexOf('.');
        var digits = parts[0].Replace(".", string.Empty, StringComparison.Ordinal);
        var zeros = digits.Length - digits.TrimStart('0').Length;
        if (zeros == digits.Length)
        {
            return sign + "0.0";
        }
        var exponent = (point < 0 ? parts[0].Length : point) - 1 - zeros
            + (parts.Length > 1 ? int.Parse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : 0);
        digits = digits.Trim('0');
        if (exponent is < -3 or >= 7)
        {
            return $"{sign}{digits[0]}.{(digits.Length > 1 ? digits[1..] : "0")}E{exponent}";
        }
        if (exponent < 0)
        {
            return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        }
        return digits.Length > exponent + 1
            ? $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}"
            : $"{sign}{digits.PadRight(exponent + 1, '0')}.0";
    }
}
