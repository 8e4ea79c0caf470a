using System.Runtime.CompilerServices;
using System.Text;

namespace StreamSync.Identity;

/// <summary>
/// What of a record may make a pair more than an agreement of names, in one piece of memory. Most records that share a key are strangers, and nearly
/// all of them have nothing of it in common: to see that costs a few lines of cache instead of the comparison of two records.
/// </summary>
/// <remarks>
/// It follows from <see cref="PairFlags.NamesAlone"/>: without a corroborating field a pair stays below
/// <see cref="IdentityModel.NamesAloneCeiling"/>, and so is not told where that lies below <see cref="IdentityModel.ReviewFloor"/>. In doubt a pair
/// is compared.
/// </remarks>
struct Corroborants
{
    const int Longest = 63;

    // A part: what it is and its length, then its letters.
    Letters _parts;
    ulong _ids;
    byte _length;
    bool _isOpen;

    enum Part : byte
    {
        BirthDate = 0,
        Phone = 1 << 6,
        Street = 2 << 6,
        Email = 3 << 6,
    }

    /// <summary>The corroborants of a record.</summary>
    public static Corroborants Of(PersonFeatures features)
    {
        var of = default(Corroborants);

        // What has no place here, and codes that name a street, are left to the comparison.
        of._isOpen = features.BirthPlace.Length > 0 || features.Occupation.Length > 0 || features.Extras.Length > 0;
        foreach (var id in features.Ids)
        {
            of._ids |= 1UL << (id.Value.GetHashCode(StringComparison.Ordinal) & 63);
        }

        of.Add(Part.BirthDate, features.BirthDate.Digits);
        foreach (var phone in features.Phones)
        {
            of.Add(Part.Phone, phone);
        }

        foreach (var address in features.Addresses)
        {
            of._isOpen |= address.PostalCode.Length > 0 && char.IsAsciiLetter(address.PostalCode[0]);
            of.Add(Part.Street, address.Street);
        }

        foreach (var email in features.Emails)
        {
            of.Add(Part.Email, email);
        }

        return of;
    }

    /// <summary>False when two records have no id and nothing that corroborates in common.</summary>
    public static bool MayAgree(ref readonly Corroborants a, ref readonly Corroborants b)
    {
        if (a._isOpen || b._isOpen || (a._ids & b._ids) != 0)
        {
            return true;
        }

        Span<char> room = stackalloc char[2 * Longest];
        for (int i = 0, after; i < a._length; i = after)
        {
            var part = a._parts[i] & (int)Part.Email;
            after = i + 1 + (a._parts[i] & Longest);
            var x = room[..0];
            for (int j = 0, next; j < b._length; j = next)
            {
                next = j + 1 + (b._parts[j] & Longest);
                if ((b._parts[j] & (int)Part.Email) != part)
                {
                    continue;
                }

                if (x.Length == 0)
                {
                    x = Widen(a._parts[(i + 1)..after], room[..Longest]);
                }

                if (Agree((Part)part, x, Widen(b._parts[(j + 1)..next], room[Longest..])))
                {
                    return true;
                }
            }
        }

        return false;
    }

    static bool Agree(Part part, ReadOnlySpan<char> x, ReadOnlySpan<char> y) => part switch
    {
        Part.BirthDate => BirthDates.MayCorroborate(x, y),
        Part.Phone => Contacts.MayCorroboratePhones(x, y),
        Part.Email => Contacts.MayCorroborateEmails(x, y),
        _ => Values.MayCorroborate(x, y),
    };

    static Span<char> Widen(ReadOnlySpan<byte> letters, Span<char> room)
    {
        Encoding.ASCII.GetChars(letters, room);
        return room[..letters.Length];
    }

    void Add(Part part, string text)
    {
        if (text.Length == 0 || _isOpen)
        {
            return;
        }

        if (text.Length > Longest || _length + 1 + text.Length > Letters.Count || !Ascii.IsValid(text))
        {
            _isOpen = true;
            return;
        }

        _parts[_length] = (byte)((int)part | text.Length);
        Encoding.ASCII.GetBytes(text, _parts[(_length + 1)..(_length + 1 + text.Length)]);
        _length += (byte)(1 + text.Length);
    }

    [InlineArray(Count)]
    struct Letters
    {
        public const int Count = 118;

        byte _first;
    }
}
