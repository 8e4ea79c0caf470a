using System.Text.RegularExpressions;

namespace StreamSync.Identity;

/// <summary>Takes an address apart that stands in one column: street, city, state and postal code, with commas or line breaks between them.</summary>
static partial class OneLineAddress
{
    /// <summary>The parts; what can't be told from the street stays in the line.</summary>
    /// <param name="text">The address.</param>
    /// <param name="country">Country from a column of its own; null for none.</param>
    public static PostalAddress Split(string text, string? country = null)
    {
        var parts = text.Split([',', '\n', '\r', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToList();
        if (parts.Count > 1 && Country().IsMatch(parts[^1]))
        {
            country ??= parts[^1];
            parts.RemoveAt(parts.Count - 1);
        }

        string? state = null, zip = null, city = null;
        if (parts.Count > 0 && End().Match(parts[^1]) is { Success: true } end)
        {
            zip = end.Groups["zip"].Value;
            state = end.Groups["state"] is { Success: true } named ? named.Value : null;
            var before = end.Groups["before"].Value.Trim();
            parts.RemoveAt(parts.Count - 1);
            if (before.Length > 0)
            {
                parts.Add(before);
            }
        }

        if (state is null && parts.Count > 1 && State().IsMatch(parts[^1]))
        {
            state = parts[^1];
            parts.RemoveAt(parts.Count - 1);
        }

        if (parts.Count > 1 && (zip ?? state) is not null)
        {
            city = parts[^1];
            parts.RemoveAt(parts.Count - 1);
        }

        return new PostalAddress(string.Join(' ', parts), city, state, zip, country);
    }

    [GeneratedRegex("^(USA?|U\\.S\\.A?\\.?|United States( of America)?|UK|United Kingdom|Canada)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Country();

    // Behind a street there may be a two-letter state; then a ZIP code, or a British or Canadian code.
    [GeneratedRegex("^(?<before>.*?)(^|\\s)((?!(?i:st|dr|ln|rd|pl|av|sq)\\s)(?<state>[A-Za-z]{2})\\s+)?(?<zip>\\d{5}(-?\\d{4})?|[A-Za-z]{1,2}\\d[A-Za-z\\d]?\\s?\\d[A-Za-z]{2}|[A-Za-z]\\d[A-Za-z]\\s?\\d[A-Za-z]\\d)$", RegexOptions.CultureInvariant)]
    private static partial Regex End();

    [GeneratedRegex("^[A-Za-z]{2}$", RegexOptions.CultureInvariant)]
    private static partial Regex State();
}
