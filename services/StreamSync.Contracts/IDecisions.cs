using StreamSync.Contracts.Identity;

namespace StreamSync.Contracts;

/// <summary>The stewards' decisions: the console and the command read and make them without knowing how to reach the cluster.</summary>
public interface IDecisions
{
    /// <summary>The decisions that hold now, the oldest first.</summary>
    /// <param name="cancellationToken">Stops.</param>
    Task<IReadOnlyList<IdentityDecision>> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Records a decision, which replaces one on the same pair or takes it back; it is kept for good when the task ends.</summary>
    /// <param name="wanted">The decision.</param>
    /// <param name="cancellationToken">Stops waiting, not the sending.</param>
    /// <returns>What was recorded, what it replaced, and the decisions that it contradicts.</returns>
    /// <exception cref="ArgumentException"><see cref="NewDecision.WhatIsWrong"/> says something.</exception>
    /// <exception cref="NothingDecidedException">There is nothing to take back.</exception>
    Task<RecordedDecision> RecordAsync(NewDecision wanted, CancellationToken cancellationToken);
}

/// <summary>A decision to be recorded.</summary>
/// <param name="Kind"><see cref="Decisions.MustLink"/>, <see cref="Decisions.CannotLink"/> or <see cref="Decisions.Withdrawn"/>.</param>
/// <param name="One">Source URN of one record.</param>
/// <param name="Other">Source URN of the other.</param>
/// <param name="Author">Who decides.</param>
/// <param name="Reason">Why.</param>
public sealed record NewDecision(string Kind, string One, string Other, string Author, string Reason)
{
    /// <summary>Why it can't be recorded, in a sentence with the remedy; null when it can.</summary>
    public string? WhatIsWrong() =>
        !Decisions.IsKind(Kind) ? $"a decision is {Decisions.MustLink}, {Decisions.CannotLink} or {Decisions.Withdrawn}, not '{Kind}'"
        : !SourceUrn.TryParse(One, out var one) ? $"'{One}' is no source URN: name a record by org/vendor/instance/entity/id"
        : !SourceUrn.TryParse(Other, out var other) ? $"'{Other}' is no source URN: name a record by org/vendor/instance/entity/id"
        : One == Other ? "a decision needs two different records"
        : one.Org != other.Org ? $"the records belong to different groups ({one.Org}, {other.Org}): a decision is of one group"
        : string.IsNullOrWhiteSpace(Reason) ? "a decision needs a reason: whoever reads it later must be able to judge it"
        : string.IsNullOrWhiteSpace(Author) ? "a decision needs an author"
        : null;
}

/// <summary>A decision as it was recorded.</summary>
/// <param name="Decision">The decision.</param>
/// <param name="Replaces">The decision on the same two records that held before, and does no longer; null when there was none.</param>
/// <param name="Contradicts">Decisions that can't hold together with it; while they stand, records that one of them keeps apart stay apart.</param>
public sealed record RecordedDecision(IdentityDecision Decision, IdentityDecision? Replaces, IReadOnlyList<IdentityDecision> Contradicts);

/// <summary>A decision was to be taken back, and none holds on the two records.</summary>
public sealed class NothingDecidedException : Exception
{
    /// <summary>Creates the error.</summary>
    public NothingDecidedException()
        : base("no decision holds on these two records")
    {
    }

    /// <summary>Creates the error.</summary>
    /// <param name="message">What is not decided.</param>
    public NothingDecidedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the error.</summary>
    /// <param name="message">What is not decided.</param>
    /// <param name="innerException">The cause.</param>
    public NothingDecidedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
