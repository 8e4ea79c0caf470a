namespace StreamSync.Identity;

/// <summary>Gathers the match keys of one record, each once, and knows how they are spelt.</summary>
/// <param name="org">The group that owns the record.</param>
/// <param name="keys">Receives the keys.</param>
sealed class KeyList(string org, List<MatchKey> keys)
{
    readonly HashSet<(MatchKeyKind, string)> _seen = [];

    public void Add(MatchKeyKind kind, string value)
    {
        if (_seen.Add((kind, value)))
        {
            keys.Add(new MatchKey(org, kind, value));
        }
    }

    /// <summary>A key of two texts, in whichever order they stand.</summary>
    public void AddPair(MatchKeyKind kind, string x, string y) => Add(kind, string.CompareOrdinal(x, y) < 0 ? $"{x}/{y}" : $"{y}/{x}");

    /// <summary>Parts of a national id that a slip of the pen elsewhere leaves alone.</summary>
    public void AddNationalIds(PersonFeatures features)
    {
        foreach (var extra in features.Extras)
        {
            if (extra.Field == Field.NationalId)
            {
                Add(MatchKeyKind.NationalIdPart, Head(extra.Value, 5));
                Add(MatchKeyKind.NationalIdPart, "-" + Tail(extra.Value, 5));
            }
        }
    }

    /// <summary>The words of a record's names, without initials; at most six.</summary>
    public static List<string> Tokens(PersonFeatures features)
    {
        var tokens = new List<string>(4);
        foreach (var name in features.Names)
        {
            Words(name.First);
            Words(name.Middle);
            Words(name.Last);
        }

        return tokens;

        void Words(string text)
        {
            foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                if (word.Length > 1 && tokens.Count < 6 && !tokens.Contains(word))
                {
                    tokens.Add(word);
                }
            }
        }
    }

    public static string Head(string text, int length) => text.Length <= length ? text : text[..length];

    public static string Tail(string text, int length) => text.Length <= length ? text : text[^length..];
}
