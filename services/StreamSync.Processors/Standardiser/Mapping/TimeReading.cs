using System.Globalization;

namespace StreamSync.Processors.Standardiser.Mapping;

/// <summary>A time as a tool wrote it, understood: the entities' <c>occurred_at</c> and what stands beside it.</summary>
/// <param name="Instant">Instant (UTC).</param>
/// <param name="Text">As the tool wrote it.</param>
/// <param name="Zone">IANA zone in which it was read; null when the text has its own offset.</param>
/// <param name="ZoneSource">explicit, location, org_default or assumed.</param>
/// <param name="LocalDate">Calendar day in that zone, yyyy-MM-dd.</param>
readonly record struct TimeReading(DateTime? Instant, string? Text, string? Zone, string? ZoneSource, string? LocalDate);

/// <summary>How a mapping reads a time: <c>time: {zone: ..., unit: ..., ignore_offset: true}</c>.</summary>
/// <param name="Unit">Ticks of one unit since 1970, for numbers; 0 for texts.</param>
/// <param name="Zone">Name of the zone for texts without offset; null takes UTC.</param>
/// <param name="ZoneSource">Where that name comes from.</param>
/// <param name="IgnoreOffset">True where the tool writes an offset that means nothing.</param>
sealed record TimeRule(long Unit, Value? Zone, string ZoneSource, bool IgnoreOffset)
{
    /// <summary>Reads a value; null when it is missing or, with a problem noted in the scope, no time.</summary>
    public TimeReading? Read(object? value, MappingScope scope, string field)
    {
        if (value is null)
        {
            return null;
        }

        if (value is DateTime known)
        {
            return new TimeReading(DateTime.SpecifyKind(known, DateTimeKind.Utc), Texts.Iso(known), null, "explicit", LocalDates.Of(known, null, 0));
        }

        var text = Texts.Of(value);
        if (text is null)
        {
            scope.Fail($"'{field}' takes a time, and is a list or a record");
            return null;
        }

        if (Unit != 0)
        {
            return ReadNumber(text, scope, field);
        }

        if (!TimeTexts.TryParse(text, out var wall, out var offset))
        {
            scope.Fail($"'{field}' is no time");
            return null;
        }

        if (offset is { } explicitOffset && !IgnoreOffset)
        {
            var instant = TimeTexts.Shift(wall, -explicitOffset);
            return new TimeReading(instant, text, null, "explicit", LocalDates.Of(wall, null, 0));
        }

        return ReadLocal(text, wall, scope, field);
    }

    TimeReading? ReadNumber(string text, MappingScope scope, string field)
    {
        if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            || number * Unit is var ticks && (ticks < -DateTime.UnixEpoch.Ticks || ticks > DateTime.MaxValue.Ticks - DateTime.UnixEpoch.Ticks))
        {
            scope.Fail($"'{field}' is no time since 1970 in the mapping's unit");
            return null;
        }

        var instant = DateTime.UnixEpoch.AddTicks((long)ticks);
        return Zone is null || TimeZones.Find(Texts.Of(Zone(scope))) is not { } zone
            ? new TimeReading(instant, text, null, "explicit", LocalDates.Of(instant, null, 0))
            : new TimeReading(instant, text, zone.Id, "explicit", LocalDates.Of(instant, zone, 0));
    }

    TimeReading? ReadLocal(string text, DateTime wall, MappingScope scope, string field)
    {
        if (Zone is null)
        {
            return new TimeReading(wall, text, "UTC", "assumed", LocalDates.Of(wall, null, 0));
        }

        var name = Texts.Of(Zone(scope));
        if (TimeZones.Find(name) is not { } zone)
        {
            scope.Fail(name is null ? $"the zone of '{field}' is not known" : $"the zone of '{field}' is no IANA time zone");
            return null;
        }

        return new TimeReading(TimeZones.ToUtc(wall, zone), text, zone.Id, ZoneSource, LocalDates.Of(wall, null, 0));
    }
}

/// <summary>Time zones by IANA name.</summary>
static class TimeZones
{
    static readonly System.Collections.Concurrent.ConcurrentDictionary<string, TimeZoneInfo?> Known = new();

    public static TimeZoneInfo? Find(string? name) =>
        name is null ? null : Known.GetOrAdd(name, static n => TimeZoneInfo.TryFindSystemTimeZoneById(n, out var zone) ? zone : null);

    /// <summary>
    /// A wall clock's time as an instant. An hour that happens twice is taken as the first time, one that is skipped as if the clock had not
    /// been put forward.
    /// </summary>
    public static DateTime ToUtc(DateTime wall, TimeZoneInfo zone)
    {
        var offset = zone.IsInvalidTime(wall) ? zone.GetUtcOffset(wall.AddHours(-2))
            : zone.IsAmbiguousTime(wall) ? zone.GetAmbiguousTimeOffsets(wall).Max()
            : zone.GetUtcOffset(wall);
        return TimeTexts.Shift(wall, -offset);
    }
}

/// <summary>Calendar days as text; a program happens on few days, so each text is made once.</summary>
static class LocalDates
{
    static readonly System.Collections.Concurrent.ConcurrentDictionary<int, string> Known = new();

    /// <summary>The day of an instant in a zone, or at an offset in ticks.</summary>
    public static string Of(DateTime instant, TimeZoneInfo? zone, long offset)
    {
        var local = zone is null ? TimeTexts.Shift(instant, new TimeSpan(offset)) : TimeZoneInfo.ConvertTimeFromUtc(DateTime.SpecifyKind(instant, DateTimeKind.Utc), zone);
        return Known.GetOrAdd((int)(local.Ticks / TimeSpan.TicksPerDay), static day => new DateTime(day * TimeSpan.TicksPerDay).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
    }
}
