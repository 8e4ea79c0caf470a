using System.Collections.Frozen;

namespace StreamSync.Identity;

/// <summary>Which given names are forms of one another (Liz, Beth, Elizabeth).</summary>
static class Nicknames
{
    static readonly FrozenDictionary<string, string[]> Roots = Load();
    static readonly FrozenDictionary<string, string[]>.AlternateLookup<ReadOnlySpan<char>> BySpan =
        Roots.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>True when the two folded names differ and may both stand for one given name.</summary>
    public static bool AreForms(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        if (!BySpan.TryGetValue(a, out var rootsA) || !BySpan.TryGetValue(b, out var rootsB))
        {
            return false;
        }

        foreach (var root in rootsA)
        {
            if (Array.IndexOf(rootsB, root) >= 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The full form a name most often stands for; the name itself where it is none's short form.</summary>
    public static string Root(string folded) => Roots.TryGetValue(folded, out var roots) ? roots[0] : folded;

    static FrozenDictionary<string, string[]> Load()
    {
        var roots = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var line in DataFiles.Lines("nicknames.txt"))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var root = line[..colon];
            Add(root, root, first: true);
            foreach (var form in line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                Add(TextFolding.Fold(form), root, first: false);
            }
        }

        return roots.ToFrozenDictionary(pair => pair.Key, pair => pair.Value.ToArray(), StringComparer.Ordinal);

        void Add(string form, string root, bool first)
        {
            if (!roots.TryGetValue(form, out var list))
            {
                roots.Add(form, list = []);
            }

            if (!list.Contains(root))
            {
                list.Insert(first ? 0 : list.Count, root);
            }
        }
    }
}
