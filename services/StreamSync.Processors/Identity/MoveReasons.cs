using System.Globalization;
using StreamSync.Identity;

namespace StreamSync.Processors.Identity;

/// <summary>Says in a sentence why records moved from one person to another, as <c>identity.change</c> keeps it. No personal data but the steward's own words.</summary>
/// <param name="graph">The graph after the flush.</param>
/// <param name="changes">What the flush changed.</param>
/// <param name="people">The people that the flush changed, by id; null for those that are gone.</param>
sealed class MoveReasons(PersonGraph graph, GraphChanges changes, IReadOnlyDictionary<string, GoldenRecord?> people)
{
    /// <summary>So many records of each side are looked at.</summary>
    const int MaxRecords = 8;

    public string Of(IdentityMove move) => move.Kind switch
    {
        IdentityMoveKind.Split when RecordsOf(move.To).Exists(urn => !move.Urns.Contains(urn)) => $"{WhyApart(move)}; now with others: {WhyTogether(move)}",
        IdentityMoveKind.Split => WhyApart(move),
        IdentityMoveKind.Merge => WhyTogether(move),
        _ => "the person's oldest record is another one now",
    };

    string WhyTogether(IdentityMove move)
    {
        PairLink? strongest = null;
        foreach (var pair in Pairs(move.Urns, RecordsOf(move.To)))
        {
            if (strongest is not { } known || PairRules.IsStronger(pair, known))
            {
                strongest = pair;
            }
        }

        return strongest is not { } best ? "the evidence of its records together suffices"
            : best.Decision == DecisionKind.MustLink ? Decided("merged", best)
            : best.AssertedByVendor ? "merged by the tool's own word"
            : string.Create(CultureInfo.InvariantCulture, $"{PairRules.Of(best)}, {best.Total / 100.0:0.0} bits");
    }

    string WhyApart(IdentityMove move)
    {
        // Those that stayed; where all left, those that went elsewhere can't be told from here: the records name each other by their links.
        var rest = RecordsOf(move.From);
        var pairs = Pairs(move.Urns, rest.Count > 0 ? rest : [.. move.Urns.SelectMany(graph.Neighbours)]);
        pairs.RemoveAll(pair => pair.SamePerson);
        var decided = pairs.FindIndex(pair => pair.Decision == DecisionKind.CannotLink);
        if (decided >= 0)
        {
            return Decided("split", pairs[decided]);
        }

        if (pairs.Exists(pair => pair.Decision == DecisionKind.MustLink || pair.AssertedByVendor))
        {
            return "decisions contradict each other: one that keeps apart holds over one that joins";
        }

        if (TakenBack(move, rest) is { } withdrawal)
        {
            return withdrawal.Author.Length == 0 ? "a merge was taken back" : $"a merge was taken back by {withdrawal.Author}: {withdrawal.Reason}";
        }

        return pairs.Select(pair => graph.WhyForbidden(pair.A, pair.B)).FirstOrDefault(fact => fact is not null) is { } fact
            ? $"facts contradict each other: {fact}" : "what linked them changed or is gone";
    }

    /// <summary>The withdrawal of a merge between those that moved and those that did not.</summary>
    IdentityDecision? TakenBack(IdentityMove move, List<string> rest)
    {
        bool Parts(string one, string other) => move.Urns.Contains(one) && !move.Urns.Contains(other) && (rest.Count == 0 || rest.Contains(other));
        return changes.MergesTakenBack.FirstOrDefault(merge => Parts(merge.A, merge.B) || Parts(merge.B, merge.A));
    }

    string Decided(string what, PairLink pair) =>
        graph.DecisionOn(pair.A, pair.B) is { } decision ? $"{what} by {decision.Author}: {decision.Reason}" : what + " by a steward";

    List<PairLink> Pairs(IReadOnlyList<string> moved, List<string> others)
    {
        // Decisions and links name their other side; where the evidence of many records joined them, the first few are looked at.
        var there = others.ToHashSet(StringComparer.Ordinal);
        there.ExceptWith(moved);
        var first = new List<string>();
        for (var i = 0; i < others.Count && first.Count < MaxRecords; i++)
        {
            if (there.Contains(others[i]) && !first.Contains(others[i]))
            {
                first.Add(others[i]);
            }
        }

        var pairs = new List<PairLink>();
        for (var i = 0; i < moved.Count && i < MaxRecords; i++)
        {
            var linked = graph.Neighbours(moved[i]);
            foreach (var other in linked)
            {
                if (there.Contains(other))
                {
                    Look(moved[i], other);
                }
            }

            foreach (var other in first)
            {
                if (!linked.Contains(other))
                {
                    Look(moved[i], other);
                }
            }
        }

        return pairs;

        void Look(string urn, string other)
        {
            if (graph.Link(urn, other) is { } pair)
            {
                pairs.Add(pair);
            }
        }
    }

    /// <summary>The records of a person in ordinal order; none when it is gone.</summary>
    List<string> RecordsOf(string person)
    {
        List<string> urns = [.. people.GetValueOrDefault(person)?.Urns ?? []];
        urns.Sort(StringComparer.Ordinal);
        return urns;
    }
}
