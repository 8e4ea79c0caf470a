namespace StreamSync.Identity;

/// <summary>
/// Builds golden records. For every field the value of the most trusted source wins, then the most recently changed record,
/// then the most complete value, then the first URN; a field that record lacks comes from the next.
/// </summary>
sealed class Survivorship(string defaultRegion)
{
    readonly PhoneNormalizer _phones = new(defaultRegion);

    public GoldenRecord Build(string personId, IReadOnlyList<GraphNode> oldestFirst)
    {
        var records = new List<Source>(oldestFirst.Count);
        foreach (var node in oldestFirst)
        {
            records.Add(new Source(node.ReadRecord()!, node.ReadFeatures()!));
        }

        records.Sort(static (x, y) => Preference(x.Record, y.Record));
        var sources = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var name = Best(records, "name", sources, Name, static source => NameCompleteness(source.Features.Names[0]));
        var birth = Best(records, "birth_date", sources, BirthDate, static source => source.Features.BirthDate.ToString().Length);
        var address = Best(records, "address", sources, Address, static source => AddressCompleteness(Address(source)!));
        return new GoldenRecord
        {
            PersonId = personId,
            Org = records[0].Record.Org,
            Kind = records[0].Record.Kind,
            Name = name,
            Emails = Emails(records),
            Phones = Phones(records),
            BirthDate = birth,
            Address = address,
            Ids = Ids(records),
            Urns = [.. oldestFirst.Select(static node => node.Urn)],
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

    /// <summary>Among equally trusted records the fullest value wins over a newer but poorer one ("A. Ruiz" does not replace "Ana Ruiz").</summary>
    static T? Best<T>(
        List<Source> records, string field, SortedDictionary<string, string> sources, Func<Source, T?> value, Func<Source, int> completeness)
        where T : class
    {
        T? best = null;
        var bestCompleteness = 0;
        var trust = 0;
        foreach (var record in records)
        {
            if (best is not null && record.Record.SourceTrust < trust)
            {
                break;
            }

            if (value(record) is { } candidate && completeness(record) is var full && (best is null || full > bestCompleteness))
            {
                (best, bestCompleteness, trust) = (candidate, full, record.Record.SourceTrust);
                sources[field] = record.Record.Urn;
            }
        }

        return best;
    }

    /// <summary>The name as written that the first normalised one was made from.</summary>
    static PersonName? Name(Source source) =>
        source.Features.Names.Length == 0 ? null
        : source.Record.Names.Count == 1 ? source.Record.Names[0]
        : source.Record.Names.FirstOrDefault(static name => !NameNormalizer.Normalize(name).IsEmpty);

    static int NameCompleteness(in NormalizedName name) =>
        (name.First.Length > 1 ? 4 : name.First.Length) + (name.Last.Length > 1 ? 4 : name.Last.Length);

    static string? BirthDate(Source source) => source.Features.BirthDate.IsEvidence ? source.Features.BirthDate.ToString() : null;

    static PostalAddress? Address(Source source)
    {
        if (source.Features.Addresses.Length == 0)
        {
            return null;
        }

        foreach (var address in source.Record.Addresses)
        {
            var normal = source.Record.Addresses.Count == 1 ? source.Features.Addresses[0] : AddressNormalizer.Normalize(address);
            if (normal.Street.Length + normal.City.Length + normal.PostalCode.Length > 0)
            {
                return normal.ZipRepaired ? address with { PostalCode = normal.PostalCode } : address;
            }
        }

        return null;
    }

    static int AddressCompleteness(PostalAddress address) =>
        (address.Line is null ? 0 : 2) + (address.City is null ? 0 : 1) + (address.PostalCode is null ? 0 : 1);

    static List<ExternalId> Ids(List<Source> records)
    {
        var ids = new List<ExternalId>();
        foreach (var (record, _) in records)
        {
            foreach (var id in record.Ids)
            {
                if (!ids.Contains(id))
                {
                    ids.Add(id);
                }
            }
        }

        ids.Sort(static (x, y) => string.CompareOrdinal(x.Type, y.Type) is not 0 and var byType ? byType
            : string.CompareOrdinal(x.Scope, y.Scope) is not 0 and var byScope ? byScope : string.CompareOrdinal(x.Value, y.Value));
        return ids;
    }

    static List<string> Emails(List<Source> records)
    {
        var identifying = new List<string>();
        var shared = new List<string>();
        foreach (var (record, _) in records)
        {
            foreach (var text in record.Emails)
            {
                var email = EmailNormalizer.Normalize(text);
                var list = email.Quality == ContactQuality.Identifying ? identifying : shared;
                if (email.Address.Length > 0 && !list.Contains(email.Address))
                {
                    list.Add(email.Address);
                }
            }
        }

        return [.. identifying, .. shared];
    }

    List<string> Phones(List<Source> records)
    {
        var phones = new List<string>();
        foreach (var (record, features) in records)
        {
            foreach (var text in record.Phones)
            {
                // A number in its final form was found good before; only others need the numbering plan.
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
