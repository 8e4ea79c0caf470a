using static StreamSync.Identity.Tests.People;

namespace StreamSync.Identity.Tests;

public class MatchIndexTests
{
    static readonly FeatureExtractor Extractor = new();
    readonly MatchIndex _index = new(IdentityModel.Default, new SerializingMatchStore());
    readonly HashSet<(string, string, uint)> _linked = [];

    [Fact]
    public void A_key_past_its_cap_withdraws_its_links_and_gives_them_back_below()
    {
        var records = Enumerable.Range(0, 26).Select(i => Features($"{i:00}")).ToList();
        foreach (var record in records.Take(25))
        {
            Assert.False(Apply(record.Urn, record));
        }

        Assert.Equal(25 * 24 / 2, _linked.Count);

        Assert.True(Apply(records[25].Urn, records[25]));
        Assert.Empty(_linked);

        Assert.True(Apply(records[7].Urn, null));
        Assert.Equal(25 * 24 / 2, _linked.Count);
        Assert.DoesNotContain(_linked, link => link.Item1 == records[7].Urn || link.Item2 == records[7].Urn);
    }

    [Fact]
    public void Applying_a_change_twice_says_nothing_new()
    {
        Apply("x", Features("1"));
        Apply("x", Features("2"));
        var output = new List<LinkChange>();

        _index.Apply(new MemberChange(Key, Urn("2"), Features("2")), output);

        Assert.Empty(output);
    }

    [Fact]
    public void Links_and_features_survive_their_binary_form()
    {
        var features = Extractor.Extract(Person(
            "1", "Ána", "Ruiz García", "ana@example.org", "2025550101", "1984-07-02", "48104", "12 Main St", "Flint", "Jr", 3,
            ids: [new("van", "c1", "7")], sameAs: ["9"]));
        var link = new LinkChange("o", "a", "b", MatchKeyKind.Phone, 0xFFFFFFFF, false, -1234, 1000, PairFlags.NameConflict);

        Assert.Equal(features, PersonFeatures.FromBytes(features.ToBytes()));
        Assert.Equal(link, LinkChange.FromBytes(link.ToBytes()));
        Assert.Equal(Key, MatchKey.Parse(Key.ToString()));
    }

    static MatchKey Key => new("mi-wtp", MatchKeyKind.Email, "ana@example.org");

    static PersonFeatures Features(string id) => Extractor.Extract(Person(id, "Ana", "Ruiz", "ana@example.org"));

    bool Apply(string urn, PersonFeatures? features)
    {
        var output = new List<LinkChange>();
        var capped = _index.Apply(new MemberChange(Key, features?.Urn ?? urn, features), output);
        foreach (var link in output)
        {
            var id = (link.A, link.B, link.KeyHash);
            Assert.True(link.IsUnlink ? _linked.Remove(id) : _linked.Add(id));
        }

        return capped;
    }
}
