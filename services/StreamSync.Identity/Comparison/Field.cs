namespace StreamSync.Identity;

/// <summary>What of two records is compared. The order is part of the model's stored form: new fields go to the end.</summary>
public enum Field : byte
{
    /// <summary>First given name.</summary>
    GivenName,

    /// <summary>Family name.</summary>
    FamilyName,

    /// <summary>All names but the first given and the last family name.</summary>
    OtherNames,

    /// <summary>Birth date.</summary>
    BirthDate,

    /// <summary>E-mail address.</summary>
    Email,

    /// <summary>Phone number.</summary>
    Phone,

    /// <summary>House number.</summary>
    HouseNumber,

    /// <summary>Street.</summary>
    Street,

    /// <summary>City, suburb or place.</summary>
    City,

    /// <summary>Postal code.</summary>
    PostalCode,

    /// <summary>State or province.</summary>
    State,

    /// <summary>Place of birth.</summary>
    BirthPlace,

    /// <summary>Occupation.</summary>
    Occupation,

    /// <summary>Gender.</summary>
    Gender,

    /// <summary>A number that a state gives each person: social security, tax or national id, as typed.</summary>
    NationalId,

    /// <summary>Second address line.</summary>
    AddressLine2,

    /// <summary>A further column that the user named.</summary>
    Extra1,

    /// <summary>A further column that the user named.</summary>
    Extra2,

    /// <summary>A further column that the user named.</summary>
    Extra3,

    /// <summary>A further column that the user named.</summary>
    Extra4,

    /// <summary>All tokens of both names together; weighs only in models learnt from labels.</summary>
    NameSet,
}

/// <summary>A field beyond the usual ones.</summary>
/// <param name="Field">Which; <see cref="Field.Gender"/> or later.</param>
/// <param name="Value">As written in a record, folded in features.</param>
public readonly record struct ExtraValue(Field Field, string Value);
