namespace StreamSync.Identity;

/// <summary>Compares the names of two records; the pair of names that agrees best counts.</summary>
static class NameComparison
{
    readonly record struct Result(int Given, string GivenLevel, int Family, string FamilyLevel, bool Conflict)
    {
        public int Sum => Given + Family;
    }

    public static void Compare(PersonFeatures a, PersonFeatures b, ref ScoreSheet sheet)
    {
        if (a.Names.Length == 0 || b.Names.Length == 0)
        {
            sheet.Flags |= PairFlags.Nameless;
            return;
        }

        Result? best = null;
        foreach (var x in a.Names)
        {
            foreach (var y in b.Names)
            {
                var result = Compare(x, y);
                if (best is null || result.Sum > best.Value.Sum)
                {
                    best = result;
                }
            }
        }

        var (given, givenLevel, family, familyLevel, conflict) = best!.Value;
        sheet.Add("given name", givenLevel, given);
        sheet.Add("family name", familyLevel, family);
        if (conflict)
        {
            sheet.Flags |= PairFlags.NameConflict;
        }
    }

    /// <summary>Jr against Sr: both say a generation and no two of them agree.</summary>
    public static bool GenerationsDiffer(PersonFeatures a, PersonFeatures b)
    {
        var differ = false;
        foreach (var x in a.Names)
        {
            foreach (var y in b.Names)
            {
                if (x.Suffix > 0 && y.Suffix > 0)
                {
                    if (x.Suffix == y.Suffix)
                    {
                        return false;
                    }

                    differ = true;
                }
            }
        }

        return differ;
    }

    static Result Compare(in NormalizedName a, in NormalizedName b)
    {
        if (a.First.Length > 1 && a.Last.Length > 1 && a.First == b.Last && a.Last == b.First && a.First != a.Last)
        {
            return new Result(400, "swapped with family name", 500, "swapped with given name", false);
        }

        var (given, givenLevel, conflict) = CompareGiven(a, b);
        var (family, familyLevel) = CompareFamily(a.Last, b.Last);
        return new Result(given, givenLevel, family, familyLevel, conflict);
    }

    static (int Weight, string Level, bool Conflict) CompareGiven(in NormalizedName a, in NormalizedName b)
    {
        if (a.First.Length == 0 || b.First.Length == 0)
        {
            return (0, "missing", false);
        }

        if (a.First == b.First)
        {
            return a.First.Length == 1 ? (100, "same initial", false) : (500, "exact", false);
        }

        if (a.First.Length == 1 || b.First.Length == 1)
        {
            return a.First[0] == b.First[0] ? (100, "initial", false) : (-600, "initial differs", true);
        }

        if (Nicknames.AreForms(a.First, b.First))
        {
            return (400, "forms of one name", false);
        }

        if (HasWord(a.Middle, b.First) || HasWord(b.Middle, a.First))
        {
            return (250, "one's middle name", false);
        }

        if (JoinedEquals(a, b) || JoinedEquals(b, a))
        {
            return (400, "written together", false);
        }

        return StringDistance.JaroWinkler(a.First, b.First) switch
        {
            >= 0.9 => (300, "alike", false),
            >= 0.78 => (-100, "somewhat alike", false),
            _ => (-600, "differs", true),
        };
    }

    static (int Weight, string Level) CompareFamily(string a, string b)
    {
        if (a.Length == 0 || b.Length == 0)
        {
            return (0, "missing");
        }

        if (a == b)
        {
            return (600, "exact");
        }

        if (SharesWord(a, b))
        {
            return (500, "part of a double name");
        }

        if (WithoutSpaces(a) == WithoutSpaces(b))
        {
            return (550, "exact but for spaces");
        }

        return StringDistance.JaroWinkler(a, b) switch
        {
            >= 0.92 => (400, "alike"),
            >= 0.84 => (100, "somewhat alike"),
            _ => (-300, "differs"),
        };
    }

    static bool JoinedEquals(in NormalizedName two, in NormalizedName one) =>
        two.Middle.Length > 1 && one.First.Length == two.First.Length + two.Middle.Length
        && one.First.StartsWith(two.First, StringComparison.Ordinal) && one.First.EndsWith(two.Middle, StringComparison.Ordinal);

    static string WithoutSpaces(string text) =>
        text.Contains(' ', StringComparison.Ordinal) ? text.Replace(" ", "", StringComparison.Ordinal) : text;

    static bool SharesWord(string a, string b)
    {
        if (!a.Contains(' ', StringComparison.Ordinal) && !b.Contains(' ', StringComparison.Ordinal))
        {
            return false;
        }

        foreach (var range in a.AsSpan().Split(' '))
        {
            var word = a.AsSpan(range);
            if (word.Length > 1 && HasWord(b, word))
            {
                return true;
            }
        }

        return false;
    }

    static bool HasWord(string text, ReadOnlySpan<char> word)
    {
        if (text.Length < word.Length)
        {
            return false;
        }

        foreach (var range in text.AsSpan().Split(' '))
        {
            if (text.AsSpan(range).SequenceEqual(word))
            {
                return true;
            }
        }

        return false;
    }
}
