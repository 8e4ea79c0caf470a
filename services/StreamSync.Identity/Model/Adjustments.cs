namespace StreamSync.Identity;

/// <summary>
/// What labels teach beyond levels: a weight for each level and rarity of each field, and for each combination of levels of some declared
/// pairs of fields (a generalised additive model with pairwise interactions; Lou, Caruana, Gehrke and Hooker 2013). Only sums: every score can
/// be explained term by term.
/// </summary>
sealed class Adjustments
{
    public const int RarityBins = 8;

    /// <summary>Most terms that one pair can have.</summary>
    public const int MaxTerms = Levels.FieldCount + PairCount + 1;

    const int RarityStep = 200;
    const int PairCount = 14;
    const int FieldTerms = Levels.FieldCount * Levels.Max * RarityBins;
    const int Intercept = FieldTerms + (PairCount * Levels.Max * Levels.Max);

    /// <summary>Number of terms.</summary>
    public const int Count = Intercept + 1;

    static readonly (Field X, Field Y)[] Pairs =
    [
        (Field.GivenName, Field.FamilyName), (Field.GivenName, Field.BirthDate), (Field.FamilyName, Field.BirthDate),
        (Field.FamilyName, Field.PostalCode), (Field.GivenName, Field.PostalCode), (Field.BirthDate, Field.PostalCode),
        (Field.PostalCode, Field.BirthPlace), (Field.BirthDate, Field.BirthPlace), (Field.FamilyName, Field.Occupation),
        (Field.GivenName, Field.OtherNames), (Field.NameSet, Field.BirthDate), (Field.NameSet, Field.PostalCode),
        (Field.FamilyName, Field.Email), (Field.GivenName, Field.Email),
    ];

    readonly int[] _weights;

    /// <param name="weights">Hundredths of a bit, one a term.</param>
    public Adjustments(int[] weights)
    {
        _weights = weights;
    }

    /// <summary>Hundredths of a bit, one a term.</summary>
    public IReadOnlyList<int> Weights => _weights;

    /// <summary>The terms of a pair.</summary>
    /// <returns>How many there are.</returns>
    public static int Terms(in Outcomes outcomes, Span<int> terms)
    {
        var count = 0;
        terms[count++] = Intercept;
        for (var f = 0; f < Levels.FieldCount; f++)
        {
            var outcome = outcomes[f];
            if (outcome.Level != Levels.Missing || f <= (int)Field.BirthDate || f == (int)Field.PostalCode)
            {
                terms[count++] = (((f * Levels.Max) + outcome.Level) * RarityBins) + Math.Min(outcome.Rarity / RarityStep, RarityBins - 1);
            }
        }

        for (var p = 0; p < PairCount; p++)
        {
            var (x, y) = (outcomes[(int)Pairs[p].X].Level, outcomes[(int)Pairs[p].Y].Level);
            if (x != Levels.Missing || y != Levels.Missing)
            {
                terms[count++] = FieldTerms + (((p * Levels.Max) + x) * Levels.Max) + y;
            }
        }

        return count;
    }

    /// <summary>Sum of a pair's terms.</summary>
    public int Sum(in Outcomes outcomes)
    {
        Span<int> terms = stackalloc int[MaxTerms];
        var count = Terms(outcomes, terms);
        var sum = 0;
        foreach (var term in terms[..count])
        {
            sum += _weights[term];
        }

        return sum;
    }

    /// <summary>The terms that weigh anything, in words.</summary>
    public void Explain(in Outcomes outcomes, ICollection<FieldEvidence> evidence)
    {
        Span<int> terms = stackalloc int[MaxTerms];
        var count = Terms(outcomes, terms);
        foreach (var term in terms[..count])
        {
            if (_weights[term] == 0)
            {
                continue;
            }

            if (term == Intercept)
            {
                evidence.Add(new FieldEvidence("prior", "learnt", _weights[term]));
            }
            else if (term < FieldTerms)
            {
                var field = (Field)(term / (Levels.Max * RarityBins));
                evidence.Add(new FieldEvidence(PairScorer.NameOf(field), $"{Levels.Of(field)[term / RarityBins % Levels.Max]}, learnt", _weights[term]));
            }
            else
            {
                var (x, y) = Pairs[(term - FieldTerms) / (Levels.Max * Levels.Max)];
                var at = (term - FieldTerms) % (Levels.Max * Levels.Max);
                evidence.Add(new FieldEvidence(
                    $"{PairScorer.NameOf(x)} and {PairScorer.NameOf(y)}", $"{Levels.Of(x)[at / Levels.Max]} and {Levels.Of(y)[at % Levels.Max]}, learnt", _weights[term]));
            }
        }
    }
}
