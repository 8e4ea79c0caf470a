using System.Globalization;

namespace StreamSync.Identity.Bench;

/// <summary>
/// Invented voters of one state as four tools hold them (voter file, action pages, events, texting): couples, parents and children, twins, Jr and
/// Sr, with shared phones and e-mail addresses, missing birth dates, nicknames, typing errors, moved house and married names. Nobody in it exists.
/// </summary>
/// <param name="seed">Equal seeds give equal people.</param>
sealed class InventedHouseholds(int seed)
{
    static readonly string[] Men =
    [
        "James/Jim", "John/Jack", "Robert/Bob", "Michael/Mike", "William/Bill", "David/Dave", "Richard/Rick", "Charles/Charlie", "Joseph/Joe",
        "Thomas/Tom", "Christopher/Chris", "Daniel/Dan", "Paul", "Mark", "Donald/Don", "George", "Kenneth/Ken", "Steven/Steve", "Edward/Ed", "Brian",
        "Ronald/Ron", "Anthony/Tony", "Kevin", "Jason", "Matthew/Matt", "Gary", "Timothy/Tim", "Jose/Pepe", "Larry", "Jeffrey/Jeff", "Frank", "Scott",
        "Eric", "Stephen/Steve", "Andrew/Andy", "Raymond/Ray", "Gregory/Greg", "Joshua/Josh", "Jerry", "Dennis", "Walter/Walt", "Patrick/Pat", "Luis",
        "Omar", "Arjun", "Wei", "Kofi", "Hassan", "Dmitri", "Rigoberto", "Ulysses", "Thaddeus", "Emeka", "Quang", "Stellan",
    ];

    static readonly string[] Women =
    [
        "Mary/Molly", "Patricia/Pat", "Linda/Lindy", "Barbara/Barb", "Elizabeth/Liz", "Jennifer/Jenny", "Maria", "Susan/Sue", "Margaret/Peggy",
        "Dorothy/Dot", "Lisa", "Nancy/Nan", "Karen", "Betty", "Helen", "Sandra/Sandy", "Donna", "Carol", "Ruth", "Sharon", "Michelle", "Laura", "Sarah/Sally",
        "Kimberly/Kim", "Deborah/Debbie", "Jessica/Jess", "Shirley", "Cynthia/Cindy", "Angela/Angie", "Melissa", "Brenda", "Amy", "Anna", "Rebecca/Becky",
        "Virginia/Ginny", "Kathleen/Kathy", "Pamela/Pam", "Martha", "Debra/Deb", "Amanda/Mandy", "Stephanie/Steph", "Carolyn", "Christine/Chris",
        "Priya", "Aisha", "Mei", "Fatima", "Xiomara", "Ngozi", "Thuy", "Ingrid", "Delphine", "Marisol", "Zainab", "Odalys",
    ];

    static readonly string[] Families =
    [
        "Smith", "Johnson", "Williams", "Brown", "Jones", "Garcia", "Miller", "Davis", "Rodriguez", "Martinez", "Hernandez", "Lopez", "Gonzalez", "Wilson",
        "Anderson", "Thomas", "Taylor", "Moore", "Jackson", "Martin", "Lee", "Perez", "Thompson", "White", "Harris", "Sanchez", "Clark", "Ramirez", "Lewis",
        "Robinson", "Walker", "Young", "Allen", "King", "Wright", "Scott", "Torres", "Nguyen", "Hill", "Flores", "Green", "Adams", "Nelson", "Baker", "Hall",
    ];

    static readonly string[] Syllables = ["bar", "den", "ford", "gal", "ham", "jor", "kel", "lan", "mor", "nor", "pol", "quin", "ros", "sten", "tur", "vel", "win", "zam", "brook", "har", "wes", "cal"];
    static readonly string[] Streets = ["Main", "Oak", "Maple", "Cedar", "Park", "Lake", "Hill", "Elm", "View", "Pine", "Church", "Walnut", "Spring", "Ridge", "River", "Sunset", "Mill", "Meadow", "Cherry", "Willow"];
    static readonly string[] Hosts = ["example.org", "example.com", "mail.example", "post.example", "inbox.example"];

    readonly Random _random = new(seed);
    readonly HashSet<string> _emails = new(StringComparer.Ordinal);
    readonly List<(PersonRecord Record, int Person)> _records = [];
    int _people;

    /// <summary>How often members use the household's phone.</summary>
    public double SharedPhone { get; init; } = 0.5;

    /// <summary>How often members use the household's e-mail address.</summary>
    public double SharedEmail { get; init; } = 0.25;

    /// <summary>Share of voter file records without a birth date; the other tools seldom have one.</summary>
    public double NoBirthDate { get; init; } = 0.15;

    /// <summary>Invents records in random order.</summary>
    /// <returns>The records, and for each the number of its person.</returns>
    public (List<PersonRecord> Records, int[] Truth) Generate(int count)
    {
        while (_records.Count < count)
        {
            Household(Math.Max(12, count / 400));
        }

        var shuffled = _records.Take(count).ToArray();
        _random.Shuffle(shuffled);
        return ([.. shuffled.Select(entry => entry.Record)], [.. shuffled.Select(entry => entry.Person)]);
    }

    sealed record Member(string Given, string Nickname, string Middle, string Family, string Suffix, DateOnly Born, string Phone, string Email);

    void Household(int towns)
    {
        var (family, address, phone) = (Family(), Address(towns), Phone());
        var size = _random.NextDouble() switch { < 0.38 => 1, < 0.68 => 2, < 0.82 => 3, < 0.94 => 4, _ => 5 };
        var members = new List<Member>();
        var (year, sharedEmail) = (_random.Next(1935, 1996), "");
        for (var i = 0; i < size; i++)
        {
            var isMan = i == 0 || (i > 1 && Chance(0.5));
            var (given, nickname) = Given(isMan ? Men : Women);
            while (members.Exists(other => other.Given == given || other.Nickname == nickname))
            {
                (given, nickname) = Given(isMan ? Men : Women);
            }

            var born = new DateOnly(i < 2 ? year + _random.Next(i * -4, (i * 5) + 1) : Math.Min(2007, year + _random.Next(20, 34)), 1, 1).AddDays(_random.Next(365));
            var (suffix, name) = ("", i == 1 && Chance(0.2) ? Family() : family);
            if (i == 2 && Chance(0.03))
            {
                (given, nickname, suffix) = (members[0].Given, members[0].Nickname, "Jr");
            }

            if (i > 2 && Chance(0.12))
            {
                born = members[^1].Born;
            }

            var email = Email(given, name, born.Year);
            sharedEmail = sharedEmail.Length == 0 ? email : sharedEmail;
            members.Add(new Member(
                given, nickname, Given(isMan ? Men : Women).Name, name, suffix, born, Chance(SharedPhone) ? phone : Phone(), Chance(SharedEmail) ? sharedEmail : email));
        }

        foreach (var member in members)
        {
            var moved = Chance(0.12) ? Address(towns) : address;
            var later = member with
            {
                Family = Chance(0.03) ? Family() : member.Family,
                Phone = Chance(0.15) ? Phone() : member.Phone,
                Email = Chance(0.15) ? Email(member.Given, member.Family, member.Born.Year) : member.Email,
            };
            var tools = new[] { 0.75, 0.5, 0.35, 0.35 }.Select((share, tool) => Chance(share) ? tool : -1).Where(tool => tool >= 0).DefaultIfEmpty(0).ToList();
            foreach (var tool in Chance(0.12) ? [.. tools, tools[^1]] : tools)
            {
                Add(tool, tool > 0 && Chance(0.5) ? later : member, tool > 0 && Chance(0.5) ? moved : address);
            }

            _people++;
        }
    }

    void Add(int tool, Member member, PostalAddress address)
    {
        var given = tool > 0 && Chance(0.3) ? member.Nickname : member.Given;
        given = Chance(0.05) ? Typo(given) : given;
        var family = Chance(0.05) ? Typo(member.Family) : member.Family;
        var born = member.Born.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var zip = new PostalAddress(null, null, null, address.PostalCode);
        var record = new PersonRecord
        {
            Urn = string.Create(CultureInfo.InvariantCulture, $"bench/tool{tool}/main/person/{_records.Count:00000000}"),
            Org = "bench",
            CreatedAt = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(_records.Count),
        };
        record = tool switch
        {
            0 => record with
            {
                Names = [new PersonName(given, Chance(0.5) ? member.Middle : member.Middle[..1], family, member.Suffix)],
                BirthDate = Chance(NoBirthDate) ? null : Chance(0.02) ? $"{member.Born.Year}" : born,
                Addresses = [address],
                Phones = Chance(0.6) ? [member.Phone] : [],
            },
            1 => record with
            {
                Names = [new PersonName(given, null, Chance(0.06) ? null : family)],
                Emails = [member.Email],
                Phones = Chance(0.45) ? [member.Phone] : [],
                Addresses = [Chance(0.3) ? address : zip],
            },
            2 => record with { Names = [new PersonName(given, null, family)], Emails = [member.Email], Phones = Chance(0.8) ? [member.Phone] : [], Addresses = [zip] },
            _ => record with
            {
                Names = [new PersonName(Chance(0.05) ? null : given, null, Chance(0.25) ? null : Chance(0.1) ? family[..1] : family)],
                Phones = [member.Phone],
                BirthDate = Chance(0.1) ? born : null,
            },
        };
        _records.Add((record, _people));
    }

    bool Chance(double share) => _random.NextDouble() < share;

    // Names fall off in frequency about as they do in the census: the n-th is borne by 1/(n+8) of the first one's share.
    int Skewed(int count)
    {
        var at = (int)(8 * (Math.Exp(_random.NextDouble() * Math.Log((count + 8) / 8.0)) - 1));
        return Math.Min(at, count - 1);
    }

    (string Name, string Nickname) Given(string[] names)
    {
        var forms = names[Skewed(names.Length)].Split('/');
        return (forms[0], forms[^1]);
    }

    string Family()
    {
        if (Chance(0.35))
        {
            return Families[Skewed(Families.Length)];
        }

        var name = Syllables[_random.Next(Syllables.Length)] + Syllables[_random.Next(Syllables.Length)] + (Chance(0.5) ? Syllables[_random.Next(Syllables.Length)] : "");
        return char.ToUpperInvariant(name[0]) + name[1..];
    }

    PostalAddress Address(int towns)
    {
        var town = _random.Next(towns);
        return new PostalAddress(
            string.Create(CultureInfo.InvariantCulture, $"{_random.Next(1, 5000)} {Streets[_random.Next(Streets.Length)]} {(Chance(0.5) ? "St" : "Rd")}"), $"Town {town}", "NC",
            (27000 + (town * 7)).ToString(CultureInfo.InvariantCulture));
    }

    string Phone() => string.Create(CultureInfo.InvariantCulture, $"+1{(Chance(0.5) ? 919 : 704)}{_random.Next(2, 9)}{_random.Next(10, 99)}{_random.Next(1000, 9999)}");

    string Email(string given, string family, int year)
    {
        while (true)
        {
            var local = _random.Next(5) switch
            {
                0 => $"{given}.{family}",
                1 => $"{given[0]}{family}",
                2 => string.Create(CultureInfo.InvariantCulture, $"{given}{family}{year % 100:00}"),
                3 => string.Create(CultureInfo.InvariantCulture, $"{given}{_random.Next(1, 1000)}"),
                _ => string.Create(CultureInfo.InvariantCulture, $"{family}{given[0]}{_random.Next(1, 100)}"),
            };
            var email = $"{local.ToLowerInvariant()}@{Hosts[_random.Next(Hosts.Length)]}";
            if (_emails.Add(email))
            {
                return email;
            }
        }
    }

    string Typo(string text)
    {
        if (text.Length < 3)
        {
            return text;
        }

        var at = _random.Next(1, text.Length - 1);
        return _random.Next(3) switch
        {
            0 => text[..at] + (char)('a' + _random.Next(26)) + text[(at + 1)..],
            1 => text[..at] + text[(at + 1)..],
            _ => text[..at] + text[at + 1] + text[at] + text[(at + 2)..],
        };
    }
}
