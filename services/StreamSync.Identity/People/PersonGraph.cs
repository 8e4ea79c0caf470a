namespace StreamSync.Identity;

/// <summary>
/// Stage B of one org: knows all records, links and decisions and says who is who. <c>Apply</c> only takes notes;
/// <see cref="Flush"/> groups the components that changed and tells what is different since the last flush. What it says in
/// the end depends on the records, links and decisions alone, not on their order or on how often it was flushed. Not safe for
/// concurrent use.
/// </summary>
/// <param name="org">The group.</param>
/// <param name="model">Weights and threshold; the same as stage A's.</param>
/// <param name="table">Its records.</param>
/// <param name="defaultRegion">ISO region of phone numbers without a country code.</param>
public sealed class PersonGraph(
    string org, IdentityModel model, GraphTable table, string defaultRegion = "US")
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
    /// <param name="record"><see cref="PersonRecord.ToBytes"/>.</param>
    /// <param name="features"><see cref="PersonFeatures.ToBytes"/> of the same record.</param>
    /// <exception cref="ArgumentException">The record belongs to another org.</exception>
    /// <exception cref="InvalidDataException">The bytes are of another format version or cut short.</exception>
    public void Apply(ReadOnlySpan<byte> record, ReadOnlySpan<byte> features)
    {
        var now = PersonFeatures.ReadNote(features);
        if (now.Org != org)
        {
            throw new ArgumentException($"A record of org '{now.Org}' was given to the person graph of org '{org}'.", nameof(record));
        }

        var number = table.NumberFor(now.Urn);
        var moved = table[number].HasRecord && table[number].CreatedAt != now.CreatedAt;
        var before = table.SameAs(number);
        table.Keep(number, record, features, now.CreatedAt);
        Assert(number, before, now.SameAs);
        table.Mark(number, DirtyReasons.Record | (moved ? DirtyReasons.Links : DirtyReasons.None));
    }

    /// <summary>Takes note that a record is gone.</summary>
    public void Delete(string urn)
    {
        if (table.Find(urn) is not { HasRecord: true } node)
        {
            return;
        }

        Assert(node.Number, table.SameAs(node.Number), default);
        table.Forget(node.Number);
        foreach (var neighbour in NeighboursOf(node))
        {
            table.Mark(neighbour, DirtyReasons.Links);
        }

        table.Mark(node.Number, DirtyReasons.Record);
    }

    /// <summary>Takes note of what stage A says about a pair; either record may still be unknown.</summary>
    /// <param name="change">What it says.</param>
    /// <param name="partition">The partition of stage A that speaks.</param>
    public void Apply(in LinkChange change, int partition = 0)
    {
        if (change.Value is null)
        {
            var (a, b) = (table.NumberOf(change.A), table.NumberOf(change.B));
            if (a >= 0 && b >= 0)
            {
                Apply(a, b, null, partition);
            }

            return;
        }

        Apply(table.NumberFor(change.A), table.NumberFor(change.B), change.Value, partition);
    }

    /// <summary>
    /// Takes note of what a stage A that goes by another model says about a pair: the pair is weighed again, by this graph's model.
    /// </summary>
    /// <param name="change">What it says.</param>
    /// <param name="partition">The partition of stage A that speaks.</param>
    public void ApplyWeighedAnew(in LinkChange change, int partition = 0) => Apply(
        change.Value is { } said && Find(change.A)?.ReadFeatures() is { } a && Find(change.B)?.ReadFeatures() is { } b
            ? change with { Value = PairScorer.Tell(model, new PairScorer(model), a, b, said.Kinds) } : change,
        partition);

    /// <summary>
    /// Weighs every known pair again, after a change of the model. Pairs that only the new model holds worth telling are for stage A to tell:
    /// <see cref="MatchIndex.AllLinks"/>.
    /// </summary>
    public void WeighAnew()
    {
        var scorer = new PairScorer(model);
        foreach (var node in table.Nodes())
        {
            EdgePart[] parts = [.. table.PartsOf(node.Number)];
            if (parts.Length == 0)
            {
                continue;
            }

            table.Mark(node.Number, DirtyReasons.Links);
            var features = node.ReadFeatures();
            foreach (var (number, partition, said) in parts)
            {
                if (features is not null && partition != EdgePart.Vendor && node.Number < number && table.Node(number).ReadFeatures() is { } other)
                {
                    Apply(node.Number, number, PairScorer.Tell(model, scorer, features, other, said.Kinds), partition);
                }
            }
        }
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
    public GraphNode? Find(string urn) => table.Find(urn);

    /// <summary>Groups every component that changed since the last flush and says what is different.</summary>
    public GraphChanges Flush()
    {
        var changes = new GraphChanges { MergesTakenBack = [.. _mergesTakenBack] };
        _mergesTakenBack.Clear();
        if (table.IsDirty)
        {
            new GraphFlush(org, model, table, _survivorship, changes).Run(table.BeginFlush());
            table.EndFlush();
        }

        return changes;
    }

    /// <summary>Why two records are, or are not, one person; null when either is unknown.</summary>
    public PairExplanation? Explain(string a, string b)
    {
        if (Find(a) is not { HasRecord: true } node || Find(b) is not { HasRecord: true } other)
        {
            return null;
        }

        var edge = node.EdgeTo(other);
        var total = edge.Total(model);
        var lines = new List<FieldEvidence>();
        var flags = new PairScorer(model).Score(node.ReadFeatures()!, other.ReadFeatures()!, lines).Flags;
        Shared("external id", (edge.Kinds & MatchKeyId.BitOf(MatchKeyKind.ExternalId)) != 0 ? PairScorer.SharedId : 0);
        Shared("email", total.Email);
        Shared("phone", total.Phone);
        var link = Link(node, other);
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
        Find(a) is { HasRecord: true } node && Find(b) is { HasRecord: true } other ? Link(node, other) : null;

    /// <summary>The fact by which two known records can't be one person, whatever else agrees; null when there is none.</summary>
    public string? WhyForbidden(string a, string b) =>
        Find(a)?.ReadFeatures() is { } x && Find(b)?.ReadFeatures() is { } y ? new PairScorer(model).WhyForbidden(x, y) : null;

    /// <summary>Why records are one person and the nearest others are not of them.</summary>
    /// <param name="urns">The records of a person.</param>
    /// <param name="neighbours">Records that share keys with them, as <see cref="MatchIndex"/> names them: pairs too weak to be links are known to it alone.</param>
    /// <param name="atMost">People shown at most that are not this one.</param>
    public PersonReview Review(IReadOnlyCollection<string> urns, IEnumerable<KeyNeighbour> neighbours, int atMost) =>
        new PersonReviewer(this, model).Review(urns, neighbours, atMost);

    /// <summary>The decision that holds on a pair of records; null when there is none, or it was taken back.</summary>
    public IdentityDecision? DecisionOn(string a, string b) => LastDecisionOn(a, b) is { Kind: not DecisionKind.Withdrawn } holds ? holds : null;

    /// <summary>The records that links or decisions connect with one, each once, in no order; none when it is unknown.</summary>
    public IReadOnlyCollection<string> Neighbours(string urn) => Find(urn) is { } node ? [.. NeighboursOf(node).Select(table.UrnOf)] : [];

    IdentityDecision? LastDecisionOn(string a, string b) => Find(a)?.Decisions.FirstOrDefault(decision => decision.A == b || decision.B == b);

    PairLink Link(GraphNode node, GraphNode other)
    {
        var edge = node.EdgeTo(other);
        return new PairLink(
            node.Urn, other.Urn, edge.Total(model).Base, edge.Kinds, edge.Assertions > 0,
            node.DecisionOn(other.Urn), !node.Person.IsNobody && node.Person == other.Person);
    }

    /// <summary>Records that a change of this one may join or part.</summary>
    static HashSet<int> NeighboursOf(GraphNode node)
    {
        var numbers = new HashSet<int>();
        foreach (var edge in node.Edges)
        {
            numbers.Add(edge.Other);
        }

        foreach (var decision in node.Decisions)
        {
            numbers.Add(node.OtherOf(decision));
        }

        return numbers;
    }

    void Apply(int a, int b, LinkValue? value, int partition)
    {
        if (table.Set(a, b, partition, value) | table.Set(b, a, partition, value))
        {
            table.Mark(a, DirtyReasons.Links);
            table.Mark(b, DirtyReasons.Links);
        }
    }

    /// <summary>Updates the pseudo-links by which a vendor says that records are one person.</summary>
    void Assert(int number, EquatableArray<string> before, EquatableArray<string> after)
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
            var other = table.NumberFor(urn);
            table.Assert(number, other, by);
            table.Assert(other, number, by);
            table.Mark(number, DirtyReasons.Links);
            table.Mark(other, DirtyReasons.Links);
        }
    }

    void Decide(string from, string to, IdentityDecision decision)
    {
        var number = table.NumberFor(from);
        var known = table.DecisionsOn(number).FirstOrDefault(known => known.A == to || known.B == to);
        if (known is not null && !decision.Supersedes(known))
        {
            return;
        }

        table.Keep(number, decision, known);
        table.Mark(number, DirtyReasons.Links);
    }
}
