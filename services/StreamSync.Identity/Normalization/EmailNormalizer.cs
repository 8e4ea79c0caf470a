using System.Globalization;

namespace StreamSync.Identity;

/// <summary>How far an e-mail address or phone number may be trusted to point at one person.</summary>
public enum ContactQuality : byte
{
    /// <summary>Usable: delivers, and identifies subject to the degree limit.</summary>
    Identifying = 0,

    /// <summary>Delivers, but belongs to a role or an office (info@, toll-free): no match key.</summary>
    Shared = 1,

    /// <summary>A placeholder typed to get past a form: no contact point at all.</summary>
    Junk = 2,

    /// <summary>Not an address or number.</summary>
    Invalid = 3,
}

/// <summary>An e-mail address in canonical form.</summary>
/// <param name="Address">For sending: lower case, domain in ASCII form, plus tag kept. Empty when invalid or junk.</param>
/// <param name="MatchKey">For matching: plus tag dropped, and dots too where the provider ignores them.</param>
/// <param name="Quality">Whether it identifies anybody.</param>
public readonly record struct NormalizedEmail(string Address, string MatchKey, ContactQuality Quality);

/// <summary>Canonical form of e-mail addresses.</summary>
public static class EmailNormalizer
{
    static readonly IdnMapping Idn = new();

    /// <summary>Normalises one address; never throws.</summary>
    public static NormalizedEmail Normalize(string? text)
    {
        var raw = Strip(text.AsSpan());
        var at = raw.LastIndexOf('@');
        if (at < 1 || at > 64 || at == raw.Length - 1 || raw.Length > 254)
        {
            return Bad(JunkValues.IsJunkWord(TextFolding.Fold(text)) ? ContactQuality.Junk : ContactQuality.Invalid);
        }

        var domain = Domain(raw[(at + 1)..]);
        var local = raw[..at].ToString().ToLowerInvariant();
        if (domain is null || !IsLocalPart(local))
        {
            return Bad(ContactQuality.Invalid);
        }

        var key = local;
        var plus = key.IndexOf('+', StringComparison.Ordinal);
        if (plus > 0)
        {
            key = key[..plus];
        }

        if (JunkValues.IsJunkEmail(key, domain))
        {
            return Bad(ContactQuality.Junk);
        }

        var keyDomain = domain;
        if (domain is "gmail.com" or "googlemail.com")
        {
            key = key.Replace(".", "", StringComparison.Ordinal);
            keyDomain = "gmail.com";
        }

        var quality = JunkValues.IsRoleMailbox(key) ? ContactQuality.Shared : ContactQuality.Identifying;
        return new NormalizedEmail($"{local}@{domain}", $"{key}@{keyDomain}", quality);
    }

    static NormalizedEmail Bad(ContactQuality quality) => new("", "", quality);

    static ReadOnlySpan<char> Strip(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        var open = text.LastIndexOf('<');
        if (open >= 0)
        {
            var close = text[open..].IndexOf('>');
            text = close > 0 ? text.Slice(open + 1, close - 1) : text[(open + 1)..];
        }

        text = text.Trim(" \t\u00A0\u200B\uFEFF\"';,").Trim();
        if (text.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase))
        {
            text = text[7..];
            var query = text.IndexOf('?');
            text = (query >= 0 ? text[..query] : text).Trim();
        }

        return text;
    }

    static string? Domain(ReadOnlySpan<char> text)
    {
        var domain = text.TrimEnd('.').ToString();
        foreach (var c in domain)
        {
            if (c > 0x7F)
            {
                try
                {
                    domain = Idn.GetAscii(domain);
                }
                catch (ArgumentException)
                {
                    return null;
                }

                break;
            }
        }

        domain = domain.ToLowerInvariant();
        var label = 0;
        var labels = 0;
        foreach (var c in domain)
        {
            if (c == '.')
            {
                if (label == 0)
                {
                    return null;
                }

                label = 0;
                labels++;
            }
            else if (c is >= 'a' and <= 'z' or >= '0' and <= '9' or '-')
            {
                label++;
            }
            else
            {
                return null;
            }
        }

        return labels >= 1 && label >= 2 ? domain : null;
    }

    static bool IsLocalPart(string local)
    {
        foreach (var c in local)
        {
            if (c <= ' ' || c is '@' or '(' or ')' or '<' or '>' or ',' or ';' or ':' or '"' or '\\' or '[' or ']' or '\u00A0')
            {
                return false;
            }
        }

        return local[0] != '.' && local[^1] != '.';
    }
}
