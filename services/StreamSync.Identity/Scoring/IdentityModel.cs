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
    public string Version { get; init; } = "default-1";

    /// <summary>Odds of a candidate pair before any field is compared.</summary>
    public int Prior { get; init; } = -1400;

    /// <summary>Mean evidence between two groups of records above which they are one person.</summary>
    public int Threshold { get; init; }

    /// <summary>Pairs at or above this, but not in one person, are candidates for a steward's review.</summary>
    public int ReviewFloor { get; init; } = -400;

    /// <summary>Evidence of a pair inside a component that no key brought together.</summary>
    public int UnscoredPair { get; init; } = -600;

    /// <summary>A single pair counts at most this much for or against.</summary>
    public int PairLimit { get; init; } = 1500;

    /// <summary>What two records get at most whose given names contradict each other, unless an identifier register agrees.</summary>
    public int NameConflictCeiling { get; init; } = -300;
}
