using System.Text;
using StreamSync.Contracts;
using StreamSync.Contracts.Entity;
using StreamSync.Identity;

namespace StreamSync.Processors.Identity;

/// <summary>Persons of the data standard as the identity engine takes them.</summary>
static class PersonRecords
{
    public static PersonRecord Of(Person person) => new()
    {
        Urn = person.SourceUrn,
        Org = person.Org,
        Kind = person.Kind switch
        {
            "organization" => RecordKind.Organization,
            "device" => RecordKind.Device,
            _ => RecordKind.Person,
        },
        Names = Names(person),
        Emails = [.. person.Emails.Select(e => e.Normalized).OfType<string>()],
        Phones = [.. person.Phones.Select(p => p.Normalized).OfType<string>()],
        BirthDate = person.DateOfBirth,
        Addresses = [.. person.Addresses.Select(a => new PostalAddress(string.Join(' ', a.Lines), a.City, a.State, a.PostalCode, a.Country))],
        Ids = [.. person.ExternalIds.Select(i => new ExternalId(i.IdType, i.IdScope ?? string.Empty, i.IdValue))],
        SameAs = person.MergedInto is null ? [.. person.SameAs] : [person.MergedInto, .. person.SameAs],
        CreatedAt = At(person.CreatedAt),
        UpdatedAt = At(person.SourceUpdatedAt) ?? At(person.ObservedAt),
    };

    /// <summary>The same, of the topic's record.</summary>
    /// <exception cref="InvalidDataException">It is not what its key names, or not its org's: it could meet the records of another org.</exception>
    public static PersonRecord Of(Person person, ReadOnlySpan<byte> key)
    {
        if (!SourceUrn.TryParse(person.SourceUrn, out var urn) || urn.Org != person.Org || !key.SequenceEqual(Encoding.UTF8.GetBytes(person.SourceUrn)))
        {
            throw new InvalidDataException("key, source_urn and org of the record do not name the same owner");
        }

        return Of(person);
    }

    /// <summary>A record of which only its URN is known.</summary>
    public static PersonRecord Unknown(SourceUrn urn, DateTimeOffset at) => new() { Urn = urn.ToString(), Org = urn.Org, UpdatedAt = at };

    static List<PersonName> Names(Person person)
    {
        var names = new List<PersonName>(2);
        if (person.FirstName is not null || person.LastName is not null || person.FullName is not null)
        {
            names.Add(new PersonName(person.FirstName, person.MiddleName, person.LastName, person.Suffix, person.FullName));
        }

        if (person.PreferredName is not null && person.PreferredName != person.FirstName && person.LastName is not null)
        {
            names.Add(new PersonName(person.PreferredName, null, person.LastName, person.Suffix));
        }

        return names;
    }

    static DateTimeOffset? At(DateTime? time) => time is { } known ? new DateTimeOffset(DateTime.SpecifyKind(known, DateTimeKind.Utc)) : null;
}
