using StreamSync.Identity;

namespace StreamSync.Identity.Tests;

/// <summary>Short ways to write records and to ask who they are.</summary>
static class People
{
    public static PersonRecord Person(
        string id, string? given = null, string? family = null, string? email = null, string? phone = null, string? dob = null,
        string? zip = null, string? line = null, string? city = null, string? suffix = null, int? created = null, string org = "mi-wtp",
        ExternalId[]? ids = null, string[]? sameAs = null, RecordKind kind = RecordKind.Person) => new()
        {
            Urn = Urn(id, org),
            Org = org,
            Kind = kind,
            Names = given is null && family is null ? [] : [new PersonName(given, null, family, suffix)],
            Emails = email is null ? [] : [email],
            Phones = phone is null ? [] : [phone],
            BirthDate = dob,
            Addresses = zip is null && line is null && city is null ? [] : [new PostalAddress(line, city, null, zip)],
            Ids = ids ?? [],
            SameAs = [.. (sameAs ?? []).Select(other => Urn(other, org))],
            CreatedAt = created is { } day ? new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(day) : null,
        };

    public static string Urn(string id, string org = "mi-wtp") => $"{org}/test/main/person/{id}";

    /// <summary>The partition into people as text: ids of one person joined by a plus sign, people in ordinal order.</summary>
    public static string Resolve(params PersonRecord[] records)
    {
        var resolver = new BatchResolver(IdentityModel.Default);
        foreach (var record in records)
        {
            resolver.Upsert(record);
        }

        resolver.Flush();
        return Partition(resolver, records.Select(record => (record.Org, record.Urn)));
    }

    public static string Partition(BatchResolver resolver, IEnumerable<(string Org, string Urn)> records) => string.Join(' ', records
        .Select(record => (Id: resolver.Graph(record.Org).Find(record.Urn)?.PersonId, Name: record.Urn[(record.Urn.LastIndexOf('/') + 1)..]))
        .Where(record => record.Id is not null)
        .GroupBy(record => record.Id)
        .Select(person => string.Join('+', person.Select(record => record.Name).Order(StringComparer.Ordinal)))
        .Order(StringComparer.Ordinal));
}
