namespace StreamSync.Identity;

/// <summary>The rule by which records are brought together for comparison.</summary>
public enum MatchKeyKind : byte
{
    /// <summary>Same external identifier in the same scope.</summary>
    ExternalId = 1,

    /// <summary>Same e-mail address.</summary>
    Email = 2,

    /// <summary>Same phone number.</summary>
    Phone = 3,

    /// <summary>Same birth date and initial; of records as they arrive, same first letters of a name.</summary>
    NameBirthDate = 4,

    /// <summary>Same name and postal code; of records as they arrive, same first letters of two names.</summary>
    NamePostalCode = 5,

    /// <summary>Same rare name token, in any place of the name.</summary>
    NameToken = 6,

    /// <summary>Same two name tokens, in any places.</summary>
    TwoNameTokens = 7,

    /// <summary>Same birth date.</summary>
    BirthDate = 8,

    /// <summary>Same postal code.</summary>
    PostalCode = 9,

    /// <summary>Same name token and birth year.</summary>
    NameYear = 10,

    /// <summary>Same day and month of birth and postal district.</summary>
    MonthDayDistrict = 11,

    /// <summary>Same name token and place: city, place of birth or postal district.</summary>
    NamePlace = 12,

    /// <summary>Same street and house number (of records as they arrive, in one postal district or city), or same place and house number.</summary>
    Street = 13,

    /// <summary>Same part of a national id.</summary>
    NationalIdPart = 14,

    /// <summary>Same local part of an e-mail address, or same beginning (and, of records as they arrive, end) of it at one host.</summary>
    EmailLocal = 15,

    /// <summary>Same birth year, month and place.</summary>
    BirthPlaceDate = 16,

    /// <summary>Same sound of first and last name.</summary>
    NameSound = 17,

    /// <summary>Same first letters of given and family name, in either order.</summary>
    NamePrefixes = 18,

    /// <summary>Same day and month of birth and first letters of a name; of records as they arrive, of two names.</summary>
    MonthDayName = 19,

    /// <summary>Same place of birth, occupation and year.</summary>
    PlaceOccupation = 20,
}

/// <summary>A value that records may share.</summary>
/// <param name="Org">The group; keys of different groups never meet.</param>
/// <param name="Kind">Rule.</param>
/// <param name="Value">Shared value.</param>
public readonly record struct MatchKey(string Org, MatchKeyKind Kind, string Value)
{
    /// <summary>
    /// Most members with which a key is still evidence; above it, it belongs to an office, a household of the whole street
    /// or a placeholder nobody has listed yet.
    /// </summary>
    public static int CapOf(MatchKeyKind kind) => kind switch
    {
        MatchKeyKind.ExternalId => 200,
        MatchKeyKind.Email => 25,
        MatchKeyKind.Phone => 25,
        MatchKeyKind.TwoNameTokens => 150,
        _ => 60,
    };

    /// <summary>True for keys that identify people by themselves and so add their own weight to a link.</summary>
    public bool IsIdentifier => Kind is MatchKeyKind.ExternalId or MatchKeyKind.Email or MatchKeyKind.Phone;

    /// <summary>The key as stage A holds it.</summary>
    public MatchKeyId Id => new(Kind, WideHash);

    /// <summary>Most members with which the key is still evidence.</summary>
    public int Cap => CapOf(Kind);

    /// <summary>A hash of kind, org and value (FNV-1a, 64 bits).</summary>
    internal ulong WideHash
    {
        get
        {
            var hash = (14695981039346656037UL ^ (byte)Kind) * 1099511628211UL;
            foreach (var c in Org)
            {
                hash = (hash ^ c) * 1099511628211UL;
            }

            hash = (hash ^ 0xFFFF) * 1099511628211UL;
            foreach (var c in Value)
            {
                hash = (hash ^ c) * 1099511628211UL;
            }

            return hash;
        }
    }
}
