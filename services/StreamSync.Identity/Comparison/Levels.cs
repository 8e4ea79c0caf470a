namespace StreamSync.Identity;

/// <summary>The comparison levels of all fields: how alike two values are. 0 means that one is missing.</summary>
static class Levels
{
    public const int FieldCount = (int)Field.NameSet + 1;

    /// <summary>Most levels of any field.</summary>
    public const int Max = 14;

    public const byte Missing = 0;
    public const byte Exact = 1;

    static readonly string[] Name =
        ["missing", "exact", "forms of one name", "one edit", "alike", "initial", "elsewhere in the name", "alike elsewhere", "somewhat alike", "differs", "swapped", "same sound"];

    static readonly string[] Other = ["missing", "shared", "alike", "initial", "differs"];

    static readonly string[] Date =
    [
        "missing", "exact", "day and month swapped", "one edit", "same day and month", "two parts agree", "two edits", "partly known, agrees",
        "same year", "near year", "differs", "partly known, differs",
    ];

    static readonly string[] Mail = ["missing", "exact", "few edits", "same name at another host", "alike", "somewhat alike", "differs"];
    static readonly string[] Number = ["missing", "exact", "one edit", "two edits", "three edits", "differs"];
    static readonly string[] Postal = ["missing", "exact", "one edit", "same district", "two edits", "same area", "differs"];
    static readonly string[] Text = ["missing", "exact", "alike", "shares a word", "somewhat alike", "differs"];
    static readonly string[] Category = ["missing", "exact", "one edit", "differs"];

    // Tokens that agree (none, one, two, more) and tokens that have no counterpart on either side (none, one, more).
    static readonly string[] Set =
    [
        "missing", "none agrees", "none agrees, one differs", "none agrees, more differ", "one agrees", "one agrees, one differs", "one agrees, more differ",
        "two agree", "two agree, one differs", "two agree, more differ", "three agree", "three agree, one differs", "three agree, more differ",
    ];

    /// <summary>The names of a field's levels.</summary>
    public static string[] Of(Field field) => field switch
    {
        Field.GivenName or Field.FamilyName => Name,
        Field.OtherNames => Other,
        Field.BirthDate => Date,
        Field.Email => Mail,
        Field.Phone or Field.HouseNumber or Field.NationalId => Number,
        Field.PostalCode => Postal,
        Field.State or Field.Gender => Category,
        Field.NameSet => Set,
        _ => Text,
    };

    /// <summary>Names of persons.</summary>
    public static class Names
    {
        public const byte Forms = 2;
        public const byte OneEdit = 3;
        public const byte Alike = 4;
        public const byte Initial = 5;
        public const byte Elsewhere = 6;
        public const byte AlikeElsewhere = 7;
        public const byte Somewhat = 8;
        public const byte Differs = 9;
        public const byte Swapped = 10;
        public const byte Sound = 11;
    }

    /// <summary>Names beside the first and the last.</summary>
    public static class Others
    {
        public const byte Alike = 2;
        public const byte Initial = 3;
        public const byte Differs = 4;
    }

    /// <summary>Birth dates.</summary>
    public static class Dates
    {
        public const byte Swapped = 2;
        public const byte OneEdit = 3;
        public const byte DayAndMonth = 4;
        public const byte TwoParts = 5;
        public const byte TwoEdits = 6;
        public const byte PartlyAgrees = 7;
        public const byte Year = 8;
        public const byte NearYear = 9;
        public const byte Differs = 10;
        public const byte PartlyDiffers = 11;
    }

    /// <summary>E-mail addresses.</summary>
    public static class Mails
    {
        public const byte FewEdits = 2;
        public const byte SameLocal = 3;
        public const byte Alike = 4;
        public const byte Somewhat = 5;
        public const byte Differs = 6;
    }

    /// <summary>Numbers.</summary>
    public static class Numbers
    {
        public const byte OneEdit = 2;
        public const byte TwoEdits = 3;
        public const byte ThreeEdits = 4;
        public const byte Differs = 5;
    }

    /// <summary>Postal codes.</summary>
    public static class Postals
    {
        public const byte OneEdit = 2;
        public const byte District = 3;
        public const byte TwoEdits = 4;
        public const byte Area = 5;
        public const byte Differs = 6;
    }

    /// <summary>Free text.</summary>
    public static class Texts
    {
        public const byte Alike = 2;
        public const byte Word = 3;
        public const byte Somewhat = 4;
        public const byte Differs = 5;
    }

    /// <summary>A few fixed values.</summary>
    public static class Categories
    {
        public const byte OneEdit = 2;
        public const byte Differs = 3;
    }
}
