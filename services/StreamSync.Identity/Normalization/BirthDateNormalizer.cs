using System.Globalization;

namespace StreamSync.Identity;

/// <summary>How much a birth date says.</summary>
public enum BirthDateQuality : byte
{
    /// <summary>There is none.</summary>
    Missing = 0,

    /// <summary>A full date.</summary>
    Ok = 1,

    /// <summary>Only a year, or a year and month.</summary>
    Partial = 2,

    /// <summary>A full date that systems write when they know none (1900-01-01): no evidence.</summary>
    DefaultSuspect = 3,

    /// <summary>Not a date (0000-00-00, 13/13/1990): no evidence.</summary>
    Invalid = 4,

    /// <summary>
    /// Year first, with a month or day that does not exist (1846-09-53): a typing error. It equals no date, but its digits may be near one's.
    /// </summary>
    Garbled = 5,
}

/// <summary>A birth date in canonical form; parts that are unknown are 0.</summary>
/// <param name="Year">Year, or 0.</param>
/// <param name="Month">Month 1 to 12, or 0.</param>
/// <param name="Day">Day 1 to 31, or 0.</param>
/// <param name="Quality">How much it says.</param>
public readonly record struct NormalizedBirthDate(int Year, int Month, int Day, BirthDateQuality Quality)
{
    /// <summary>True when it may be compared at all.</summary>
    public bool IsEvidence => Quality is BirthDateQuality.Ok or BirthDateQuality.Partial;

    /// <summary>The digits that are known, year first: 8 of a full or garbled date, 6 or 4 of a partial one; empty where nothing is.</summary>
    public string Digits => Quality switch
    {
        BirthDateQuality.Ok or BirthDateQuality.Garbled => ((Year * 10000) + (Month * 100) + Day).ToString("00000000", CultureInfo.InvariantCulture),
        BirthDateQuality.Partial => Month == 0
            ? Year.ToString("0000", CultureInfo.InvariantCulture) : ((Year * 100) + Month).ToString("000000", CultureInfo.InvariantCulture),
        _ => "",
    };

    /// <summary>ISO 8601 text of what is known; empty where nothing is.</summary>
    public override string ToString() => !IsEvidence ? "" : Month == 0
        ? Year.ToString("0000", CultureInfo.InvariantCulture)
        : Day == 0 ? $"{Year:0000}-{Month:00}" : $"{Year:0000}-{Month:00}-{Day:00}";
}

/// <summary>Reads birth dates as tools write them: ISO, compact, US order, day-first order with dots or where it is unambiguous, or a bare year.</summary>
public static class BirthDateNormalizer
{
    /// <summary>Normalises one date; never throws.</summary>
    public static NormalizedBirthDate Normalize(string? text)
    {
        var span = text.AsSpan().Trim();
        if (span.IsEmpty)
        {
            return default;
        }

        var time = span.IndexOfAny('T', ' ');
        if (time is 8 or 9 or 10)
        {
            span = span[..time];
        }

        Span<int> parts = stackalloc int[3];
        Span<int> lengths = stackalloc int[3];
        var count = 0;
        var inNumber = false;

        // Whoever writes dots writes the day first.
        var dots = span.Contains('.');
        foreach (var c in span)
        {
            if (char.IsAsciiDigit(c))
            {
                if (!inNumber)
                {
                    if (count == 3)
                    {
                        return Invalid;
                    }

                    inNumber = true;
                    count++;
                }

                if (++lengths[count - 1] > 8)
                {
                    return Invalid;
                }

                parts[count - 1] = (parts[count - 1] * 10) + (c - '0');
            }
            else if (c is '-' or '/' or '.' or ' ')
            {
                inNumber = false;
            }
            else
            {
                return Invalid;
            }
        }

        return count switch
        {
            1 when lengths[0] == 8 => MakeOrGarbled(parts[0] / 10000, parts[0] / 100 % 100, parts[0] % 100),
            1 when lengths[0] == 6 => Make(parts[0] / 100, parts[0] % 100, 0),
            1 when lengths[0] == 4 => Make(parts[0], 0, 0),
            2 when lengths[0] == 4 => Make(parts[0], parts[1], 0),
            2 when lengths[1] == 4 => Make(parts[1], parts[0], 0),
            3 when lengths[0] == 4 => MakeOrGarbled(parts[0], parts[1], parts[2]),
            3 when lengths[2] == 4 => parts[0] > 12 || (dots && parts[1] <= 12)
                ? Make(parts[2], parts[1], parts[0])
                : Make(parts[2], parts[0], parts[1]),
            _ => Invalid,
        };
    }

    static NormalizedBirthDate Invalid => new(0, 0, 0, BirthDateQuality.Invalid);

    static NormalizedBirthDate MakeOrGarbled(int year, int month, int day)
    {
        var date = Make(year, month, day);
        return date.Quality == BirthDateQuality.Ok || year is < 1000 or > 2199 || (month == 0 && day == 0) || month > 99 || day > 99
            ? date
            : date.Quality is BirthDateQuality.Invalid || (date.Quality == BirthDateQuality.Partial && month == 0)
                ? new NormalizedBirthDate(year, month, day, BirthDateQuality.Garbled) : date;
    }

    static NormalizedBirthDate Make(int year, int month, int day)
    {
        if (year is < 1000 or > 2199 || month > 12 || (day > 0 && (month == 0 || day > DateTime.DaysInMonth(year, month))))
        {
            return Invalid;
        }

        if (month == 0 || day == 0)
        {
            return new NormalizedBirthDate(year, month, 0, BirthDateQuality.Partial);
        }

        var suspect = (year, month, day) is (1900, 1, 1) or (1901, 1, 1) or (1899, 12, 30) or (1899, 12, 31)
            or (1753, 1, 1) or (1970, 1, 1) or (1969, 12, 31) or (1111, 11, 11);
        return new NormalizedBirthDate(year, month, day, suspect ? BirthDateQuality.DefaultSuspect : BirthDateQuality.Ok);
    }
}
