using static StreamSync.Identity.Tests.People;

namespace StreamSync.Identity.Tests;

/// <summary>Candidates that are put aside without a comparison are such as no comparison would have told of.</summary>
public class CorroborantsTests
{
    const string Letters = "abcdeimnorst";
    static readonly FeatureExtractor Extractor = new();
    static readonly PairScorer Scorer = new(IdentityModel.Default);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void No_pair_that_would_be_told_is_put_aside(int seed)
    {
        var random = new Random(seed);
        var records = Enumerable.Range(0, 60).Select(_ => Invent(random)).ToList();
        foreach (var record in records.ToList())
        {
            records.AddRange(Enumerable.Range(0, 4).Select(_ => Miswrite(random, record)));
        }

        var features = records.Select((record, i) => Extractor.Extract(record with { Urn = Urn($"{i:000}") })).ToList();
        var corroborants = features.Select(Corroborants.Of).ToArray();
        int told = 0, aside = 0;
        for (var i = 0; i < features.Count; i++)
        {
            for (var j = i + 1; j < features.Count; j++)
            {
                var isTold = PairScorer.Tell(IdentityModel.Default, Scorer, features[i], features[j], uint.MaxValue) is not null;
                var mayAgree = Corroborants.MayAgree(in corroborants[i], in corroborants[j]);
                Assert.Equal(mayAgree, Corroborants.MayAgree(in corroborants[j], in corroborants[i]));
                Assert.True(mayAgree || !isTold, $"{features[i]}\n{features[j]}");
                told += isTold ? 1 : 0;
                aside += mayAgree ? 0 : 1;
            }
        }

        Assert.True(told > 200, $"only {told} pairs were told");
        Assert.True(aside > features.Count * features.Count / 4, $"only {aside} pairs were put aside");
    }

    static PersonRecord Invent(Random random) => Person(
        "x",
        given: Word(random, 3, 7),
        family: random.Next(8) == 0 ? $"{Word(random, 4, 7)} {Word(random, 4, 7)}" : Word(random, 4, 9),
        email: random.Next(3) == 0 ? null : $"{Word(random, 4, 14)}@{Word(random, 5, 9)}.org",
        phone: random.Next(3) == 0 ? null : $"+1{random.Next(201, 989)}{random.Next(201, 989)}{random.Next(1000, 9999)}",
        dob: random.Next(6) switch { 0 => null, 1 => $"{random.Next(1940, 2005)}", 2 => $"{random.Next(1940, 2005)}-{random.Next(1, 13):00}", _ => $"{random.Next(1940, 2005)}-{random.Next(1, 13):00}-{random.Next(1, 29):00}" },
        zip: random.Next(4) == 0 ? null : random.Next(6) == 0 ? "SY5 7NT" : $"{random.Next(48000, 49999)}",
        line: random.Next(3) == 0 ? null : $"{random.Next(1, 400)} {Word(random, 4, 9)}{(random.Next(2) == 0 ? " " + Word(random, 4, 6) : "")} st",
        city: random.Next(2) == 0 ? null : Word(random, 5, 9),
        ids: random.Next(4) == 0 ? [new ExternalId("van", "mi", $"{random.Next(1, 60)}")] : null);

    static PersonRecord Miswrite(Random random, PersonRecord record) => record with
    {
        Names = [.. record.Names.Select(name => new PersonName(Slip(random, name.Given), null, Slip(random, name.Family)))],
        Emails = random.Next(6) == 0 ? [.. record.Emails, $"{Word(random, 4, 70)}@x.org"] : [.. record.Emails.Select(email => Slip(random, email)!)],
        Phones = [.. record.Phones.Select(phone => random.Next(3) == 0 ? phone[..^1] + random.Next(10) : phone)],
        BirthDate = random.Next(3) == 0 && record.BirthDate is { Length: 10 } date ? date[..4] + date[7..] + date[4..7] : Slip(random, record.BirthDate),
        Addresses = [.. record.Addresses.Select(address => address with { Line = Slip(random, address.Line), City = Slip(random, address.City) })],
    };

    static string Word(Random random, int shortest, int longest) =>
        new([.. Enumerable.Range(0, random.Next(shortest, longest + 1)).Select(_ => Letters[random.Next(Letters.Length)])]);

    static string? Slip(Random random, string? text)
    {
        if (text is not { Length: > 3 } || random.Next(2) == 0)
        {
            return text;
        }

        var at = random.Next(1, text.Length - 1);
        return random.Next(4) switch
        {
            0 => text[..at] + text[(at + 1)..],
            1 => text[..at] + (char.IsAsciiDigit(text[at]) ? (char)('0' + random.Next(10)) : Letters[random.Next(Letters.Length)]) + text[(at + 1)..],
            2 => text[..at] + text[at + 1] + text[at] + text[(at + 2)..],
            _ => text.Insert(at, "e"),
        };
    }
}
