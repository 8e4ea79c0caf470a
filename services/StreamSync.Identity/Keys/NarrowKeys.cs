namespace StreamSync.Identity;

/// <summary>
/// Match keys of records as they arrive, which only bring them together: those of pairs that something beside names may prove to be one person. Each
/// is so narrow that among millions few records share it: what a record costs must not grow with those that are there.
/// </summary>
static class NarrowKeys
{
    public static void Add(PersonFeatures features, KeyList keys)
    {
        var tokens = KeyList.Tokens(features);
        var roots = tokens.ConvertAll(Nicknames.Root);
        var digits = features.BirthDate.Digits;
        if (digits.Length == 8)
        {
            for (var i = 0; i < roots.Count; i++)
            {
                // A birth date and an initial are those of many.
                keys.Add(MatchKeyKind.NameBirthDate, $"{digits}/{KeyList.Head(roots[i], 4)}");
            }

            AddTwoNames(MatchKeyKind.MonthDayName, roots, digits[4..], keys);
        }

        foreach (var address in features.Addresses)
        {
            if (address.PostalCode.Length > 0)
            {
                AddTwoNames(MatchKeyKind.NamePostalCode, roots, address.PostalCode, keys);
            }

            if (address.Street.Length > 0)
            {
                Street(address, keys);
            }
        }

        foreach (var email in features.Emails)
        {
            var at = email.LastIndexOf('@');
            if (at > 0)
            {
                // A slip of the pen in the middle leaves one of the last two; the first letters alone are those of many.
                var (local, host) = (email[..at], email[(at + 1)..]);
                keys.Add(MatchKeyKind.EmailLocal, local);
                keys.Add(MatchKeyKind.EmailLocal, $"{KeyList.Head(local, 5)}*{KeyList.Tail(local, 3)}/{host}");
                keys.Add(MatchKeyKind.EmailLocal, $"{KeyList.Head(local, 3)}**{KeyList.Tail(local, 5)}/{host}");
            }
        }

        keys.AddNationalIds(features);
    }

    /// <summary>First letters of two names beside what they share: one name is that of many on each day, and in each large town.</summary>
    static void AddTwoNames(MatchKeyKind kind, List<string> roots, string shared, KeyList keys)
    {
        for (var i = 0; i < roots.Count; i++)
        {
            for (var j = i + 1; j < roots.Count; j++)
            {
                keys.AddPair(kind, shared + KeyList.Head(roots[i], 4), shared + KeyList.Head(roots[j], 4));
            }
        }
    }

    /// <summary>Every town has a main street: what tells one from another is a postal district or a city, and of a house number its place.</summary>
    static void Street(NormalizedAddress address, KeyList keys)
    {
        var street = $"{address.Number}/{address.Street}";
        if (address.PostalCode.Length > 0)
        {
            keys.Add(MatchKeyKind.Street, $"{street}/{PostalCodes.District(address.PostalCode)}");
        }

        if (address.City.Length > 0)
        {
            keys.Add(MatchKeyKind.Street, $"{street}/{address.City}");
        }

        var place = address.PostalCode.Length > 0 ? address.PostalCode : address.City;
        if (place.Length == 0)
        {
            keys.Add(MatchKeyKind.Street, street);
        }
        else if (address.Number.Length > 0)
        {
            keys.Add(MatchKeyKind.Street, $"{place}/{address.Number}");
        }
    }
}
