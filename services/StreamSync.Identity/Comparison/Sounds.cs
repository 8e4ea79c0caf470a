namespace StreamSync.Identity;

/// <summary>How a folded name sounds: Soundex (Russell 1918) with the first letter made alike where it sounds alike (C and K, PH and F).</summary>
static class Sounds
{
    // One digit for each letter a to z; vowels are 0, H and W are skipped.
    const string Codes = "01230120022455012623010202";

    public static string Of(string name)
    {
        if (name.Length == 0 || name[0] is < 'a' or > 'z')
        {
            return name;
        }

        Span<char> sound = stackalloc char[4];
        sound[0] = name[0] switch
        {
            'c' or 'q' => 'k',
            'p' when name.Length > 1 && name[1] == 'h' => 'f',
            'v' => 'f',
            'z' => 's',
            'j' => 'g',
            'i' => 'y',
            _ => name[0],
        };
        var length = 1;
        var previous = Codes[name[0] - 'a'];
        for (var i = 1; i < name.Length && length < 4; i++)
        {
            var c = name[i];
            if (c is < 'a' or > 'z' or 'h' or 'w')
            {
                continue;
            }

            var code = Codes[c - 'a'];
            if (code != '0' && code != previous)
            {
                sound[length++] = code;
            }

            previous = code;
        }

        return new string(sound[..length]);
    }
}
