namespace StreamSync.Identity;

/// <summary>
/// Learns from labels: level shares from true people, then the weights of <see cref="Adjustments"/> by logistic regression on the compared
/// pairs (AdaGrad, Duchi, Hazan and Singer 2011; L2 towards the Fellegi–Sunter weights).
/// </summary>
public static class LabelTrainer
{
    const int MaxRecords = 60_000;
    const int Epochs = 24;
    const double Rate = 0.35;
    const double Ridge = 2e-6;

    /// <summary>
    /// Fewer true pairs than this teach nothing: there are about as many weights, and those that a handful of pairs happens to give are worse
    /// than those learnt without labels.
    /// </summary>
    public const int FewestPairs = 300;

    /// <summary>
    /// Learns a model; one without labels, when they say of fewer than <see cref="FewestPairs"/> pairs that they are one person. It is the same in
    /// whatever order the records are given.
    /// </summary>
    /// <param name="records">Records of one group; each URN once.</param>
    /// <param name="truth">
    /// For each record the number of its true person, or <see cref="TruthLabels.Unknown"/>: pairs of two records that have one teach.
    /// </param>
    /// <param name="fitted">A model fitted to the records without labels.</param>
    public static IdentityModel Train(IReadOnlyList<PersonFeatures> records, IReadOnlyList<int> truth, IdentityModel fitted)
    {
        ArgumentNullException.ThrowIfNull(records);
        ArgumentNullException.ThrowIfNull(truth);
        ArgumentNullException.ThrowIfNull(fitted);
        if (TruePairs(truth) < FewestPairs)
        {
            return fitted;
        }

        var order = RecordOrder.Of(records);
        (records, truth) = (order.Records, order.Of(truth));
        var start = FileModel.WithTruth(records, truth, fitted);
        var (pairs, terms, starts) = Collect(records, truth, start);

        // Who was checked was chosen, the likely pairs first: how many partners a record has is told by all of them.
        var scores = truth.Contains(TruthLabels.Unknown) ? start.Scores.WithPrior(fitted.Scores.Prior, fitted.Scores.Partners) : start.Scores;
        if (pairs.Count == 0)
        {
            return start with { Scores = scores };
        }

        var weights = Fit(pairs, terms, starts);
        return start with
        {
            Version = $"{fitted.Version}+labels",
            Threshold = -100,
            UnscoredPair = -200,
            Scores = scores.With(new Adjustments([.. weights.Select(weight => (int)Math.Round(100 * weight))])),
        };
    }

    /// <summary>Pairs of records that labels say are one person.</summary>
    public static long TruePairs(IEnumerable<int> truth) => truth.Where(static person => person != TruthLabels.Unknown).CountBy(static person => person).Sum(static person => (long)person.Value * (person.Value - 1) / 2);

    static (List<(double Base, bool Same)> Pairs, List<int> Terms, List<int> Starts) Collect(
        IReadOnlyList<PersonFeatures> records, IReadOnlyList<int> truth, IdentityModel model)
    {
        var known = Enumerable.Range(0, records.Count).Where(record => truth[record] != TruthLabels.Unknown).ToList();
        var step = Math.Max(1, known.Count / MaxRecords);
        var index = CandidateIndex.Build(records);
        var table = model.Scores.Frequencies;
        var seen = new int[records.Count];
        Array.Fill(seen, -1);
        var later = new List<int>();
        var pairs = new List<(double, bool)>();
        var terms = new List<int>();
        var starts = new List<int> { 0 };
        Span<int> some = stackalloc int[Adjustments.MaxTerms];
        for (var at = 0; at < known.Count; at += step)
        {
            var i = known[at];
            index.LaterThan(i, seen, later);
            later.Sort();
            foreach (var j in later.Where(j => truth[j] != TruthLabels.Unknown))
            {
                var outcomes = default(Outcomes);
                RecordComparer.Compare(records[i].View(table), records[j].View(table), table, ref outcomes);
                PersonNames.CompareSets(records[i].View(table), records[j].View(table), ref outcomes);
                var evidence = Math.Min(
                    model.Scores.Sum(outcomes), Households.Evidence(model.Scores, outcomes, PairScorer.OneIsJunior(records[i], records[j])));
                pairs.Add((evidence / 100.0, truth[i] == truth[j]));
                foreach (var term in some[..Adjustments.Terms(outcomes, some)])
                {
                    terms.Add(term);
                }

                starts.Add(terms.Count);
            }
        }

        return (pairs, terms, starts);
    }

    static double[] Fit(List<(double Base, bool Same)> pairs, List<int> terms, List<int> starts)
    {
        var weights = new double[Adjustments.Count];
        var squares = new double[Adjustments.Count];
        var order = new int[pairs.Count];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        var random = new Random(7_919);
        for (var epoch = 0; epoch < Epochs; epoch++)
        {
            random.Shuffle(order);
            foreach (var pair in order)
            {
                var bits = pairs[pair].Base;
                for (var t = starts[pair]; t < starts[pair + 1]; t++)
                {
                    bits += weights[terms[t]];
                }

                var error = (1 / (1 + Math.Exp(-bits * Math.Log(2)))) - (pairs[pair].Same ? 1 : 0);
                if (Math.Abs(error) < 1e-4)
                {
                    continue;
                }

                for (var t = starts[pair]; t < starts[pair + 1]; t++)
                {
                    var term = terms[t];
                    var slope = error + (Ridge * weights[term]);
                    squares[term] += slope * slope;
                    weights[term] -= Rate * slope / Math.Sqrt(squares[term] + 1);
                }
            }
        }

        return weights;
    }
}
