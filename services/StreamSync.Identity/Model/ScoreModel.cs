namespace StreamSync.Identity;

/// <summary>Weights of all levels, ready for use. Hundredths of a bit.</summary>
sealed class ScoreModel
{
    readonly int[] _constant = new int[Levels.FieldCount * Levels.Max];
    readonly int[] _share = new int[Levels.FieldCount * Levels.Max];

    public ScoreModel(
        IReadOnlyList<FieldParameters> fields, FrequencyTable frequencies, int prior, double partners = 1, Adjustments? adjustments = null, double housemates = 1)
    {
        Housemates = housemates;
        HouseholdPrior = Households.Prior(partners, housemates);
        Partners = partners;
        Adjustments = adjustments;
        Fields = fields;
        Frequencies = frequencies;
        Prior = prior;
        for (var f = 0; f < Levels.FieldCount; f++)
        {
            var field = fields[f];
            for (var level = 1; f != (int)Field.NameSet && level < Levels.Of((Field)f).Length; level++)
            {
                var share = field.RarityShare[level];
                var m = Math.Log2(Math.Max(field.M[level], 1e-6));
                var u = -Math.Log2(Math.Max(field.U[level], 1e-6));
                _constant[(f * Levels.Max) + level] = (int)Math.Round(100 * (m + ((1 - share) * u)));
                _share[(f * Levels.Max) + level] = (int)Math.Round(1000 * share);
            }
        }
    }

    public IReadOnlyList<FieldParameters> Fields { get; }

    public FrequencyTable Frequencies { get; }

    public int Prior { get; }

    /// <summary>Other records of the same person that a record has on average.</summary>
    public double Partners { get; }

    /// <summary>Records of other people of its household that a record has on average.</summary>
    public double Housemates { get; }

    /// <summary>Log odds of one person against two of one household, in hundredths of a bit.</summary>
    public int HouseholdPrior { get; }

    /// <summary>What labels taught; null when there were none.</summary>
    public Adjustments? Adjustments { get; }

    /// <summary>The same with learnt adjustments.</summary>
    public ScoreModel With(Adjustments adjustments) => new(Fields, Frequencies, Prior, Partners, adjustments, Housemates);

    /// <summary>The same for records that have other numbers of partners, with the prior that goes with them.</summary>
    public ScoreModel WithPrior(int prior, double partners) => new(Fields, Frequencies, prior, partners, Adjustments, Housemates);

    public int Weight(int field, in Outcome outcome)
    {
        if (outcome.Level == Levels.Missing)
        {
            return 0;
        }

        var at = (field * Levels.Max) + outcome.Level;
        return _constant[at] + (_share[at] * outcome.Rarity / 1000);
    }

    /// <summary>Adds what is learnt beyond single fields to an explanation.</summary>
    public void Explain(in Outcomes outcomes, ICollection<FieldEvidence> evidence) => Adjustments?.Explain(outcomes, evidence);

    /// <summary>Evidence against strangers: the prior and every field; without what labels taught.</summary>
    public int Sum(in Outcomes outcomes)
    {
        var sum = Prior;
        for (var f = 0; f < Levels.FieldCount; f++)
        {
            sum += Weight(f, outcomes[f]);
        }

        return sum;
    }

    /// <summary>What labels taught about such a pair.</summary>
    public int Learnt(in Outcomes outcomes) => Adjustments?.Sum(outcomes) ?? 0;
}
