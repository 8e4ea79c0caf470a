namespace StreamSync.Identity;

/// <summary>Comparison of personal names: first with first, last with last, and what stands elsewhere in the other's name.</summary>
static class PersonNames
{
    // Rarity below which a given name is in common use, in hundredths of a bit: one record of 700 or more.
    const short CommonName = 950;

    public static void Compare(RecordView a, RecordView b, ref Outcomes outcomes)
    {
        var best = int.MinValue;
        foreach (var x in a.Names)
        {
            foreach (var y in b.Names)
            {
                var (given, family, others) = Compare(x, y);
                var agreement = Rank(given) + Rank(family);
                if (agreement > best)
                {
                    best = agreement;
                    outcomes[(int)Field.GivenName] = given;
                    outcomes[(int)Field.FamilyName] = family;
                    outcomes[(int)Field.OtherNames] = others;
                }
            }
        }
    }

    /// <summary>All tokens against all: how many agree, how many are left without a counterpart on both sides, and how rare those that agree are.</summary>
    public static void CompareSets(RecordView a, RecordView b, ref Outcomes outcomes)
    {
        if (a.Names.Length == 0 || b.Names.Length == 0)
        {
            return;
        }

        var (x, y) = (a.Names[0].All, b.Names[0].All);
        var taken = 0;
        int agree = 0, rarity = 0;
        foreach (var token in x)
        {
            for (var j = 0; j < y.Length && j < 31; j++)
            {
                if ((taken & (1 << j)) == 0 && (Near(token, y[j]) || Nicknames.AreForms(token.Text, y[j].Text)
                    || (token.Text[0] == y[j].Text[0] && (token.Text.Length == 1 || y[j].Text.Length == 1))))
                {
                    taken |= 1 << j;
                    agree++;
                    rarity += token.Text == y[j].Text ? token.Anywhere : Math.Min(token.Anywhere, y[j].Anywhere) / 2;
                    break;
                }
            }
        }

        var left = Math.Min(x.Length, y.Length) - agree;
        outcomes[(int)Field.NameSet] = new Outcome(
            (byte)(1 + (Math.Min(agree, 3) * 3) + Math.Min(left, 2)), (short)Math.Min(rarity / 2, 3000));
    }

    /// <summary>Chooses among several names of a record; the order of the levels matters, not the values.</summary>
    static int Rank(in Outcome outcome) => outcome.Level switch
    {
        Levels.Exact => 20,
        Levels.Names.Swapped => 19,
        Levels.Names.Forms => 18,
        Levels.Names.OneEdit => 17,
        Levels.Names.Alike => 14,
        Levels.Names.Elsewhere => 12,
        Levels.Names.Initial => 8,
        Levels.Names.AlikeElsewhere => 6,
        Levels.Names.Sound => 4,
        Levels.Missing => 2,
        Levels.Names.Somewhat => 1,
        _ => -6,
    };

    static (Outcome Given, Outcome Family, Outcome Others) Compare(NameView a, NameView b)
    {
        if (a.First is { } af && a.Last is { } al && b.First is { } bf && b.Last is { } bl)
        {
            if (af.Text != bf.Text && al.Text != bl.Text && Near(af, bl) && Near(al, bf) && af.Text.Length > 1 && al.Text.Length > 1)
            {
                return (new Outcome(Levels.Names.Swapped, af.Text == bl.Text ? af.Anywhere : (short)0),
                    new Outcome(Levels.Names.Swapped, al.Text == bf.Text ? al.Anywhere : (short)0), CompareOthers(a, b));
            }
        }

        return (CompareGiven(a, b), CompareFamily(a, b), CompareOthers(a, b));
    }

    static bool Near(in NameToken x, in NameToken y) =>
        x.Text == y.Text || (Math.Min(x.Text.Length, y.Text.Length) >= 4 && StringDistance.Damerau(x.Text, y.Text, 1) <= 1);

    static Outcome CompareGiven(NameView a, NameView b)
    {
        if (a.First is not { } x || b.First is not { } y)
        {
            return a.First is { } only ? FoundOnly(only, b) : b.First is { } other ? FoundOnly(other, a) : default;
        }

        if (x.Text == y.Text)
        {
            return x.Text.Length == 1 ? new Outcome(Levels.Names.Initial, x.AsGiven) : new Outcome(Levels.Exact, x.AsGiven);
        }

        if (x.Text.Length == 1 || y.Text.Length == 1)
        {
            return x.Text[0] == y.Text[0] ? new Outcome(Levels.Names.Initial, 0) : Elsewhere(x, y, a, b) ?? new Outcome(Levels.Names.Differs, 0);
        }

        if (Nicknames.AreForms(x.Text, y.Text))
        {
            return new Outcome(Levels.Names.Forms, Math.Min(x.AsGiven, y.AsGiven));
        }

        if (Math.Min(x.Text.Length, y.Text.Length) >= 3 && StringDistance.Damerau(x.Text, y.Text, 1) <= 1)
        {
            // Mary and Gary: a slip of the pen seldom yields another name in common use.
            return Math.Max(x.AsGiven, y.AsGiven) < CommonName
                ? new Outcome(Levels.Names.Somewhat, 0) : new Outcome(Levels.Names.OneEdit, Math.Min(x.AsGiven, y.AsGiven));
        }

        if (WrittenTogether(a, b) || WrittenTogether(b, a))
        {
            return new Outcome(Levels.Names.Alike, 0);
        }

        return Elsewhere(x, y, a, b) ?? Fuzzy(x, y, 0.88, 0.78);
    }

    static Outcome CompareFamily(NameView a, NameView b)
    {
        if (a.Last is not { } x || b.Last is not { } y)
        {
            return default;
        }

        if (x.Text == y.Text)
        {
            return new Outcome(Levels.Exact, x.AsFamily);
        }

        if (Math.Min(x.Text.Length, y.Text.Length) >= 3 && StringDistance.Damerau(x.Text, y.Text, 1) <= 1)
        {
            return new Outcome(Levels.Names.OneEdit, Math.Min(x.AsFamily, y.AsFamily));
        }

        if (a.LastText.Length == b.LastText.Length + 1 || b.LastText.Length == a.LastText.Length + 1)
        {
            if (a.LastText.Replace(" ", "", StringComparison.Ordinal) == b.LastText.Replace(" ", "", StringComparison.Ordinal))
            {
                return new Outcome(Levels.Names.OneEdit, Math.Min(x.AsFamily, y.AsFamily));
            }
        }

        if (x.Text.Length == 1 || y.Text.Length == 1)
        {
            return new Outcome(x.Text[0] == y.Text[0] ? Levels.Names.Initial : Levels.Names.Differs, 0);
        }

        return Elsewhere(x, y, a, b) ?? Fuzzy(x, y, 0.9, 0.8);
    }

    static Outcome Fuzzy(in NameToken x, in NameToken y, double alike, double somewhat)
    {
        var similarity = StringDistance.JaroWinkler(x.Text, y.Text);
        if (similarity >= alike)
        {
            return new Outcome(Levels.Names.Alike, 0);
        }

        return x.Sound == y.Sound ? new Outcome(Levels.Names.Sound, 0)
            : new Outcome(similarity >= somewhat || (Math.Min(x.Text.Length, y.Text.Length) >= 5 && StringDistance.Damerau(x.Text, y.Text, 2) <= 2)
                ? Levels.Names.Somewhat : Levels.Names.Differs, 0);
    }

    /// <summary>One of the two stands in another place of the other's name.</summary>
    static Outcome? Elsewhere(in NameToken x, in NameToken y, NameView a, NameView b)
    {
        var level = Levels.Missing;
        short rarity = 0;
        Look(x, b, ref level, ref rarity);
        Look(y, a, ref level, ref rarity);
        return level == Levels.Missing ? null : new Outcome(level, rarity);
    }

    /// <summary>A first name that meets a record without one.</summary>
    static Outcome FoundOnly(in NameToken token, NameView other)
    {
        var level = Levels.Missing;
        short rarity = 0;
        Look(token, other, ref level, ref rarity);
        return new Outcome(level, rarity);
    }

    static void Look(in NameToken token, NameView other, ref byte level, ref short rarity)
    {
        if (token.Text.Length < 2)
        {
            return;
        }

        foreach (var candidate in other.All)
        {
            if (candidate.Text == token.Text)
            {
                if (level != Levels.Names.Elsewhere || token.Anywhere > rarity)
                {
                    rarity = token.Anywhere;
                }

                level = Levels.Names.Elsewhere;
            }
            else if (level != Levels.Names.Elsewhere && candidate.Text.Length > 1
                && (Near(token, candidate) || Nicknames.AreForms(token.Text, candidate.Text)))
            {
                level = Levels.Names.AlikeElsewhere;
            }
        }
    }

    static bool WrittenTogether(NameView two, NameView one) =>
        two.First is { } first && one.First is { } whole && two.Others.Length > 0 && two.Others[0].Text.Length > 1
        && whole.Text.Length == first.Text.Length + two.Others[0].Text.Length
        && whole.Text.StartsWith(first.Text, StringComparison.Ordinal) && whole.Text.EndsWith(two.Others[0].Text, StringComparison.Ordinal);

    static Outcome CompareOthers(NameView a, NameView b)
    {
        if (a.Others.Length == 0 || b.Others.Length == 0)
        {
            return default;
        }

        byte level = Levels.Others.Differs;
        short rarity = 0;
        foreach (var x in a.Others)
        {
            foreach (var y in b.Others)
            {
                byte now;
                if (x.Text == y.Text)
                {
                    now = x.Text.Length == 1 ? Levels.Others.Initial : Levels.Exact;
                    if (now == Levels.Exact)
                    {
                        rarity = Math.Max(rarity, x.Anywhere);
                    }
                }
                else if (x.Text.Length == 1 || y.Text.Length == 1)
                {
                    now = x.Text[0] == y.Text[0] ? Levels.Others.Initial : Levels.Others.Differs;
                }
                else
                {
                    now = Near(x, y) || Nicknames.AreForms(x.Text, y.Text) ? Levels.Others.Alike : Levels.Others.Differs;
                }

                level = Math.Min(level, now);
            }
        }

        return new Outcome(level, rarity);
    }
}
