namespace StreamSync.Identity;

/// <summary>The records on which a model is fitted: all of them, or seeds in even distances with all that share a key with them.</summary>
sealed class FittedPart
{
    // So many records tell how large households are.
    const int CountedForHouseholds = 8_000;

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

    /// <summary>
    /// Records of other people of its household that a record has on average: the probability of each candidate to be one, summed, as in an
    /// expectation step over three classes (one person, housemates, strangers). Only those of another given name count, as nearly all housemates
    /// are: one person's records with other errors in them are no household.
    /// </summary>
    public double Housemates(RecordView[] views, FrequencyTable table, ScoreModel scores)
    {
        var prior = Math.Log2(Math.Max(scores.Housemates, 0.0001) / Math.Max(1, Records.Count - 1));
        var step = Math.Max(1, Records.Count / CountedForHouseholds);
        var candidates = new HashSet<int>();
        double sum = 0;
        var counted = 0;
        for (var i = 0; i < Records.Count; i += step)
        {
            if (!IsSeed(i))
            {
                continue;
            }

            counted++;
            candidates.Clear();
            candidates.UnionWith(_index.SharingWith(i));
            candidates.Remove(i);
            foreach (var j in candidates)
            {
                var outcomes = default(Outcomes);
                RecordComparer.Compare(views[i], views[j], table, ref outcomes);
                if (outcomes[(int)Field.GivenName].Level == Levels.Missing || scores.Weight((int)Field.GivenName, outcomes[(int)Field.GivenName]) > 0)
                {
                    continue;
                }

                var strangers = scores.Sum(outcomes) - scores.Prior;
                var housemates = Math.Pow(2, Math.Min(60, prior + ((strangers - Households.Sum(scores, outcomes)) / 100.0)));
                sum += housemates / (1 + housemates + Math.Pow(2, Math.Min(60, (scores.Prior + strangers) / 100.0)));
            }
        }

        return sum / Math.Max(1, counted);
    }

    /// <summary>The links of the part under a model.</summary>
    public IReadOnlyList<ScoredPair> Score(IdentityModel model) => FileResolver.Link(Records, model, _index).Links;
}
