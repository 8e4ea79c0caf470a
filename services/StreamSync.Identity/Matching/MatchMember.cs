namespace StreamSync.Identity;

/// <summary>
/// A record in stage A: its features, its keys in this partition, and what is said about it and others. There is one for each record of a partition:
/// so it holds few objects, and its features as bytes.
/// </summary>
/// <param name="urn">The record's URN.</param>
/// <param name="org">The group that owns it.</param>
sealed class MatchMember(string urn, string org)
{
    (int Other, LinkValue Value)[] _links = [];

    public string Urn { get; } = urn;

    public string Org { get; } = org;

    /// <summary><see cref="PersonFeatures.ToBytes"/>.</summary>
    public ReadOnlyMemory<byte> Features { get; set; }

    public MatchKeyId[] Keys { get; set; } = [];

    /// <summary>The pairs that the graph was told of.</summary>
    public ReadOnlySpan<(int Other, LinkValue Value)> Links => _links;

    public bool Holds(in MatchKeyId key) => Keys.AsSpan().Contains(key);

    public int IndexOfLink(int other)
    {
        for (var i = 0; i < _links.Length; i++)
        {
            if (_links[i].Other == other)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Keeps what is said about this record and another; null for nothing.</summary>
    public void Say(int other, LinkValue? value)
    {
        var at = IndexOfLink(other);
        if (value is { } said)
        {
            if (at < 0)
            {
                at = _links.Length;
                Array.Resize(ref _links, at + 1);
            }

            _links[at] = (other, said);
        }
        else if (at >= 0)
        {
            _links = [.. _links.AsSpan(0, at), .. _links.AsSpan(at + 1)];
        }
    }
}
