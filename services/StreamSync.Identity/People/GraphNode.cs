namespace StreamSync.Identity;

/// <summary>
/// Stage B's state of one record: what it says, which links it has, which decisions name it and whose it is. A node without a
/// record stands for one that links or decisions already name, or that was deleted while links still name it.
/// </summary>
public sealed class GraphNode
{
    const byte FormatVersion = 3;

    // Empty without a record; nearly always two parts of the message that brought them.
    ReadOnlyMemory<byte> _record;
    ReadOnlyMemory<byte> _features;
    List<IdentityDecision>? _decisions;

    internal GraphNode(string urn) => Urn = urn;

    /// <summary>The record's URN.</summary>
    public string Urn { get; }

    /// <summary>False for a record that is not, or no longer, there.</summary>
    public bool HasRecord => !_record.IsEmpty;

    /// <summary>The person the record belongs to since the last flush, or null.</summary>
    public string? PersonId { get; internal set; }

    /// <summary>When the record was made, as in its features.</summary>
    internal long CreatedAt { get; private set; }

    internal List<GraphEdge> Edges { get; } = [];

    /// <summary>Decisions that name the record; for most there are none, and no list.</summary>
    internal IReadOnlyList<IdentityDecision> Decisions => _decisions ?? (IReadOnlyList<IdentityDecision>)[];

    internal bool IsUnused => _record.IsEmpty && PersonId is null && Edges.Count == 0 && Decisions.Count == 0;

    /// <summary>Decodes the record; null when it is not there.</summary>
    internal PersonRecord? ReadRecord() => _record.IsEmpty ? null : PersonRecord.FromBytes(_record.Span);

    /// <summary>Decodes the features; null without a record.</summary>
    internal PersonFeatures? ReadFeatures() => _features.IsEmpty ? null : PersonFeatures.FromBytes(_features.Span);

    /// <summary>URNs which the vendor says are the same person; none without a record.</summary>
    internal EquatableArray<string> ReadSameAs() => _features.IsEmpty ? default : PersonFeatures.ReadNote(_features.Span).SameAs;

    /// <summary>Keeps a record in its binary form: most are read again only when their person changes.</summary>
    internal void Keep(ReadOnlyMemory<byte> record, ReadOnlyMemory<byte> features, long createdAt) => (_record, _features, CreatedAt) = (record, features, createdAt);

    /// <summary>Keeps a decision, in place of a former one on the same pair if there is one.</summary>
    internal void Keep(IdentityDecision decision, IdentityDecision? former = null)
    {
        _decisions ??= [];
        if (former is not null)
        {
            _decisions.Remove(former);
        }

        _decisions.Add(decision);
    }

    internal void Forget() => (_record, _features) = (default, default);

    /// <summary>Compact binary form.</summary>
    public byte[] ToBytes()
    {
        var writer = CompactWriter.Own;
        writer.Byte(FormatVersion);
        writer.Text(Urn);
        writer.Text(PersonId ?? "");
        writer.Bytes(_record.Span);
        writer.Bytes(_features.Span);

        writer.Count(Edges.Count);
        foreach (var edge in Edges)
        {
            edge.Write(writer);
        }

        writer.Count(Decisions.Count);
        foreach (var decision in Decisions)
        {
            writer.Text(decision.Id);
            writer.Byte((byte)decision.Kind);
            writer.Text(decision.A);
            writer.Text(decision.B);
            writer.Text(decision.Author);
            writer.Text(decision.Reason);
            writer.Number(decision.At.UtcTicks);
        }

        return writer.ToArray();
    }

    /// <summary>Reads <see cref="ToBytes"/>.</summary>
    /// <exception cref="InvalidDataException">The bytes are of another format version or cut short.</exception>
    public static GraphNode FromBytes(ReadOnlySpan<byte> bytes)
    {
        var reader = new CompactReader(bytes);
        if (reader.Byte() != FormatVersion)
        {
            throw new InvalidDataException("A person graph was stored by another version of the engine; rebuild the store from entity.person.");
        }

        var node = new GraphNode(reader.Text());
        var person = reader.Text();
        node.PersonId = person.Length == 0 ? null : person;
        var record = reader.Bytes();
        var features = reader.Bytes();
        if (!record.IsEmpty)
        {
            byte[] both = [.. record, .. features];
            node.Keep(both.AsMemory(0, record.Length), both.AsMemory(record.Length), PersonFeatures.ReadNote(features).CreatedAt);
        }

        for (var i = reader.Count(); i > 0; i--)
        {
            node.Edges.Add(GraphEdge.Read(ref reader));
        }

        for (var i = reader.Count(); i > 0; i--)
        {
            node.Keep(new IdentityDecision(
                reader.Text(), (DecisionKind)reader.Byte(), reader.Text(), reader.Text(), reader.Text(), reader.Text(),
                new DateTimeOffset(reader.Number(), TimeSpan.Zero)));
        }

        return node;
    }

    internal GraphEdge? EdgeTo(string urn)
    {
        foreach (var edge in Edges)
        {
            if (edge.Other == urn)
            {
                return edge;
            }
        }

        return null;
    }

    internal DecisionKind DecisionOn(string urn)
    {
        foreach (var decision in Decisions)
        {
            if (decision.A == urn || decision.B == urn)
            {
                return decision.Kind;
            }
        }

        return DecisionKind.Withdrawn;
    }
}
