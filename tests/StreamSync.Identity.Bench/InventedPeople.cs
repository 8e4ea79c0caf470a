using System.Globalization;

namespace StreamSync.Identity.Bench;

/// <summary>
/// Invented people as several tools hold them: each tool has its own columns, and makes its own mistakes (typing errors, nicknames, swapped names,
/// day and month swapped, moved house, married name, shared phone and e-mail of a household). Nobody in it exists.
/// </summary>
static class InventedPeople
{
    const string Org = "bench";

    static readonly string[] Given =
    [
        "james", "mary", "robert", "patricia", "john", "jennifer", "michael", "linda", "david", "elizabeth", "william", "barbara", "richard", "susan",
        "joseph", "jessica", "thomas", "sarah", "charles", "karen", "daniel", "nancy", "matthew", "lisa", "anthony", "betty", "mark", "margaret",
        "jose", "maria", "luis", "carmen", "wei", "mei", "aisha", "omar", "priya", "arjun", "fatima", "kofi",
    ];

    static readonly string[] Nickname =
    [
        "jim", "molly", "bob", "pat", "jack", "jenny", "mike", "lindy", "dave", "liz", "bill", "barb", "rick", "sue", "joe", "jess", "tom", "sally",
        "charlie", "kari", "dan", "nan", "matt", "liza", "tony", "liz", "mark", "peggy", "pepe", "mari", "lucho", "carmen", "wei", "mei", "aisha",
        "omar", "priya", "arjun", "fatima", "kofi",
    ];

    static readonly string[] Syllables = ["bar", "den", "ford", "gal", "ham", "jor", "kel", "lan", "mor", "nor", "pol", "quin", "ros", "sten", "tur", "vel", "win", "zam"];

    /// <summary>Invents records in random order.</summary>
    /// <param name="count">Records.</param>
    /// <param name="seed">Equal seeds give equal records.</param>
    /// <returns>The records, and for each the number of its person.</returns>
    public static (List<PersonRecord> Records, int[] Truth) Generate(int count, int seed)
    {
        var random = new Random(seed);
        var records = new List<(PersonRecord Record, int Person)>(count + 8);
        var person = 0;
        while (records.Count < count)
        {
            // A household: one street, one phone, one family name, one to four people.
            var members = random.Next(5) == 0 ? random.Next(2, 5) : 1;
            var family = Family(random);
            var line = $"{random.Next(1, 2000)} {Family(random)} st";
            var zip = random.Next(10_000, 10_000 + Math.Max(50, count / 200)).ToString(CultureInfo.InvariantCulture);
            var phone = Phone(random);
            for (var m = 0; m < members; m++, person++)
            {
                var given = random.Next(Given.Length);
                var birth = new DateOnly(1930, 1, 1).AddDays(random.Next(27_000));
                var email = $"{Given[given]}.{family}{random.Next(1000)}@example{random.Next(20)}.org";
                var own = random.Next(3) == 0 ? phone : Phone(random);
                for (var copies = Copies(random); copies > 0; copies--)
                {
                    records.Add((Record(random, records.Count, given, family, birth, email, own, line, zip), person));
                }
            }
        }

        var shuffled = records.Take(count).ToArray();
        random.Shuffle(shuffled);
        return ([.. shuffled.Select(entry => entry.Record)], [.. shuffled.Select(entry => entry.Person)]);
    }

    /// <summary>Most people are in one or two tools, a few in many.</summary>
    static int Copies(Random random) => random.Next(10) switch { < 4 => 1, < 7 => 2, < 9 => 3, _ => random.Next(4, 9) };

    static PersonRecord Record(
        Random random, int number, int given, string family, DateOnly birth, string email, string phone, string line, string zip)
    {
        var first = random.Next(6) == 0 ? Nickname[given] : Given[given];
        var last = random.Next(30) == 0 ? Family(random) : family;
        if (random.Next(8) == 0)
        {
            first = Typo(random, first);
        }

        if (random.Next(8) == 0)
        {
            last = Typo(random, last);
        }

        if (random.Next(40) == 0)
        {
            (first, last) = (last, first);
        }

        var date = birth.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        if (birth.Day <= 12 && random.Next(25) == 0)
        {
            date = string.Create(CultureInfo.InvariantCulture, $"{birth.Year:0000}-{birth.Day:00}-{birth.Month:00}");
        }

        // Which fields a tool has: voter file, sign-up form, texting, door list.
        var tool = random.Next(4);
        return new PersonRecord
        {
            Urn = string.Create(CultureInfo.InvariantCulture, $"bench/tool{tool}/main/person/{number:00000000}"),
            Org = Org,
            Names = [new PersonName(first, null, last)],
            BirthDate = tool is 0 or 3 || random.Next(4) == 0 ? date : null,
            Emails = tool is 1 or 2 && random.Next(8) > 0 ? [random.Next(15) == 0 ? Typo(random, email[..email.IndexOf('@', StringComparison.Ordinal)]) + email[email.IndexOf('@', StringComparison.Ordinal)..] : email] : [],
            Phones = tool is 2 || random.Next(3) > 0 ? [random.Next(20) == 0 ? Phone(random) : phone] : [],
            Addresses = tool is 1 && random.Next(2) == 0 ? [new PostalAddress(null, null, null, zip)]
                : [random.Next(12) == 0 ? new PostalAddress($"{random.Next(1, 2000)} {Family(random)} st", null, null, zip) : new PostalAddress(line, null, null, zip)],
            CreatedAt = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(number),
        };
    }

    static string Family(Random random)
    {
        var name = Syllables[random.Next(Syllables.Length)] + Syllables[random.Next(Syllables.Length)];
        return random.Next(3) == 0 ? name + Syllables[random.Next(Syllables.Length)] : name;
    }

    static string Phone(Random random) => string.Create(CultureInfo.InvariantCulture, $"+1{random.Next(2, 9)}0{random.Next(1, 9)}{random.Next(2, 9)}{random.Next(10, 99)}{random.Next(1000, 9999)}");

    /// <summary>One letter replaced, left out, doubled or swapped with its neighbour.</summary>
    static string Typo(Random random, string text)
    {
        if (text.Length < 3)
        {
            return text;
        }

        var at = random.Next(1, text.Length - 1);
        return random.Next(4) switch
        {
            0 => text[..at] + (char)('a' + random.Next(26)) + text[(at + 1)..],
            1 => text[..at] + text[(at + 1)..],
            2 => text[..at] + text[at] + text[at..],
            _ => text[..at] + text[at + 1] + text[at] + text[(at + 2)..],
        };
    }
}
