namespace StreamSync.Identity;

/// <summary>Comparison of e-mail addresses and phone numbers; of several the two most alike count.</summary>
static class Contacts
{
    public static Outcome Emails(RecordView a, RecordView b, FrequencyTable table)
    {
        var best = default(Outcome);
        foreach (var x in a.Features.Emails)
        {
            foreach (var y in b.Features.Emails)
            {
                var outcome = Compare(x, y, table);
                if (best.Level == Levels.Missing || outcome.Level < best.Level)
                {
                    best = outcome;
                }
            }
        }

        return best;
    }

    public static Outcome Phones(RecordView a, RecordView b, FrequencyTable table)
    {
        var best = default(Outcome);
        foreach (var x in a.Features.Phones)
        {
            foreach (var y in b.Features.Phones)
            {
                if (AreInARow(x, y))
                {
                    continue;
                }

                var outcome = Values.Number(x, y, table, FrequencyKind.Phone);
                if (best.Level == Levels.Missing || outcome.Level < best.Level)
                {
                    best = outcome;
                }
            }
        }

        return best;
    }

    /// <summary>True when two e-mail addresses compare at a level that speaks for one person.</summary>
    public static bool MayCorroborateEmails(ReadOnlySpan<char> x, ReadOnlySpan<char> y) =>
        StringDistance.Damerau(x, y, 5) <= 5 || StringDistance.JaroWinkler(x, y) >= 0.9 || LocalPart(x).SequenceEqual(LocalPart(y));

    /// <summary>True when two phone numbers compare at a level that speaks for one person.</summary>
    public static bool MayCorroboratePhones(ReadOnlySpan<char> x, ReadOnlySpan<char> y) => StringDistance.Damerau(x, y, 1) <= 1;

    /// <summary>
    /// True when two numbers differ in their last two digits alone. Offices and institutions are given numbers in a row, and neighbours were: a slip of the
    /// pen is as likely, so it says nothing.
    /// </summary>
    static bool AreInARow(string x, string y) => x.Length == y.Length && x.Length > 6 && x != y && x.AsSpan(0, x.Length - 2).SequenceEqual(y.AsSpan(0, y.Length - 2));

    static ReadOnlySpan<char> LocalPart(ReadOnlySpan<char> email) => email.LastIndexOf('@') is >= 0 and var at ? email[..at] : email;

    static ReadOnlySpan<char> Host(ReadOnlySpan<char> email) => email.LastIndexOf('@') is >= 0 and var at ? email[(at + 1)..] : [];

    /// <summary>True when two texts are equal but for their digits.</summary>
    static bool DifferInDigits(string x, string y)
    {
        int i = 0, j = 0;
        while (true)
        {
            while (i < x.Length && char.IsAsciiDigit(x[i]))
            {
                i++;
            }

            while (j < y.Length && char.IsAsciiDigit(y[j]))
            {
                j++;
            }

            if (i == x.Length || j == y.Length)
            {
                return i == x.Length && j == y.Length;
            }

            if (x[i++] != y[j++])
            {
                return false;
            }
        }
    }

    static Outcome Compare(string x, string y, FrequencyTable table)
    {
        if (x == y)
        {
            return new Outcome(Levels.Exact, table.Of(FrequencyKind.Email, x));
        }

        var local = LocalPart(x);
        var other = LocalPart(y);
        if (local.SequenceEqual(other))
        {
            return StringDistance.Damerau(Host(x), Host(y), 2) <= 2
                ? new Outcome(Levels.Mails.FewEdits, table.Of(FrequencyKind.EmailLocal, local))
                : new Outcome(Levels.Mails.SameLocal, table.Of(FrequencyKind.EmailLocal, local));
        }

        // Of a short name a few slips of the pen make any other.
        var shorter = Math.Min(local.Length, other.Length);
        if (StringDistance.Damerau(x, y, 2) is <= 2 and var edits && edits * 2 < shorter)
        {
            // ana.ruiz60 and ana.ruiz61 have one name, and took the numbers that were free.
            return new Outcome(DifferInDigits(x, y) ? Levels.Mails.Somewhat : Levels.Mails.FewEdits, 0);
        }

        var similarity = StringDistance.JaroWinkler(x, y);
        return new Outcome(
            shorter > 4 && (similarity >= 0.9 || StringDistance.Damerau(x, y, 5) is <= 5 and var many && many * 2 < shorter) ? Levels.Mails.Alike
            : similarity >= 0.8 ? Levels.Mails.Somewhat : Levels.Mails.Differs, 0);
    }
}
