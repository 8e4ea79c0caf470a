namespace StreamSync.Identity;

/// <summary>Comparison of birth dates by their digits, so that mistyped ones still speak.</summary>
static class BirthDates
{
    // Years between the dates of parent and child, at least.
    const int Generation = 12;

    /// <summary>
    /// True when two dates can't be one person's: full ones, a generation apart, with other days and months, and no slip of the pen, of two digits at
    /// most, makes one of the other.
    /// </summary>
    public static bool Contradict(in NormalizedBirthDate x, in NormalizedBirthDate y) =>
        x.Quality == BirthDateQuality.Ok && y.Quality == BirthDateQuality.Ok && Math.Abs(x.Year - y.Year) >= Generation
        && (x.Month, x.Day) != (y.Month, y.Day) && (x.Month, x.Day) != (y.Day, y.Month)
        && StringDistance.Damerau(x.Digits, y.Digits, 2) > 2;

    /// <summary>True when <see cref="Compare"/> gives two dates a level that speaks for one person.</summary>
    public static bool MayCorroborate(ReadOnlySpan<char> x, ReadOnlySpan<char> y)
    {
        if (x.Length < 8 || y.Length < 8)
        {
            var shared = Math.Min(x.Length, y.Length);
            return x[..shared].SequenceEqual(y[..shared]);
        }

        var (sameMonth, sameDay) = (x.Slice(4, 2).SequenceEqual(y.Slice(4, 2)), x[6..].SequenceEqual(y[6..]));
        return (sameMonth && sameDay) || ((sameMonth || sameDay) && x[..4].SequenceEqual(y[..4])) || StringDistance.Damerau(x, y, 2) <= 2
            || (x[..4].SequenceEqual(y[..4]) && x.Slice(4, 2).SequenceEqual(y[6..]) && x[6..].SequenceEqual(y.Slice(4, 2)));
    }

    public static Outcome Compare(RecordView a, RecordView b)
    {
        var (x, y) = (a.DateDigits, b.DateDigits);
        if (x.Length == 0 || y.Length == 0)
        {
            return default;
        }

        if (x.Length < 8 || y.Length < 8)
        {
            var shared = Math.Min(x.Length, y.Length);
            return x.AsSpan(0, shared).SequenceEqual(y.AsSpan(0, shared))
                ? new Outcome(Levels.Dates.PartlyAgrees, a.YearRarity) : new Outcome(Levels.Dates.PartlyDiffers, 0);
        }

        if (x == y)
        {
            return a.Features.BirthDate.IsEvidence ? new Outcome(Levels.Exact, a.DateRarity) : new Outcome(Levels.Dates.OneEdit, a.MonthDayRarity);
        }

        var sameYear = x.AsSpan(0, 4).SequenceEqual(y.AsSpan(0, 4));
        if (sameYear && x.AsSpan(4, 2).SequenceEqual(y.AsSpan(6, 2)) && x.AsSpan(6, 2).SequenceEqual(y.AsSpan(4, 2)))
        {
            return new Outcome(Levels.Dates.Swapped, Math.Min(a.DateRarity, b.DateRarity));
        }

        var edits = StringDistance.Damerau(x, y, 2);
        var sameDay = x.AsSpan(4).SequenceEqual(y.AsSpan(4));
        if (edits == 1)
        {
            // In a year of which only one digit is off, day and month tell; in day or month, the year.
            return new Outcome(Levels.Dates.OneEdit, sameDay ? a.MonthDayRarity : a.YearRarity);
        }

        if (sameDay)
        {
            return new Outcome(Levels.Dates.DayAndMonth, a.MonthDayRarity);
        }

        if (sameYear && (x.AsSpan(4, 2).SequenceEqual(y.AsSpan(4, 2)) || x.AsSpan(6, 2).SequenceEqual(y.AsSpan(6, 2))))
        {
            return new Outcome(Levels.Dates.TwoParts, a.YearRarity);
        }

        if (edits == 2)
        {
            return new Outcome(Levels.Dates.TwoEdits, 0);
        }

        if (sameYear)
        {
            return new Outcome(Levels.Dates.Year, a.YearRarity);
        }

        var apart = Math.Abs(a.Features.BirthDate.Year - b.Features.BirthDate.Year);
        return new Outcome(apart <= 2 ? Levels.Dates.NearYear : Levels.Dates.Differs, 0);
    }
}
