using System.Globalization;

namespace StreamSync.Identity;

/// <summary>
/// The parameters before any data of a group is seen. The m shares are rounded from labelled sets of several kinds (registers with typing
/// errors, sign-up forms, encyclopaedia entries); u shares from pairs of strangers in them; rarities from the United States.
/// </summary>
static class ShippedModel
{
    // Level order as in Levels; index 0 is "missing".
    static readonly double[] GivenM = [0, .50, .09, .12, .025, .015, .05, .018, .025, .10, .02, .009];
    static readonly double[] GivenU = [0, .004, .005, .0015, .001, .0025, .002, .002, .006, .972, .0002, .002];
    static readonly double[] FamilyM = [0, .62, .001, .18, .025, .002, .025, .012, .015, .085, .02, .012];
    static readonly double[] FamilyU = [0, .002, .0001, .001, .0005, .0002, .001, .0015, .0035, .989, .0002, .001];
    static readonly double[] OthersM = [0, .68, .12, .05, .15];
    static readonly double[] OthersU = [0, .01, .003, .03, .957];
    static readonly double[] DateM = [0, .62, .005, .17, .004, .008, .08, .01, .01, .03, .055, .005];
    static readonly double[] DateU = [0, .0001, .0001, .002, .0025, .001, .013, .014, .01, .04, .90, .017];
    static readonly double[] MailM = [0, .65, .24, .05, .03, .01, .02];
    static readonly double[] MailU = [0, .000001, .00002, .00002, .0003, .001, .9987];
    static readonly double[] NumberM = [0, .80, .08, .01, .005, .105];
    static readonly double[] HouseNumberU = [0, .012, .16, .001, .001, .826];
    static readonly double[] LongNumberU = [0, .000001, .00005, .0002, .004, .9957];
    static readonly double[] PostalM = [0, .68, .13, .05, .02, .05, .07];
    static readonly double[] PostalU = [0, .001, .0008, .003, .002, .02, .973];
    static readonly double[] TextM = [0, .65, .16, .03, .05, .11];
    static readonly double[] TextU = [0, .005, .0005, .004, .0015, .989];
    static readonly double[] CategoryM = [0, .93, .02, .05];
    static readonly double[] CategoryU = [0, .2, .02, .78];

    // The whole name repeats what the name fields say: no evidence of its own before labels teach it.
    static readonly double[] SetM = [0, .08, .08, .08, .08, .08, .08, .08, .08, .08, .08, .1, .1];

    // They say nothing of which street it is.
    static readonly string[] StreetKinds =
    [
        "avenue", "ave", "street", "road", "drive", "lane", "court", "place", "way", "boulevard", "blvd", "circle", "cir", "terrace", "ter", "parkway", "pkwy", "highway", "hwy", "trail", "trl",
        "north", "south", "east", "west", "apt", "unit",
    ];

    static readonly short[] DefaultRarity = BuildDefaultRarity();

    /// <summary>How rare values are in the country; where a file is counted, what it is expected to say.</summary>
    public static FrequencyTable Frequencies { get; } = CountryWide();

    /// <summary>Levels, frequencies and prior for records as they arrive.</summary>
    public static ScoreModel Streaming { get; } = new(LocalFields(), Local(), prior: -2000);

    /// <summary>Shares of levels among one person's pairs.</summary>
    public static double[] M(Field field) => field switch
    {
        Field.GivenName => GivenM,
        Field.FamilyName => FamilyM,
        Field.OtherNames => OthersM,
        Field.BirthDate => DateM,
        Field.Email => MailM,
        Field.Phone or Field.HouseNumber or Field.NationalId => NumberM,
        Field.PostalCode => PostalM,
        Field.State or Field.Gender => CategoryM,
        Field.NameSet => SetM,
        _ => TextM,
    };

    /// <summary>How far the rarity of the agreeing value replaces that of the level.</summary>
    public static double[] RarityShare(Field field)
    {
        var share = new double[Levels.Max];
        share[Levels.Exact] = 1;
        switch (field)
        {
            case Field.GivenName or Field.FamilyName:
                share[Levels.Names.Forms] = 0.5;
                share[Levels.Names.OneEdit] = 0.5;
                share[Levels.Names.Elsewhere] = 0.7;
                share[Levels.Names.Swapped] = 0.5;
                break;
            case Field.BirthDate:
                share[Levels.Dates.OneEdit] = 0.5;
                share[Levels.Dates.DayAndMonth] = 0.8;
                share[Levels.Dates.PartlyAgrees] = 0.5;
                break;
            case Field.Email:
                share[Levels.Mails.SameLocal] = 0.5;
                break;
            case Field.PostalCode:
                share[Levels.Postals.OneEdit] = 0.3;
                share[Levels.Postals.District] = 0.8;
                share[Levels.Postals.Area] = 0.8;
                break;
            case Field.Street or Field.City or >= Field.BirthPlace when field is not (Field.Gender or Field.NationalId):
                share[Levels.Texts.Alike] = 0.5;
                share[Levels.Texts.Word] = 0.7;
                break;
            default:
                break;
        }

        return share;
    }

    /// <summary>Shares of levels among pairs of strangers.</summary>
    public static double[] U(Field field) => field switch
    {
        Field.GivenName => GivenU,
        Field.FamilyName => FamilyU,
        Field.OtherNames => OthersU,
        Field.BirthDate => DateU,
        Field.Email => MailU,
        Field.HouseNumber => HouseNumberU,
        Field.Phone or Field.NationalId => LongNumberU,
        Field.PostalCode => PostalU,
        Field.State or Field.Gender => CategoryU,
        Field.NameSet => SetM,
        _ => TextU,
    };

    static FieldParameters[] Fields()
    {
        var fields = new FieldParameters[Levels.FieldCount];
        for (var f = 0; f < fields.Length; f++)
        {
            fields[f] = new FieldParameters([.. M((Field)f)], [.. U((Field)f)], RarityShare((Field)f));
        }

        return fields;
    }

    /// <summary>
    /// As a local group meets them: nearly all its people live in one state and a few towns, and who shares a ZIP code there shares town and state
    /// anyway, which must not count three times.
    /// </summary>
    static FrequencyTable Local()
    {
        var table = CountryWide();
        table.SetDefault(FrequencyKind.PostalCode, 650);
        table.SetDefault(FrequencyKind.PostalDistrict, 350);
        table.SetDefault(FrequencyKind.PostalArea, 150);
        table.SetDefault(FrequencyKind.City, 200);
        table.SetDefault(FrequencyKind.State, 50);
        table.SetDefault(FrequencyKind.Street, 850);
        foreach (var word in StreetKinds)
        {
            table.Set(FrequencyKind.Word, word, 100);
        }

        return table;
    }

    /// <summary>
    /// As the tools of a group hold them: neighbouring ZIP codes differ in one digit, and dates and first names that people give themselves are seldom
    /// as wrong as in old registers.
    /// </summary>
    static FieldParameters[] LocalFields()
    {
        var fields = Fields();
        fields[(int)Field.PostalCode].U[Levels.Postals.OneEdit] = 0.1;
        fields[(int)Field.GivenName].M[Levels.Names.Differs] = 0.05;
        var date = fields[(int)Field.BirthDate].M;
        date[Levels.Dates.TwoEdits] = 0.03;
        date[Levels.Dates.Year] = 0.004;
        date[Levels.Dates.NearYear] = 0.006;
        return fields;
    }

    static FrequencyTable CountryWide()
    {
        var table = new FrequencyTable();
        for (var kind = 0; kind < FrequencyTable.Kinds; kind++)
        {
            table.SetDefault((FrequencyKind)kind, DefaultRarity[kind]);
        }

        foreach (var line in DataFiles.Lines("name-frequencies.txt"))
        {
            var words = line.Split(' ');
            var kind = words[0] == "given" ? FrequencyKind.GivenName : FrequencyKind.FamilyName;
            for (var i = 1; i < words.Length; i += 2)
            {
                var rarity = (short)Math.Round(-100 * Math.Log2(int.Parse(words[i + 1], CultureInfo.InvariantCulture) / 100_000.0));
                table.Set(kind, words[i], rarity);
                table.Set(FrequencyKind.AnyName, words[i], Math.Min(rarity, table.Of(FrequencyKind.AnyName, words[i])));
            }
        }

        return table;
    }

    static short[] BuildDefaultRarity()
    {
        var rarity = new short[FrequencyTable.Kinds];
        Array.Fill(rarity, (short)500);
        rarity[(int)FrequencyKind.GivenName] = 950;
        rarity[(int)FrequencyKind.FamilyName] = 1200;
        rarity[(int)FrequencyKind.AnyName] = 1050;
        rarity[(int)FrequencyKind.BirthDate] = 1480;
        rarity[(int)FrequencyKind.BirthYear] = 630;
        rarity[(int)FrequencyKind.MonthDay] = 850;
        rarity[(int)FrequencyKind.Email] = 2400;
        rarity[(int)FrequencyKind.EmailLocal] = 1500;
        rarity[(int)FrequencyKind.Phone] = 2300;
        rarity[(int)FrequencyKind.HouseNumber] = 850;
        rarity[(int)FrequencyKind.Street] = 1100;
        rarity[(int)FrequencyKind.City] = 700;
        rarity[(int)FrequencyKind.PostalCode] = 1200;
        rarity[(int)FrequencyKind.PostalDistrict] = 850;
        rarity[(int)FrequencyKind.PostalArea] = 500;
        rarity[(int)FrequencyKind.State] = 400;
        rarity[(int)FrequencyKind.BirthPlace] = 800;
        rarity[(int)FrequencyKind.Occupation] = 600;
        rarity[(int)FrequencyKind.Gender] = 100;
        rarity[(int)FrequencyKind.NationalId] = 2500;
        rarity[(int)FrequencyKind.Word] = 800;
        return rarity;
    }
}
