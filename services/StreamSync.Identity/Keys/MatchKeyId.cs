using System.Runtime.InteropServices;

namespace StreamSync.Identity;

/// <summary>
/// A match key as stage A holds it: a hash of group, rule and value instead of the value. Two keys that fall together by chance cost comparisons,
/// never a link: what a shared identifier adds is found in the records themselves.
/// </summary>
/// <param name="Kind">Rule.</param>
/// <param name="Hash">64-bit hash (FNV-1a) of group, rule and value; stable across processes.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct MatchKeyId(MatchKeyKind Kind, ulong Hash)
{
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
