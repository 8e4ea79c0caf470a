namespace StreamSync.Identity;

/// <summary>A record's person changed.</summary>
/// <param name="Urn">The record.</param>
/// <param name="PersonId">Its person now; null when the record is gone.</param>
/// <param name="PreviousPersonId">Its person before; null when it is new.</param>
public sealed record PersonMapChange(string Urn, string? PersonId, string? PreviousPersonId);

/// <summary>A person is new, changed, or gone.</summary>
/// <param name="PersonId">The person.</param>
/// <param name="Person">The golden record; null when the person is gone.</param>
public sealed record PersonChange(string PersonId, GoldenRecord? Person);

/// <summary>How records moved between persons.</summary>
public enum IdentityMoveKind
{
    /// <summary>All records of the former person moved to a person that holds others too.</summary>
    Merge,

    /// <summary>Part of the former person's records moved away.</summary>
    Split,

    /// <summary>The same records have another id, because an older record came or the oldest one left.</summary>
    Renamed,
}

/// <summary>Records moved from one person to another.</summary>
/// <param name="Kind">How.</param>
/// <param name="From">Former person.</param>
/// <param name="To">Present person.</param>
/// <param name="Urns">The records that moved, in ordinal order.</param>
public sealed record IdentityMove(IdentityMoveKind Kind, string From, string To, IReadOnlyList<string> Urns);

/// <summary>Decisions that can't both hold; the "cannot" wins.</summary>
/// <param name="A">One record of the pair that was to be linked.</param>
/// <param name="B">The other.</param>
/// <param name="CannotA">One record of the pair that must stay apart.</param>
/// <param name="CannotB">The other.</param>
public sealed record DecisionConflict(string A, string B, string CannotA, string CannotB);

/// <summary>Everything a flush changed. Lists are in a fixed order, so that equal states give equal output.</summary>
public sealed class GraphChanges
{
    /// <summary>Records whose person changed.</summary>
    public List<PersonMapChange> Map { get; } = [];

    /// <summary>
    /// Records that stayed where they are while what holds them there became another: a record left their person, or joined the only one it had. In
    /// ordinal order.
    /// </summary>
    public List<PersonMapChange> Held { get; } = [];

    /// <summary>Persons that are new, changed or gone.</summary>
    public List<PersonChange> Persons { get; } = [];

    /// <summary>Merges, splits and new ids.</summary>
    public List<IdentityMove> Moves { get; } = [];

    /// <summary>Decisions that contradict each other, in the components that were looked at.</summary>
    public List<DecisionConflict> Conflicts { get; } = [];

    /// <summary>Withdrawals of merges since the last flush.</summary>
    public IReadOnlyList<IdentityDecision> MergesTakenBack { get; internal set; } = [];

    /// <summary>Every record that was looked at, in no order: what was in conflict among them before and is not named now is settled.</summary>
    public IReadOnlyCollection<GraphNode> Examined { get; internal set; } = [];
}
