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
                // A birth date and an initial are those of many, and so are day and month with one name.
                keys.Add(MatchKeyKind.NameBirthDate, $"{digits}/{KeyList.Head(roots[i], 4)}");
                for (var j = i + 1; j < roots.Count; j++)
                {
                    keys.AddPair(MatchKeyKind.MonthDayName, digits[4..] + KeyList.Head(roots[i], 4), digits[4..] + KeyList.Head(roots[j], 4));
                }
            }
        }

        foreach (var address in features.Addresses)
        {
            if (address.PostalCode.Length > 0)
            {
                // One name is that of many in a large town.
                for (var i = 0; i < roots.Count; i++)
                {
                    for (var j = i + 1; j < roots.Count; j++)
                    {
                        keys.AddPair(MatchKeyKind.NamePostalCode, KeyList.Head(roots[i], 4) + address.PostalCode, KeyList.Head(roots[j], 4) + address.PostalCode);
                    }
                }
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
