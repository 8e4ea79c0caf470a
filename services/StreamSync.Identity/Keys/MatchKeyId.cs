namespace StreamSync.Identity;

/// <summary>
/// A match key as stage A holds it: a hash of group, rule and value instead of the value. Two keys that fall together by chance cost comparisons,
/// never a link: what a shared identifier adds is found in the records themselves.
/// </summary>
public readonly record struct MatchKeyId
{
    // There are millions of keys: the rule takes the place of the hash's lowest bits.
    const ulong KindMask = 31;

    readonly ulong _bits;

    /// <param name="kind">Rule.</param>
    /// <param name="hash">Hash (FNV-1a) of group, rule and value; its lowest 5 bits count for nothing.</param>
    public MatchKeyId(MatchKeyKind kind, ulong hash) => _bits = (hash & ~KindMask) | (byte)kind;

    /// <summary>Rule.</summary>
    public MatchKeyKind Kind => (MatchKeyKind)(_bits & KindMask);

    /// <summary>Hash of group, rule and value, its lowest 5 bits zero; stable across processes.</summary>
    public ulong Hash => _bits & ~KindMask;

    /// <summary>Most members with which the key is still evidence.</summary>
    public int Cap => MatchKey.CapOf(Kind);

    /// <summary>The rule's place in a set of rules.</summary>
    internal uint Bit => BitOf(Kind);

    /// <summary>The rules of a set.</summary>
    internal static List<MatchKeyKind> KindsOf(uint kinds)
    {
        var list = new List<MatchKeyKind>();
        for (var kind = 1; kinds >> kind != 0; kind++)
        {
            if ((kinds >> kind & 1) != 0)
            {
                list.Add((MatchKeyKind)kind);
            }
        }

        return list;
    }

    internal static uint BitOf(MatchKeyKind kind) => 1u << (int)kind;
}
