namespace StreamSync.Identity;

/// <summary>String similarities used in comparison levels.</summary>
static class StringDistance
{
    /// <summary>Jaro–Winkler similarity, 0 to 1 (Winkler 1990: prefix scale 0.1, at most 4 characters).</summary>
    public static double JaroWinkler(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        if (a.SequenceEqual(b))
        {
            return 1;
        }

        if (a.Length == 0 || b.Length == 0 || a.Length > 64 || b.Length > 64)
        {
            return 0;
        }

        var window = Math.Max(0, (Math.Max(a.Length, b.Length) / 2) - 1);
        ulong matchedB = 0;
        Span<char> matchesA = stackalloc char[64];
        var matches = 0;
        for (var i = 0; i < a.Length; i++)
        {
            var from = Math.Max(0, i - window);
            var to = Math.Min(b.Length, i + window + 1);
            for (var j = from; j < to; j++)
            {
                if ((matchedB >> j & 1) == 0 && a[i] == b[j])
                {
                    matchedB |= 1UL << j;
                    matchesA[matches++] = a[i];
                    break;
                }
            }
        }

        if (matches == 0)
        {
            return 0;
        }

        var halfTranspositions = 0;
        var k = 0;
        for (var j = 0; j < b.Length; j++)
        {
            if ((matchedB >> j & 1) != 0 && b[j] != matchesA[k++])
            {
                halfTranspositions++;
            }
        }

        double m = matches;
        var jaro = ((m / a.Length) + (m / b.Length) + ((m - (halfTranspositions / 2)) / m)) / 3;
        var prefix = 0;
        while (prefix < 4 && prefix < a.Length && prefix < b.Length && a[prefix] == b[prefix])
        {
            prefix++;
        }

        return jaro + (prefix * 0.1 * (1 - jaro));
    }

    /// <summary>
    /// Edits (insert, delete, replace, swap of neighbours; optimal string alignment) between two strings, or
    /// <paramref name="limit"/> + 1 when there are more.
    /// </summary>
    public static int Damerau(ReadOnlySpan<char> a, ReadOnlySpan<char> b, int limit)
    {
        if (Math.Abs(a.Length - b.Length) > limit || a.Length > 63 || b.Length > 63)
        {
            return limit + 1;
        }

        Span<int> rows = stackalloc int[64 * 3];
        var before = rows[..64];
        var previous = rows.Slice(64, 64);
        var current = rows.Slice(128, 64);
        for (var j = 0; j <= b.Length; j++)
        {
            previous[j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            var best = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                var value = Math.Min(Math.Min(current[j - 1], previous[j]) + 1, previous[j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    value = Math.Min(value, before[j - 2] + 1);
                }

                current[j] = value;
                best = Math.Min(best, value);
            }

            if (best > limit)
            {
                return limit + 1;
            }

            var spare = before;
            before = previous;
            previous = current;
            current = spare;
        }

        return Math.Min(previous[b.Length], limit + 1);
    }
}
