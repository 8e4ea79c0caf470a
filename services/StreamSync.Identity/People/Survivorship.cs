namespace StreamSync.Identity;

/// <summary>
/// Builds golden records. For every field the value of the most trusted source wins, then the most recently changed record,
/// then the most complete value, then the first URN; a field that record lacks comes from the next.
/// </summary>
sealed class Survivorship(string defaultRegion)
{
    readonly PhoneNormalizer _phones = new(defaultRegion);

    public GoldenRecord Build(string personId, ReadOnlySpan<FlushMember> oldestFirst)
    {
        var records = new Source[oldestFirst.Length];
        var urns = new string[oldestFirst.Length];
        for (var i = 0; i < records.Length; i++)
        {
            var (node, features) = oldestFirst[i];
            records[i] = new Source(node.ReadRecord()!, features ?? node.ReadFeatures()!);
            urns[i] = node.Urn;
        }

        Array.Sort(records, static (x, y) => Preference(x.Record, y.Record));
        var sources = new Dictionary<string, string>(3, StringComparer.Ordinal);
        var address = Best(records, "address", sources, AddressCompleteness);
        var birth = Best(records, "birth_date", sources, BirthDateCompleteness);
        var name = Best(records, "name", sources, NameCompleteness);
        return new GoldenRecord
        {
            PersonId = personId,
            Org = records[0].Record.Org,
            Kind = records[0].Record.Kind,
            Name = name is { } named ? WithSuffix(NameNormalizer.InParts(Name(named)!), named, records) : null,
            Emails = Emails(records),
            Phones = Phones(records),
            BirthDate = birth?.Features.BirthDate.ToString(),
            Address = address is { } located ? Address(located) : null,
            Ids = Ids(records),
            Urns = urns,
            Sources = sources,
        };
    }

    /// <summary>The more trusted first, then the more recently changed, then by URN.</summary>
    static int Preference(PersonRecord x, PersonRecord y)
    {
        var byTrust = y.SourceTrust.CompareTo(x.SourceTrust);
        var byTime = byTrust != 0 ? byTrust : Changed(y).CompareTo(Changed(x));
        return byTime != 0 ? byTime : string.CompareOrdinal(x.Urn, y.Urn);

        static DateTimeOffset Changed(PersonRecord record) => record.UpdatedAt ?? record.CreatedAt ?? DateTimeOffset.MinValue;
    }

    /// <summary>
    /// The record whose value survives; null when none has one. Among equally trusted records the fullest value wins over a newer but poorer one
    /// ("A. Ruiz" does not replace "Ana Ruiz").
    /// </summary>
    /// <param name="records">Records, the preferred one first.</param>
    /// <param name="field">Field.</param>
    /// <param name="sources">Receives the record's URN.</param>
    /// <param name="completeness">How full a record's value is; -1 when it has none.</param>
    static Source? Best(Source[] records, string field, Dictionary<string, string> sources, Func<Source, int> completeness)
    {
        Source? best = null;
        var fullest = -1;
        foreach (var source in records)
        {
            if (source.Record.SourceTrust < best?.Record.SourceTrust)
            {
                break;
            }

            if (completeness(source) is var full && full > fullest)
            {
                (best, fullest) = (source, full);
            }
        }

        if (best is { } found)
        {
            sources[field] = found.Record.Urn;
        }

        return best;
    }

    /// <summary>The name as written that the first normalised one was made from.</summary>
    static PersonName? Name(Source source) =>
        source.Features.Names.Length == 0 ? null
        : source.Record.Names.Count == 1 ? source.Record.Names[0]
        : source.Record.Names.FirstOrDefault(static name => !NameNormalizer.Normalize(name).IsEmpty);

    /// <summary>The name with the generation that another record gives, where the name's own gives none.</summary>
    static PersonName WithSuffix(PersonName name, Source own, Source[] records)
    {
        if (own.Features.Names[0].Suffix > 0 || name is { Given: null, Family: null })
        {
            return name;
        }

        foreach (var source in records)
        {
            if (source.Features.Names.Length > 0 && source.Features.Names[0].Suffix > 0 && Name(source) is { } named
                && NameNormalizer.InParts(named).Suffix is { Length: > 0 } suffix)
            {
                return name with { Suffix = suffix };
            }
        }

        return name;
    }

    // Of equally full names the one in parts wins: how one field is to be cut is a guess.
    static int NameCompleteness(Source source) => Name(source) is not { } name ? -1
        : 2 * (Fullness(source.Features.Names[0].First) + Fullness(source.Features.Names[0].Last))
            + (string.IsNullOrWhiteSpace(name.Given) || string.IsNullOrWhiteSpace(name.Family) ? 0 : 1);

    static int Fullness(string name) => name.Length > 1 ? 4 : name.Length;

    static int BirthDateCompleteness(Source source) => source.Features.BirthDate is { IsEvidence: true } date ? date.Month == 0 ? 1 : date.Day == 0 ? 2 : 3 : -1;

    static PostalAddress? Address(Source source)
    {
        if (source.Features.Addresses.Length == 0)
        {
            return null;
        }

        var addresses = source.Record.Addresses;
        for (var i = 0; i < addresses.Count; i++)
        {
            var address = addresses[i];
            var normal = addresses.Count == 1 ? source.Features.Addresses[0] : AddressNormalizer.Normalize(address);
            if (normal.Street.Length + normal.City.Length + normal.PostalCode.Length > 0)
            {
                return normal.ZipRepaired ? address with { PostalCode = normal.PostalCode } : address;
            }
        }

        return null;
    }

    static int AddressCompleteness(Source source) =>
        Address(source) is { } address ? (address.Line is null ? 0 : 2) + (address.City is null ? 0 : 1) + (address.PostalCode is null ? 0 : 1) : -1;

    static List<ExternalId> Ids(Source[] records)
    {
        var ids = new List<ExternalId>(records.Length);
        foreach (var (record, _) in records)
        {
            for (var i = 0; i < record.Ids.Count; i++)
            {
                if (!ids.Contains(record.Ids[i]))
                {
                    ids.Add(record.Ids[i]);
                }
            }
        }

        ids.Sort(static (x, y) => string.CompareOrdinal(x.Type, y.Type) is not 0 and var byType ? byType
            : string.CompareOrdinal(x.Scope, y.Scope) is not 0 and var byScope ? byScope : string.CompareOrdinal(x.Value, y.Value));
        return ids;
    }

    static List<string> Emails(Source[] records)
    {
        var identifying = new List<string>(records.Length);
        var shared = new List<string>();
        foreach (var (record, _) in records)
        {
            for (var i = 0; i < record.Emails.Count; i++)
            {
                var email = EmailNormalizer.Normalize(record.Emails[i]);
                var list = email.Quality == ContactQuality.Identifying ? identifying : shared;
                if (email.Address.Length > 0 && !list.Contains(email.Address))
                {
                    list.Add(email.Address);
                }
            }
        }

        identifying.AddRange(shared);
        return identifying;
    }

    List<string> Phones(Source[] records)
    {
        var phones = new List<string>(records.Length);
        foreach (var (record, features) in records)
        {
            for (var i = 0; i < record.Phones.Count; i++)
            {
                // A number in its final form was found good before; only others need the numbering plan.
                var text = record.Phones[i];
                var phone = features.Phones.Span.Contains(text) ? text : _phones.Normalize(text).E164;
                if (phone.Length > 0 && !phones.Contains(phone))
                {
                    phones.Add(phone);
                }
            }
        }

        return phones;
    }

    /// <summary>A record with what was normalised of it before.</summary>
    readonly record struct Source(PersonRecord Record, PersonFeatures Features);
}
