using System.Text;

namespace StreamSync.Identity;

/// <summary>Case and accent folding to plain lower-case letters, digits and single spaces.</summary>
/// <remarks>
/// Own tables because the platform runs with invariant globalisation, where <see cref="string.Normalize()"/> leaves
/// accents in place. Letters outside the Latin blocks (Cyrillic, Arabic, Han) are kept, lower-cased.
/// </remarks>
static class TextFolding
{
    // One base letter for each of U+00C0..U+024F; '*' marks the letters that become two, ' ' those that have no base.
    const string LatinBlocks =
        "aaaaaa*ceeeeiiiidnooooo ouuuuy**aaaaaa*ceeeeiiiidnooooo ouuuuy*yaaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii##jjkkkllllll" +
        "  llnnnnnnnnnoooooo**rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs b    o  dd   eeeffg  iikkl  nnooo  pp     ttttuu vyyzz" +
        "             #########aaiioouuuuuuuuuu aaaa    ggkkoooo  j###gg  nnaa    aaaaeeeeiiiioooorrrruuuusstt  hh      aaeeooooooooyy";

    // U+1E00..U+1EF9, Latin Extended Additional (Vietnamese among others).
    const string LatinAdditional =
        "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuu" +
        "vvvvwwwwwwwwwwxxxxyyzzzzzzhtwy s  * aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy";

    /// <summary>Folds text; every run of other characters becomes one space. Apostrophes and full stops vanish (O'Neil → oneil).</summary>
    public static string Fold(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        if (IsFolded(text))
        {
            return text;
        }

        var folded = new ValueText(stackalloc char[128]);
        var gap = false;
        foreach (var c in text)
        {
            if (c is '\'' or '’' or '‘' or '`' or '´' or '.' || c is >= '\u0300' and <= '\u036F')
            {
                continue;
            }

            if (!char.IsLetterOrDigit(c) && !char.IsSurrogate(c))
            {
                gap = folded.Length > 0;
                continue;
            }

            if (gap)
            {
                folded.Append(' ');
                gap = false;
            }

            FoldLetter(c, ref folded);
        }

        return folded.ToString();
    }

    static void FoldLetter(char c, ref ValueText folded)
    {
        if (c < 0x80)
        {
            folded.Append(c is >= 'A' and <= 'Z' ? (char)(c | 0x20) : c);
            return;
        }

        var to = c switch
        {
            >= '\u00C0' when c - 0xC0 < LatinBlocks.Length => LatinBlocks[c - 0xC0],
            >= '\u1E00' when c - 0x1E00 < LatinAdditional.Length => LatinAdditional[c - 0x1E00],
            _ => ' ',
        };
        if (to is >= 'a' and <= 'z')
        {
            folded.Append(to);
            return;
        }

        var two = c switch
        {
            'Æ' or 'æ' => "ae",
            'Œ' or 'œ' => "oe",
            'Þ' or 'þ' => "th",
            'ß' or 'ẞ' => "ss",
            'Ĳ' or 'ĳ' => "ij",
            _ => null,
        };
        if (two is not null)
        {
            folded.Append(two[0]);
            folded.Append(two[1]);
            return;
        }

        folded.Append(char.ToLowerInvariant(c));
    }

    static bool IsFolded(string text)
    {
        var previous = ' ';
        foreach (var c in text)
        {
            if (!(c is >= 'a' and <= 'z' or >= '0' and <= '9') && !(c == ' ' && previous != ' '))
            {
                return false;
            }

            previous = c;
        }

        return previous != ' ';
    }
}
