namespace StreamSync.Identity;

/// <summary>Compares a partition of records into people with the true one, as far as that is known: records without a truth are neither judged nor counted.</summary>
public sealed record ClusterQuality
{
    /// <summary>All pairs that the people imply.</summary>
    public required Quality Pairs { get; init; }

    /// <summary>B-cubed (Bagga and Baldwin 1998): precision and recall of each record's person, averaged over records.</summary>
    public required Quality BCubed { get; init; }

    /// <summary>Share of true people whose records are together and alone.</summary>
    public required double Exact { get; init; }

    /// <summary>Share of records that share their person with a record of somebody else.</summary>
    public required double WronglyMerged { get; init; }

    /// <summary>Found people that hold records of more than one true person.</summary>
    public required int Mixed { get; init; }

    /// <summary>Most true people in one found person.</summary>
    public required int MostPeopleInOne { get; init; }

    /// <summary>Compares two partitions, each given as a group number for every record; the true one may be <see cref="TruthLabels.Unknown"/>.</summary>
    public static ClusterQuality Of(IReadOnlyList<int> found, IReadOnlyList<int> truth)
    {
        ArgumentNullException.ThrowIfNull(found);
        ArgumentNullException.ThrowIfNull(truth);
        var cells = new Dictionary<(int Found, int Truth), long>();
        var founds = new Dictionary<int, long>();
        var truths = new Dictionary<int, long>();
        var judged = 0;
        for (var i = 0; i < found.Count; i++)
        {
            if (truth[i] == TruthLabels.Unknown)
            {
                continue;
            }

            judged++;
            var cell = (found[i], truth[i]);
            cells[cell] = cells.GetValueOrDefault(cell) + 1;
            founds[found[i]] = founds.GetValueOrDefault(found[i]) + 1;
            truths[truth[i]] = truths.GetValueOrDefault(truth[i]) + 1;
        }

        double precision = 0, recall = 0;
        long right = 0, wrong = 0;
        var exact = 0;
        var people = new Dictionary<int, int>();

        // Sums of fractions go by size: the order of records decides not even their last digit.
        foreach (var ((f, t), count) in cells.OrderBy(cell => (cell.Value, founds[cell.Key.Found], truths[cell.Key.Truth])))
        {
            precision += (double)count * count / founds[f];
            recall += (double)count * count / truths[t];
            right += Choose2(count);
            wrong += count < founds[f] ? count : 0;
            exact += count == founds[f] && count == truths[t] ? 1 : 0;
            people[f] = people.GetValueOrDefault(f) + 1;
        }

        var records = Math.Max(1, judged);
        return new ClusterQuality
        {
            Pairs = Quality.Of(right, founds.Values.Sum(Choose2), truths.Values.Sum(Choose2)),
            BCubed = new Quality(precision / records, recall / records),
            Exact = (double)exact / Math.Max(1, truths.Count),
            WronglyMerged = (double)wrong / records,
            Mixed = people.Values.Count(count => count > 1),
            MostPeopleInOne = people.Count == 0 ? 0 : people.Values.Max(),
        };
    }

    static long Choose2(long count) => count * (count - 1) / 2;
}
