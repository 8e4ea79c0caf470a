namespace StreamSync.Identity;

/// <summary>One name token; how rare it is and how it sounds is looked up when two tokens make it matter.</summary>
readonly record struct NameToken(string Text, FrequencyTable Table)
{
    public short AsGiven => Table.Of(FrequencyKind.GivenName, Text);

    public short AsFamily => Table.Of(FrequencyKind.FamilyName, Text);

    public short Anywhere => Table.Of(FrequencyKind.AnyName, Text);

    public string Sound => Sounds.Of(Text);
}

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

/// <summary>A record made ready for comparisons: its names cut, its date written out.</summary>
sealed class RecordView
{
    readonly FrequencyTable _table;

    RecordView(PersonFeatures features, FrequencyTable table)
    {
        (Features, _table) = (features, table);
        DateDigits = features.BirthDate.Digits;
        Names = features.Names.Length == 0 ? [] : new NameView[features.Names.Length];
        for (var i = 0; i < Names.Length; i++)
        {
            Names[i] = Cut(features.Names[i], table);
        }

        if (features.BirthPlace.Length > 0 || features.Occupation.Length > 0 || features.Extras.Length > 0)
        {
            Extras = new string[Levels.FieldCount];
            Array.Fill(Extras, "");
            Extras[(int)Field.BirthPlace] = features.BirthPlace;
            Extras[(int)Field.Occupation] = features.Occupation;
            foreach (var extra in features.Extras)
            {
                Extras[(int)extra.Field] = extra.Value;
            }
        }
    }

    public PersonFeatures Features { get; }

    public NameView[] Names { get; }

    public string DateDigits { get; }

    /// <summary>Of the whole date, of which 8 digits are known.</summary>
    public short DateRarity => _table.Of(FrequencyKind.BirthDate, DateDigits);

    /// <summary>Of the year, if there is a date.</summary>
    public short YearRarity => DateDigits.Length < 4 ? (short)0 : _table.Of(FrequencyKind.BirthYear, DateDigits.AsSpan(0, 4));

    /// <summary>Of day and month, if they are known.</summary>
    public short MonthDayRarity => DateDigits.Length < 8 ? (short)0 : _table.Of(FrequencyKind.MonthDay, DateDigits.AsSpan(4));

    /// <summary>Further fields by their number, empty where there is none; null when there are none at all.</summary>
    public string[]? Extras { get; }

    public static RecordView Of(PersonFeatures features, FrequencyTable table) => new(features, table);

    static NameView Cut(in NormalizedName name, FrequencyTable table)
    {
        NameToken? first = name.First.Length > 0 ? new NameToken(name.First, table) : null;
        NameToken? last = null;
        List<NameToken>? others = null;
        if (name.Middle.Length > 0)
        {
            others = [];
            foreach (var word in name.Middle.Split(' '))
            {
                others.Add(new NameToken(word, table));
            }
        }

        if (name.Last.Length > 0)
        {
            // Of a double surname every part counts: the last one is compared with the last one, all with all elsewhere.
            var end = name.Last.LastIndexOf(' ');
            if (end >= 0)
            {
                others ??= [];
                foreach (var word in name.Last[..end].Split(' '))
                {
                    others.Add(new NameToken(word, table));
                }
            }

            last = new NameToken(end < 0 ? name.Last : name.Last[(end + 1)..], table);
        }

        NameToken[] between = others is null ? [] : [.. others];
        NameToken[] all = first is { } x ? last is { } y ? [x, .. between, y] : [x, .. between] : last is { } z ? [.. between, z] : between;
        return new NameView { First = first, Last = last, Others = between, All = all, LastText = name.Last };
    }
}
