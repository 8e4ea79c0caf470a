using StreamSync.Contracts;
using StreamSync.Identity;

namespace StreamSync.Processors.Identity.Evidence;

/// <summary>What the match keys say of a person's records.</summary>
/// <param name="Neighbours">Records that share keys with them.</param>
/// <param name="Crowded">Keys of theirs that too many share.</param>
sealed record KeyFindings(IReadOnlyList<KeyNeighbour> Neighbours, IReadOnlyList<CrowdedKey> Crowded);

/// <summary>Puts the engine's review of a person into the words of the contract.</summary>
static class EvidenceReader
{
    /// <summary>People shown at most that are near and not the same.</summary>
    const int MaxApart = 10;

    public static PersonEvidence Read(PersonGraph graph, IdentityModel model, IReadOnlyList<string> urns, IReadOnlyList<KeyFindings> keys, IReadOnlyList<string> notes)
    {
        var review = graph.Review(urns, keys.SelectMany(k => k.Neighbours), MaxApart);
        return new PersonEvidence(
            model.Version,
            Bits(model.Threshold),
            // What a steward decided comes before what fields say.
            [.. review.Links.OrderBy(pair => pair.Decision == DecisionKind.Withdrawn).Select(pair => Of(graph, pair, null, null))],
            [.. review.Apart.Select(apart => Of(graph, apart.Pair, apart.OtherPersonId, apart.Why))],
            [.. keys.SelectMany(k => k.Crowded).Distinct()],
            notes);
    }

    /// <summary>Those of records that are an org's own: of others nothing is told.</summary>
    public static IReadOnlyList<string> OwnOf(string org, IReadOnlyList<string> urns) => [.. urns.Where(urn => SourceUrn.TryParse(urn, out var parsed) && parsed.Org == org)];

    static PairEvidence Of(PersonGraph graph, PairExplanation pair, string? otherPerson, string? why) => new(
        pair.A,
        pair.B,
        otherPerson,
        Bits(pair.Total),
        PairRules.Of(pair),
        [.. pair.Evidence.Select(line => new FieldBits(line.Field, line.Level, Bits(line.Weight))), .. Limit(pair)],
        why,
        graph.DecisionOn(pair.A, pair.B) is { } decision
            ? new SaidDecision(decision.Kind == DecisionKind.MustLink ? Decisions.MustLink : Decisions.CannotLink, decision.Author, decision.Reason, decision.At.UtcDateTime)
            : null);

    /// <summary>What keeps the fields' sum from being the pair's evidence.</summary>
    static IEnumerable<FieldBits> Limit(PairExplanation pair)
    {
        var over = pair.Total - pair.Evidence.Sum(line => line.Weight);
        return over == 0 ? [] : [new FieldBits("limit", pair.Keys.Count == 0 ? "the pair counts as one without evidence" : over < 0 ? "a pair says no more" : "a pair says no less", Bits(over))];
    }

    static double Bits(int hundredths) => hundredths / 100.0;
}
