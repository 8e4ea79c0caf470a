namespace StreamSync.Identity;

/// <summary>What a frequency table counts.</summary>
enum FrequencyKind : byte
{
    GivenName,
    FamilyName,
    AnyName,
    BirthDate,
    BirthYear,
    Email,
    EmailLocal,
    Phone,
    HouseNumber,
    Street,
    City,
    PostalCode,
    PostalDistrict,
    PostalArea,
    State,
    BirthPlace,
    Occupation,
    Gender,
    NationalId,
    AddressLine2,
    Extra1,
    Extra2,
    Extra3,
    Extra4,
    MonthDay,
    Word,
}

/// <summary>
/// How rare values are, in hundredths of a bit: -log2 of the share of records that hold the value. A versioned part of the model,
/// so that scoring never depends on what has arrived so far.
/// </summary>
sealed class FrequencyTable
{
    public const int Kinds = (int)FrequencyKind.Word + 1;

    readonly Dictionary<string, short>[] _rarity = new Dictionary<string, short>[Kinds];
    readonly Dictionary<string, short>.AlternateLookup<ReadOnlySpan<char>>[] _byText = new Dictionary<string, short>.AlternateLookup<ReadOnlySpan<char>>[Kinds];
    readonly short[] _default = new short[Kinds];

    public FrequencyTable()
    {
        for (var i = 0; i < Kinds; i++)
        {
            _rarity[i] = new Dictionary<string, short>(StringComparer.Ordinal);
            _byText[i] = _rarity[i].GetAlternateLookup<ReadOnlySpan<char>>();
        }
    }

    /// <summary>The rarity of a value; of a value not in the table, the default of its kind.</summary>
    public short Of(FrequencyKind kind, string value) => _rarity[(int)kind].TryGetValue(value, out var rarity) ? rarity : _default[(int)kind];

    /// <summary>The rarity of a value that is part of a text.</summary>
    public short Of(FrequencyKind kind, ReadOnlySpan<char> value) => _byText[(int)kind].TryGetValue(value, out var rarity) ? rarity : _default[(int)kind];

    public short DefaultOf(FrequencyKind kind) => _default[(int)kind];

    public void SetDefault(FrequencyKind kind, short rarity) => _default[(int)kind] = rarity;

    public void Set(FrequencyKind kind, string value, short rarity) => _rarity[(int)kind][value] = rarity;

    public IEnumerable<KeyValuePair<string, short>> Entries(FrequencyKind kind) => _rarity[(int)kind];
}
