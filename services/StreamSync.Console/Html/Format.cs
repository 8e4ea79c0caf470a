using System.Globalization;

namespace StreamSync.Console.Html;

/// <summary>Numbers and times for people.</summary>
static class Format
{
    /// <summary>A number with thousands separated: 12,345.</summary>
    public static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A number with its noun: 1 row, 2 rows.</summary>
    public static string Count(long value, string one, string? many = null) => $"{Number(value)} {(value == 1 ? one : many ?? one + "s")}";

    /// <summary>A span in its two largest units at most: 45 s, 12 min, 3 h 5 min, 2 d 4 h.</summary>
    public static string Span(TimeSpan span)
    {
        var s = (long)Math.Abs(span.TotalSeconds);
        return s < 60 ? $"{s} s"
            : s < 3600 ? $"{s / 60} min"
            : s < 86400 ? s % 3600 < 60 ? $"{s / 3600} h" : $"{s / 3600} h {s % 3600 / 60} min"
            : s % 86400 < 3600 ? $"{s / 86400} d" : $"{s / 86400} d {s % 86400 / 3600} h";
    }

    /// <summary>An instant as its distance from now, with the full time for machines and on hovering.</summary>
    public static Markup Ago(DateTime? utc, DateTime now)
    {
        if (utc is not { } at)
        {
            return Markup.Of($"<span class=\"none\">never</span>");
        }

        var age = now - at;
        var words = age < TimeSpan.FromSeconds(-1) ? "in " + Span(age) : Span(age) + " ago";
        return Markup.Of($"<time datetime=\"{at:yyyy-MM-ddTHH:mm:ssZ}\" title=\"{at:yyyy-MM-dd HH:mm:ss} UTC\">{words}</time>");
    }
}
