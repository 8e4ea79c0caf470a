using System.Security.Cryptography;
using System.Text;
using StreamSync.Contracts.Identity;

namespace StreamSync.Contracts;

/// <summary>What holds of the decisions on <c>identity.decision</c>, whoever writes or reads them.</summary>
public static class Decisions
{
    /// <summary><see cref="IdentityDecision.Kind"/>: the two records are one person.</summary>
    public const string MustLink = "must_link";

    /// <summary><see cref="IdentityDecision.Kind"/>: the two records are not one person.</summary>
    public const string CannotLink = "cannot_link";

    /// <summary><see cref="IdentityDecision.Kind"/>: what was decided on the two records before is taken back; evidence alone counts again.</summary>
    public const string Withdrawn = "withdrawn";

    /// <summary>True for a kind that there is.</summary>
    /// <param name="kind"><see cref="IdentityDecision.Kind"/>.</param>
    public static bool IsKind(string kind) => kind is MustLink or CannotLink or Withdrawn;

    /// <summary>True for a decision that says something of its records, and does not only take another back.</summary>
    /// <param name="decision">The decision.</param>
    public static bool Holds(IdentityDecision decision)
    {
        ArgumentNullException.ThrowIfNull(decision);
        return decision.Kind != Withdrawn;
    }

    /// <summary>What was done, in a steward's word.</summary>
    /// <param name="kind"><see cref="IdentityDecision.Kind"/>.</param>
    public static string Verb(string kind) => kind switch
    {
        MustLink => "merge",
        CannotLink => "split",
        _ => "take back",
    };

    /// <summary>
    /// The id of the decision on a pair of records, whichever is named first: a later decision on the pair replaces the earlier one in the
    /// compacted topic, and taking it back leaves none.
    /// </summary>
    /// <param name="one">Source URN of one record.</param>
    /// <param name="other">Source URN of the other.</param>
    public static string IdFor(string one, string other)
    {
        var (first, second) = string.CompareOrdinal(one, other) <= 0 ? (one, other) : (other, one);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{first}\n{second}"))[..8]);
    }

    /// <summary>
    /// The decisions that can't hold together with another: a split of two records that merges join, directly or over others, with those merges.
    /// </summary>
    /// <param name="known">The decisions that hold; one on the same pair is replaced and so contradicts nothing.</param>
    /// <param name="next">The new decision.</param>
    /// <returns>The decisions in its way, in the order of the chain; none when all can hold.</returns>
    public static IReadOnlyList<IdentityDecision> InTheWayOf(IEnumerable<IdentityDecision> known, IdentityDecision next)
    {
        ArgumentNullException.ThrowIfNull(next);
        if (next.Kind == Withdrawn)
        {
            return [];
        }

        var others = known.Where(decision => !SamePair(decision, next)).ToList();
        var merges = others.Where(decision => decision.Kind == MustLink).ToList();
        if (next.Kind == CannotLink)
        {
            return Chain(merges, next.AUrn, next.BUrn) ?? [];
        }

        foreach (var split in others.Where(decision => decision.Kind == CannotLink))
        {
            if (Chain([.. merges, next], split.AUrn, split.BUrn) is { } chain && chain.Contains(next))
            {
                return [.. chain.Where(decision => decision != next), split];
            }
        }

        return [];
    }

    /// <summary>The decisions on a pair of records, whichever is named first.</summary>
    /// <param name="known">Decisions.</param>
    /// <param name="one">Source URN of one record.</param>
    /// <param name="other">Source URN of the other.</param>
    public static IReadOnlyList<IdentityDecision> OnPair(IEnumerable<IdentityDecision> known, string one, string other) =>
        [.. known.Where(decision => (decision.AUrn == one && decision.BUrn == other) || (decision.AUrn == other && decision.BUrn == one))];

    static bool SamePair(IdentityDecision x, IdentityDecision y) => (x.AUrn == y.AUrn && x.BUrn == y.BUrn) || (x.AUrn == y.BUrn && x.BUrn == y.AUrn);

    /// <summary>The shortest chain of merges from one record to another; null when there is none.</summary>
    static List<IdentityDecision>? Chain(List<IdentityDecision> merges, string from, string to)
    {
        var by = merges.SelectMany(merge => new[] { (Urn: merge.AUrn, Merge: merge), (Urn: merge.BUrn, Merge: merge) }).ToLookup(end => end.Urn, end => end.Merge);
        var cameBy = new Dictionary<string, (string Urn, IdentityDecision? Merge)> { [from] = (from, null) };
        var queue = new Queue<string>([from]);
        while (queue.TryDequeue(out var urn))
        {
            if (urn == to)
            {
                var chain = new List<IdentityDecision>();
                for (var at = cameBy[to]; at.Merge is not null; at = cameBy[at.Urn])
                {
                    chain.Add(at.Merge);
                }

                chain.Reverse();
                return chain;
            }

            foreach (var merge in by[urn])
            {
                var other = merge.AUrn == urn ? merge.BUrn : merge.AUrn;
                if (cameBy.TryAdd(other, (urn, merge)))
                {
                    queue.Enqueue(other);
                }
            }
        }

        return null;
    }
}
