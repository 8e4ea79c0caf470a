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
        var records = oldestFirst.Select(node => node.Record!)
            .OrderByDescending(record => record.SourceTrust)
            .ThenByDescending(record => record.UpdatedAt ?? record.CreatedAt ?? DateTimeOffset.MinValue)
            .ThenBy(record => record.Urn, StringComparer.Ordinal)
            .ToList();
        var sources = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var name = Best(records, "name", sources, record => record.Names.FirstOrDefault(HasName), NameCompleteness);
        var birth = Best(records, "birth_date", sources, BirthDate, static date => date.Length);
        var address = Best(records, "address", sources, Address, AddressCompleteness);
        return new GoldenRecord
        {
            PersonId = personId,
            Org = records[0].Org,
            Kind = records[0].Kind,
            Name = name,
            Emails = Emails(records),
            Phones = Phones(records),
            BirthDate = birth,
            Address = address,
            Ids = [.. records.SelectMany(record => record.Ids).Distinct()
                .OrderBy(id => id.Type, StringComparer.Ordinal).ThenBy(id => id.Scope, StringComparer.Ordinal)
                .ThenBy(id => id.Value, StringComparer.Ordinal)],
            Urns = [.. oldestFirst.Select(node => node.Urn)],
            Sources = sources,
        };
    }

    /// <summary>Among equally trusted records the fullest value wins over a newer but poorer one ("A. Ruiz" does not replace "Ana Ruiz").</summary>
    static T? Best<T>(
        List<PersonRecord> records, string field, SortedDictionary<string, string> sources, Func<PersonRecord, T?> value,
        Func<T, int> completeness)
        where T : class
    {
        T? best = null;
        var bestCompleteness = 0;
        var trust = 0;
        foreach (var record in records)
        {
            if (best is not null && record.SourceTrust < trust)
            {
                break;
            }

            if (value(record) is { } candidate && completeness(candidate) is var full && (best is null || full > bestCompleteness))
            {
                (best, bestCompleteness, trust) = (candidate, full, record.SourceTrust);
                sources[field] = record.Urn;
            }
        }

        return best;
    }

    static bool HasName(PersonName name) => !NameNormalizer.Normalize(name).IsEmpty;

    static int NameCompleteness(PersonName name)
    {
        var normal = NameNormalizer.Normalize(name);
        return (normal.First.Length > 1 ? 4 : normal.First.Length) + (normal.Last.Length > 1 ? 4 : normal.Last.Length);
    }

    static string? BirthDate(PersonRecord record) =>
        BirthDateNormalizer.Normalize(record.BirthDate) is { IsEvidence: true } date ? date.ToString() : null;

    static PostalAddress? Address(PersonRecord record)
    {
        foreach (var address in record.Addresses)
        {
            var normal = AddressNormalizer.Normalize(address);
            if (normal.Street.Length + normal.City.Length + normal.PostalCode.Length > 0)
            {
                return normal.ZipRepaired ? address with { PostalCode = normal.PostalCode } : address;
            }
        }

        return null;
    }

    static int AddressCompleteness(PostalAddress address) =>
        (address.Line is null ? 0 : 2) + (address.City is null ? 0 : 1) + (address.PostalCode is null ? 0 : 1);

    static List<string> Emails(List<PersonRecord> records)
    {
        var all = records.SelectMany(record => record.Emails).Select(EmailNormalizer.Normalize)
            .Where(email => email.Address.Length > 0).ToList();
        return [.. all.Where(email => email.Quality == ContactQuality.Identifying)
            .Concat(all.Where(email => email.Quality != ContactQuality.Identifying))
            .Select(email => email.Address).Distinct(StringComparer.Ordinal)];
    }

    List<string> Phones(List<PersonRecord> records) =>
        [.. records.SelectMany(record => record.Phones).Select(_phones.Normalize)
            .Where(phone => phone.E164.Length > 0).Select(phone => phone.E164).Distinct(StringComparer.Ordinal)];
}
