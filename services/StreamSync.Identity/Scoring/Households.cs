namespace StreamSync.Identity;

/// <summary>
/// The second alternative to "one person": two people of one household. Whoever lives together shares family name, address, often a phone and an
/// e-mail address, so against housemates these prove little, however rare they are; given name, birth date and what is a person's own decide.
/// Among housemates a field agrees because it is shared (with a probability s) or by chance, as among strangers. A level that weighs w
/// against strangers (log2 m/u) so weighs log2 m/(s m + (1 - s) u) = -log2(s + (1 - s) 2^-w) against housemates, at most -log2 s.
/// </summary>
static class Households
{
    // The grouping's threshold lies below 0 for strangers, who hardly ever meet in one component. Housemates do: towards them it must lie above.
    public const int Margin = 450;

    // Without a given name on both sides the one thing is missing that tells most housemates apart.
    const int WithoutGivenName = 300;

    // Parents and children are born years apart, which no slip of the pen makes of one date. Counts where households are on file.
    const int OtherBirthDate = 200;

    // Names of one family are often somewhat alike (Mark and Maria, Gary and Mary): at best this much.
    const int AlikeGivenName = -300;

    const int Lowest = -2000;
    const int Highest = 3500;

    // Of a man's given name when one of the two is called Jr: his father's or his own.
    const double JuniorShare = 0.5;

    static readonly short[][] Tables = [.. Enumerable.Range(0, Levels.FieldCount).Select(field => Table(Share((Field)field)))];
    static readonly short[] Juniors = Table(JuniorShare);

    /// <summary>Log odds of one person against two housemates before any field is compared, in hundredths of a bit.</summary>
    /// <param name="partners">Other records of the same person that a record has on average.</param>
    /// <param name="housemates">Records of other people of its household that a record has on average.</param>
    public static int Prior(double partners, double housemates) =>
        (int)Math.Round(100 * Math.Log2(Math.Max(partners, 0.01) / Math.Max(housemates, 0.0001))) - Margin;

    /// <summary>What a field that weighs so much against strangers weighs against housemates.</summary>
    public static int Weight(Field field, int weight) => Of(Tables[(int)field], weight);

    /// <summary>Evidence of all fields against housemates, without the prior.</summary>
    public static int Sum(ScoreModel scores, in Outcomes outcomes)
    {
        var sum = 0;
        for (var f = 0; f < (int)Field.NameSet; f++)
        {
            if (outcomes[f].Level != Levels.Missing)
            {
                sum += Weight((Field)f, scores.Weight(f, outcomes[f]));
            }
        }

        return sum;
    }

    /// <summary>All evidence against housemates.</summary>
    /// <param name="scores">Weights against strangers, and the prior.</param>
    /// <param name="outcomes">How the two compare.</param>
    /// <param name="oneIsJunior">True when one of the two is called Jr or III and the other says no generation.</param>
    public static int Evidence(ScoreModel scores, in Outcomes outcomes, bool oneIsJunior)
    {
        var sum = scores.HouseholdPrior + Sum(scores, outcomes);
        if (outcomes[(int)Field.BirthDate].Level == Levels.Dates.Differs && scores.HouseholdPrior < 0)
        {
            sum -= OtherBirthDate;
        }

        var given = outcomes[(int)Field.GivenName];
        if (given.Level == Levels.Missing)
        {
            return sum - WithoutGivenName;
        }

        var against = scores.Weight((int)Field.GivenName, given);
        var weight = Weight(Field.GivenName, against);
        return sum - weight + (given.Level == Levels.Names.Somewhat ? Math.Min(weight, AlikeGivenName) : oneIsJunior ? Of(Juniors, against) : weight);
    }

    static int Of(short[] table, int weight) => table[Math.Clamp(weight, Lowest, Highest) - Lowest];

    // How often housemates share a field. Twins share a birth date, a son his father's name.
    static double Share(Field field) => field switch
    {
        Field.GivenName => 0.02,
        Field.FamilyName => 0.75,
        Field.OtherNames => 0.05,
        Field.BirthDate => 0.01,
        Field.Email => 0.2,
        Field.Phone => 0.5,
        Field.HouseNumber or Field.Street or Field.City or Field.PostalCode or Field.State or Field.AddressLine2 => 0.9,
        Field.BirthPlace => 0.4,
        Field.Occupation => 0.1,
        Field.Gender => 0,
        Field.NationalId => 0.001,
        _ => 0.2,
    };

    static short[] Table(double share)
    {
        var table = new short[Highest - Lowest + 1];
        for (var weight = Lowest; weight <= Highest; weight++)
        {
            table[weight - Lowest] = (short)Math.Round(-100 * Math.Log2(share + ((1 - share) * Math.Pow(2, weight / -100.0))));
        }

        return table;
    }
}
