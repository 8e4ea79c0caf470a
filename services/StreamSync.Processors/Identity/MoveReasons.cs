using System.Globalization;
using StreamSync.Identity;

namespace StreamSync.Processors.Identity;

/// <summary>Says in a sentence why records moved from one person to another, as <c>identity.change</c> keeps it. No personal data but the steward's own words.</summary>
sealed class MoveReasons
{
    /// <summary>So many records of each side are looked at.</summary>
    const int MaxRecords = 8;

    readonly PersonGraph _graph;
    readonly Dictionary<string, List<string>> _people;

    public MoveReasons(PersonGraph graph, GraphChanges changes)
    {
        _graph = graph;
        _people = changes.Examined.Values.Where(node => node.PersonId is not null).GroupBy(node => node.PersonId!)
            .ToDictionary(person => person.Key, person => person.Select(node => node.Urn).Order(StringComparer.Ordinal).ToList(), StringComparer.Ordinal);
    }

    public string Of(IdentityMove move) => move.Kind switch
    {
        IdentityMoveKind.Split => WhyApart(move),
        IdentityMoveKind.Merge => WhyTogether(move),
        _ => "the person's oldest record is another one now",
    };

    string WhyTogether(IdentityMove move)
    {
        var best = Pairs(move.Urns, RecordsOf(move.To), fields: false)
            .OrderByDescending(pair => pair.Decision == DecisionKind.MustLink).ThenByDescending(pair => pair.AssertedByVendor).ThenByDescending(pair => pair.Total)
            .FirstOrDefault();
        return best is null ? "the evidence of its records together suffices"
            : best.Decision == DecisionKind.MustLink ? Decided("merged", best)
            : best.AssertedByVendor ? "merged by the tool's own word"
            : string.Create(CultureInfo.InvariantCulture, $"{PairRules.Of(best)}, {best.Total / 100.0:0.0} bits");
    }

    string WhyApart(IdentityMove move)
    {
        // Those that stayed; where all left, those that went elsewhere can't be told from here: the records name each other by their links.
        var rest = RecordsOf(move.From);
        var pairs = Pairs(move.Urns, rest.Count > 0 ? rest : [.. move.Urns.SelectMany(urn => _graph.Neighbours(urn))], fields: true).Where(pair => !pair.SamePerson).ToList();
        return pairs.Find(pair => pair.Decision == DecisionKind.CannotLink) is { } decided ? Decided("split", decided)
            : pairs.Exists(pair => (pair.Flags & PairFlags.Contradiction) != 0) ? "facts contradict each other: generation, exclusive id, or person against organisation"
            : "what linked them changed or is gone";
    }

    string Decided(string what, PairExplanation pair) =>
        _graph.DecisionOn(pair.A, pair.B) is { } decision ? $"{what} by {decision.Author}: {decision.Reason}" : what + " by a steward";

    List<PairExplanation> Pairs(IReadOnlyList<string> moved, IReadOnlyList<string> others, bool fields)
    {
        // Decisions and links name their other side; where the evidence of many records joined them, the first few are looked at.
        var there = others.ToHashSet(StringComparer.Ordinal);
        var pairs = new List<PairExplanation>();
        foreach (var urn in moved.Take(MaxRecords))
        {
            foreach (var other in _graph.Neighbours(urn).Where(there.Contains).Except(moved).Concat(others.Except(moved).Take(MaxRecords)).Distinct())
            {
                if (_graph.Explain(urn, other, fields) is { } pair)
                {
                    pairs.Add(pair);
                }
            }
        }

        return pairs;
    }

    List<string> RecordsOf(string person) => _people.GetValueOrDefault(person) ?? [];
}
