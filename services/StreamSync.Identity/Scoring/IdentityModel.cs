namespace StreamSync.Identity;

/// <summary>
/// Everything learnt or chosen that decides who is who: weights, threshold, caps. Two runs with the same model and the same
/// records give the same people. Weights are in hundredths of a bit (log2 odds that two records are one person).
/// </summary>
public sealed record IdentityModel
{
    /// <summary>The shipped model.</summary>
    public static IdentityModel Default { get; } = new();

    /// <summary>Names the model in evidence and stores.</summary>
    public string Version { get; init; } = "default-6";

    /// <summary>Mean evidence between two groups of records above which they are one person.</summary>
    public int Threshold { get; init; } = -300;

    /// <summary>
    /// Pairs at or above this are told to the grouping, and are candidates for a steward's review if not in one person; pairs below count like
    /// pairs that no key brought together. It lies above <see cref="NamesAloneCeiling"/>: in a large file many share a name and a city, and
    /// each such pair would be told, kept and grouped for nothing. A model fitted to a file tells all compared pairs: there it costs nothing.
    /// </summary>
    public int ReviewFloor { get; init; } = -340;

    /// <summary>Evidence of a pair inside a component that no key brought together.</summary>
    public int UnscoredPair { get; init; } = -500;

    /// <summary>A single pair counts at most this much for or against.</summary>
    public int PairLimit { get; init; } = 1500;

    /// <summary>
    /// What two records get at most whose given names contradict each other while they share a contact point or an address (a household, a
    /// parent's e-mail), unless an identifier register agrees.
    /// </summary>
    public int NameConflictCeiling { get; init; } = -450;

    /// <summary>
    /// What two records get at most of which nothing agrees but names and a city, state or wide postal code. A model that is fitted to a file
    /// knows how common names are there and has no such ceiling.
    /// </summary>
    public int NamesAloneCeiling { get; init; } = -350;

    /// <summary>
    /// What two records get at most whose given and family names both are strange to each other, unless an identifier agrees: among thousands of one
    /// town some are born on one day, and live in one street or share an office's phone. A model that is fitted to a file has no such ceiling.
    /// </summary>
    public int StrangeNamesCeiling { get; init; } = -450;

    /// <summary>Evidence from which a pair counts as a link by itself: more likely than not.</summary>
    public const int LinkThreshold = 0;

    /// <summary>
    /// The same where two of one household are the likelier alternative. The grouping asks more of such pairs by the margin that
    /// <see cref="Households"/> takes off; to be a link by itself a pair must keep 2.5 bits of it.
    /// </summary>
    public const int HousemateLinkThreshold = 250 - Households.Margin;

    /// <summary>
    /// True when birth dates a generation apart keep two records in two people, whatever else agrees. A model that is fitted to a file, or learnt from
    /// labels, says no where such dates are often plainly wrong; there they are weighed.
    /// </summary>
    public bool BirthDatesCut { get; init; } = true;

    /// <summary>
    /// True when given names and birth dates that clash at one contact point or address keep two records in two people, also where a third record is
    /// like both. The grouping of a file knows all its pairs, and weighs them.
    /// </summary>
    internal bool NamesCut => StrangeNamesCeiling < PairLimit;

    /// <summary>True when a fixed set is searched by all keys, false when by those that records are searched by as they arrive.</summary>
    public bool WideKeys { get; init; }

    /// <summary>Weights of comparison levels, frequencies and prior.</summary>
    internal ScoreModel Scores { get; init; } = ShippedModel.Streaming;

    /// <summary>A number that is the same for equal models and for no other: what was weighed by a model carries it.</summary>
    public ulong Stamp
    {
        get
        {
            var hash = 14695981039346656037UL;
            foreach (var c in ModelFile.Write(this))
            {
                hash = (hash ^ c) * 1099511628211UL;
            }

            return hash;
        }
    }

    /// <summary>All evidence of a pair: the fields', and the strongest shared identifier of each kind.</summary>
    internal int Total(int fields, int id, int email, int phone, PairFlags flags)
    {
        var sum = fields + id + email + phone;
        if (id == 0)
        {
            if ((flags & PairFlags.NameConflict) != 0 && (email > 0 || phone > 0 || (flags & PairFlags.SameAddress) != 0))
            {
                sum = Math.Min(sum, NameConflictCeiling);
            }

            if ((flags & PairFlags.StrangeNames) != 0)
            {
                sum = Math.Min(sum, StrangeNamesCeiling);
            }

            if ((flags & PairFlags.NamesAlone) != 0 && email == 0 && phone == 0)
            {
                sum = Math.Min(sum, NamesAloneCeiling);
            }
        }

        return Math.Clamp(sum, -PairLimit, PairLimit);
    }
}
