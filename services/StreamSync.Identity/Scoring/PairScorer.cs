namespace StreamSync.Identity;

/// <summary>
/// Compares two records field by field and adds the weights (Fellegi and Sunter 1969): each comparison level weighs
/// log2(m/u), how much more often it occurs among records of one person than among strangers.
/// </summary>
public sealed class PairScorer(IdentityModel model)
{
    /// <summary>Weight of an external identifier that two records share.</summary>
    internal const int SharedId = 3000;

    readonly ScoreModel _scores = model.Scores;

    /// <summary>Compares two records; symmetric in its arguments.</summary>
    /// <param name="a">One record.</param>
    /// <param name="b">The other.</param>
    /// <param name="evidence">Receives a line for each field compared, if given.</param>
    public PairScore Score(PersonFeatures a, PersonFeatures b, ICollection<FieldEvidence>? evidence = null)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        var outcomes = default(Outcomes);
        var score = Score(a, b, ref outcomes);
        if (evidence is not null)
        {
            evidence.Add(new FieldEvidence("prior", "candidate", _scores.Prior));
            for (var f = 0; f < Levels.FieldCount; f++)
            {
                if (outcomes[f].Level != Levels.Missing && !IsIdentifier(f, outcomes[f]))
                {
                    evidence.Add(new FieldEvidence(NameOf((Field)f), Levels.Of((Field)f)[outcomes[f].Level], _scores.Weight(f, outcomes[f])));
                }
            }

            _scores.Explain(outcomes, evidence);
            if (score.Base - evidence.Sum(line => line.Weight) is not 0 and var household)
            {
                evidence.Add(new FieldEvidence("household", "weighed against two who live together", household));
            }
        }

        return score;
    }

    /// <summary>A field as a steward reads it.</summary>
    internal static string NameOf(Field field) => field switch
    {
        Field.GivenName => "given name",
        Field.FamilyName => "family name",
        Field.OtherNames => "other names",
        Field.BirthDate => "birth date",
        Field.HouseNumber => "house number",
        Field.PostalCode => "postal code",
        Field.BirthPlace => "place of birth",
        Field.NationalId => "national id",
        Field.AddressLine2 => "second address line",
        Field.NameSet => "whole name",
        Field.Extra1 => "extra 1",
        Field.Extra2 => "extra 2",
        Field.Extra3 => "extra 3",
        Field.Extra4 => "extra 4",
        _ => field.ToString().ToLowerInvariant(),
    };

    /// <summary>Compares and scores; the outcomes are left for training.</summary>
    internal PairScore Score(PersonFeatures a, PersonFeatures b, ref Outcomes outcomes)
    {
        var (x, y) = (a.View(_scores.Frequencies), b.View(_scores.Frequencies));
        RecordComparer.Compare(x, y, _scores.Frequencies, ref outcomes);
        if (_scores.Adjustments is not null)
        {
            PersonNames.CompareSets(x, y, ref outcomes);
        }

        var flags = Contradict(model, a, b) ? PairFlags.Contradiction : PairFlags.None;
        if (a.Names.Length == 0 || b.Names.Length == 0)
        {
            flags |= PairFlags.Nameless;
        }

        var idAgrees = outcomes[(int)Field.NationalId].Level is Levels.Exact or Levels.Numbers.OneEdit or Levels.Numbers.TwoEdits;
        if (!idAgrees && (outcomes[(int)Field.GivenName].Level == Levels.Names.Differs
            || (model.NamesCut && IsOtherOfTheHouse(outcomes[(int)Field.GivenName].Level, outcomes[(int)Field.BirthDate].Level))))
        {
            flags |= PairFlags.NameConflict;
        }

        if (!idAgrees && AreStrange(outcomes[(int)Field.GivenName].Level) && AreStrange(outcomes[(int)Field.FamilyName].Level)
            && outcomes[(int)Field.OtherNames].Level is Levels.Missing or Levels.Others.Differs)
        {
            flags |= PairFlags.StrangeNames;
        }

        // An equal birth date speaks for one person, save where households are on file: twins.
        if (outcomes[(int)Field.Street].Level == Levels.Exact && (outcomes[(int)Field.BirthDate].Level != Levels.Exact || _scores.HouseholdPrior < 0))
        {
            flags |= PairFlags.SameAddress;
        }

        if (!idAgrees && !Corroborated(a, b, outcomes))
        {
            flags |= PairFlags.NamesAlone;
        }

        var strangers = _scores.Sum(outcomes);

        // A record without any name says nothing of who in a household it is; the grouping gives it to the one who could be meant, if there is one.
        var housemates = (flags & PairFlags.Nameless) != 0 ? strangers : Households.Evidence(_scores, outcomes, OneIsJunior(a, b));
        var sum = Math.Min(strangers, housemates);
        if (housemates < strangers)
        {
            flags |= PairFlags.Housemates;
        }

        var learnt = _scores.Learnt(outcomes);
        var email = Contact(Field.Email, outcomes);
        var phone = Contact(Field.Phone, outcomes);
        return new PairScore(sum - email - phone + learnt, flags, email, phone);

        int Contact(Field field, in Outcomes all)
        {
            if (all[(int)field].Level != Levels.Exact)
            {
                return 0;
            }

            var weight = _scores.Weight((int)field, all[(int)field]);
            return Math.Max(0, sum - Math.Min(strangers - weight, housemates - Households.Weight(field, weight)));
        }
    }

    /// <summary>Evidence that identifiers of uncapped keys give is added by the keys, not by the fields.</summary>
    static bool IsIdentifier(int field, in Outcome outcome) =>
        outcome.Level == Levels.Exact && field is (int)Field.Email or (int)Field.Phone && outcome.Level == Levels.Exact;

    /// <summary>Daniel and Danielle, each with a birth date of their own that no slip of the pen explains.</summary>
    static bool IsOtherOfTheHouse(byte given, byte birthDate) =>
        given is Levels.Names.OneEdit or Levels.Names.Alike or Levels.Names.Somewhat or Levels.Names.Sound
        && AreOthers(birthDate);

    /// <summary>At such a level two full dates are not one, and no slip of the pen makes one of the other.</summary>
    static bool AreOthers(byte birthDate) => birthDate is Levels.Dates.Year or Levels.Dates.NearYear or Levels.Dates.Differs;

    /// <summary>At such a level two names are not one: those that sound alike may be anybody's.</summary>
    static bool AreStrange(byte level) => level is Levels.Names.Differs or Levels.Names.Somewhat or Levels.Names.Sound;

    /// <summary>Something agrees that strangers of one name and area do not share by chance.</summary>
    static bool Corroborated(PersonFeatures a, PersonFeatures b, in Outcomes outcomes)
    {
        if (outcomes[(int)Field.BirthDate].Level is Levels.Exact or Levels.Dates.Swapped or Levels.Dates.OneEdit or Levels.Dates.DayAndMonth
                or Levels.Dates.TwoParts or Levels.Dates.PartlyAgrees or Levels.Dates.TwoEdits
            || outcomes[(int)Field.Email].Level is Levels.Mails.FewEdits or Levels.Mails.SameLocal or Levels.Mails.Alike
            || outcomes[(int)Field.Phone].Level == Levels.Numbers.OneEdit
            || outcomes[(int)Field.Street].Level is Levels.Exact or Levels.Texts.Alike or Levels.Texts.Word)
        {
            return true;
        }

        for (var field = (int)Field.BirthPlace; field <= (int)Field.Extra4; field++)
        {
            if (field is not ((int)Field.Gender or (int)Field.NationalId) && outcomes[field].Level is Levels.Exact or Levels.Texts.Alike)
            {
                return true;
            }
        }

        // A British or Canadian code names a street, a number like a ZIP code a town.
        return outcomes[(int)Field.PostalCode].Level is Levels.Exact or Levels.Postals.OneEdit
            && a.Addresses.Length > 0 && char.IsAsciiLetter(a.Addresses[0].PostalCode is { Length: > 0 } code ? code[0] : '0')
            && b.Addresses.Length > 0;
    }

    /// <summary>What keys that bring a pair together say of it; null when it can't matter.</summary>
    /// <param name="model">Weights and threshold.</param>
    /// <param name="scorer">Scorer of the same model.</param>
    /// <param name="a">One record.</param>
    /// <param name="b">The other.</param>
    /// <param name="kinds">The rules of the keys, as bits.</param>
    internal static LinkValue? Tell(IdentityModel model, PairScorer scorer, PersonFeatures a, PersonFeatures b, uint kinds)
    {
        var score = scorer.Score(a, b);
        if (!SharesId(a, b))
        {
            kinds &= ~MatchKeyId.BitOf(MatchKeyKind.ExternalId);
        }

        return IsTold(model, a, b, score) ? new LinkValue(score.Base, score.Email, score.Phone, kinds, score.Flags) : null;
    }

    /// <summary>
    /// True when the grouping is told of a pair: when its evidence, with every shared identifier whether its key is past the cap or not, is at
    /// or above <see cref="IdentityModel.ReviewFloor"/>.
    /// </summary>
    internal static bool IsTold(IdentityModel model, PersonFeatures a, PersonFeatures b, in PairScore score) =>
        model.Total(score.Base, SharesId(a, b) ? SharedId : 0, score.Email, score.Phone, score.Flags) >= model.ReviewFloor;

    /// <summary>True when both hold one external identifier.</summary>
    internal static bool SharesId(PersonFeatures a, PersonFeatures b)
    {
        foreach (var x in a.Ids)
        {
            if (b.Ids.Span.Contains(x))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True when the two can't be one person, whatever else agrees.</summary>
    internal static bool Contradict(IdentityModel model, PersonFeatures a, PersonFeatures b) => WhyContradict(model, a, b) is not null;

    /// <summary>Why the two can't be one person, whatever else agrees; null when nothing forbids it.</summary>
    internal static string? WhyContradict(IdentityModel model, PersonFeatures a, PersonFeatures b) =>
        a.Kind != b.Kind ? "one is a person, the other is none"
        : a.Kind == RecordKind.Device ? "a device is nobody"
        : model.BirthDatesCut && BirthDates.Contradict(a.BirthDate, b.BirthDate) && !SharesId(a, b) && !SharesNationalId(a, b) ? "birth dates a generation apart"
        : IdsContradict(a, b) ? "different numbers in a register that gives each person one"
        : GenerationsDiffer(a, b) ? "different generations, such as Jr and Sr"
        : null;

    /// <summary>What keeps the people of the two records apart whatever else agrees, contradictions and clashes; null when nothing does.</summary>
    internal string? WhyForbidden(PersonFeatures a, PersonFeatures b) =>
        WhyContradict(model, a, b) ?? (model.NamesCut && Clash(a, b) ? "other given names and birth dates in one household" : null);

    /// <summary>
    /// True when given names and full birth dates clash of two records of one family name that share a contact point or an address, and no identifier
    /// agrees: two of one household. Where dates are missing one may be a nickname, and where the family names differ too they may be swapped.
    /// </summary>
    internal bool Clash(PersonFeatures a, PersonFeatures b)
    {
        if (a.Names.Length == 0 || b.Names.Length == 0 || a.Names[0].First == b.Names[0].First || !ShareContact(a, b) || SharesId(a, b))
        {
            return false;
        }

        var outcomes = default(Outcomes);
        var score = Score(a, b, ref outcomes);
        return (score.Flags & PairFlags.NameConflict) != 0
            && outcomes[(int)Field.FamilyName].Level is Levels.Exact or Levels.Names.OneEdit or Levels.Names.Alike
            && AreOthers(outcomes[(int)Field.BirthDate].Level)
            && ((score.Flags & PairFlags.SameAddress) != 0 || score.Email > 0 || score.Phone > 0);
    }

    static bool ShareContact(PersonFeatures a, PersonFeatures b) =>
        a.Phones.Span.ContainsAny(b.Phones.Span) || a.Emails.Span.ContainsAny(b.Emails.Span) || ShareStreet(a, b);

    static bool ShareStreet(PersonFeatures a, PersonFeatures b)
    {
        foreach (var x in a.Addresses)
        {
            foreach (var y in b.Addresses)
            {
                if (x.Street.Length > 0 && x.Street == y.Street)
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>True when a contradiction is possible at all: spares the comparison of most pairs.</summary>
    internal static bool MayContradict(IdentityModel model, PersonFeatures features)
    {
        if (features.Kind != RecordKind.Person || (model.BirthDatesCut && features.BirthDate.Quality == BirthDateQuality.Ok))
        {
            return true;
        }

        foreach (var name in features.Names)
        {
            if (name.Suffix > 0)
            {
                return true;
            }
        }

        foreach (var id in features.Ids)
        {
            if (IsExclusive(id))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True when both hold a national id and at most two slips of the pen keep the two apart.</summary>
    static bool SharesNationalId(PersonFeatures a, PersonFeatures b)
    {
        foreach (var x in a.Extras)
        {
            foreach (var y in b.Extras)
            {
                if (x.Field == Field.NationalId && y.Field == Field.NationalId && StringDistance.Damerau(x.Value, y.Value, 2) <= 2)
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>A register that gives each person exactly one number.</summary>
    static bool IsExclusive(in ExternalId id) => id.Type is "voterbase" or "statefile" or "dwid" or "voter_file";

    /// <summary>True when both hold an identifier of a register that gives each person exactly one, and the two differ.</summary>
    static bool IdsContradict(PersonFeatures a, PersonFeatures b)
    {
        foreach (var x in a.Ids)
        {
            if (!IsExclusive(x))
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

    /// <summary>One of the two is called Jr or III and the other says no generation: a name that father and son share.</summary>
    internal static bool OneIsJunior(PersonFeatures a, PersonFeatures b) => IsJunior(a) != IsJunior(b);

    static bool IsJunior(PersonFeatures features)
    {
        foreach (var name in features.Names)
        {
            if (name.Suffix > 1)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Jr against Sr: both say a generation and no two of them agree.</summary>
    static bool GenerationsDiffer(PersonFeatures a, PersonFeatures b)
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
}
