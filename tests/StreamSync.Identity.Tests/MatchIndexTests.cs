using static StreamSync.Identity.Tests.People;

namespace StreamSync.Identity.Tests;

public class MatchIndexTests
{
    static readonly FeatureExtractor Extractor = new();
    readonly MatchIndex _index = new(IdentityModel.Default);
    readonly Dictionary<(string, string), LinkValue> _linked = [];

    [Fact]
    public void A_key_past_its_cap_withdraws_its_links_and_gives_them_back_below()
    {
        var records = Enumerable.Range(0, 26).Select(i => Features($"{i:00}")).ToList();
        foreach (var record in records.Take(25))
        {
            Apply(record.Urn, record, Mail);
        }

        Assert.Equal(25 * 24 / 2, _linked.Count);
        Assert.False(_index.IsCapped(Mail));

        Apply(records[25].Urn, records[25], Mail);
        Assert.Empty(_linked);
        Assert.True(_index.IsCapped(Mail));

        Apply(records[7].Urn, null);
        Assert.Equal(25 * 24 / 2, _linked.Count);
        Assert.DoesNotContain(_linked.Keys, link => link.Item1 == records[7].Urn || link.Item2 == records[7].Urn);
    }

    [Fact]
    public void A_pair_keeps_what_its_other_keys_say_when_one_passes_its_cap()
    {
        var records = Enumerable.Range(0, 26).Select(i => Features($"{i:00}")).ToList();
        foreach (var record in records.Take(2))
        {
            Apply(record.Urn, record, Mail, Name);
        }

        foreach (var record in records.Skip(2))
        {
            Apply(record.Urn, record, Mail);
        }

        var (pair, said) = Assert.Single(_linked);
        Assert.Equal((records[0].Urn, records[1].Urn), pair);
        Assert.Equal([MatchKeyKind.NameBirthDate], MatchKeyId.KindsOf(said.Kinds));
    }

    [Fact]
    public void Records_of_different_orgs_never_meet_even_when_their_keys_fall_together()
    {
        var (mine, theirs) = (Features("1"), Features("2") with { Org = "ga-group" });
        Apply(mine.Urn, mine, Mail);
        Apply(theirs.Urn, theirs, Mail);

        Assert.Empty(_linked);
        Assert.Empty(_index.NeighboursOf(mine.Urn).Neighbours);
        Assert.Empty(_index.AllLinks());
    }

    [Fact]
    public void Applying_a_change_twice_says_nothing_new()
    {
        Apply(Urn("1"), Features("1"), Mail);
        Apply(Urn("2"), Features("2"), Mail);
        var output = new List<LinkChange>();

        _index.Apply(Urn("2"), Features("2"), [Mail], output);

        Assert.Empty(output);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void What_was_said_is_what_the_present_members_say(int seed)
    {
        // Keys around their caps, so that they open and close again and again.
        var random = new Random(seed);
        var keys = Enumerable.Range(0, 6).Select(i => new MatchKey("mi-wtp", i < 3 ? MatchKeyKind.Email : MatchKeyKind.Phone, $"{i}").Id).ToArray();
        var present = new SortedDictionary<string, MatchKeyId[]>(StringComparer.Ordinal);
        for (var step = 0; step < 1500; step++)
        {
            var id = $"{random.Next(60):00}";
            if (random.Next(3) == 0)
            {
                Apply(Urn(id), null);
                present.Remove(id);
            }
            else
            {
                present[id] = [.. keys.Where(_ => random.Next(2) == 0)];
                Apply(Urn(id), Features(id), present[id]);
            }
        }

        var fresh = new MatchIndex(IdentityModel.Default);
        var links = new List<LinkChange>();
        foreach (var (id, held) in present)
        {
            fresh.Apply(Urn(id), Features(id), held, links);
        }

        var expected = new Dictionary<(string, string), LinkValue>();
        foreach (var link in links)
        {
            Take(expected, link);
        }

        Assert.NotEmpty(expected);
        Assert.Equal(expected, _linked);
    }

    [Fact]
    public void Links_features_and_records_survive_their_binary_form()
    {
        var record = Person(
            "1", "Ána", "Ruiz García", "ana@example.org", "2025550101", "1984-07-02", "48104", "12 Main St", "Flint", "Jr", 3,
            ids: [new("van", "c1", "7")], sameAs: ["9"]);
        var features = Extractor.Extract(record);
        var link = new LinkChange("o", "a", "b", new LinkValue(-1234, 1000, 0, uint.MaxValue, PairFlags.NameConflict));

        Assert.Equal(features, PersonFeatures.FromBytes(features.ToBytes()));
        Assert.Equal(features, Extractor.Extract(PersonRecord.FromBytes(record.ToBytes())));
        Assert.Equal(link, LinkChange.FromBytes(link.ToBytes()));
        Assert.Equal(link with { Value = null }, LinkChange.FromBytes((link with { Value = null }).ToBytes()));
    }

    [Fact]
    public void What_the_graph_notes_of_features_is_what_they_say()
    {
        var features = Extractor.Extract(Person(
            "1", "Ána", "Ruiz García", "ana@example.org", "2025550101", "1984-07-02", "48104", "12 Main St", "Flint", "Jr", 3,
            ids: [new("van", "c1", "7"), new("dwid", "", "8")], sameAs: ["9", "10"]) with
        {
            BirthPlace = "Flint",
            Occupation = "nurse",
            Extras = [new ExtraValue(Field.NationalId, "123456789")],
        });
        var bytes = features.ToBytes();
        Assert.NotEmpty(features.Extras);

        Assert.Equal(new RecordNote(features.Urn, features.Org, features.CreatedAt, features.SameAs), PersonFeatures.ReadNote(bytes));
        Assert.All(Enumerable.Range(0, bytes.Length), length => Assert.Throws<InvalidDataException>(() => PersonFeatures.ReadNote(bytes.AsSpan(0, length))));
    }

    static MatchKeyId Mail => new MatchKey("mi-wtp", MatchKeyKind.Email, "ana@example.org").Id;

    static MatchKeyId Name => new MatchKey("mi-wtp", MatchKeyKind.NameBirthDate, "ruiz").Id;

    static PersonFeatures Features(string id) => Extractor.Extract(Person(id, "Ana", "Ruiz", "ana@example.org"));

    void Apply(string urn, PersonFeatures? features, params MatchKeyId[] keys)
    {
        var output = new List<LinkChange>();
        _index.Apply(urn, features, keys, output);
        foreach (var link in output)
        {
            Take(_linked, link);
        }
    }

    static void Take(Dictionary<(string, string), LinkValue> links, LinkChange link)
    {
        Assert.True(string.CompareOrdinal(link.A, link.B) < 0);
        if (link.Value is { } value)
        {
            Assert.NotEqual(value, links.GetValueOrDefault((link.A, link.B)));
            links[(link.A, link.B)] = value;
        }
        else
        {
            Assert.True(links.Remove((link.A, link.B)));
        }
    }
}
