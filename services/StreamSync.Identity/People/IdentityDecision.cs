namespace StreamSync.Identity;

/// <summary>What a steward decided about two records.</summary>
public enum DecisionKind : byte
{
    /// <summary>An earlier decision on the pair no longer holds.</summary>
    Withdrawn = 0,

    /// <summary>They are one person.</summary>
    MustLink = 1,

    /// <summary>They are not one person.</summary>
    CannotLink = 2,
}

/// <summary>A steward's decision on a pair of records. The latest decision on a pair holds (by time, then id).</summary>
/// <param name="Id">Identifier of the decision.</param>
/// <param name="Kind">What was decided.</param>
/// <param name="A">One record's URN.</param>
/// <param name="B">The other's URN.</param>
/// <param name="Author">Who decided.</param>
/// <param name="Reason">Why.</param>
/// <param name="At">When.</param>
public sealed record IdentityDecision(
    string Id, DecisionKind Kind, string A, string B, string Author, string Reason, DateTimeOffset At)
{
    internal bool Supersedes(IdentityDecision other) =>
        At != other.At ? At > other.At : string.CompareOrdinal(Id, other.Id) >= 0;
}
