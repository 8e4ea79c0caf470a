namespace StreamSync.Identity;

/// <summary>A pair of records that was put together wrongly, or parted wrongly.</summary>
/// <param name="IsMerge">True: two people in one; false: one person in two.</param>
/// <param name="A">Index of one record.</param>
/// <param name="B">Index of the other.</param>
/// <param name="Total">Evidence in hundredths of a bit; null when it was too low to be a link.</param>
public readonly record struct PairError(bool IsMerge, int A, int B, int? Total);

/// <summary>How right a resolution is, as far as the truth is known: only pairs of records that both have one are judged.</summary>
public sealed class Evaluation
{
    readonly FileResolution _resolution;
    readonly IReadOnlyList<int> _truth;

    Evaluation(FileResolution resolution, IReadOnlyList<int> truth)
    {
        (_resolution, _truth) = (resolution, truth);
        long right = 0, found = 0;
        foreach (var link in resolution.Links)
        {
            if (link.IsLink && IsJudged(link.A) && IsJudged(link.B))
            {
                found++;
                right += truth[link.A] == truth[link.B] ? 1 : 0;
            }
        }

        var sizes = truth.Where(person => person != TruthLabels.Unknown).GroupBy(person => person).Select(person => (long)person.Count()).ToList();
        Links = Quality.Of(right, found, sizes.Sum(size => size * (size - 1) / 2));
        TruePeople = sizes.Count;
        People = ClusterQuality.Of(resolution.PersonOf, truth);
        var foundSizes = resolution.PersonOf.GroupBy(person => person).Select(person => person.Count()).OrderDescending().ToList();
        FoundPeople = foundSizes.Count;
        Largest = [.. foundSizes.Take(5)];
    }

    /// <summary>Links that are more likely true than not, before any grouping.</summary>
    public Quality Links { get; }

    /// <summary>The people found.</summary>
    public ClusterQuality People { get; }

    /// <summary>Number of people found, those without a judged record among them.</summary>
    public int FoundPeople { get; }

    /// <summary>Number of true people that are known.</summary>
    public int TruePeople { get; }

    /// <summary>Records of the largest people found, the largest first.</summary>
    public IReadOnlyList<int> Largest { get; }

    /// <summary>Compares a resolution with the truth.</summary>
    /// <param name="resolution">The resolution.</param>
    /// <param name="truth">For each record the number of its true person, or <see cref="TruthLabels.Unknown"/>.</param>
    public static Evaluation Of(FileResolution resolution, IReadOnlyList<int> truth)
    {
        ArgumentNullException.ThrowIfNull(resolution);
        ArgumentNullException.ThrowIfNull(truth);
        return new Evaluation(resolution, truth);
    }

    /// <summary>
    /// The errors that evidence explains least: strangers put together with the most evidence for it, then records of one person parted with the
    /// least; each true and found person once.
    /// </summary>
    public IReadOnlyList<PairError> WorstErrors(int count)
    {
        var person = _resolution.PersonOf;
        var merges = new List<PairError>();
        var splits = new List<PairError>();
        foreach (var link in _resolution.Links)
        {
            var together = person[link.A] == person[link.B];
            if (IsJudged(link.A) && IsJudged(link.B) && together != (_truth[link.A] == _truth[link.B]))
            {
                (together ? merges : splits).Add(new PairError(together, link.A, link.B, link.Total));
            }
        }

        var used = new HashSet<(bool, int)>();
        var worst = merges.OrderByDescending(error => error.Total).Where(error => used.Add((true, person[error.A]))).Take((count + 1) / 2).ToList();
        worst.AddRange(splits.OrderByDescending(error => error.Total).Where(error => used.Add((false, _truth[error.A]))).Take(count - worst.Count));
        return worst;
    }

    bool IsJudged(int record) => _truth[record] != TruthLabels.Unknown;
}
