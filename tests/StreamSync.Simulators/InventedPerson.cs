using System.Globalization;

namespace StreamSync.Simulators;

/// <summary>
/// One invented person. Everything follows from the index, so that each tool of the basket can show the same person in its own
/// way, and a test knows the truth. Three neighbours share a household; e-mail domains and 555 numbers are reserved for fiction.
/// </summary>
/// <param name="Index">Number of the person, from 0.</param>
public sealed record InventedPerson(int Index)
{
    static readonly string[] Firsts =
    [
        "Ana", "Walter", "Lee", "Mia", "Omar", "Grace", "Thanh", "Priya", "Devon", "Maria", "Samir", "Ruth", "Caleb", "Xiomara", "Noor", "Elena",
        "Marcus", "Ingrid", "Tomas", "Aisha", "Jonah", "Keiko", "Luis", "Fatima", "Bridget", "Andre", "Sofia", "Hassan", "Clara", "Dmitri", "Rosa",
        "Victor", "Imani", "Peter", "Yuki", "Nadia", "Oscar", "Leila", "Hugo", "Tamika", "Ravi", "Judith", "Felix", "Carmen", "Idris", "Helen", "Mateo",
    ];

    static readonly string[] Lasts =
    [
        "Ruiz", "Nguyen", "Okafor", "Garcia", "Lindqvist", "Haddad", "Kowalski", "Patel", "Freeman", "Ortega", "Chen", "Abara", "Quintero", "Sorensen", "Diaz",
        "Mbeki", "Romano", "Ivanova", "Tanaka", "Brooks", "Castillo", "Novak", "Adeyemi", "Fischer", "Moreau", "Santos", "Kimura", "Walsh", "Banerjee", "Cole",
        "Estrada", "Farouk", "Gupta", "Holloway", "Ibarra", "Jansen", "Khalil", "Lopez", "Marsh", "Nakamura", "Oyelaran", "Petrov", "Quispe", "Reyes", "Shah",
        "Torres", "Ueda", "Vargas", "Whitfield", "Xu", "Yilmaz", "Zamora", "Barnes",
    ];

    static readonly string[] Streets = ["Elm St", "Cactus Rd", "Mesa Dr", "Lake Ave", "Harbor Ln", "Juniper Way", "Prairie Blvd"];
    static readonly (string City, string Zip)[] Towns = [("Flint", "48502"), ("Lansing", "48910"), ("Ypsilanti", "48197"), ("Saginaw", "48601"), ("Muskegon", "49440"), ("Kalamazoo", "49001")];
    static readonly int[] AreaCodes = [202, 212, 213, 214, 215, 216, 217, 218, 219, 224, 225, 229, 231, 234, 239, 240, 248, 251, 252, 253, 254, 256, 260, 262, 267, 269, 270, 276, 281, 301, 302, 303, 304, 305, 307, 308, 309, 310, 312, 313, 314, 315, 316, 317, 318, 319, 320, 321, 323, 325, 330, 334, 336, 337, 339, 347, 351, 352, 360, 361, 386, 401, 402, 404, 405, 406, 407, 408, 409, 410, 412, 413, 414, 415, 417, 419, 423, 425, 432, 434, 435, 440, 443, 478, 479, 480, 484, 501, 502, 503, 504, 505, 507, 508, 509, 510, 512, 513, 515, 516, 517, 518, 520, 530, 540, 541, 551, 559, 561, 562, 563, 567, 570, 571, 573, 574, 580, 585, 586, 601, 602, 603, 605, 606, 607, 608, 609, 610, 612, 614, 615, 616, 617, 618, 619, 620, 623, 626, 630, 631, 636, 641, 646, 650, 651, 660, 661, 662, 678, 682, 701, 702, 703, 704, 706, 707, 708, 712, 713, 714, 715, 716, 717, 718, 719, 720, 724, 727, 731, 732, 734, 740, 754, 757, 760, 763, 765, 770, 772, 773, 774, 775, 781, 785, 786, 801, 802, 803, 804, 805, 806, 808, 810, 812, 813, 814, 815, 816, 817, 818, 828, 830, 831, 832, 843, 845, 847, 848, 850, 856, 857, 858, 859, 860, 862, 863, 864, 865, 870, 901, 903, 904, 906, 907, 908, 909, 910, 912, 913, 914, 915, 916, 917, 918, 919, 920, 925, 928, 931, 936, 937, 940, 941, 947, 949, 951, 952, 954, 956, 970, 971, 972, 973, 978, 979, 980, 985, 989];

    /// <summary>Household: three neighbours.</summary>
    public int Household => Index / 3;

    /// <summary>Given name; differs inside a household.</summary>
    public string FirstName => Firsts[Mix(Index, 7) % Firsts.Length is var f && Index % 3 == 0 ? f : (f + Index % 3 * 11) % Firsts.Length];

    /// <summary>Family name, shared by the household.</summary>
    public string LastName => Lasts[Mix(Household, 3) % Lasts.Length];

    /// <summary>Date of birth, yyyy-MM-dd.</summary>
    public string DateOfBirth => new DateOnly(1940, 1, 2).AddDays(Mix(Index, 5) % 22000).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>Own e-mail address.</summary>
    public string Email => string.Create(CultureInfo.InvariantCulture, $"{FirstName}.{LastName}{Index}@example.org").ToLowerInvariant();

    /// <summary>Ten digits; the third of a household shares the number of the first.</summary>
    public string Phone
    {
        get
        {
            var line = Index % 3 == 2 ? Index - 2 : Index;
            return string.Create(CultureInfo.InvariantCulture, $"{AreaCodes[line / 99 % AreaCodes.Length]}555{101 + (line % 99):0000}");
        }
    }

    /// <summary>Street line, shared by the household.</summary>
    public string Street => string.Create(CultureInfo.InvariantCulture, $"{100 + Household} {Streets[Household % Streets.Length]}");

    /// <summary>City.</summary>
    public string City => Towns[Household % Towns.Length].City;

    /// <summary>Postal code.</summary>
    public string Zip => Towns[Household % Towns.Length].Zip;

    /// <summary>VAN id, unique in the instance, state and mode.</summary>
    public int VanId => 100_200_000 + Index;

    static int Mix(int value, int salt)
    {
        var x = unchecked((uint)value * 2654435761u + (uint)salt * 40503u);
        x ^= x >> 15;
        x = unchecked(x * 2246822519u);
        return (int)((x ^ (x >> 13)) & 0x3FFFFFFF);
    }
}
