namespace StreamSync.Identity.Tests;

/// <summary>A graph store that keeps bytes only, as a Kafka state store does.</summary>
sealed class SerializingGraphStore : IGraphStore
{
    readonly Dictionary<string, byte[]> _nodes = [];
    readonly Dictionary<string, DirtyReasons> _dirty = [];

    public GraphNode? Get(string urn) => _nodes.TryGetValue(urn, out var bytes) ? GraphNode.FromBytes(bytes) : null;

    public IReadOnlyList<string> Urns() => [.. _nodes.Keys];

    public void Put(GraphNode node) => _nodes[node.Urn] = node.ToBytes();

    public void Delete(string urn) => _nodes.Remove(urn);

    public void MarkDirty(string urn, DirtyReasons reasons) => _dirty[urn] = _dirty.GetValueOrDefault(urn) | reasons;

    public IReadOnlyList<KeyValuePair<string, DirtyReasons>> Dirty() => [.. _dirty];

    public void ClearDirty() => _dirty.Clear();
}
