namespace StreamSync.Connectors.Sdk;

/// <summary>
/// Reads the times that tools write: ISO 8601 dates and times with 'T' or a space, any number of second digits, 'Z' or an offset or neither;
/// and American <c>9/30/2024 11:58 PM</c>.
/// </summary>
static class TimeText
{
    /// <summary>Reads a time.</summary>
    /// <param name="text">The text; blanks around it do not count.</param>
    /// <param name="local">Calendar and clock as written.</param>
    /// <param name="offset">Offset from UTC, when the text has one.</param>
    /// <returns>False when the text is no such time, or names a day or hour that does not exist.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out DateTime local, out TimeSpan? offset)
    {
        text = text.Trim();
        local = default;
        offset = null;
        return text.Length >= 8 && (text.Length >= 10 && text[4] == '-' ? TryIso(text, out local, out offset) : TryAmerican(text, out local));
    }

    static bool TryIso(ReadOnlySpan<char> text, out DateTime local, out TimeSpan? offset)
    {
        local = default;
        offset = null;
        if (text[7] != '-' || !Digits(text[..4], out var year) || !Digits(text[5..7], out var month) || !Digits(text[8..10], out var day))
        {
            return false;
        }

        var rest = text[10..];
        var clock = TimeSpan.Zero;
        if (rest.Length > 0 && rest[0] is 'T' or 't' or ' ')
        {
            rest = rest[1..];
            if (!TryClock(ref rest, out clock))
            {
                return false;
            }
        }

        return TryOffset(rest, out offset) && TryDate(year, month, day, clock, out local);
    }

    static bool TryAmerican(ReadOnlySpan<char> text, out DateTime local)
    {
        local = default;
        Span<Range> parts = stackalloc Range[4];
        var space = text.IndexOf(' ');
        var date = space < 0 ? text : text[..space];
        if (date.Split(parts, '/') != 3 || !Digits(date[parts[0]], out var month) || !Digits(date[parts[1]], out var day) || date[parts[2]].Length != 4 || !Digits(date[parts[2]], out var year))
        {
            return false;
        }

        var clock = TimeSpan.Zero;
        if (space >= 0)
        {
            var rest = text[(space + 1)..].TrimStart();
            if (!TryClock(ref rest, out clock))
            {
                return false;
            }

            rest = rest.Trim();
            var pm = rest.Equals("PM", StringComparison.OrdinalIgnoreCase);
            if (pm || rest.Equals("AM", StringComparison.OrdinalIgnoreCase))
            {
                if (clock.Hours is 0 or > 12)
                {
                    return false;
                }

                clock += TimeSpan.FromHours((pm ? 12 : 0) - (clock.Hours == 12 ? 12 : 0));
            }
            else if (rest.Length > 0)
            {
                return false;
            }
        }

        return TryDate(year, month, day, clock, out local);
    }

    /// <summary>H:mm, H:mm:ss or H:mm:ss.fff; moves behind it.</summary>
    static bool TryClock(ref ReadOnlySpan<char> text, out TimeSpan clock)
    {
        clock = default;
        var colon = text.IndexOf(':');
        if (colon is < 1 or > 2 || text.Length < colon + 3 || !Digits(text[..colon], out var hour) || !Digits(text.Slice(colon + 1, 2), out var minute))
        {
            return false;
        }

        text = text[(colon + 3)..];
        var second = 0;
        long ticks = 0;
        if (text.Length >= 3 && text[0] == ':')
        {
            if (!Digits(text.Slice(1, 2), out second))
            {
                return false;
            }

            text = text[3..];
            if (text.Length > 1 && text[0] is '.' or ',')
            {
                var digits = 0;
                var unit = TimeSpan.TicksPerSecond;
                for (text = text[1..]; text.Length > 0 && char.IsAsciiDigit(text[0]); text = text[1..], digits++)
                {
                    unit /= 10;
                    ticks += (text[0] - '0') * unit;
                }

                if (digits == 0)
                {
                    return false;
                }
            }
        }

        if (hour > 23 || minute > 59 || second > 60)
        {
            return false;
        }

        // A leap second counts as the one before it, as every computer's clock has it.
        clock = new TimeSpan(hour, minute, Math.Min(second, 59)) + TimeSpan.FromTicks(ticks);
        return true;
    }

    static bool TryOffset(ReadOnlySpan<char> text, out TimeSpan? offset)
    {
        text = text.Trim();
        offset = null;
        if (text.IsEmpty)
        {
            return true;
        }

        if (text is "Z" or "z" or "UTC" or "GMT")
        {
            offset = TimeSpan.Zero;
            return true;
        }

        if (text[0] is not ('+' or '-'))
        {
            return false;
        }

        var digits = text[1..];
        var minutes = 0;
        if (digits.Length is not (2 or 4 or 5) || (digits.Length == 5 && digits[2] != ':') || !Digits(digits[..2], out var hours) || (digits.Length > 2 && !Digits(digits[^2..], out minutes)) || hours > 14 || minutes > 59)
        {
            return false;
        }

        var span = new TimeSpan(hours, minutes, 0);
        offset = text[0] == '-' ? -span : span;
        return true;
    }

    static bool TryDate(int year, int month, int day, TimeSpan clock, out DateTime local)
    {
        local = default;
        if (year is < 1 or > 9999 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
        {
            return false;
        }

        local = new DateTime(year, month, day).Add(clock);
        return true;
    }

    static bool Digits(ReadOnlySpan<char> text, out int value)
    {
        value = 0;
        foreach (var c in text)
        {
            if (!char.IsAsciiDigit(c))
            {
                return false;
            }

            value = (value * 10) + (c - '0');
        }

        return text.Length > 0;
    }
}
