namespace StreamSync.Identity;

/// <summary>Why a record's component must be looked at again.</summary>
[Flags]
public enum DirtyReasons : byte
{
    /// <summary>No reason.</summary>
    None = 0,

    /// <summary>A link or a decision changed.</summary>
    Links = 1,

    /// <summary>The record itself changed, so its person's golden record may.</summary>
    Record = 2,
}

/// <summary>Where stage B keeps the records of one org. Calls come from one thread.</summary>
/// <remarks>
/// Dirty marks belong to the state: an implementation on Kafka keeps them in the same store, so that a restart between a
/// change and its flush loses nothing.
/// </remarks>
public interface IGraphStore
{
    /// <summary>The node, or null.</summary>
    GraphNode? Get(string urn);

    /// <summary>The URNs of all nodes, as a copy.</summary>
    IReadOnlyList<string> Urns();

    /// <summary>Keeps the node.</summary>
    void Put(GraphNode node);

    /// <summary>Forgets the node.</summary>
    void Delete(string urn);

    /// <summary>Adds reasons to a record's dirty mark.</summary>
    void MarkDirty(string urn, DirtyReasons reasons);

    /// <summary>All dirty marks, as a copy.</summary>
    IReadOnlyList<KeyValuePair<string, DirtyReasons>> Dirty();

    /// <summary>Removes all dirty marks.</summary>
    void ClearDirty();
}

/// <summary>Stage B's records in memory.</summary>
public sealed class InMemoryGraphStore : IGraphStore
{
    readonly Dictionary<string, GraphNode> _nodes = new(StringComparer.Ordinal);
    readonly Dictionary<string, DirtyReasons> _dirty = new(StringComparer.Ordinal);

    /// <summary>All nodes, those without a record included.</summary>
    public IReadOnlyCollection<GraphNode> Nodes => _nodes.Values;

    /// <inheritdoc/>
    public GraphNode? Get(string urn) => _nodes.GetValueOrDefault(urn);

    /// <inheritdoc/>
    public IReadOnlyList<string> Urns() => [.. _nodes.Keys];

    /// <inheritdoc/>
    public void Put(GraphNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        _nodes[node.Urn] = node;
    }

    /// <inheritdoc/>
    public void Delete(string urn) => _nodes.Remove(urn);

    /// <inheritdoc/>
    public void MarkDirty(string urn, DirtyReasons reasons) => _dirty[urn] = _dirty.GetValueOrDefault(urn) | reasons;

    /// <inheritdoc/>
    public IReadOnlyList<KeyValuePair<string, DirtyReasons>> Dirty() => [.. _dirty];

    /// <inheritdoc/>
    public void ClearDirty() => _dirty.Clear();
}
