namespace StreamSync.Identity;

/// <summary>Wider places inside a postal code.</summary>
static class PostalCodes
{
    /// <summary>
    /// The district: the outward part of a British code (SY5 of SY57NT), the first three characters of a Canadian one, all but the last two
    /// digits of a number of five or more, but the last digit of a shorter one.
    /// </summary>
    public static ReadOnlySpan<char> District(ReadOnlySpan<char> code)
    {
        if (code.Length < 3)
        {
            return code;
        }

        if (char.IsAsciiLetter(code[0]))
        {
            return code.Length >= 5 ? code[..^3] : code;
        }

        return code.Length >= 5 ? code[..^2] : code[..^1];
    }

    /// <summary>The area: the letters of a British code, the first letter of a Canadian one, the first two digits of a number.</summary>
    public static ReadOnlySpan<char> Area(ReadOnlySpan<char> code)
    {
        if (code.Length == 0)
        {
            return [];
        }

        var letters = 0;
        while (letters < code.Length && char.IsAsciiLetter(code[letters]))
        {
            letters++;
        }

        return letters > 0 ? code[..letters] : code[..Math.Min(2, code.Length)];
    }
}
