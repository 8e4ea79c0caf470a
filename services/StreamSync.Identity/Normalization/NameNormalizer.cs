using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace StreamSync.Identity;

/// <summary>A name in canonical form: folded tokens without titles, the suffix apart.</summary>
/// <param name="First">First given name; may be a single letter; empty when unknown.</param>
/// <param name="Middle">Other given names, space separated; may hold initials; empty when unknown.</param>
/// <param name="Last">Family name tokens without particles, space separated (two for a double surname); empty when unknown.</param>
/// <param name="Suffix">Generation: 1 for Sr, 2 for Jr or II, 3 for III ...; 0 when not given.</param>
public readonly record struct NormalizedName(string First, string Middle, string Last, byte Suffix)
{
    /// <summary>True when nothing usable is known.</summary>
    public bool IsEmpty => First is null or { Length: 0 } && Last is null or { Length: 0 };
}

/// <summary>Canonical form of personal names.</summary>
public static class NameNormalizer
{
    static readonly FrozenSet<string> Titles = new[]
    {
        "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "rev", "reverend", "fr", "father", "sister", "hon", "sir", "dame", "lord",
        "lady", "sen", "senator", "rep", "capt", "captain", "col", "colonel", "maj", "major", "gen", "general", "lt", "sgt", "baron",
        "baroness", "earl", "viscount", "duke", "marquess", "count", "countess", "bt", "baronet", "esq", "phd", "md", "dds", "rn", "jd", "cpa",
        "kcb", "gcb", "cb", "cbe", "obe", "mbe", "mp", "qc", "the", "1st", "4th", "5th", "6th", "7th", "8th", "9th", "10th", "11th", "12th",
        "13th", "14th", "15th", "srta", "sra", "marquis", "kt", "kcmg", "kcvo", "gcmg", "gcvo", "cmg", "cvo", "dso", "frs", "frse", "kg", "kbe", "dbe",
        "gbe", "kc", "bart", "of",
    }.ToFrozenSet(StringComparer.Ordinal);

    static readonly FrozenSet<string> Particles = new[]
    {
        "de", "del", "la", "las", "los", "le", "les", "du", "des", "da", "do", "dos", "das", "di", "della", "van", "von", "vom", "zu", "zur",
        "der", "den", "ter", "ten", "te", "y", "e", "el", "al", "bin", "ibn", "ben", "abu", "st", "san", "santa", "of", "af", "av",
    }.ToFrozenSet(StringComparer.Ordinal);

    static readonly char[] WordEnds = [' ', '\t', '\u00A0', ','];

    /// <summary>Normalises one name; never throws.</summary>
    public static NormalizedName Normalize(PersonName name)
    {
        ArgumentNullException.ThrowIfNull(name);
        byte suffix = 0;
        var given = FirstOfTwo(Clean(WithAnd(name.Given), ref suffix));
        var middle = Clean(name.Middle, ref suffix);
        var family = Clean(name.Family, ref suffix);
        if (name.Suffix is not null && Generation(TextFolding.Fold(name.Suffix)) is > 0 and var declared)
        {
            suffix = declared;
        }

        if (!string.IsNullOrWhiteSpace(name.Full))
        {
            (given, middle, family) = WithFull(WithAnd(name.Full), given, middle, family, ref suffix);
            middle = StartsWithAnd(middle) ? "" : middle;
        }

        var space = given.IndexOf(' ', StringComparison.Ordinal);
        if (space > 0)
        {
            middle = middle.Length == 0 ? given[(space + 1)..] : $"{given[(space + 1)..]} {middle}";
            given = given[..space];
        }

        return (IsTitleOrNone(given) && IsTitleOrNone(family) && middle.Length == 0) || NamesAnybody(given, middle, family)
            ? new NormalizedName("", "", "", suffix) : new NormalizedName(given, middle, DropParticles(family), suffix);
    }

    /// <summary>
    /// A name that its tool keeps in one field cut into parts, as it is written there but without titles; the name itself where it has parts, or where its
    /// parts can't be told in its own writing.
    /// </summary>
    public static PersonName InParts(PersonName name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!string.IsNullOrWhiteSpace(name.Given) || !string.IsNullOrWhiteSpace(name.Family) || string.IsNullOrWhiteSpace(name.Full))
        {
            return name;
        }

        var comma = name.Full.IndexOf(',', StringComparison.Ordinal);
        var suffix = name.Suffix;
        var (before, after) = comma < 0 ? (Words(name.Full, ref suffix), []) : (Words(name.Full[..comma], ref suffix), Words(name.Full[(comma + 1)..], ref suffix));
        var (given, family) = (after, before);
        if (after.Count == 0)
        {
            var start = FamilyStart([.. before.Select(TextFolding.Fold)], Math.Max(0, before.Count - 1));
            (given, family) = (before[..start], before[start..]);
        }

        var and = given.FindIndex(static word => word is "&" || TextFolding.Fold(word) is "and" or "y");
        given = and > 0 ? given[..and] : given;
        var parts = new PersonName(Text(given.Take(1)), Text(given.Skip(1)), Text(family), suffix);

        // Two ways to cut a name must not come to two names.
        return Normalize(name) is { IsEmpty: false } normal && Normalize(parts) == normal ? parts : name;

        static string? Text(IEnumerable<string> words) => string.Join(' ', words) is { Length: > 0 } text ? text : null;
    }

    /// <summary>The words of a name as they are written, without titles; a generation at its end is taken out.</summary>
    static List<string> Words(string text, ref string? suffix)
    {
        var words = text.Split(WordEnds, StringSplitOptions.RemoveEmptyEntries).ToList();
        words.RemoveAll(word => Titles.Contains(TextFolding.Fold(word)) && !(word == words[^1] && words.Count > 1 && IsSurnameToo(TextFolding.Fold(word))));
        if (words.Count > 0 && Generation(TextFolding.Fold(words[^1])) > 0)
        {
            suffix ??= words[^1];
            words.RemoveAt(words.Count - 1);
        }

        return words;
    }

    /// <summary>Of a couple's record ("Paul and Carol") the one who is named first: the other has no part in whose record it is.</summary>
    static string FirstOfTwo(string given)
    {
        for (var space = given.IndexOf(' ', StringComparison.Ordinal); space > 0; space = given.IndexOf(' ', space + 1))
        {
            if (StartsWithAnd(given.AsSpan(space + 1)))
            {
                return given[..space];
            }
        }

        return given;
    }

    static bool StartsWithAnd(ReadOnlySpan<char> text) => text.StartsWith("and ", StringComparison.Ordinal) || text.StartsWith("y ", StringComparison.Ordinal);

    [return: NotNullIfNotNull(nameof(text))]
    static string? WithAnd(string? text) => text?.Replace("&", " and ", StringComparison.Ordinal);

    /// <summary>True when every word is a placeholder, so that not even a given name is left ("Resident Donor"; but not "Maria Donor").</summary>
    static bool NamesAnybody(string given, string middle, string family)
    {
        var found = false;
        return JunkValues.IsNobody(given, ref found) && JunkValues.IsNobody(middle, ref found) && JunkValues.IsNobody(family, ref found) && found;
    }

    static bool IsTitleOrNone(string name) => name.Length == 0 || IsTitles(name);

    /// <summary>
    /// The full name adds the names that the parts lack, and replaces parts that were cut wrongly ("Sir" as a given name); it stands alone where
    /// there are no parts.
    /// </summary>
    static (string Given, string Middle, string Family) WithFull(string full, string given, string middle, string family, ref byte suffix)
    {
        if (given.Length == 0 && family.Length == 0)
        {
            return Split(full, ref suffix);
        }

        byte ignored = 0;
        var words = Clean(full, ref ignored);
        if (words.Length > given.Length + family.Length + 1 && given.Length > 0 && family.Length > 0 && middle.Length == 0
            && words.StartsWith(given, StringComparison.Ordinal) && words.EndsWith(family, StringComparison.Ordinal)
            && words[given.Length] == ' ' && words[^(family.Length + 1)] == ' ')
        {
            return (given, words[(given.Length + 1)..^(family.Length + 1)].Trim(), family);
        }

        var split = Split(full, ref suffix);
        return Titles.Contains(given) && split.Family.Length > 0 ? split
            : Titles.Contains(family) && split.Given.Length > 0 ? split
            : (given, middle, family);
    }

    static (string Given, string Middle, string Family) Split(string full, ref byte suffix)
    {
        var comma = full.IndexOf(',', StringComparison.Ordinal);
        if (comma >= 0)
        {
            var before = Clean(full[..comma], ref suffix);
            var after = Clean(full[(comma + 1)..], ref suffix);
            if (after.Length > 0 && !IsTitles(after))
            {
                return (after, "", before);
            }

            foreach (var range in after.AsSpan().Split(' '))
            {
                suffix = Generation(after.AsSpan(range)) is > 0 and var generation ? generation : suffix;
            }

            full = before;
        }

        var words = Clean(full, ref suffix);
        if (words.Length == 0)
        {
            return ("", "", "");
        }

        var parts = words.Split(' ');
        if (parts.Length == 1)
        {
            return ("", "", parts[0]);
        }

        // A hyphen makes two words of the last one.
        var start = FamilyStart(parts, Math.Max(1, parts.Length - WordsInLast(full, words)));
        return (parts[0], string.Join(' ', parts[1..start]), string.Join(' ', parts[start..]));
    }

    /// <summary>
    /// Where the family name of a whole name starts: at its last word, or at the particles before it ("Maria de la Cruz"), or at the other name that it is
    /// joined to ("Maria Lopez y Garcia"). A lone "e", and a "y" behind the first word, is an initial.
    /// </summary>
    static int FamilyStart(string[] words, int last)
    {
        var start = last;
        while (start > 1 && Particles.Contains(words[start - 1]) && words[start - 1] is not "e")
        {
            if (words[start - 1] is not "y")
            {
                start--;
            }
            else if (start > 2)
            {
                start -= 2;
            }
            else
            {
                break;
            }
        }

        return start;
    }

    /// <summary>How many folded words the last word of a name is, as it is written: two where it has a hyphen.</summary>
    static int WordsInLast(string full, string words)
    {
        for (var end = full.Length; end > 0;)
        {
            var start = full.AsSpan(0, end).LastIndexOf(' ') + 1;
            if (TextFolding.Fold(full[start..end]) is { Length: > 0 } folded && words.EndsWith(folded, StringComparison.Ordinal))
            {
                return 1 + folded.Count(static c => c == ' ');
            }

            end = start - 1;
        }

        return 1;
    }

    /// <summary>Folds, drops titles and junk, and takes the generation out.</summary>
    static string Clean(string? text, ref byte suffix)
    {
        var folded = TextFolding.Fold(text);
        if (folded.Length == 0 || JunkValues.IsJunkWord(folded) || JunkValues.IsRepeated(folded) && folded.Length > 1)
        {
            return "";
        }

        if (!folded.Contains(' ', StringComparison.Ordinal))
        {
            return folded;
        }

        var kept = new ValueText(stackalloc char[96]);
        var position = 0;
        foreach (var range in folded.AsSpan().Split(' '))
        {
            var word = folded.AsSpan(range);
            var isLast = range.End.Value == folded.Length;
            position++;
            if (position > 1 && isLast && Generation(word) is > 0 and var generation)
            {
                suffix = generation;
                continue;
            }

            if ((Titles.GetAlternateLookup<ReadOnlySpan<char>>().Contains(word) && !(isLast && kept.Length > 0 && IsSurnameToo(word)))
                || (!isLast && position > 1 && word is "2nd" or "3rd"))
            {
                continue;
            }

            if (kept.Length > 0)
            {
                kept.Append(' ');
            }

            kept.Append(word);
        }

        // What is all titles ("sir 1st baronet") names nobody.
        return kept.Length == folded.Length ? folded : kept.ToString();
    }

    /// <summary>Ranks that are family names as well: at the end of a name they are one.</summary>
    static bool IsSurnameToo(ReadOnlySpan<char> word) =>
        word is "major" or "earl" or "baron" or "duke" or "count" or "general" or "captain" or "lord" or "page" or "miss" or "father";

    /// <summary>True when every word is a title or rank.</summary>
    static bool IsTitles(string words)
    {
        foreach (var range in words.AsSpan().Split(' '))
        {
            var word = words.AsSpan(range);
            if (!Titles.GetAlternateLookup<ReadOnlySpan<char>>().Contains(word) && word is not ("2nd" or "3rd" or "jr" or "sr" or "ii" or "iii" or "iv"))
            {
                return false;
            }
        }

        return true;
    }

    static byte Generation(ReadOnlySpan<char> word) => word switch
    {
        "sr" or "senior" or "1st" => 1,
        "jr" or "junior" or "ii" or "2nd" => 2,
        "iii" or "3rd" => 3,
        "iv" => 4,
        _ => 0,
    };

    static string DropParticles(string family)
    {
        if (!family.Contains(' ', StringComparison.Ordinal))
        {
            return family;
        }

        var kept = new ValueText(stackalloc char[96]);
        foreach (var range in family.AsSpan().Split(' '))
        {
            var word = family.AsSpan(range);
            if (Particles.GetAlternateLookup<ReadOnlySpan<char>>().Contains(word))
            {
                continue;
            }

            if (kept.Length > 0)
            {
                kept.Append(' ');
            }

            kept.Append(word);
        }

        return kept.Length == 0 ? family : kept.ToString();
    }
}
