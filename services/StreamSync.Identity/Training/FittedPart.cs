namespace StreamSync.Identity;

/// <summary>The records on which a model is fitted: all of them, or seeds in even distances with all that share a key with them.</summary>
sealed class FittedPart
{
    readonly CandidateIndex _index;
    readonly bool[]? _seeds;

    FittedPart(IReadOnlyList<PersonFeatures> records, bool[]? seeds)
    {
        Records = records;
        _seeds = seeds;
        _index = CandidateIndex.Build(records);
    }

    public IReadOnlyList<PersonFeatures> Records { get; }

    /// <summary>True for a record of which all candidates are in the part.</summary>
    public bool IsSeed(int record) => _seeds is null || _seeds[record];

    public static FittedPart Of(IReadOnlyList<PersonFeatures> records, int limit)
    {
        if (records.Count <= limit)
        {
            return new FittedPart(records, null);
        }

        var index = CandidateIndex.Build(records);
        var step = Math.Max(2, records.Count * 20L / limit);
        var taken = new SortedDictionary<int, bool>();
        for (long seed = 0; seed < records.Count && taken.Count < limit; seed += step)
        {
            foreach (var other in index.SharingWith((int)seed))
            {
                taken.TryAdd(other, false);
            }

            taken[(int)seed] = true;
        }

        return new FittedPart([.. taken.Keys.Select(record => records[record])], [.. taken.Values]);
    }

    /// <summary>The links of the part under a model.</summary>
    public IReadOnlyList<ScoredPair> Score(IdentityModel model) => FileResolver.Link(Records, model, _index).Links;
}
