namespace StreamSync.Identity;

/// <summary>A record in stage A: its features, its keys in this partition, and what is said about it and others.</summary>
sealed class MatchMember(PersonFeatures features)
{
    public PersonFeatures Features { get; set; } = features;

    public MatchKeyId[] Keys { get; set; } = [];

    /// <summary>The pairs that the graph was told of.</summary>
    public List<(int Other, LinkValue Value)> Links { get; } = [];

    public bool Holds(in MatchKeyId key) => Keys.AsSpan().Contains(key);

    public int IndexOfLink(int other)
    {
        for (var i = 0; i < Links.Count; i++)
        {
            if (Links[i].Other == other)
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
                Links.Add((other, said));
            }
            else
            {
                Links[at] = (other, said);
            }
        }
        else if (at >= 0)
        {
            Links.RemoveAt(at);
        }
    }
}
