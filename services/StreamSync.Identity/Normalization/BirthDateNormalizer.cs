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
        BirthDateQuality.Ok or BirthDateQuality.Garbled => ((Year * 10000) + (Month * 100) + Day).ToString("D8", CultureInfo.InvariantCulture),
        BirthDateQuality.Partial => Month == 0
            ? Year.ToString("D4", CultureInfo.InvariantCulture) : ((Year * 100) + Month).ToString("D6", CultureInfo.InvariantCulture),
        _ => "",
    };

    /// <summary>ISO 8601 text of what is known; empty where nothing is.</summary>
    public override string ToString() => !IsEvidence ? "" : Month == 0
        ? Year.ToString("0000", CultureInfo.InvariantCulture)
        : Day == 0 ? $"{Year:0000}-{Month:00}" : $"{Year:0000}-{Month:00}-{Day:00}";
}

/// <summary>
/// Reads birth dates as tools write them: ISO, compact, with a month's name, US order, day-first order with dots or where it is unambiguous, or a
/// bare year. Two digits are a year of this century up to 25 and of the last one above: a rule that does not change with the day on which it is
/// applied, and that never makes a date of the future.
/// </summary>
public static class BirthDateNormalizer
{
    const int LastShortYearOfThisCentury = 25;

    // Day 0 of a spreadsheet's serial numbers, from March 1900 on.
    static readonly DateOnly SerialStart = new(1899, 12, 30);

    static readonly string[] Months = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];
    static readonly string[] Days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

    /// <summary>Normalises one date; never throws.</summary>
    /// <param name="text">The date.</param>
    /// <param name="order">How the dates beside it are written, for those that can be read in two ways.</param>
    public static NormalizedBirthDate Normalize(string? text, DateOrder order = DateOrder.Unknown)
    {
        var span = WithoutTime(text.AsSpan().Trim());
        if (span.IsEmpty)
        {
            return default;
        }

        Span<int> parts = stackalloc int[3];
        Span<int> lengths = stackalloc int[3];
        if (!TrySplit(span, parts, lengths, out var count, out var month))
        {
            return Invalid;
        }

        if (month > 0)
        {
            return WithMonth(month, parts, lengths, count);
        }

        // Whoever writes dots writes the day first.
        var dayFirst = order == DateOrder.DayFirst || (order != DateOrder.MonthFirst && span.Contains('.'));
        return count switch
        {
            1 => Compact(parts[0], lengths[0], order),
            2 when lengths[0] == 4 => Make(parts[0], parts[1], 0),
            2 when lengths[1] == 4 => Make(parts[1], parts[0], 0),
            3 when lengths[0] == 4 => MakeOrGarbled(parts[0], parts[1], parts[2]),
            3 when lengths[2] == 4 => YearLast(parts[0], parts[1], parts[2], dayFirst),
            3 when lengths[0] <= 2 && lengths[1] <= 2 && lengths[2] <= 2 => parts[0] > 31 || order == DateOrder.YearFirst
                ? Full(Make(WithCentury(parts[0]), parts[1], parts[2])) : Full(YearLast(parts[0], parts[1], WithCentury(parts[2]), dayFirst)),
            _ => Invalid,
        };
    }

    static NormalizedBirthDate Invalid => new(0, 0, 0, BirthDateQuality.Invalid);

    /// <summary>A date without the time of day that a database or spreadsheet put behind it.</summary>
    internal static ReadOnlySpan<char> WithoutTime(ReadOnlySpan<char> text)
    {
        var colon = text.IndexOf(':');
        var time = colon > 0 ? text[..colon].LastIndexOfAny('T', ' ') : text.IndexOfAny('T', ' ') is var at and (8 or 9 or 10) && !text[..at].ContainsAnyInRange('A', 'z') ? at : -1;
        return time > 0 ? text[..time].TrimEnd() : text;
    }

    /// <summary>Takes a date apart into its numbers, at most three, and the month where it is a name; false when it is no date.</summary>
    internal static bool TrySplit(ReadOnlySpan<char> text, Span<int> parts, Span<int> lengths, out int count, out int month)
    {
        (count, month) = (0, 0);
        for (var i = 0; i < text.Length;)
        {
            var end = i;
            if (char.IsAsciiDigit(text[i]))
            {
                while (end < text.Length && char.IsAsciiDigit(text[end]))
                {
                    end++;
                }

                if (count == 3 || end - i > 8)
                {
                    return false;
                }

                lengths[count] = end - i;
                parts[count++] = int.Parse(text[i..end], CultureInfo.InvariantCulture);
            }
            else if (char.IsAsciiLetter(text[i]))
            {
                while (end < text.Length && char.IsAsciiLetter(text[end]))
                {
                    end++;
                }

                var word = text[i..end];
                var named = Named(Months, word);
                if (named > 0 && month == 0)
                {
                    month = named;
                }
                else if (named > 0 || !(Named(Days, word) > 0 || IsOrdinal(word) && i > 0 && char.IsAsciiDigit(text[i - 1])))
                {
                    return false;
                }
            }
            else if (text[i] is '-' or '/' or '.' or ' ' or ',' or '\'')
            {
                end++;
            }
            else
            {
                return false;
            }

            i = end;
        }

        return count > 0;
    }

    /// <summary>The number, from 1, of the name that a word is or shortens to three letters or more; 0 for none.</summary>
    static int Named(string[] names, ReadOnlySpan<char> word)
    {
        for (var i = 0; i < names.Length && word.Length >= 3; i++)
        {
            if (names[i].AsSpan().StartsWith(word, StringComparison.OrdinalIgnoreCase))
            {
                return i + 1;
            }
        }

        return names == Months && word.Equals("sept", StringComparison.OrdinalIgnoreCase) ? 9 : 0;
    }

    static bool IsOrdinal(ReadOnlySpan<char> word) =>
        word.Equals("st", StringComparison.OrdinalIgnoreCase) || word.Equals("nd", StringComparison.OrdinalIgnoreCase)
        || word.Equals("rd", StringComparison.OrdinalIgnoreCase) || word.Equals("th", StringComparison.OrdinalIgnoreCase);

    static NormalizedBirthDate WithMonth(int month, ReadOnlySpan<int> parts, ReadOnlySpan<int> lengths, int count) => count switch
    {
        1 when lengths[0] == 4 => Make(parts[0], month, 0),
        1 when lengths[0] == 2 && parts[0] > 31 => Make(WithCentury(parts[0]), month, 0),
        2 when lengths[0] == 4 && lengths[1] <= 2 => Make(parts[0], month, parts[1]),
        2 when lengths[1] == 4 && lengths[0] <= 2 => Make(parts[1], month, parts[0]),
        2 when lengths[0] <= 2 && lengths[1] <= 2 => Full(parts[0] > 31 ? Make(WithCentury(parts[0]), month, parts[1]) : Make(WithCentury(parts[1]), month, parts[0])),
        _ => Invalid,
    };

    /// <summary>Digits without any sign between them.</summary>
    static NormalizedBirthDate Compact(int digits, int length, DateOrder order)
    {
        var dayFirst = order == DateOrder.DayFirst;
        switch (length)
        {
            case 4:
                return Make(digits, 0, 0);
            case 5 when order == DateOrder.Serial:
                var day = SerialStart.AddDays(digits);
                return Make(day.Year, day.Month, day.Day);
            case 6:
                var partial = Make(digits / 100, digits % 100, 0);
                return partial.IsEvidence ? partial : Short(digits / 10000, digits / 100 % 100, digits % 100);
            case 7 or 8:
                // The year stands last where it can't stand first; a number column loses the zero of the first nine months or days.
                var yearFirst = length == 8 ? MakeOrGarbled(digits / 10000, digits / 100 % 100, digits % 100) : Invalid;
                var yearLast = digits % 10000 is >= 1850 and <= 2100 ? Full(YearLast(digits / 1000000, digits / 10000 % 100, digits % 10000, dayFirst)) : Invalid;
                return yearFirst.IsEvidence || !yearLast.IsEvidence ? yearFirst : yearLast;
            default:
                return Invalid;
        }

        // Six digits with a short year: only where they can be read in one way.
        NormalizedBirthDate Short(int a, int b, int c)
        {
            var first = Full(Make(WithCentury(a), b, c));
            var last = Full(YearLast(a, b, WithCentury(c), dayFirst));
            return order == DateOrder.YearFirst || !last.IsEvidence ? first : !first.IsEvidence || order != DateOrder.Unknown ? last : Invalid;
        }
    }

    static int WithCentury(int year) => year > 99 ? year : year <= LastShortYearOfThisCentury ? 2000 + year : 1900 + year;

    static NormalizedBirthDate YearLast(int a, int b, int year, bool dayFirst) => a > 12 || (dayFirst && b <= 12) ? Make(year, b, a) : Make(year, a, b);

    /// <summary>A date with a day, or none: what is written short and lacks a part says nothing.</summary>
    static NormalizedBirthDate Full(NormalizedBirthDate date) => date.Quality == BirthDateQuality.Partial ? Invalid : date;

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
