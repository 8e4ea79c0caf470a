namespace StreamSync.Identity;

/// <summary>A pair that the graph was told of, as seen from one of its records.</summary>
/// <param name="Other">The other record.</param>
/// <param name="Value">What was told.</param>
readonly record struct MatchLink(int Other, LinkValue Value);

/// <summary>
/// A record in stage A: its features, its keys in this partition, and what is said about it and others. There is one for each record of a partition:
/// so it is numbers, and all that is long lies in pools.
/// </summary>
struct MatchMember
{
    /// <summary>The group that owns the record, by its number.</summary>
    public int Org;

    /// <summary><see cref="PersonFeatures.ToBytes"/>.</summary>
    public PooledBytes Features;

    /// <summary>Its keys in this partition.</summary>
    public PooledList<MatchKeyId> Keys;

    /// <summary>The pairs that the graph was told of.</summary>
    public PooledList<MatchLink> Links;
}
