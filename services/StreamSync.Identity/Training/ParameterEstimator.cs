namespace StreamSync.Identity;

/// <summary>Counts comparison levels among pairs of records.</summary>
sealed class LevelCounts
{
    readonly double[] _counts = new double[Levels.FieldCount * Levels.Max];

    public double this[int field, int level] => _counts[(field * Levels.Max) + level];

    public void Add(in Outcomes outcomes, double weight = 1)
    {
        for (var f = 0; f < Levels.FieldCount; f++)
        {
            _counts[(f * Levels.Max) + outcomes[f].Level] += weight;
        }
    }

    /// <summary>Share of each level among the pairs where the field is known on both sides, drawn towards a prior.</summary>
    public double[] Shares(int field, double[] prior, double strength)
    {
        var levels = Levels.Of((Field)field).Length;
        double total = 0;
        for (var level = 1; level < levels; level++)
        {
            total += this[field, level];
        }

        var shares = new double[levels];
        for (var level = 1; level < levels; level++)
        {
            shares[level] = (this[field, level] + (strength * prior[level])) / (total + strength);
        }

        return shares;
    }
}

/// <summary>Estimates level frequencies from data.</summary>
static class ParameterEstimator
{
    const int RandomPairs = 300_000;

    /// <summary>Levels among strangers, from pairs of records drawn evenly; a few of one person among them do not matter.</summary>
    public static LevelCounts Strangers(IReadOnlyList<RecordView> views, FrequencyTable table)
    {
        var counts = new LevelCounts();
        if (views.Count < 2)
        {
            return counts;
        }

        var all = (long)views.Count * (views.Count - 1) / 2;
        var random = new Random(20_011);
        if (all <= RandomPairs)
        {
            for (var i = 0; i < views.Count; i++)
            {
                for (var j = i + 1; j < views.Count; j++)
                {
                    Count(i, j);
                }
            }
        }
        else
        {
            for (var n = 0; n < RandomPairs; n++)
            {
                var i = random.Next(views.Count);
                var j = random.Next(views.Count);
                if (i != j)
                {
                    Count(i, j);
                }
            }
        }

        return counts;

        void Count(int i, int j)
        {
            var outcomes = default(Outcomes);
            RecordComparer.Compare(views[i], views[j], table, ref outcomes);
            counts.Add(outcomes);
        }
    }

    /// <summary>Levels among pairs of one person; a person with many records counts as much as the pairs of a ring of them.</summary>
    public static LevelCounts OnePerson(IReadOnlyList<RecordView> views, FrequencyTable table, IEnumerable<IReadOnlyList<int>> people)
    {
        var counts = new LevelCounts();
        foreach (var person in people)
        {
            if (person.Count < 2)
            {
                continue;
            }

            var weight = 2.0 / (person.Count - 1);
            for (var i = 0; i < person.Count; i++)
            {
                for (var j = i + 1; j < person.Count; j++)
                {
                    var outcomes = default(Outcomes);
                    RecordComparer.Compare(views[person[i]], views[person[j]], table, ref outcomes);
                    counts.Add(outcomes, weight);
                }
            }
        }

        return counts;
    }
}
