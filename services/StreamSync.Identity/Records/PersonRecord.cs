namespace StreamSync.Identity;

/// <summary>What a record is about.</summary>
public enum RecordKind : byte
{
    /// <summary>A human being.</summary>
    Person = 0,

    /// <summary>A company, committee, union local or any other body; never the same as a person.</summary>
    Organization = 1,

    /// <summary>A thing that joined a call or opened a page ("iPhone") without saying who held it; never linked.</summary>
    Device = 2,
}

/// <summary>One name of a person as a tool wrote it; any part may be missing.</summary>
/// <param name="Given">First name.</param>
/// <param name="Middle">Middle name or initial.</param>
/// <param name="Family">Last name, particles and double surnames included.</param>
/// <param name="Suffix">Jr, Sr, III and the like.</param>
/// <param name="Full">The whole name where the tool has only one field; used when given and family are both missing.</param>
public sealed record PersonName(
    string? Given = null, string? Middle = null, string? Family = null, string? Suffix = null, string? Full = null);

/// <summary>A postal address as a tool wrote it; any part may be missing.</summary>
/// <param name="Line">House number and street, with the unit.</param>
/// <param name="City">City, suburb or place.</param>
/// <param name="State">State, region or province.</param>
/// <param name="PostalCode">ZIP or postal code.</param>
/// <param name="Country">Country name or ISO code; empty means unknown.</param>
public sealed record PostalAddress(
    string? Line = null, string? City = null, string? State = null, string? PostalCode = null, string? Country = null);

/// <summary>An identifier of the person in some register. The same value in another scope is another identifier.</summary>
/// <param name="Type">Register, e.g. <c>van</c>, <c>voterbase</c>, <c>dwid</c>, <c>statefile</c>, <c>action_network</c>.</param>
/// <param name="Scope">Where the value is unique, e.g. instance, state and database mode; empty if unique everywhere.</param>
/// <param name="Value">The identifier.</param>
public sealed record ExternalId(string Type, string Scope, string Value);

/// <summary>One record about one person as one tool holds it: the engine's plain input.</summary>
public sealed record PersonRecord
{
    /// <summary>Source URN; the record's key everywhere.</summary>
    public required string Urn { get; init; }

    /// <summary>The group that owns the record; records of different groups are never linked.</summary>
    public required string Org { get; init; }

    /// <summary>Person, organisation or device.</summary>
    public RecordKind Kind { get; init; }

    /// <summary>All names the tool holds, the main one first.</summary>
    public IReadOnlyList<PersonName> Names { get; init; } = [];

    /// <summary>E-mail addresses as written, the main one first.</summary>
    public IReadOnlyList<string> Emails { get; init; } = [];

    /// <summary>Phone numbers as written, the main one first.</summary>
    public IReadOnlyList<string> Phones { get; init; } = [];

    /// <summary>Birth date as written (ISO, US order, compact or a bare year).</summary>
    public string? BirthDate { get; init; }

    /// <summary>Addresses, the main one first.</summary>
    public IReadOnlyList<PostalAddress> Addresses { get; init; } = [];

    /// <summary>Identifiers in other registers, the record's own included where it has a meaning beyond the tool.</summary>
    public IReadOnlyList<ExternalId> Ids { get; init; } = [];

    /// <summary>URNs which the vendor itself says are the same person (merge logs, crosswalks).</summary>
    public IReadOnlyList<string> SameAs { get; init; } = [];

    /// <summary>Place of birth, where a source has it.</summary>
    public string? BirthPlace { get; init; }

    /// <summary>Occupation, where a source has it.</summary>
    public string? Occupation { get; init; }

    /// <summary>Further fields, ordered by field, each once.</summary>
    public IReadOnlyList<ExtraValue> Extras { get; init; } = [];

    /// <summary>Trust in the source for the golden record, 0 to 100; the higher wins.</summary>
    public int SourceTrust { get; init; } = 50;

    /// <summary>When the tool says the record was made; orders records so that the person keeps the oldest one's id.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>When the tool says the record last changed; the newer value wins in the golden record.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>Compact binary form.</summary>
    public byte[] ToBytes()
    {
        var writer = CompactWriter.Own;
        PersonRecordBinary.Write(writer, this);
        return writer.ToArray();
    }

    /// <summary>Reads <see cref="ToBytes"/>.</summary>
    /// <exception cref="InvalidDataException">The bytes are cut short.</exception>
    public static PersonRecord FromBytes(ReadOnlySpan<byte> bytes)
    {
        var reader = new CompactReader(bytes);
        return PersonRecordBinary.Read(ref reader);
    }
}
