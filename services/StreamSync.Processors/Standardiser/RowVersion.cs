using System.Globalization;

namespace StreamSync.Processors.Standardiser;

/// <summary>
/// A source's version of a record as a number that only grows: a log position or sequence as it is, a modified date (ISO 8601, UTC, as the
/// connectors write it) in ticks.
/// </summary>
static class RowVersion
{
    /// <summary>The number; null when the source has no version or one without order.</summary>
    public static long? Of(string? version) =>
        version is null ? null
        : long.TryParse(version, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
        : TimeOf(version)?.Ticks;

    /// <summary>The modified date; null when the version is none.</summary>
    public static DateTime? TimeOf(string? version) =>
        version is { Length: > 18 } && version[4] == '-' && Mapping.TimeTexts.TryParse(version, out var time, out var offset)
            ? Mapping.TimeTexts.Shift(time, -(offset ?? TimeSpan.Zero))
            : null;
}
