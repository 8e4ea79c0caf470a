namespace StreamSync.Identity;

/// <summary>
/// Fits a model to a set of records without labels: frequencies of its values, levels among strangers from random pairs, levels among one
/// person's records by expectation-maximisation over whole people: group with the present weights, count levels inside the groups, repeat
/// (classification EM, Celeux and Govaert 1992). Counting inside groups, not among linked pairs, keeps out the bias of the keys.
/// </summary>
public static class FileModel
{
    const int Rounds = 3;

    // Larger sets are fitted on a part: some records with everything they might match.
    const int MaxFitted = 60_000;

    // How many pairs the shipped shares of levels weigh as much as.
    const double PriorStrength = 50;

    const double StrangerStrength = 100;

    // While fitting, only groups that are beyond doubt are counted.
    const int FittingThreshold = 0;

    // Where the count of housemates starts; it is counted anew in each round.
    const double FirstHousemates = 0.3;

    // So many dated pairs of one person must speak, and of so large a share the dates be a generation apart, before dates are taken for often wrong.
    const int MinDatedPairs = 300;
    const double WrongDates = 0.01;

    // Least share of one person's pairs of records with another phone number, or another e-mail address.
    const double OtherPhone = 0.2;
    const double OtherEmail = 0.1;

    /// <summary>Fits a model; the same one in whatever order the records are given.</summary>
    /// <param name="records">Records of one group; each URN once.</param>
    /// <param name="start">The model whose thresholds and rules are kept; its shipped level shares are the prior.</param>
    public static IdentityModel Fit(IReadOnlyList<PersonFeatures> records, IdentityModel start)
    {
        ArgumentNullException.ThrowIfNull(records);
        ArgumentNullException.ThrowIfNull(start);
        // Where all rows say the same, counting would find that everything is common.
        if (records.Count < 2 || records.All(record => record with { Urn = records[0].Urn, CreatedAt = records[0].CreatedAt } == records[0]))
        {
            return start;
        }

        records = RecordOrder.Of(records).Records;
        var table = FrequencyCounter.Count(records);
        var part = FittedPart.Of(records, MaxFitted);
        var views = new RecordView[part.Records.Count];
        for (var i = 0; i < views.Length; i++)
        {
            views[i] = part.Records[i].View(table);
        }

        var strangers = ParameterEstimator.Strangers(views, table);
        LevelCounts? together = null;
        double partners = 1;
        var housemates = FirstHousemates;
        var cut = false;
        for (var round = 0; ; round++)
        {
            // Odds that a record and a candidate are one person, from the partners a record has among all others.
            var prior = Prior(partners, records.Count);
            var model = start with
            {
                Version = $"{start.Version}+fitted",
                WideKeys = true,
                BirthDatesCut = cut,
                NamesAloneCeiling = start.PairLimit,
                StrangeNamesCeiling = start.PairLimit,
                ReviewFloor = -start.PairLimit,
                Scores = new ScoreModel(Fields(strangers, together), table, prior, partners, null, housemates),
            };
            if (round == Rounds)
            {
                return model;
            }

            var fitting = model with { Threshold = FittingThreshold, BirthDatesCut = false };
            var personOf = FileResolver.Group(part.Records, fitting, part.Score(fitting));
            var people = personOf.Select((person, record) => (person, record)).GroupBy(x => x.person, x => x.record)
                .Select(person => (IReadOnlyList<int>)[.. person]).ToList();
            together = ParameterEstimator.OnePerson(views, table, people.Where(person => person.Any(part.IsSeed)));
            long pairs = 0;
            long seeds = 0;
            foreach (var person in people)
            {
                var count = person.Count(part.IsSeed);
                seeds += count;
                pairs += (long)count * (person.Count - 1);
            }

            cut = start.BirthDatesCut && DatesCut(part.Records, people);
            partners = (double)pairs / Math.Max(1, seeds);
            housemates = part.Housemates(views, table, model.Scores);
        }
    }

    /// <summary>
    /// True unless a set shows that its birth dates are often plainly wrong: among the records of one person, found without regard to that.
    /// </summary>
    static bool DatesCut(IReadOnlyList<PersonFeatures> records, List<IReadOnlyList<int>> people)
    {
        long pairs = 0;
        long apart = 0;
        foreach (var person in people)
        {
            for (var i = 0; i < person.Count; i++)
            {
                for (var j = i + 1; j < person.Count; j++)
                {
                    var (x, y) = (records[person[i]].BirthDate, records[person[j]].BirthDate);
                    if (x.Quality == BirthDateQuality.Ok && y.Quality == BirthDateQuality.Ok)
                    {
                        pairs++;
                        apart += BirthDates.Contradict(x, y) ? 1 : 0;
                    }
                }
            }
        }

        return pairs < MinDatedPairs || apart <= pairs * WrongDates;
    }

    /// <summary>
    /// A fitted model with level shares counted inside true people instead of found ones, and the prior of a set of the records whose truth is known;
    /// records come in their order.
    /// </summary>
    internal static IdentityModel WithTruth(IReadOnlyList<PersonFeatures> records, IReadOnlyList<int> truth, IdentityModel fitted)
    {
        var table = fitted.Scores.Frequencies;
        var known = Enumerable.Range(0, records.Count).Where(record => truth[record] != TruthLabels.Unknown).ToList();
        var people = known.GroupBy(record => truth[record]).Select(person => (IReadOnlyList<int>)[.. person]).ToList();
        var views = records.Select(record => record.View(table)).ToArray();
        var partners = people.Sum(person => (double)person.Count * (person.Count - 1)) / Math.Max(1, known.Count);
        var fields = Fields(ParameterEstimator.Strangers(views, table), ParameterEstimator.OnePerson(views, table, people));
        return fitted with
        {
            BirthDatesCut = DatesCut(records, people),
            Scores = new ScoreModel(fields, table, Prior(partners, known.Count), partners, null, fitted.Scores.Housemates),
        };
    }

    /// <summary>Odds, in hundredths of a bit, that a record and any other of a set are one person.</summary>
    internal static int Prior(double partners, int records) =>
        (int)Math.Round(100 * Math.Log2(Math.Max(partners, 0.01) / Math.Max(1, records - 1)));

    static FieldParameters[] Fields(LevelCounts strangers, LevelCounts? together)
    {
        var fields = new FieldParameters[Levels.FieldCount];
        for (var f = 0; f < fields.Length; f++)
        {
            var shipped = ShippedModel.M((Field)f);
            var m = together?.Shares(f, shipped, PriorStrength) ?? [.. shipped];
            if ((Field)f is Field.Phone or Field.Email)
            {
                // People have several of these, but whom only another one hid was not grouped and so not counted.
                m[^1] = Math.Max(m[^1], (Field)f == Field.Phone ? OtherPhone : OtherEmail);
            }

            fields[f] = new FieldParameters(
                m, strangers.Shares(f, ShippedModel.U((Field)f), StrangerStrength), ShippedModel.RarityShare((Field)f));
        }

        return fields;
    }
}
