namespace StreamSync.Identity;

/// <summary>Two records that share match keys which are still evidence.</summary>
/// <param name="Urn">One record.</param>
/// <param name="Other">The other.</param>
/// <param name="Keys">The kinds of those keys.</param>
public readonly record struct KeyNeighbour(string Urn, string Other, IReadOnlyList<MatchKeyKind> Keys);

/// <summary>A pair of records that are not one person.</summary>
/// <param name="Pair">Its evidence.</param>
/// <param name="OtherPersonId">The person of the other record.</param>
/// <param name="Why">What keeps them apart, in a sentence.</param>
public sealed record ApartPair(PairExplanation Pair, string? OtherPersonId, string Why);

/// <summary>Why the records of a person are one, and why those nearest to them are not of them.</summary>
/// <param name="Links">Pairs within the person that speak for or against it, the strongest first.</param>
/// <param name="Apart">The nearest record of each near person, the nearest first.</param>
public sealed record PersonReview(IReadOnlyList<PairExplanation> Links, IReadOnlyList<ApartPair> Apart);

/// <summary>Makes reviews out of the graph as it is.</summary>
sealed class PersonReviewer(PersonGraph graph, IdentityModel model)
{
    /// <summary>Pairs within a person shown at most: a person of very many records is no one's reading.</summary>
    const int MaxLinks = 200;

    /// <summary>What is further away than this is a stranger, in hundredths of a bit.</summary>
    const int FarAway = -1000;

    public PersonReview Review(IReadOnlyCollection<string> urns, IEnumerable<KeyNeighbour> neighbours, int atMost)
    {
        var own = urns.ToHashSet(StringComparer.Ordinal);
        var links = new List<PairExplanation>();
        var near = new Dictionary<(string, string), IReadOnlyList<MatchKeyKind>>();
        foreach (var neighbour in neighbours)
        {
            if (!own.Contains(neighbour.Other))
            {
                var key = (neighbour.Urn, neighbour.Other);
                near[key] = near.TryGetValue(key, out var known) ? [.. known.Union(neighbour.Keys)] : neighbour.Keys;
            }
        }

        foreach (var urn in own.Order(StringComparer.Ordinal))
        {
            foreach (var other in graph.Neighbours(urn))
            {
                if (!own.Contains(other))
                {
                    near.TryAdd((urn, other), []);
                }
                else if (string.CompareOrdinal(urn, other) < 0 && graph.Explain(urn, other) is { } link)
                {
                    links.Add(link);
                }
            }
        }

        var apart = near.Select(pair => Outlook(pair.Key.Item1, pair.Key.Item2, pair.Value)).OfType<PairExplanation>()
            .Where(pair => pair.Total > FarAway || pair.Decision != DecisionKind.Withdrawn || pair.AssertedByVendor)
            .OrderByDescending(pair => pair.Decision != DecisionKind.Withdrawn).ThenByDescending(pair => pair.Total)
            .ThenBy(pair => pair.A, StringComparer.Ordinal).ThenBy(pair => pair.B, StringComparer.Ordinal)
            .DistinctBy(pair => graph.Find(pair.B)!.PersonId ?? pair.B)
            .Take(atMost)
            .Select(pair => new ApartPair(pair, graph.Find(pair.B)!.PersonId, Why(pair, own)));
        return new PersonReview([.. links.OrderByDescending(pair => pair.Total).Take(MaxLinks)], [.. apart]);
    }

    /// <summary>The evidence on a pair, also when it was too weak to be told to the graph.</summary>
    PairExplanation? Outlook(string urn, string other, IReadOnlyList<MatchKeyKind> keys)
    {
        if (graph.Explain(urn, other) is not { Keys.Count: 0 } pair)
        {
            return graph.Explain(urn, other);
        }

        var (a, b) = (graph.Find(urn)!.ReadFeatures()!, graph.Find(other)!.ReadFeatures()!);
        var score = new PairScorer(model).Score(a, b);
        var id = keys.Contains(MatchKeyKind.ExternalId) && PairScorer.SharesId(a, b) ? PairScorer.SharedId : 0;
        var (email, phone) = (keys.Contains(MatchKeyKind.Email) ? score.Email : 0, keys.Contains(MatchKeyKind.Phone) ? score.Phone : 0);
        List<FieldEvidence> lines = [.. pair.Evidence];
        foreach (var (kind, weight) in new[] { ("external id", id), ("email", email), ("phone", phone) })
        {
            if (weight != 0)
            {
                lines.Add(new FieldEvidence(kind, "shared", weight));
            }
        }

        return pair with { Evidence = lines, Total = model.Total(score.Base, id, email, phone, score.Flags), Keys = keys };
    }

    string Why(PairExplanation pair, HashSet<string> own)
    {
        var (a, b) = (graph.Find(pair.A)!.ReadFeatures()!, graph.Find(pair.B)!.ReadFeatures()!);
        var scorer = new PairScorer(model);
        if (pair.Decision == DecisionKind.CannotLink)
        {
            return "a steward decided so";
        }

        // What a steward or a tool joins is one whatever the facts say: only another decision keeps it apart.
        var joined = pair.Decision == DecisionKind.MustLink || pair.AssertedByVendor;
        if (!joined && scorer.WhyForbidden(a, b) is { } fact)
        {
            return fact;
        }

        if (pair.Total < model.Threshold && !joined)
        {
            return WhyWeak(pair);
        }

        // The pair would do by itself: what stands between the two people?
        var theirs = RecordsWith(pair.B);
        foreach (var mine in own)
        {
            foreach (var their in theirs)
            {
                if (graph.Find(mine)?.DecisionOn(their) == DecisionKind.CannotLink)
                {
                    return $"a steward keeps {mine} and {their} apart";
                }

                if (!joined && graph.Find(mine)?.ReadFeatures() is { } x && graph.Find(their)?.ReadFeatures() is { } y && scorer.WhyForbidden(x, y) is { } between)
                {
                    return $"{between}, between {mine} and {their}";
                }
            }
        }

        if (joined)
        {
            return "other decisions together contradict the one that joins them, and what keeps records apart holds";
        }

        if (a.Names.Length == 0 || b.Names.Length == 0)
        {
            return "one of them has no name, and several people would take it";
        }

        var mean = Mean(own, theirs);
        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"the two people's records together speak against it: mean {mean / 100:0.0} bits, threshold {model.Threshold / 100.0:0.0}");
    }

    string WhyWeak(PairExplanation pair)
    {
        var id = pair.Evidence.Any(line => line is { Field: "external id", Level: "shared" });
        var contact = pair.Evidence.Any(line => line is { Field: "email" or "phone", Level: "shared", Weight: > 0 });
        if (!id && (pair.Flags & PairFlags.NameConflict) != 0 && (contact || (pair.Flags & PairFlags.SameAddress) != 0))
        {
            return "other given names at one contact point or address: a household";
        }

        if (!id && (pair.Flags & PairFlags.StrangeNames) != 0)
        {
            return "neither given nor family names are forms of one name";
        }

        if (!id && !contact && (pair.Flags & PairFlags.NamesAlone) != 0)
        {
            return "nothing agrees but names and a wide area";
        }

        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"the evidence is below the threshold of {model.Threshold / 100.0:0.0} bits");
    }

    /// <summary>The records of a person, found along its links from one of them.</summary>
    List<string> RecordsWith(string urn)
    {
        var person = graph.Find(urn)!.PersonId;
        var found = new List<string> { urn };
        var seen = new HashSet<string>(found, StringComparer.Ordinal);
        for (var i = 0; i < found.Count; i++)
        {
            found.AddRange(graph.Neighbours(found[i]).Where(other => graph.Find(other)?.PersonId is { } owner && owner == person && seen.Add(other)));
        }

        return found;
    }

    double Mean(IReadOnlyCollection<string> own, IReadOnlyCollection<string> theirs) =>
        own.SelectMany(mine => theirs.Select(their => (double)(graph.Link(mine, their)?.Total ?? model.UnscoredPair))).Average();
}
