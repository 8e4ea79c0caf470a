namespace StreamSync.Identity;

/// <summary>
/// Match keys that only bring records together: wide ones, because a pair that is never compared is lost whatever its evidence. Each has a
/// cap, so that a common value costs nothing. The narrow ones among them name something beside names.
/// </summary>
static class WideKeys
{
    public static void Add(PersonFeatures features, List<MatchKey> keys, bool wide)
    {
        var seen = new HashSet<(MatchKeyKind, string)>();
        var digits = features.BirthDate.Digits;
        var full = digits.Length == 8;
        var year = digits.Length >= 4 ? digits[..4] : "";
        var monthDay = full ? digits[4..] : "";
        var tokens = Tokens(features);
        if (full)
        {
            Key(MatchKeyKind.BirthDate, digits);
        }

        for (var i = 0; i < tokens.Count; i++)
        {
            var token = tokens[i];
            Key(MatchKeyKind.NameToken, token);
            for (var j = i + 1; wide && j < tokens.Count; j++)
            {
                var other = tokens[j];
                Key(MatchKeyKind.TwoNameTokens, string.CompareOrdinal(token, other) < 0 ? $"{token} {other}" : $"{other} {token}");
            }

            var root = Nicknames.Root(token);
            if (full)
            {
                Key(MatchKeyKind.NameBirthDate, $"{digits}/{root[0]}");
                if (wide)
                {
                    Key(MatchKeyKind.MonthDayName, $"{monthDay}/{Head(root, 3)}");
                }
                else
                {
                    // Day, month and one name prove nothing in another year, and many share them.
                    for (var j = i + 1; j < tokens.Count; j++)
                    {
                        Pair(MatchKeyKind.MonthDayName, monthDay + Head(root, 3), monthDay + Head(Nicknames.Root(tokens[j]), 3));
                    }
                }
            }

            if (wide && year.Length > 0)
            {
                Key(MatchKeyKind.NameYear, $"{year}/{root}");
                Key(MatchKeyKind.NameYear, $"{year}/{Sounds.Of(token)}");
            }
        }

        foreach (var name in features.Names)
        {
            if (!wide || name.First.Length == 0 || name.Last.Length == 0)
            {
                continue;
            }

            var (first, last) = (Nicknames.Root(name.First), LastWord(name.Last));
            Pair(MatchKeyKind.NameSound, Sounds.Of(first), Sounds.Of(last));
            Pair(MatchKeyKind.NamePrefixes, Head(first, 3), Head(last, 3));
        }

        foreach (var address in features.Addresses)
        {
            var district = PostalCodes.District(address.PostalCode);
            if (address.PostalCode.Length > 0)
            {
                Key(MatchKeyKind.PostalCode, address.PostalCode);
                if (monthDay.Length > 0)
                {
                    Key(MatchKeyKind.MonthDayDistrict, $"{monthDay}/{Head(address.PostalCode, 3)}");
                    Key(MatchKeyKind.MonthDayDistrict, $"{year}/{district}");
                }

                foreach (var token in tokens)
                {
                    Key(MatchKeyKind.NamePostalCode, $"{Nicknames.Root(token)}/{address.PostalCode}");
                    Key(MatchKeyKind.NamePlace, $"{Nicknames.Root(token)}/{district}");
                    Key(MatchKeyKind.NamePlace, $"{Sounds.Of(token)}/{address.PostalCode}");
                }
            }

            if (address.Street.Length > 0)
            {
                Key(MatchKeyKind.Street, $"{address.Number}/{address.Street}");

                // A house number alone names nothing.
                var place = address.City.Length > 0 ? address.City : address.PostalCode;
                if (place.Length > 0 && address.Number.Length > 0)
                {
                    Key(MatchKeyKind.Street, $"{place}/{address.Number}");
                }
            }

            if (wide && address.City.Length > 0)
            {
                foreach (var token in tokens)
                {
                    Key(MatchKeyKind.NamePlace, $"{Nicknames.Root(token)}/{address.City}");
                }

                if (full)
                {
                    Key(MatchKeyKind.BirthPlaceDate, $"{digits[..6]}/{address.City}");
                }
            }
        }

        if (wide && features.BirthPlace.Length > 0)
        {
            foreach (var token in tokens)
            {
                Key(MatchKeyKind.NamePlace, $"{Nicknames.Root(token)}/{features.BirthPlace}");
            }

            if (full)
            {
                Key(MatchKeyKind.BirthPlaceDate, $"{digits[..6]}/{features.BirthPlace}");
            }

            if (features.Occupation.Length > 0)
            {
                Key(MatchKeyKind.PlaceOccupation, $"{features.BirthPlace}/{features.Occupation}/{year}");
            }
        }

        foreach (var email in features.Emails)
        {
            var at = email.LastIndexOf('@');
            if (at > 0)
            {
                var (local, host) = (email[..at], email[(at + 1)..]);
                Key(MatchKeyKind.EmailLocal, local);
                if (wide)
                {
                    Key(MatchKeyKind.EmailLocal, $"{Head(email, 5)}/{host}");
                }
                else
                {
                    // A slip of the pen in the middle leaves one of these; the first letters alone are those of many.
                    Key(MatchKeyKind.EmailLocal, $"{Head(local, 5)}*{Tail(local, 2)}/{host}");
                    Key(MatchKeyKind.EmailLocal, $"{Head(local, 3)}**{Tail(local, 4)}/{host}");
                }
            }
        }

        foreach (var extra in features.Extras)
        {
            if (extra.Field == Field.NationalId)
            {
                Key(MatchKeyKind.NationalIdPart, Head(extra.Value, 5));
                Key(MatchKeyKind.NationalIdPart, "-" + (extra.Value.Length > 5 ? extra.Value[^5..] : extra.Value));
            }
        }

        void Pair(MatchKeyKind kind, string x, string y) => Key(kind, string.CompareOrdinal(x, y) < 0 ? $"{x}/{y}" : $"{y}/{x}");

        void Key(MatchKeyKind kind, string value)
        {
            if ((wide || IsNarrow(kind)) && seen.Add((kind, value)))
            {
                keys.Add(new MatchKey(features.Org, kind, value));
            }
        }
    }

    static bool IsNarrow(MatchKeyKind kind) => kind is MatchKeyKind.NameBirthDate or MatchKeyKind.MonthDayName or MatchKeyKind.NamePostalCode
        or MatchKeyKind.Street or MatchKeyKind.EmailLocal or MatchKeyKind.NationalIdPart;

    static List<string> Tokens(PersonFeatures features)
    {
        var tokens = new List<string>(4);
        foreach (var name in features.Names)
        {
            Words(name.First);
            Words(name.Middle);
            Words(name.Last);
        }

        return tokens;

        void Words(string text)
        {
            foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                if (word.Length > 1 && tokens.Count < 6 && !tokens.Contains(word))
                {
                    tokens.Add(word);
                }
            }
        }
    }

    static string LastWord(string text) => text[(text.LastIndexOf(' ') + 1)..];

    static string Tail(string text, int length) => text.Length <= length ? text : text[^length..];

    static string Head(string text, int length) => text.Length <= length ? text : text[..length];
}
