namespace StreamSync.Kafka.Configuration;

/// <summary>Suggests what a mistyped name may have meant.</summary>
static class NearestName
{
    /// <summary>The candidate with the fewest edits, when they are few for its length; null otherwise.</summary>
    public static string? Find(string name, IEnumerable<string> candidates) => candidates
        .Select(c => (Name: c, Edits: Distance(name.ToLowerInvariant(), c)))
        .Where(c => c.Edits <= Math.Max(1, Math.Max(name.Length, c.Name.Length) / 3))
        .OrderBy(c => c.Edits)
        .ThenBy(c => c.Name, StringComparer.Ordinal)
        .Select(c => c.Name)
        .FirstOrDefault();

    /// <summary>Edits between two words: insert, delete, replace, swap of neighbours (optimal string alignment).</summary>
    static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            d[i, 0] = i;
        }

        for (var j = 0; j <= b.Length; j++)
        {
            d[0, j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                d[i, j] = Math.Min(Math.Min(d[i - 1, j] + 1, d[i, j - 1] + 1), d[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
                }
            }
        }

        return d[a.Length, b.Length];
    }
}
