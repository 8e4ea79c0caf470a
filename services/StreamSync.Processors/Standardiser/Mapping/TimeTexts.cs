using System.Globalization;

namespace StreamSync.Processors.Standardiser.Mapping;

/// <summary>Times as tools write them: ISO 8601 with 'T' or a blank, US month/day/year, with or without offset.</summary>
static class TimeTexts
{
    static readonly string[] UsFormats =
    [
        "M/d/yyyy", "M/d/yyyy H:m", "M/d/yyyy H:m:s", "M/d/yyyy h:m tt", "M/d/yyyy h:m:s tt",
    ];

    /// <summary>Reads a wall clock's time and, when the text has one, its offset from UTC.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DateTime wall, out TimeSpan? offset)
    {
        text = text.Trim();
        offset = null;
        if (TryIso(text, out wall, out offset))
        {
            return true;
        }

        offset = null;
        return DateTime.TryParseExact(text, UsFormats, CultureInfo.InvariantCulture, DateTimeStyles.AllowWhiteSpaces, out wall);
    }

    /// <summary>A time moved, kept within the calendar; its kind is UTC.</summary>
    public static DateTime Shift(DateTime time, TimeSpan by) => new(Math.Clamp(time.Ticks + by.Ticks, 0, DateTime.MaxValue.Ticks), DateTimeKind.Utc);

    static bool TryIso(ReadOnlySpan<char> text, out DateTime wall, out TimeSpan? offset)
    {
        (wall, offset) = (default, null);
        if (text.Length < 10 || text[4] != '-' || text[7] != '-'
            || !Digits(text[..4], out var year) || !Digits(text.Slice(5, 2), out var month) || !Digits(text.Slice(8, 2), out var day)
            || year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
        {
            return false;
        }

        wall = new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Unspecified);
        var rest = text[10..];
        if (rest.IsEmpty)
        {
            return true;
        }

        if (rest[0] is not ('T' or 't' or ' '))
        {
            return false;
        }

        rest = rest[1..].TrimStart();
        if (rest.Length < 5 || rest[2] != ':' || !Digits(rest[..2], out var hour) || !Digits(rest.Slice(3, 2), out var minute) || hour > 23 || minute > 59)
        {
            return false;
        }

        wall += new TimeSpan(hour, minute, 0);
        rest = rest[5..];
        if (!rest.IsEmpty && rest[0] == ':' && !Seconds(ref rest, ref wall))
        {
            return false;
        }

        return Offset(rest.TrimStart(), out offset);
    }

    static bool Seconds(ref ReadOnlySpan<char> rest, ref DateTime wall)
    {
        if (rest.Length < 3 || !Digits(rest.Slice(1, 2), out var second) || second > 60)
        {
            return false;
        }

        // A leap second counts as the last moment of its minute.
        wall = wall.AddSeconds(Math.Min(second, 59));
        rest = rest[3..];
        if (rest.IsEmpty || rest[0] is not ('.' or ','))
        {
            return true;
        }

        long ticks = 0;
        var length = 1;
        for (var unit = TimeSpan.TicksPerSecond / 10; length < rest.Length && char.IsAsciiDigit(rest[length]); length++, unit /= 10)
        {
            ticks += (rest[length] - '0') * unit;
        }

        wall = wall.AddTicks(ticks);
        rest = rest[length..];
        return length > 1;
    }

    static bool Offset(ReadOnlySpan<char> rest, out TimeSpan? offset)
    {
        offset = null;
        if (rest.IsEmpty)
        {
            return true;
        }

        if (rest is "Z" or "z" or "UTC" or "GMT")
        {
            offset = TimeSpan.Zero;
            return true;
        }

        if (rest[0] is not ('+' or '-') || rest.Length < 3 || !Digits(rest.Slice(1, 2), out var hours) || hours > 14)
        {
            return false;
        }

        var minutes = 0;
        var tail = rest[3..];
        if (!tail.IsEmpty && !(Digits(tail[0] == ':' ? tail[1..] : tail, out minutes) && minutes < 60))
        {
            return false;
        }

        var magnitude = new TimeSpan(hours, minutes, 0);
        offset = rest[0] == '-' ? -magnitude : magnitude;
        return true;
    }

    static bool Digits(ReadOnlySpan<char> text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
