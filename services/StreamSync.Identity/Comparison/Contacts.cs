namespace StreamSync.Identity;

/// <summary>Comparison of e-mail addresses and phone numbers; of several the two most alike count.</summary>
static class Contacts
{
    public static Outcome Emails(RecordView a, RecordView b, FrequencyTable table)
    {
        var best = default(Outcome);
        for (var i = 0; i < a.Emails.Length; i++)
        {
            for (var j = 0; j < b.Emails.Length; j++)
            {
                var outcome = Compare(a.Features.Emails[i], b.Features.Emails[j], a.Emails[i], b.Emails[j], table);
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

    static Outcome Compare(string x, string y, in (string Local, string Host) p, in (string Local, string Host) q, FrequencyTable table)
    {
        if (x == y)
        {
            return new Outcome(Levels.Exact, table.Of(FrequencyKind.Email, x));
        }

        if (p.Local == q.Local)
        {
            return StringDistance.Damerau(p.Host, q.Host, 2) <= 2
                ? new Outcome(Levels.Mails.FewEdits, table.Of(FrequencyKind.EmailLocal, p.Local))
                : new Outcome(Levels.Mails.SameLocal, table.Of(FrequencyKind.EmailLocal, p.Local));
        }

        // Of a short name a few slips of the pen make any other.
        var shorter = Math.Min(p.Local.Length, q.Local.Length);
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
