using System.Collections.Frozen;

namespace StreamSync.Identity;

/// <summary>An address in canonical form; unknown parts are empty.</summary>
/// <param name="Number">House number.</param>
/// <param name="Street">Street, folded, usual words abbreviated, unit apart.</param>
/// <param name="City">City, folded.</param>
/// <param name="State">State, folded; the usual code of one of the USA, Canada or Australia.</param>
/// <param name="PostalCode">Postal code in upper case without spaces; five digits for a US ZIP.</param>
/// <param name="ZipRepaired">True when zeros that a spreadsheet dropped were put back.</param>
public readonly record struct NormalizedAddress(
    string Number, string Street, string City, string State, string PostalCode, bool ZipRepaired);

/// <summary>Canonical form of addresses.</summary>
public static class AddressNormalizer
{
    static readonly FrozenDictionary<string, string> Words = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["street"] = "st",
        ["avenue"] = "ave",
        ["av"] = "ave",
        ["road"] = "rd",
        ["drive"] = "dr",
        ["lane"] = "ln",
        ["court"] = "ct",
        ["place"] = "pl",
        ["boulevard"] = "blvd",
        ["terrace"] = "ter",
        ["circle"] = "cir",
        ["crescent"] = "cres",
        ["parkway"] = "pkwy",
        ["highway"] = "hwy",
        ["square"] = "sq",
        ["north"] = "n",
        ["south"] = "s",
        ["east"] = "e",
        ["west"] = "w",
        ["northeast"] = "ne",
        ["northwest"] = "nw",
        ["southeast"] = "se",
        ["southwest"] = "sw",
        ["mount"] = "mt",
        ["saint"] = "st",
        ["fort"] = "ft",
        ["close"] = "cl",
        ["trail"] = "trl",
        ["heights"] = "hts",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    static readonly FrozenSet<string> Units =
        new[] { "apt", "apartment", "unit", "suite", "ste", "floor", "fl", "rm", "room", "bldg", "lot", "trlr" }.ToFrozenSet(StringComparer.Ordinal);

    static readonly FrozenDictionary<string, string> States = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["alabama"] = "al",
        ["alaska"] = "ak",
        ["arizona"] = "az",
        ["arkansas"] = "ar",
        ["california"] = "ca",
        ["colorado"] = "co",
        ["connecticut"] = "ct",
        ["delaware"] = "de",
        ["florida"] = "fl",
        ["georgia"] = "ga",
        ["hawaii"] = "hi",
        ["idaho"] = "id",
        ["illinois"] = "il",
        ["indiana"] = "in",
        ["iowa"] = "ia",
        ["kansas"] = "ks",
        ["kentucky"] = "ky",
        ["louisiana"] = "la",
        ["maine"] = "me",
        ["maryland"] = "md",
        ["massachusetts"] = "ma",
        ["michigan"] = "mi",
        ["minnesota"] = "mn",
        ["mississippi"] = "ms",
        ["missouri"] = "mo",
        ["montana"] = "mt",
        ["nebraska"] = "ne",
        ["nevada"] = "nv",
        ["new hampshire"] = "nh",
        ["new jersey"] = "nj",
        ["new mexico"] = "nm",
        ["new york"] = "ny",
        ["north carolina"] = "nc",
        ["north dakota"] = "nd",
        ["ohio"] = "oh",
        ["oklahoma"] = "ok",
        ["oregon"] = "or",
        ["pennsylvania"] = "pa",
        ["rhode island"] = "ri",
        ["south carolina"] = "sc",
        ["south dakota"] = "sd",
        ["tennessee"] = "tn",
        ["texas"] = "tx",
        ["utah"] = "ut",
        ["vermont"] = "vt",
        ["virginia"] = "va",
        ["washington"] = "wa",
        ["west virginia"] = "wv",
        ["wisconsin"] = "wi",
        ["wyoming"] = "wy",
        ["district of columbia"] = "dc",
        ["puerto rico"] = "pr",
        ["virgin islands"] = "vi",
        ["guam"] = "gu",
        ["american samoa"] = "as",
        ["alberta"] = "ab",
        ["british columbia"] = "bc",
        ["manitoba"] = "mb",
        ["new brunswick"] = "nb",
        ["nova scotia"] = "ns",
        ["ontario"] = "on",
        ["quebec"] = "qc",
        ["saskatchewan"] = "sk",
        ["new south wales"] = "nsw",
        ["queensland"] = "qld",
        ["south australia"] = "sa",
        ["tasmania"] = "tas",
        ["victoria"] = "vic",
        ["western australia"] = "wa",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    // States and territories whose ZIP codes begin with 0; two zeros in Puerto Rico, the Virgin Islands and one town in New York.
    static readonly FrozenSet<string> ZeroStates = new[]
    {
        "ma", "ri", "nh", "me", "vt", "ct", "nj", "pr", "vi", "ae",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Normalises one address; never throws.</summary>
    public static NormalizedAddress Normalize(PostalAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var named = TextFolding.Fold(address.State);
        var state = States.GetValueOrDefault(named, named);
        var (zip, repaired) = PostalCode(address.PostalCode, state, TextFolding.Fold(address.Country));
        var (number, street) = Line(TextFolding.Fold(address.Line));
        var city = TextFolding.Fold(address.City);
        return new NormalizedAddress(number, street, JunkValues.IsJunkWord(city) ? "" : city, state, zip, repaired);
    }

    static (string Number, string Street) Line(string folded)
    {
        if (folded.Length == 0 || JunkValues.IsJunkWord(folded))
        {
            return ("", "");
        }

        var street = new ValueText(stackalloc char[96]);
        var number = "";
        var skipUnit = false;
        foreach (var range in folded.AsSpan().Split(' '))
        {
            var word = folded.AsSpan(range);
            if (skipUnit)
            {
                skipUnit = false;
                continue;
            }

            if (number.Length == 0 && street.Length == 0 && char.IsAsciiDigit(word[0]))
            {
                number = word.ToString();
                continue;
            }

            if (street.Length > 0 && Units.GetAlternateLookup<ReadOnlySpan<char>>().Contains(word))
            {
                skipUnit = true;
                continue;
            }

            if (street.Length > 0)
            {
                street.Append(' ');
            }

            street.Append(Words.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(word, out var shorter) ? shorter : word);
        }

        return (number, street.ToString());
    }

    static (string Code, bool Repaired) PostalCode(string? text, string state, string country)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return ("", false);
        }

        Span<char> code = stackalloc char[12];
        var length = 0;
        var digits = true;
        var trimmed = text.AsSpan().Trim();
        if (trimmed.EndsWith(".0", StringComparison.Ordinal))
        {
            trimmed = trimmed[..^2];
        }

        foreach (var c in trimmed)
        {
            if (!char.IsAsciiLetterOrDigit(c))
            {
                continue;
            }

            if (length == code.Length)
            {
                return ("", false);
            }

            digits &= char.IsAsciiDigit(c);
            code[length++] = char.ToUpperInvariant(c);
        }

        var value = code[..length];
        if (length == 0 || JunkValues.IsRepeated(value) && length > 3 && value[0] is '0' or '9')
        {
            return ("", false);
        }

        var us = country is "us" or "usa" or "united states" or "united states of america";
        var zero = ZeroStates.Contains(state) && (us || country.Length == 0);
        var repaired = false;
        if (digits && (us || zero))
        {
            var target = length switch
            {
                3 or 4 when zero => 5,
                7 or 8 when zero => 9,
                _ => length,
            };
            if (target != length)
            {
                repaired = true;
                Span<char> padded = stackalloc char[12];
                padded[..(target - length)].Fill('0');
                value.CopyTo(padded[(target - length)..]);
                padded[..target].CopyTo(code);
                value = code[..target];
            }
        }

        return (value.Length == 9 && digits ? value[..5].ToString() : value.ToString(), repaired);
    }
}
