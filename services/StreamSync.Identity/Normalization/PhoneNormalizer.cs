using System.Collections.Concurrent;
using PhoneNumbers;

namespace StreamSync.Identity;

/// <summary>What kind of line a number is, as far as its digits tell.</summary>
public enum LineType : byte
{
    /// <summary>Not known.</summary>
    Unknown = 0,

    /// <summary>Mobile.</summary>
    Mobile = 1,

    /// <summary>Fixed line.</summary>
    Fixed = 2,

    /// <summary>Fixed or mobile: the numbering plan (North America) does not tell.</summary>
    FixedOrMobile = 3,

    /// <summary>Internet telephony.</summary>
    Voip = 4,

    /// <summary>Toll-free, premium or shared-cost: never one person's.</summary>
    Service = 5,
}

/// <summary>A phone number in canonical form.</summary>
/// <param name="E164">E.164 with the plus sign; empty when invalid or junk.</param>
/// <param name="Extension">Extension digits, or empty; no part of the match key.</param>
/// <param name="Line">Line type.</param>
/// <param name="Quality">Whether it identifies anybody.</param>
public readonly record struct NormalizedPhone(string E164, string Extension, LineType Line, ContactQuality Quality);

/// <summary>Canonical form of phone numbers, by Google's libphonenumber metadata. Safe for concurrent use.</summary>
/// <param name="defaultRegion">ISO region that numbers without a country code belong to.</param>
public sealed class PhoneNormalizer(string defaultRegion = "US")
{
    // A verdict of the numbering plan depends on the leading digits; parsing each of a million numbers costs 100 times more.
    readonly ConcurrentDictionary<int, LineType?> _nanpPrefixes = new();
    readonly PhoneNumberUtil _util = PhoneNumberUtil.GetInstance();

    /// <summary>True for the ISO code of a region whose numbers are known.</summary>
    public static bool KnowsRegion(string region) => PhoneNumberUtil.GetInstance().GetSupportedRegions().Contains(region);

    readonly bool _nanp = PhoneNumberUtil.GetInstance().GetCountryCodeForRegion(defaultRegion) == 1;

    /// <summary>Normalises one number; never throws.</summary>
    public NormalizedPhone Normalize(string? text)
    {
        if (string.IsNullOrWhiteSpace(text) || text.Length > 60)
        {
            return Bad(ContactQuality.Invalid);
        }

        Span<char> digits = stackalloc char[60];
        var count = 0;
        var plain = true;
        var plus = false;
        foreach (var c in text)
        {
            if (char.IsAsciiDigit(c))
            {
                digits[count++] = c;
            }
            else if (c == '+' && count == 0)
            {
                plus = true;
            }
            else if (!(c is ' ' or '-' or '.' or '(' or ')' or '/' or '\u00A0' or '\u2010' or '\u2011' or '\u2013'))
            {
                plain = false;
            }
        }

        if (count < 7 || IsScientific(text))
        {
            return Bad(count > 0 && JunkValues.IsRepeated(digits[..count]) ? ContactQuality.Junk : ContactQuality.Invalid);
        }

        if (JunkValues.IsRepeated(digits[..count]))
        {
            return Bad(ContactQuality.Junk);
        }

        if (plain && !plus && _nanp && count == 10)
        {
            return Nanp(digits[..10], text);
        }

        if (plain && count == 11 && digits[0] == '1' && (plus || _nanp))
        {
            return Nanp(digits.Slice(1, 10), text);
        }

        return Parse(text, digits[..count], plus);
    }

    static NormalizedPhone Bad(ContactQuality quality) => new("", "", LineType.Unknown, quality);

    static bool IsScientific(string text)
    {
        // A spreadsheet wrote 5.55E+09: the digits that make the number are gone.
        var e = text.AsSpan().IndexOfAny('e', 'E');
        return e > 0 && e + 2 < text.Length && char.IsAsciiDigit(text[e - 1]) && text[e + 1] is '+' or '-' && char.IsAsciiDigit(text[^1]);
    }

    NormalizedPhone Nanp(ReadOnlySpan<char> ten, string text)
    {
        if (JunkValues.IsJunkNanp(ten))
        {
            return Bad(ContactQuality.Junk);
        }

        var prefix = int.Parse(ten[..6], System.Globalization.CultureInfo.InvariantCulture);
        if (!_nanpPrefixes.TryGetValue(prefix, out var line))
        {
            line = Verdict($"+1{ten}", out _);
            _nanpPrefixes.TryAdd(prefix, line);
        }

        return line is { } known ? Good($"+1{ten}", "", known) : Parse(text, ten, plus: false);
    }

    NormalizedPhone Parse(string text, ReadOnlySpan<char> digits, bool plus)
    {
        try
        {
            PhoneNumber? number = _util.Parse(text, defaultRegion);
            if (!_util.IsValidNumber(number) && !plus && digits.Length >= 11)
            {
                // Without a plus, but with a country code: 919800000042.
                Verdict($"+{digits}", out number);
            }

            if (number is null || !_util.IsValidNumber(number))
            {
                return Bad(ContactQuality.Invalid);
            }

            var e164 = _util.Format(number, PhoneNumberFormat.E164);
            return e164.StartsWith("+1", StringComparison.Ordinal) && JunkValues.IsJunkNanp(e164.AsSpan(2))
                ? Bad(ContactQuality.Junk)
                : Good(e164, number.Extension ?? "", Map(_util.GetNumberType(number)));
        }
        catch (NumberParseException)
        {
            return Bad(ContactQuality.Invalid);
        }
    }

    LineType? Verdict(string e164, out PhoneNumber? number)
    {
        number = null;
        try
        {
            number = _util.Parse(e164, null);
            return _util.IsValidNumber(number) ? Map(_util.GetNumberType(number)) : null;
        }
        catch (NumberParseException)
        {
            return null;
        }
    }

    static NormalizedPhone Good(string e164, string extension, LineType line) =>
        new(e164, extension, line, line == LineType.Service ? ContactQuality.Shared : ContactQuality.Identifying);

    static LineType Map(PhoneNumberType type) => type switch
    {
        PhoneNumberType.MOBILE => LineType.Mobile,
        PhoneNumberType.FIXED_LINE => LineType.Fixed,
        PhoneNumberType.FIXED_LINE_OR_MOBILE => LineType.FixedOrMobile,
        PhoneNumberType.VOIP => LineType.Voip,
        PhoneNumberType.TOLL_FREE or PhoneNumberType.PREMIUM_RATE or PhoneNumberType.SHARED_COST or PhoneNumberType.UAN => LineType.Service,
        _ => LineType.Unknown,
    };
}
