using System.Globalization;

namespace StreamSync.Identity.Tests;

/// <summary>A local group's list: thousands of different people of one town, with names in common use, some of them born on one day.</summary>
public class OneTownTests
{
    static readonly string[] Given =
    [
        "James", "Mary", "John", "Patricia", "Robert", "Jennifer", "Michael", "Linda", "William", "Elizabeth", "David", "Barbara", "Richard", "Susan", "Joseph", "Jessica", "Thomas", "Sarah",
        "Charles", "Karen", "Maria", "Jane", "Helen", "Dorothy", "Ruth", "Carlos", "Luis", "Ana", "Rosa", "Kevin", "Brian", "Edward", "Ronald", "Anthony", "Jason", "Jeffrey", "Ryan", "Gary",
        "Nicholas", "Eric", "Stephen", "Jacob", "Larry", "Frank", "Scott", "Justin", "Brandon", "Raymond", "Gregory", "Samuel",
    ];

    static readonly string[] Family =
    [
        "Smith", "Johnson", "Williams", "Brown", "Jones", "Garcia", "Miller", "Davis", "Rodriguez", "Martinez", "Hernandez", "Lopez", "Gonzalez", "Wilson", "Anderson", "Thomas", "Taylor", "Moore",
        "Jackson", "Martin", "Lee", "Perez", "Thompson", "White", "Harris", "Sanchez", "Clark", "Ramirez", "Lewis", "Robinson", "Walker", "Young", "Allen", "King", "Wright", "Scott", "Torres",
        "Nguyen", "Hill", "Flores", "Green", "Adams", "Nelson", "Baker", "Hall", "Rivera", "Campbell", "Mitchell", "Carter", "Roberts", "Keller", "Osborne", "Rogers", "Wood", "Jimenez",
    ];

    static readonly string[] Streets = [.. from a in (string[])["Bel", "Car", "Dor", "Ash", "Ham", "Lin", "Mont", "Ver", "Glen", "Brook"] from b in (string[])["wood", "ridge", "stone", "hart", "win", "fair"] select a + b];

    [Fact]
    public void Strangers_of_one_town_stay_apart()
    {
        var random = new Random(1);
        var resolver = new BatchResolver(IdentityModel.Default);
        var records = Enumerable.Range(0, 4000).Select(i => Person(i, random)).ToList();
        records.ForEach(resolver.Upsert);
        resolver.Flush();

        var merged = records.GroupBy(record => resolver.Graph("o").Find(record.Urn)!.PersonId).Where(person => person.Count() > 1).Sum(person => person.Count());

        Assert.InRange(merged, 0, records.Count * 2 / 100);
    }

    [Theory]
    [InlineData("John", "Keller", "14 Oak St", "48640", "Jane", "Osborne", "897 Vine Rd", "48642")]
    [InlineData("Maria", "Lopez", "12 Oak St", "48640", "Mary", "Baker", "895 Vine Rd", "48642")]
    [InlineData("Walter", "Keller", "14 Oak St", "48640", "Ana", "Osborne", "14 Oak St", "48640")]
    public void Other_names_born_on_one_day_in_one_town_are_two_people(string given, string family, string street, string zip, string otherGiven, string otherFamily, string otherStreet, string otherZip)
    {
        var resolver = new BatchResolver(IdentityModel.Default);
        resolver.Upsert(Record("1", given, family, "1980-01-15", street, zip));
        resolver.Upsert(Record("2", otherGiven, otherFamily, "1980-01-15", otherStreet, otherZip));
        resolver.Flush();

        var graph = resolver.Graph("o");
        Assert.NotEqual(graph.Find("o/csv/x/person/1")!.PersonId, graph.Find("o/csv/x/person/2")!.PersonId);
    }

    [Theory]
    [InlineData("6165551004", "6165551005", null, null)]
    [InlineData("6165551004", "6165551041", null, null)]
    [InlineData(null, null, "pv@example.org", "w@example.org")]
    [InlineData(null, null, "bob@example.org", "sue@example.org")]
    [InlineData("6165551004", "6165551005", "pv@example.org", "pw@example.org")]
    public void Numbers_given_out_in_a_row_and_short_addresses_of_one_host_are_no_slips_of_the_pen(string? phone, string? otherPhone, string? email, string? otherEmail)
    {
        var resolver = new BatchResolver(IdentityModel.Default);
        resolver.Upsert(Record("1", "Paul", "Vetter", null, "16 Pine St", "48502") with { Phones = phone is null ? [] : [phone], Emails = email is null ? [] : [email] });
        resolver.Upsert(Record("2", "Paul", "Vetter", null, "897 Vine Rd", "48502") with { Phones = otherPhone is null ? [] : [otherPhone], Emails = otherEmail is null ? [] : [otherEmail] });
        resolver.Flush();

        var graph = resolver.Graph("o");
        Assert.NotEqual(graph.Find("o/csv/x/person/1")!.PersonId, graph.Find("o/csv/x/person/2")!.PersonId);
    }

    static PersonRecord Person(int number, Random random) => Record(
        number.ToString(CultureInfo.InvariantCulture), Given[random.Next(Given.Length)], Family[random.Next(Family.Length)],
        new DateOnly(1940, 1, 1).AddDays(random.Next(24_000)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        $"{random.Next(1, 1000)} {Streets[random.Next(Streets.Length)]} {(random.Next(2) == 0 ? "St" : "Ave")}", $"4850{random.Next(2, 9)}");

    static PersonRecord Record(string id, string given, string family, string? birth, string street, string zip) => new()
    {
        Urn = "o/csv/x/person/" + id,
        Org = "o",
        Names = [new PersonName(given, null, family)],
        BirthDate = birth,
        Addresses = [new PostalAddress(street, "Flint", "MI", zip)],
    };
}
