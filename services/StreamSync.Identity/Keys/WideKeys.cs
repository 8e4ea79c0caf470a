namespace StreamSync.Identity;

/// <summary>
/// Match keys of the records of a file, which only bring them together: wide ones, because a pair that is never compared is lost whatever its
/// evidence. Each has a cap, so that a common value costs nothing.
/// </summary>
static class WideKeys
{
    public static void Add(PersonFeatures features, KeyList keys)
    {
        var digits = features.BirthDate.Digits;
        var full = digits.Length == 8;
        var year = digits.Length >= 4 ? digits[..4] : "";
        var monthDay = full ? digits[4..] : "";
        var tokens = KeyList.Tokens(features);
        if (full)
        {
            keys.Add(MatchKeyKind.BirthDate, digits);
        }

        for (var i = 0; i < tokens.Count; i++)
        {
            var token = tokens[i];
            keys.Add(MatchKeyKind.NameToken, token);
            for (var j = i + 1; j < tokens.Count; j++)
            {
                keys.AddPair(MatchKeyKind.TwoNameTokens, token, tokens[j]);
            }

            var root = Nicknames.Root(token);
            if (full)
            {
                keys.Add(MatchKeyKind.NameBirthDate, $"{digits}/{root[0]}");
                keys.Add(MatchKeyKind.MonthDayName, $"{monthDay}/{KeyList.Head(root, 3)}");
            }

            if (year.Length > 0)
            {
                keys.Add(MatchKeyKind.NameYear, $"{year}/{root}");
                keys.Add(MatchKeyKind.NameYear, $"{year}/{Sounds.Of(token)}");
            }
        }

        foreach (var name in features.Names)
        {
            if (name.First.Length == 0 || name.Last.Length == 0)
            {
                continue;
            }

            var (first, last) = (Nicknames.Root(name.First), LastWord(name.Last));
            keys.AddPair(MatchKeyKind.NameSound, Sounds.Of(first), Sounds.Of(last));
            keys.AddPair(MatchKeyKind.NamePrefixes, KeyList.Head(first, 3), KeyList.Head(last, 3));
        }

        foreach (var address in features.Addresses)
        {
            var district = PostalCodes.District(address.PostalCode).ToString();
            if (address.PostalCode.Length > 0)
            {
                keys.Add(MatchKeyKind.PostalCode, address.PostalCode);
                if (monthDay.Length > 0)
                {
                    keys.Add(MatchKeyKind.MonthDayDistrict, $"{monthDay}/{KeyList.Head(address.PostalCode, 3)}");
                    keys.Add(MatchKeyKind.MonthDayDistrict, $"{year}/{district}");
                }

                foreach (var token in tokens)
                {
                    keys.Add(MatchKeyKind.NamePostalCode, $"{Nicknames.Root(token)}/{address.PostalCode}");
                    keys.Add(MatchKeyKind.NamePlace, $"{Nicknames.Root(token)}/{district}");
                    keys.Add(MatchKeyKind.NamePlace, $"{Sounds.Of(token)}/{address.PostalCode}");
                }
            }

            if (address.Street.Length > 0)
            {
                keys.Add(MatchKeyKind.Street, $"{address.Number}/{address.Street}");

                // A house number alone names nothing.
                var place = address.City.Length > 0 ? address.City : address.PostalCode;
                if (place.Length > 0 && address.Number.Length > 0)
                {
                    keys.Add(MatchKeyKind.Street, $"{place}/{address.Number}");
                }
            }

            if (address.City.Length > 0)
            {
                foreach (var token in tokens)
                {
                    keys.Add(MatchKeyKind.NamePlace, $"{Nicknames.Root(token)}/{address.City}");
                }

                if (full)
                {
                    keys.Add(MatchKeyKind.BirthPlaceDate, $"{digits[..6]}/{address.City}");
                }
            }
        }

        if (features.BirthPlace.Length > 0)
        {
            foreach (var token in tokens)
            {
                keys.Add(MatchKeyKind.NamePlace, $"{Nicknames.Root(token)}/{features.BirthPlace}");
            }

            if (full)
            {
                keys.Add(MatchKeyKind.BirthPlaceDate, $"{digits[..6]}/{features.BirthPlace}");
            }

            if (features.Occupation.Length > 0)
            {
                keys.Add(MatchKeyKind.PlaceOccupation, $"{features.BirthPlace}/{features.Occupation}/{year}");
            }
        }

        foreach (var email in features.Emails)
        {
            var at = email.LastIndexOf('@');
            if (at > 0)
            {
                var (local, host) = (email[..at], email[(at + 1)..]);
                keys.Add(MatchKeyKind.EmailLocal, local);
                keys.Add(MatchKeyKind.EmailLocal, $"{KeyList.Head(email, 5)}/{host}");
            }
        }

        keys.AddNationalIds(features);
    }

    static string LastWord(string text) => text[(text.LastIndexOf(' ') + 1)..];
}
