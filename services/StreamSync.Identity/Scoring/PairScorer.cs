namespace StreamSync.Identity;

/// <summary>
/// Compares two records field by field and adds the weights (Fellegi and Sunter 1969): each comparison level weighs
/// log2(m/u), how much more often it occurs among records of one person than among strangers.
/// </summary>
public sealed class PairScorer(IdentityModel model)
{
    /// <summary>Compares two records; symmetric in its arguments.</summary>
    /// <param name="a">One record.</param>
    /// <param name="b">The other.</param>
    /// <param name="evidence">Receives a line for each field compared, if given.</param>
    public PairScore Score(PersonFeatures a, PersonFeatures b, ICollection<FieldEvidence>? evidence = null)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        var sheet = new ScoreSheet(evidence);
        sheet.Add("prior", "candidate", model.Prior);
        if (Contradict(a, b))
        {
            sheet.Flags |= PairFlags.Contradiction;
        }

        NameComparison.Compare(a, b, ref sheet);
        CompareBirthDates(a.BirthDate, b.BirthDate, ref sheet);
        CompareAddresses(a, b, ref sheet);
        CompareContacts("email", a.Emails, b.Emails, -100, ref sheet);
        CompareContacts("phone", a.Phones, b.Phones, -50, ref sheet);
        return new PairScore(sheet.Sum, sheet.Flags);
    }

    /// <summary>Weight that a shared identifier adds to the pair, on top of <see cref="PairScore.Base"/>.</summary>
    public static int IdentifierWeight(MatchKeyKind kind, PairFlags flags) => kind switch
    {
        MatchKeyKind.ExternalId => 3000,
        MatchKeyKind.Email => (flags & PairFlags.Nameless) != 0 ? 1500 : 1300,
        MatchKeyKind.Phone => 1000,
        _ => 0,
    };

    /// <summary>The most that shared identifiers could add to the pair over all keys.</summary>
    internal static int IdentifierPotential(PersonFeatures a, PersonFeatures b, PairFlags flags)
    {
        var sum = 0;
        if (Shares(a.Ids, b.Ids))
        {
            sum += IdentifierWeight(MatchKeyKind.ExternalId, flags);
        }

        if (Shares(a.Emails, b.Emails))
        {
            sum += IdentifierWeight(MatchKeyKind.Email, flags);
        }

        if (Shares(a.Phones, b.Phones))
        {
            sum += IdentifierWeight(MatchKeyKind.Phone, flags);
        }

        return sum;
    }

    /// <summary>True when the two can't be one person, whatever else agrees.</summary>
    internal static bool Contradict(PersonFeatures a, PersonFeatures b) =>
        a.Kind != b.Kind || a.Kind == RecordKind.Device || IdsContradict(a, b) || NameComparison.GenerationsDiffer(a, b);

    /// <summary>True when both hold an identifier of a register that gives each person exactly one, and the two differ.</summary>
    static bool IdsContradict(PersonFeatures a, PersonFeatures b)
    {
        foreach (var x in a.Ids)
        {
            if (x.Type is not ("voterbase" or "statefile" or "dwid" or "voter_file"))
            {
                continue;
            }

            foreach (var y in b.Ids)
            {
                if (x.Type == y.Type && x.Scope == y.Scope && x.Value != y.Value)
                {
                    return !a.Ids.Span.Contains(y) && !b.Ids.Span.Contains(x);
                }
            }
        }

        return false;
    }

    static void CompareBirthDates(NormalizedBirthDate a, NormalizedBirthDate b, ref ScoreSheet sheet)
    {
        if (!a.IsEvidence || !b.IsEvidence)
        {
            return;
        }

        var sameYear = a.Year == b.Year;
        if (a.Day == 0 || b.Day == 0)
        {
            var months = a.Month > 0 && b.Month > 0;
            var agree = sameYear && (!months || a.Month == b.Month);
            sheet.Add("birth date", agree ? "partly known, agrees" : "partly known, differs", !agree ? -400 : months ? 800 : 500);
            return;
        }

        if (a == b)
        {
            sheet.Add("birth date", "exact", 1150);
        }
        else if (sameYear && a.Month == b.Day && a.Day == b.Month)
        {
            sheet.Add("birth date", "day and month swapped", 900);
        }
        else if (StringDistance.Damerau(a.ToString(), b.ToString(), 1) <= 1)
        {
            sheet.Add("birth date", "one digit differs", 450);
        }
        else if (sameYear)
        {
            sheet.Add("birth date", "same year", -100);
        }
        else
        {
            sheet.Add("birth date", "conflict", -700);
        }
    }

    static void CompareAddresses(PersonFeatures a, PersonFeatures b, ref ScoreSheet sheet)
    {
        if (a.Addresses.Length == 0 || b.Addresses.Length == 0)
        {
            return;
        }

        var best = -50;
        var level = "differs";
        foreach (var x in a.Addresses)
        {
            foreach (var y in b.Addresses)
            {
                var zip = x.PostalCode.Length > 0 && x.PostalCode == y.PostalCode;
                var city = x.City.Length > 0 && x.City == y.City;
                var street = x.Street.Length > 0 && x.Number == y.Number && x.Street == y.Street && (zip || city);
                var (weight, name) = street ? (700, "same street and number")
                    : zip ? (250, "same postal code")
                    : city ? (150, "same city") : (-50, "differs");
                if (weight > best)
                {
                    (best, level) = (weight, name);
                }
            }
        }

        sheet.Add("address", level, best);
    }

    static void CompareContacts(
        string field, EquatableArray<string> a, EquatableArray<string> b, int conflict, ref ScoreSheet sheet)
    {
        if (a.Length > 0 && b.Length > 0 && !Shares(a, b))
        {
            sheet.Add(field, "differs", conflict);
        }
    }

    static bool Shares<T>(EquatableArray<T> a, EquatableArray<T> b)
        where T : IEquatable<T>
    {
        foreach (var x in a)
        {
            if (b.Span.Contains(x))
            {
                return true;
            }
        }

        return false;
    }
}
