namespace StreamSync.Identity;

/// <summary>One name token with its rarities.</summary>
readonly record struct NameToken(string Text, short AsGiven, short AsFamily, short Anywhere, string Sound);

/// <summary>A name cut into tokens.</summary>
sealed class NameView
{
    public required NameToken? First { get; init; }

    public required NameToken? Last { get; init; }

    public required NameToken[] Others { get; init; }

    /// <summary>First, others, last.</summary>
    public required NameToken[] All { get; init; }

    public required string LastText { get; init; }
}

/// <summary>A record made ready for many comparisons: tokens cut, rarities looked up.</summary>
sealed class RecordView
{
    public required PersonFeatures Features { get; init; }

    public required NameView[] Names { get; init; }

    public required string DateDigits { get; init; }

    public required short DateRarity { get; init; }

    public required short YearRarity { get; init; }

    public required short MonthDayRarity { get; init; }

    public required (string Local, string Host)[] Emails { get; init; }

    public required AddressView[] Addresses { get; init; }

    public required string[] Extras { get; init; }

    public static RecordView Of(PersonFeatures features, FrequencyTable table)
    {
        var names = new NameView[features.Names.Length];
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = Cut(features.Names[i], table);
        }

        var date = features.BirthDate;
        var digits = date.Digits;
        var emails = new (string, string)[features.Emails.Length];
        for (var i = 0; i < emails.Length; i++)
        {
            var at = features.Emails[i].LastIndexOf('@');
            emails[i] = at < 0 ? (features.Emails[i], "") : (features.Emails[i][..at], features.Emails[i][(at + 1)..]);
        }

        var addresses = new AddressView[features.Addresses.Length];
        for (var i = 0; i < addresses.Length; i++)
        {
            addresses[i] = new AddressView(features.Addresses[i], PostalCodes.District(features.Addresses[i].PostalCode), PostalCodes.Area(features.Addresses[i].PostalCode));
        }

        var extras = new string[Levels.FieldCount];
        Array.Fill(extras, "");
        extras[(int)Field.BirthPlace] = features.BirthPlace;
        extras[(int)Field.Occupation] = features.Occupation;
        foreach (var extra in features.Extras)
        {
            extras[(int)extra.Field] = extra.Value;
        }

        return new RecordView
        {
            Features = features,
            Names = names,
            DateDigits = digits,
            DateRarity = digits.Length == 0 ? (short)0 : table.Of(FrequencyKind.BirthDate, digits),
            YearRarity = digits.Length < 4 ? (short)0 : table.Of(FrequencyKind.BirthYear, digits[..4]),
            MonthDayRarity = digits.Length < 8 ? (short)0 : table.Of(FrequencyKind.MonthDay, digits[4..]),
            Emails = emails,
            Addresses = addresses,
            Extras = extras,
        };
    }

    static NameView Cut(in NormalizedName name, FrequencyTable table)
    {
        var all = new List<NameToken>(4);
        NameToken? first = null, last = null;
        if (name.First.Length > 0)
        {
            first = Token(name.First, table);
            all.Add(first.Value);
        }

        var others = new List<NameToken>(2);
        if (name.Middle.Length > 0)
        {
            foreach (var word in name.Middle.Split(' '))
            {
                others.Add(Token(word, table));
            }
        }

        if (name.Last.Length > 0)
        {
            // Of a double surname every part counts: the last one is compared with the last one, all with all elsewhere.
            var words = name.Last.Split(' ');
            for (var i = 0; i < words.Length - 1; i++)
            {
                others.Add(Token(words[i], table));
            }

            last = Token(words[^1], table);
        }

        all.AddRange(others);
        if (last is { } end)
        {
            all.Add(end);
        }

        return new NameView { First = first, Last = last, Others = [.. others], All = [.. all], LastText = name.Last };
    }

    static NameToken Token(string text, FrequencyTable table) => new(
        text, table.Of(FrequencyKind.GivenName, text), table.Of(FrequencyKind.FamilyName, text), table.Of(FrequencyKind.AnyName, text), Sounds.Of(text));
}

/// <summary>An address with the wider places that its postal code names.</summary>
readonly record struct AddressView(NormalizedAddress Address, string District, string Area);
