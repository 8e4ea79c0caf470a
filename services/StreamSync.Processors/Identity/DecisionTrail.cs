using System.Globalization;
using System.IO.Hashing;
using System.Text;
using StreamSync.Contracts;
using StreamSync.Contracts.Identity;
using Decision = StreamSync.Contracts.Identity.IdentityDecision;

namespace StreamSync.Processors.Identity;

/// <summary>
/// What <c>identity.change</c> keeps of the stewards' decisions, whether they moved anybody or not: each that was made, with the one on the same two
/// records that it replaced, and each that was taken back. <c>identity.decision</c> itself knows only those that hold.
/// </summary>
static class DecisionTrail
{
    /// <summary>A decision that was made.</summary>
    /// <param name="decision">The decision.</param>
    /// <param name="former">The one on the same records that held before; null when there was none.</param>
    public static IdentityChange Made(Decision decision, Decision? former) => Of(
        "decide", decision, decision.At, former is null ? Words(decision) : $"{Words(decision)} (in place of: {Dated(former)})");

    /// <summary>A decision that a steward took back.</summary>
    /// <param name="withdrawal">The word that takes it back.</param>
    /// <param name="former">The decision; null when none was known.</param>
    public static IdentityChange TakenBack(Decision withdrawal, Decision? former) => Of(
        "take_back", withdrawal, withdrawal.At, $"by {withdrawal.Author}: {withdrawal.Reason}{(former is null ? string.Empty : $" (it was: {Dated(former)})")}");

    /// <summary>A decision that is gone from the topic: nobody said who took it back, or why.</summary>
    /// <param name="former">The decision.</param>
    /// <param name="at">When it was noticed (UTC).</param>
    public static IdentityChange Gone(Decision former, DateTime at) => Of("take_back", former, at, Dated(former));

    static IdentityChange Of(string op, Decision decision, DateTime at, string reason) => new()
    {
        // Of the decision's own time, so that the same word read again makes no second line.
        ChangeId = Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{op}\n{decision.DecisionId}\n{decision.At.Ticks}")))),
        Org = decision.Org,
        Op = op,
        SourceUrns = [decision.AUrn, decision.BUrn],
        Reason = reason,
        At = at,
    };

    static string Words(Decision decision) => $"{Decisions.Verb(decision.Kind)} by {decision.Author}: {decision.Reason}";

    static string Dated(Decision decision) => string.Create(
        CultureInfo.InvariantCulture, $"{Decisions.Verb(decision.Kind)} by {decision.Author} at {decision.At:yyyy-MM-dd HH:mm:ss}Z: {decision.Reason}");
}
