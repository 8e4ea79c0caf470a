namespace StreamSync.Identity;

/// <summary>What a column of a table of people means.</summary>
public enum ColumnRole
{
    /// <summary>Not used.</summary>
    Ignored,

    /// <summary>Given name.</summary>
    Given,

    /// <summary>Middle name.</summary>
    Middle,

    /// <summary>Family name.</summary>
    Family,

    /// <summary>A further part of the family name, where it stands in a column of its own.</summary>
    SecondFamily,

    /// <summary>A former family name, such as a maiden name; a second name of the record.</summary>
    FormerFamily,

    /// <summary>Jr, Sr, III.</summary>
    Suffix,

    /// <summary>The whole name.</summary>
    FullName,

    /// <summary>A name by which the person is called; a second name of the record.</summary>
    PreferredName,

    /// <summary>E-mail address.</summary>
    Email,

    /// <summary>Phone number.</summary>
    Phone,

    /// <summary>Birth date, or its year where month and day stand in columns of their own.</summary>
    BirthDate,

    /// <summary>Month of birth.</summary>
    BirthMonth,

    /// <summary>Day of the month of birth.</summary>
    BirthDay,

    /// <summary>House number.</summary>
    HouseNumber,

    /// <summary>Street, or the whole first address line.</summary>
    Street,

    /// <summary>Second address line.</summary>
    AddressLine2,

    /// <summary>City, suburb or place.</summary>
    City,

    /// <summary>State or province.</summary>
    State,

    /// <summary>Postal code.</summary>
    PostalCode,

    /// <summary>Country.</summary>
    Country,

    /// <summary>Place of birth.</summary>
    BirthPlace,

    /// <summary>Occupation.</summary>
    Occupation,

    /// <summary>Gender.</summary>
    Gender,

    /// <summary>National id, social security or tax number.</summary>
    NationalId,

    /// <summary>Voter file id of a state.</summary>
    StateFileId,

    /// <summary>Id of a national voter file (VoteBuilder, TargetSmart).</summary>
    VoterbaseId,

    /// <summary>Catalist's id of a person.</summary>
    Dwid,

    /// <summary>VAN id.</summary>
    VanId,

    /// <summary>Any other field, compared as text.</summary>
    Extra,
}
