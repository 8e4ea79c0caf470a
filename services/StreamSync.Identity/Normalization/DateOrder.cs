namespace StreamSync.Identity;

/// <summary>How the dates of a column are written, where a single one can be read in two ways.</summary>
public enum DateOrder : byte
{
    /// <summary>Nothing tells.</summary>
    Unknown = 0,

    /// <summary>Month, day, year.</summary>
    MonthFirst = 1,

    /// <summary>Day, month, year.</summary>
    DayFirst = 2,

    /// <summary>Year (of two digits), month, day.</summary>
    YearFirst = 3,

    /// <summary>Days since the end of 1899, as spreadsheets count them.</summary>
    Serial = 4,
}

/// <summary>Finds out how the dates of a column are written, from those that can be read in one way only.</summary>
public static class DateOrders
{
    /// <summary>The order that most of the telling dates have.</summary>
    /// <param name="dates">Dates of one column, or enough of them.</param>
    public static DateOrder Of(IEnumerable<string> dates)
    {
        ArgumentNullException.ThrowIfNull(dates);
        var (all, serial, dayFirst, monthFirst, yearFirst, yearLast) = (0, 0, 0, 0, 0, 0);
        Span<int> parts = stackalloc int[3];
        Span<int> lengths = stackalloc int[3];
        foreach (var date in dates)
        {
            var text = BirthDateNormalizer.WithoutTime(date.AsSpan().Trim());
            if (text.IsEmpty || !BirthDateNormalizer.TrySplit(text, parts, lengths, out var count, out var month) || month > 0)
            {
                continue;
            }

            all++;
            serial += count == 1 && lengths[0] == 5 ? 1 : 0;
            if (count == 3 && lengths[0] <= 2)
            {
                yearFirst += lengths[2] <= 2 && parts[0] > 31 ? 1 : 0;
                yearLast += lengths[2] <= 2 && parts[2] > 31 ? 1 : 0;
                dayFirst += parts[0] is > 12 and <= 31 && parts[1] <= 12 ? 1 : 0;
                monthFirst += parts[1] is > 12 and <= 31 && parts[0] <= 12 ? 1 : 0;
            }
        }

        return serial > all / 2 ? DateOrder.Serial
            : yearFirst > yearLast ? DateOrder.YearFirst
            : dayFirst > monthFirst ? DateOrder.DayFirst
            : monthFirst > dayFirst ? DateOrder.MonthFirst
            : DateOrder.Unknown;
    }
}
