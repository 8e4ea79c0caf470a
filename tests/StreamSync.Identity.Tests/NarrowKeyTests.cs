using System.Globalization;

namespace StreamSync.Identity.Tests;

/// <summary>What a record that arrives is compared with must not grow with those that are there: strangers hardly share a key, in a crowded place too.</summary>
public class NarrowKeyTests
{
    const int People = 60_000;

    // Given and family names in common use, the first most, as of each hundred people some thirty bear one of them.
    static readonly string[] Given = ["James", "Mary", "John", "Robert", "Michael", "William", "David", "Richard", "Charles", "Joseph", "Thomas", "Patricia", "Linda", "Maria", "Susan", "Jennifer", "Jose", "Jessica"];
    static readonly string[] Family = ["Smith", "Johnson", "Williams", "Brown", "Jones", "Garcia", "Miller", "Davis", "Rodriguez", "Martinez", "Hernandez", "Lopez", "Gonzalez", "Wilson", "Anderson", "Thomas"];
    static readonly string[] Syllables = ["ba", "den", "fo", "gal", "ha", "jor", "ke", "lan", "mo", "nor", "po", "qui", "ro", "ste", "tu", "vel", "wi", "zam", "co", "dur", "fe", "gor", "hi", "ib", "ja", "kos"];

    [Fact]
    public void Strangers_of_a_crowded_county_hardly_meet()
    {
        var random = new Random(1);
        var extractor = new FeatureExtractor();
        var members = new Dictionary<MatchKeyId, int>();
        for (var i = 0; i < People; i++)
        {
            foreach (var key in MatchKeys.For(extractor.Extract(Person(i, random))))
            {
                members[key.Id] = members.GetValueOrDefault(key.Id) + 1;
            }
        }

        // How many of those before it a record meets in keys that are open.
        var met = members.Where(key => key.Value <= key.Key.Cap).GroupBy(key => key.Key.Kind).ToDictionary(kind => kind.Key, kind => kind.Sum(key => key.Value * (key.Value - 1L) / 2) / (double)People);

        Assert.All(met, kind => Assert.InRange(kind.Value, 0, 1));
        Assert.InRange(met.Values.Sum(), 0, 2);
    }

    static PersonRecord Person(int number, Random random)
    {
        var (given, family) = (Name(Given, random), Name(Family, random));
        return new PersonRecord
        {
            Urn = string.Create(CultureInfo.InvariantCulture, $"o/csv/x/person/{number}"),
            Org = "o",
            Names = [new PersonName(given, null, family)],
            BirthDate = new DateOnly(1940, 1, 1).AddDays(random.Next(24_000)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            Emails = [string.Create(CultureInfo.InvariantCulture, $"{given}.{family}{random.Next(100)}@example.org")],
            Addresses = [new PostalAddress(string.Create(CultureInfo.InvariantCulture, $"{random.Next(1, 3000)} {Name(Family, random)} St"), "Flint", "MI", string.Create(CultureInfo.InvariantCulture, $"485{random.Next(20):00}"))],
        };
    }

    static string Name(string[] common, Random random) =>
        random.Next(100) < 30 ? common[random.Next(random.Next(1, common.Length + 1))] : Syllables[random.Next(Syllables.Length)] + Syllables[random.Next(Syllables.Length)] + Syllables[random.Next(Syllables.Length)];
}
