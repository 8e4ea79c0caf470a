namespace StreamSync.Identity;

/// <summary>Comparison of single values: free text, numbers as typed, fixed categories.</summary>
static class Values
{
    public static Outcome Text(string x, string y, FrequencyTable table, FrequencyKind kind)
    {
        if (x.Length == 0 || y.Length == 0)
        {
            return default;
        }

        if (x == y)
        {
            return new Outcome(Levels.Exact, table.Of(kind, x));
        }

        var similarity = StringDistance.JaroWinkler(x, y);
        if (similarity >= 0.94 || (Math.Min(x.Length, y.Length) >= 4 && StringDistance.Damerau(x, y, 1) <= 1) || EqualButForSpaces(x, y))
        {
            return new Outcome(Levels.Texts.Alike, Math.Min(table.Of(kind, x), table.Of(kind, y)));
        }

        if (SharedWord(x, y, table) is > 0 and var word)
        {
            return new Outcome(Levels.Texts.Word, word);
        }

        return new Outcome(similarity >= 0.82 ? Levels.Texts.Somewhat : Levels.Texts.Differs, 0);
    }

    public static Outcome Number(string x, string y, FrequencyTable table, FrequencyKind kind)
    {
        if (x.Length == 0 || y.Length == 0)
        {
            return default;
        }

        if (x == y)
        {
            return new Outcome(Levels.Exact, table.Of(kind, x));
        }

        var edits = StringDistance.Damerau(x, y, 3);

        // In a short number one edit is much.
        var level = edits > 3 || edits * 2 > Math.Max(x.Length, y.Length) ? Levels.Numbers.Differs
            : edits == 1 ? Levels.Numbers.OneEdit : edits == 2 ? Levels.Numbers.TwoEdits : Levels.Numbers.ThreeEdits;
        return new Outcome(level, 0);
    }

    public static Outcome Category(string x, string y, FrequencyTable table, FrequencyKind kind)
    {
        if (x.Length == 0 || y.Length == 0)
        {
            return default;
        }

        return x == y ? new Outcome(Levels.Exact, table.Of(kind, x))
            : new Outcome(x.Length > 1 && y.Length > 1 && StringDistance.Damerau(x, y, 1) <= 1 ? Levels.Categories.OneEdit : Levels.Categories.Differs, 0);
    }

    /// <summary>True when two texts may compare at a level that speaks for one person: equal, alike or with a word in common.</summary>
    public static bool MayCorroborate(ReadOnlySpan<char> x, ReadOnlySpan<char> y) =>
        StringDistance.Damerau(x, y, 1) <= 1 || StringDistance.JaroWinkler(x, y) >= 0.94 || EqualButForSpaces(x, y) || SharesWord(x, y);

    static bool SharesWord(ReadOnlySpan<char> x, ReadOnlySpan<char> y)
    {
        foreach (var range in x.Split(' '))
        {
            var word = x[range];
            if (word.Length < 3)
            {
                continue;
            }

            foreach (var other in y.Split(' '))
            {
                if (y[other].SequenceEqual(word))
                {
                    return true;
                }
            }
        }

        return false;
    }

    static bool EqualButForSpaces(ReadOnlySpan<char> x, ReadOnlySpan<char> y)
    {
        if (!x.Contains(' ') && !y.Contains(' '))
        {
            return false;
        }

        int i = 0, j = 0;
        while (true)
        {
            while (i < x.Length && x[i] == ' ')
            {
                i++;
            }

            while (j < y.Length && y[j] == ' ')
            {
                j++;
            }

            if (i == x.Length || j == y.Length)
            {
                return i == x.Length && j == y.Length;
            }

            if (x[i++] != y[j++])
            {
                return false;
            }
        }
    }

    /// <summary>Rarity of the rarest word (of three letters or more) that both texts hold; 0 when there is none.</summary>
    static short SharedWord(string x, string y, FrequencyTable table)
    {
        short best = 0;
        if (!x.Contains(' ', StringComparison.Ordinal) && !y.Contains(' ', StringComparison.Ordinal))
        {
            return 0;
        }

        foreach (var range in x.AsSpan().Split(' '))
        {
            var word = x.AsSpan(range);
            if (word.Length < 3 || word is "the" or "and" or "city")
            {
                continue;
            }

            foreach (var other in y.AsSpan().Split(' '))
            {
                if (y.AsSpan(other).SequenceEqual(word))
                {
                    best = Math.Max(best, table.Of(FrequencyKind.Word, word.ToString()));
                }
            }
        }

        return best;
    }
}
