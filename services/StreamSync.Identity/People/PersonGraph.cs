namespace StreamSync.Identity;

/// <summary>
/// Stage B of one org: knows all records, links and decisions and says who is who. <c>Apply</c> only takes notes;
/// <see cref="Flush"/> groups the components that changed and tells what is different since the last flush. What it says in
/// the end depends on the records, links and decisions alone, not on their order or on how often it was flushed. Not safe for
/// concurrent use.
/// </summary>
/// <param name="org">The group.</param>
/// <param name="model">Weights and threshold; the same as stage A's.</param>
/// <param name="store">Node store.</param>
/// <param name="defaultRegion">ISO region of phone numbers without a country code.</param>
public sealed class PersonGraph(
    string org, IdentityModel model, IGraphStore store, string defaultRegion = "US")
{
    readonly Survivorship _survivorship = new(defaultRegion);
    readonly List<IdentityDecision> _mergesTakenBack = [];

    /// <summary>Takes note of a new or changed record.</summary>
    /// <param name="record">The record.</param>
    /// <param name="features">Its features, extracted with the same settings as stage A's.</param>
    /// <exception cref="ArgumentException">The record belongs to another org.</exception>
    public void Apply(PersonRecord record, PersonFeatures features)
    {
        ArgumentNullException.ThrowIfNull(record);
        ArgumentNullException.ThrowIfNull(features);
        Apply(record.ToBytes(), features.ToBytes());
    }

    /// <summary>Takes note of a new or changed record.</summary>
    /// <param name="record"><see cref="PersonRecord.ToBytes"/>; both are kept and must not change any more.</param>
    /// <param name="features"><see cref="PersonFeatures.ToBytes"/> of the same record.</param>
    /// <exception cref="ArgumentException">The record belongs to another org.</exception>
    /// <exception cref="InvalidDataException">The bytes are of another format version or cut short.</exception>
    public void Apply(ReadOnlyMemory<byte> record, ReadOnlyMemory<byte> features)
    {
        var now = PersonFeatures.ReadNote(features.Span);
        if (now.Org != org)
        {
            throw new ArgumentException($"A record of org '{now.Org}' was given to the person graph of org '{org}'.", nameof(record));
        }

        var node = store.Get(now.Urn) ?? new GraphNode(now.Urn);
        var moved = node.HasRecord && node.CreatedAt != now.CreatedAt;
        var before = node.ReadSameAs();
        node.Keep(record, features, now.CreatedAt);
        Assert(node, before, now.SameAs);
        store.Put(node);
        store.MarkDirty(node.Urn, DirtyReasons.Record | (moved ? DirtyReasons.Links : DirtyReasons.None));
    }

    /// <summary>Takes note that a record is gone.</summary>
    public void Delete(string urn)
    {
        if (store.Get(urn) is not { HasRecord: true } node)
        {
            return;
        }

        Assert(node, node.ReadSameAs(), default);
        node.Forget();
        foreach (var neighbour in Neighbours(node))
        {
            store.MarkDirty(neighbour, DirtyReasons.Links);
        }

        store.Put(node);
        store.MarkDirty(urn, DirtyReasons.Record);
    }

    /// <summary>Takes note of what stage A says about a pair; either record may still be unknown.</summary>
    /// <param name="change">What it says.</param>
    /// <param name="partition">The partition of stage A that speaks.</param>
    public void Apply(in LinkChange change, int partition = 0)
    {
        if (SetPart(change.A, change.B, partition, change.Value) | SetPart(change.B, change.A, partition, change.Value))
        {
            store.MarkDirty(change.A, DirtyReasons.Links);
            store.MarkDirty(change.B, DirtyReasons.Links);
        }
    }

    /// <summary>
    /// Takes note of what a stage A that goes by another model says about a pair: the pair is weighed again, by this graph's model.
    /// </summary>
    /// <param name="change">What it says.</param>
    /// <param name="partition">The partition of stage A that speaks.</param>
    public void ApplyWeighedAnew(in LinkChange change, int partition = 0) => Apply(
        change.Value is { } said && store.Get(change.A)?.ReadFeatures() is { } a && store.Get(change.B)?.ReadFeatures() is { } b
            ? change with { Value = PairScorer.Tell(model, new PairScorer(model), a, b, said.Kinds) } : change,
        partition);

    /// <summary>
    /// Weighs every known pair again, after a change of the model. Pairs that only the new model holds worth telling are for stage A to tell:
    /// <see cref="MatchIndex.AllLinks"/>.
    /// </summary>
    public void WeighAnew()
    {
        var scorer = new PairScorer(model);
        foreach (var urn in store.Urns())
        {
            if (store.Get(urn) is not { Edges.Count: > 0 } node)
            {
                continue;
            }

            store.MarkDirty(urn, DirtyReasons.Links);
            var features = node.ReadFeatures();
            foreach (var edge in node.Edges.Where(edge => features is not null && string.CompareOrdinal(urn, edge.Other) < 0).ToList())
            {
                if (edge.Parts.Length == 0 || store.Get(edge.Other)?.ReadFeatures() is not { } other)
                {
                    continue;
                }

                foreach (var (partition, said) in edge.Parts.ToArray())
                {
                    Apply(Pair(urn, edge.Other, PairScorer.Tell(model, scorer, features!, other, said.Kinds)), partition);
                }
            }
        }

        LinkChange Pair(string a, string b, LinkValue? value) => new(org, a, b, value);
    }

    /// <summary>Takes note of a steward's decision; either record may still be unknown.</summary>
    public void Apply(IdentityDecision decision)
    {
        ArgumentNullException.ThrowIfNull(decision);
        if (decision.A == decision.B)
        {
            return;
        }

        if (decision.Kind == DecisionKind.Withdrawn && LastDecisionOn(decision.A, decision.B) is { Kind: DecisionKind.MustLink } merge && decision.Supersedes(merge))
        {
            _mergesTakenBack.Add(decision);
        }

        Decide(decision.A, decision.B, decision);
        Decide(decision.B, decision.A, decision);
    }

    /// <summary>The node of a record with its links and person, or null.</summary>
    public GraphNode? Find(string urn) => store.Get(urn);

    /// <summary>Groups every component that changed since the last flush and says what is different.</summary>
    public GraphChanges Flush()
    {
        var changes = new GraphChanges { MergesTakenBack = [.. _mergesTakenBack] };
        _mergesTakenBack.Clear();
        var dirty = store.Dirty();
        if (dirty.Count == 0)
        {
            return changes;
        }

        var flush = new GraphFlush(org, model, store, _survivorship, changes);
        flush.Run(dirty);
        store.ClearDirty();
        return changes;
    }

    /// <summary>Why two records are, or are not, one person; null when either is unknown.</summary>
    public PairExplanation? Explain(string a, string b)
    {
        if (store.Get(a) is not { HasRecord: true } node || store.Get(b) is not { HasRecord: true } other)
        {
            return null;
        }

        var edge = node.EdgeTo(b);
        var total = edge?.Total(model);
        var lines = new List<FieldEvidence>();
        var flags = new PairScorer(model).Score(node.ReadFeatures()!, other.ReadFeatures()!, lines).Flags;
        Shared("external id", edge is not null && (edge.Kinds & MatchKeyId.BitOf(MatchKeyKind.ExternalId)) != 0 ? PairScorer.SharedId : 0);
        Shared("email", total?.Email ?? 0);
        Shared("phone", total?.Phone ?? 0);
        var link = Link(node, other, edge);
        return new PairExplanation(a, b, lines, link.Total, flags, link.Keys, link.AssertedByVendor, link.Decision, link.SamePerson);

        void Shared(string what, int weight)
        {
            if (weight != 0)
            {
                lines.Add(new FieldEvidence(what, "shared", weight));
            }
        }
    }

    /// <summary>What links two records, without the comparison of their fields, which is most of the work of <see cref="Explain"/>; null when either is unknown.</summary>
    public PairLink? Link(string a, string b) =>
        store.Get(a) is { HasRecord: true } node && store.Get(b) is { HasRecord: true } other ? Link(node, other, node.EdgeTo(b)) : null;

    /// <summary>The fact by which two known records can't be one person, whatever else agrees; null when there is none.</summary>
    public string? WhyForbidden(string a, string b) =>
        store.Get(a)?.ReadFeatures() is { } x && store.Get(b)?.ReadFeatures() is { } y ? new PairScorer(model).WhyForbidden(x, y) : null;

    /// <summary>Why records are one person and the nearest others are not of them.</summary>
    /// <param name="urns">The records of a person.</param>
    /// <param name="neighbours">Records that share keys with them, as <see cref="MatchIndex"/> names them: pairs too weak to be links are known to it alone.</param>
    /// <param name="atMost">People shown at most that are not this one.</param>
    public PersonReview Review(IReadOnlyCollection<string> urns, IEnumerable<KeyNeighbour> neighbours, int atMost) =>
        new PersonReviewer(this, model, store).Review(urns, neighbours, atMost);

    /// <summary>The decision that holds on a pair of records; null when there is none, or it was taken back.</summary>
    public IdentityDecision? DecisionOn(string a, string b) => LastDecisionOn(a, b) is { Kind: not DecisionKind.Withdrawn } holds ? holds : null;

    /// <summary>The records that links or decisions connect with one, each once, in no order; none when it is unknown.</summary>
    public IReadOnlyCollection<string> Neighbours(string urn) => store.Get(urn) is { } node ? Neighbours(node) : [];

    IdentityDecision? LastDecisionOn(string a, string b) => store.Get(a)?.Decisions.FirstOrDefault(decision => decision.A == b || decision.B == b);

    PairLink Link(GraphNode node, GraphNode other, GraphEdge? edge) => new(
        node.Urn, other.Urn, edge?.Total(model).Base ?? model.UnscoredPair, edge?.Kinds ?? 0, edge?.Assertions > 0,
        node.DecisionOn(other.Urn), node.PersonId is not null && node.PersonId == other.PersonId);

    /// <summary>Records that a change of this one may join or part.</summary>
    static List<string> Neighbours(GraphNode node)
    {
        var urns = new List<string>(node.Edges.Count);
        foreach (var edge in node.Edges)
        {
            urns.Add(edge.Other);
        }

        foreach (var decision in node.Decisions)
        {
            var other = decision.A == node.Urn ? decision.B : decision.A;
            if (node.EdgeTo(other) is null)
            {
                urns.Add(other);
            }
        }

        return urns;
    }

    bool SetPart(string from, string to, int partition, LinkValue? value)
    {
        var node = store.Get(from);
        var edge = node?.EdgeTo(to);
        if (edge is null)
        {
            if (value is null)
            {
                return false;
            }

            node ??= new GraphNode(from);

            // One text for all that name the record.
            edge = new GraphEdge(store.Get(to)?.Urn ?? to);
            node.Edges.Add(edge);
        }

        if (!edge.Set(partition, value))
        {
            return false;
        }

        Keep(node!, edge);
        return true;
    }

    /// <summary>Updates the pseudo-links by which a vendor says that records are one person.</summary>
    void Assert(GraphNode node, EquatableArray<string> before, EquatableArray<string> after)
    {
        foreach (var urn in before)
        {
            if (!after.Span.Contains(urn))
            {
                Count(urn, -1);
            }
        }

        foreach (var urn in after)
        {
            if (!before.Span.Contains(urn))
            {
                Count(urn, 1);
            }
        }

        void Count(string urn, int by)
        {
            var other = store.Get(urn) ?? new GraphNode(urn);
            foreach (var (from, to) in ((GraphNode, string)[])[(node, urn), (other, node.Urn)])
            {
                var edge = from.EdgeTo(to);
                if (edge is null)
                {
                    edge = new GraphEdge(to);
                    from.Edges.Add(edge);
                }

                edge.Assertions += by;
                if (edge.IsUnused)
                {
                    from.Edges.Remove(edge);
                }
            }

            store.Put(other);
            store.MarkDirty(node.Urn, DirtyReasons.Links);
            store.MarkDirty(urn, DirtyReasons.Links);
        }
    }

    void Decide(string from, string to, IdentityDecision decision)
    {
        var node = store.Get(from) ?? new GraphNode(from);
        var known = node.Decisions.FirstOrDefault(known => known.A == to || known.B == to);
        if (known is not null && !decision.Supersedes(known))
        {
            return;
        }

        node.Keep(decision, known);
        store.Put(node);
        store.MarkDirty(from, DirtyReasons.Links);
    }

    void Keep(GraphNode node, GraphEdge edge)
    {
        if (edge.IsUnused)
        {
            node.Edges.Remove(edge);
        }

        // A node that nothing names any more is left for the flush, which must still say whose it was.
        store.Put(node);
        store.MarkDirty(node.Urn, DirtyReasons.Links);
    }
}
