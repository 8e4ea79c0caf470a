namespace StreamSync.Identity.Tests;

/// <summary>A match store that keeps bytes only, as a Kafka state store does.</summary>
sealed class SerializingMatchStore : IMatchStore
{
    readonly Dictionary<string, byte[]> _groups = [];
    readonly SortedDictionary<string, byte[]> _overflow = new(StringComparer.Ordinal);

    public MatchGroup? Get(string key) => _groups.TryGetValue(key, out var bytes) ? MatchGroup.FromBytes(bytes) : null;

    public void Put(string key, MatchGroup group) => _groups[key] = group.ToBytes();

    public void Delete(string key) => _groups.Remove(key);

    public PersonFeatures? GetOverflow(string key, string urn) =>
        _overflow.TryGetValue($"{key}\u0001{urn}", out var bytes) ? PersonFeatures.FromBytes(bytes) : null;

    public void PutOverflow(string key, PersonFeatures member) => _overflow[$"{key}\u0001{member.Urn}"] = member.ToBytes();

    public void DeleteOverflow(string key, string urn) => _overflow.Remove($"{key}\u0001{urn}");

    public IEnumerable<PersonFeatures> ScanOverflow(string key) =>
        [.. _overflow.Where(entry => entry.Key.StartsWith($"{key}\u0001", StringComparison.Ordinal)).Select(entry => PersonFeatures.FromBytes(entry.Value))];
}

/// <summary>A graph store that keeps bytes only, as a Kafka state store does.</summary>
sealed class SerializingGraphStore : IGraphStore
{
    readonly Dictionary<string, byte[]> _nodes = [];
    readonly Dictionary<string, DirtyReasons> _dirty = [];

    public GraphNode? Get(string urn) => _nodes.TryGetValue(urn, out var bytes) ? GraphNode.FromBytes(bytes) : null;

    public void Put(GraphNode node) => _nodes[node.Urn] = node.ToBytes();

    public void Delete(string urn) => _nodes.Remove(urn);

    public void MarkDirty(string urn, DirtyReasons reasons) => _dirty[urn] = _dirty.GetValueOrDefault(urn) | reasons;

    public IReadOnlyList<KeyValuePair<string, DirtyReasons>> Dirty() => [.. _dirty];

    public void ClearDirty() => _dirty.Clear();
}
