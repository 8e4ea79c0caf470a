using System.Globalization;

namespace StreamSync.Processors.Standardiser.Mapping;

/// <summary>Values as text.</summary>
static class Texts
{
    /// <summary>The text of a single value; null when it is blank, a list, a map or a record.</summary>
    public static string? Of(object? value) => value switch
    {
        string text => string.IsNullOrWhiteSpace(text) ? null : text,
        null => null,
        bool flag => flag ? "true" : "false",
        DateTime time => Iso(time),
        long number => number.ToString(CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => null,
    };

    /// <summary>An instant as ISO 8601 in UTC.</summary>
    public static string Iso(DateTime time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
}
