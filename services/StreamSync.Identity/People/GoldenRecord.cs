using System.Collections.ObjectModel;

namespace StreamSync.Identity;

/// <summary>The best known values of a person, each taken from the record that the survivorship rules prefer.</summary>
public sealed record GoldenRecord
{
    /// <summary>The person.</summary>
    public required string PersonId { get; init; }

    /// <summary>The group.</summary>
    public required string Org { get; init; }

    /// <summary>Person or organisation.</summary>
    public RecordKind Kind { get; init; }

    /// <summary>The name as its source writes it, in parts also where the source has one field for it.</summary>
    public PersonName? Name { get; init; }

    /// <summary>Canonical e-mail addresses, the preferred one first; shared mailboxes last.</summary>
    public IReadOnlyList<string> Emails { get; init; } = [];

    /// <summary>Phone numbers in E.164, the preferred one first.</summary>
    public IReadOnlyList<string> Phones { get; init; } = [];

    /// <summary>Birth date, ISO 8601, as precise as known; null when unknown.</summary>
    public string? BirthDate { get; init; }

    /// <summary>Address, postal code repaired.</summary>
    public PostalAddress? Address { get; init; }

    /// <summary>All identifiers.</summary>
    public IReadOnlyList<ExternalId> Ids { get; init; } = [];

    /// <summary>The records, the oldest first.</summary>
    public IReadOnlyList<string> Urns { get; init; } = [];

    /// <summary>Which record each single-valued field was taken from.</summary>
    public IReadOnlyDictionary<string, string> Sources { get; init; } = ReadOnlyDictionary<string, string>.Empty;
}
