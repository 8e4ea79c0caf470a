using static StreamSync.Identity.Tests.People;

namespace StreamSync.Identity.Tests;

/// <summary>Why near records are not one person, each with the reason that holds.</summary>
public class PersonReviewTests
{
    readonly BatchResolver _resolver = new(IdentityModel.Default);

    [Fact]
    public void A_person_of_two_records_shows_the_link_field_by_field()
    {
        Put(Person("a", "Ana", "Ruiz", "ana@example.org"), Person("b", "Ana", "Ruiz", "ana@example.org"));

        var link = Assert.Single(Review(["a", "b"]).Links);

        Assert.Equal((Urn("a"), Urn("b")), (link.A, link.B));
        Assert.Contains(link.Evidence, line => line is { Field: "email", Level: "shared", Weight: > 0 });
    }

    [Fact]
    public void A_household_at_one_address_of_mail_is_near_and_apart()
    {
        Put(Person("mother", "Ana", "Ruiz", "ruiz@example.org"), Person("child", "Leo", "Ruiz", "ruiz@example.org"));

        var apart = Assert.Single(Review(["mother"], new KeyNeighbour(Urn("mother"), Urn("child"), [MatchKeyKind.Email])).Apart);

        Assert.Contains("household", apart.Why, StringComparison.Ordinal);
        Assert.Equal(_resolver.Graph("mi-wtp").Find(Urn("child"))!.PersonId, apart.OtherPersonId);
        Assert.Contains(apart.Pair.Evidence, line => line is { Field: "given name", Level: "differs" });
        Assert.True(apart.Pair.Total < IdentityModel.Default.Threshold);
    }

    [Theory]
    [InlineData("Jr", "Sr", "different generations")]
    public void A_fact_that_forbids_is_named(string suffix, string other, string why)
    {
        Put(Person("a", "Robert", "Lee", "lee@example.org", suffix: suffix), Person("b", "Robert", "Lee", "lee@example.org", suffix: other));

        Assert.Contains(why, Assert.Single(Review(["a"]).Apart).Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_of_an_exclusive_register_is_named()
    {
        Put(
            Person("a", "Robert", "Lee", "lee@example.org", ids: [new ExternalId("statefile", "mi", "1")]),
            Person("b", "Robert", "Lee", "lee@example.org", ids: [new ExternalId("statefile", "mi", "2")]));

        Assert.Contains("register", Assert.Single(Review(["a"]).Apart).Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_decision_is_named_and_comes_first()
    {
        Put(Person("a", "Ana", "Ruiz", "ana@example.org"), Person("b", "Ana", "Ruiz", "ana@example.org"), Person("c", "Leo", "Ruiz", "ana@example.org"));
        Decide("d", DecisionKind.CannotLink, "a", "b");
        _resolver.Flush();

        var apart = Review(["a"], new KeyNeighbour(Urn("a"), Urn("c"), [MatchKeyKind.Email])).Apart;

        Assert.Equal("a steward decided so", apart[0].Why);
        Assert.Equal(2, apart.Count);
        Assert.Equal("Dana", _resolver.Graph("mi-wtp").DecisionOn(Urn("a"), Urn("b"))!.Author);
    }

    [Fact]
    public void What_another_record_of_the_person_forbids_is_named()
    {
        Put(
            Person("a1", "Robert", "Lee", "lee@example.org", "2025550101"), Person("a2", "Robert", "Lee", phone: "2025550101", suffix: "Sr"),
            Person("b", "Robert", "Lee", "lee@example.org", suffix: "Jr"));
        Assert.Equal("a1+a2 b", Partition(_resolver, new[] { "a1", "a2", "b" }.Select(id => ("mi-wtp", Urn(id)))));

        var apart = Assert.Single(Review(["a1", "a2"]).Apart);

        Assert.StartsWith("different generations", apart.Why, StringComparison.Ordinal);
        Assert.Equal(Urn("b"), apart.Pair.B);
    }

    [Fact]
    public void What_keeps_a_merge_from_holding_is_another_decision_and_never_a_fact_that_the_merge_overrules()
    {
        Put(Person("a", "Robert", "Lee", suffix: "Jr"), Person("b", "Robert", "Lee", suffix: "Jr"), Person("c", "Robert", "Lee", suffix: "Sr"));
        Decide("1", DecisionKind.MustLink, "a", "b");
        Decide("2", DecisionKind.MustLink, "a", "c");
        Decide("3", DecisionKind.CannotLink, "b", "c");
        _resolver.Flush();

        var apart = Assert.Single(Review(["a", "b"]).Apart);

        Assert.Equal(DecisionKind.MustLink, apart.Pair.Decision);
        Assert.Equal($"a steward keeps {Urn("b")} and {Urn("c")} apart", apart.Why);
    }

    [Fact]
    public void Two_of_one_household_with_a_record_that_is_like_both_are_named()
    {
        Put(
            Person("d1", "Daniel", "Lee", phone: "2025550101", dob: "1980-03-04", line: "12 Oak St", city: "Lansing", zip: "48910"),
            Person("d2", "D", "Lee", "lee@example.org", phone: "2025550101", line: "12 Oak St", city: "Lansing", zip: "48910"),
            Person("e", "Dana", "Lee", phone: "2025550101", dob: "1983-11-21", line: "12 Oak St", city: "Lansing", zip: "48910"));
        var person = _resolver.Graph("mi-wtp").Find(Urn("d2"))!.PersonId == _resolver.Graph("mi-wtp").Find(Urn("d1"))!.PersonId ? new[] { "d1", "d2" } : ["e", "d2"];

        var apart = Assert.Single(Review(person).Apart);

        Assert.StartsWith("other given names and birth dates in one household", apart.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_in_one_town_alone_are_not_enough()
    {
        Put(Person("a", "Xiomara", "Quiroga", city: "Lansing", zip: "48910"), Person("b", "Xiomara", "Quiroga", city: "Lansing", zip: "48910"));

        var apart = Assert.Single(Review(["a"], new KeyNeighbour(Urn("a"), Urn("b"), [MatchKeyKind.NamePostalCode])).Apart);

        Assert.Equal("nothing agrees but names and a wide area", apart.Why);
    }

    void Decide(string id, DecisionKind kind, string a, string b) =>
        _resolver.Decide("mi-wtp", new IdentityDecision(id, kind, Urn(a), Urn(b), "Dana", "cousins", DateTimeOffset.UnixEpoch));

    void Put(params PersonRecord[] records)
    {
        foreach (var record in records)
        {
            _resolver.Upsert(record);
        }

        _resolver.Flush();
    }

    PersonReview Review(string[] ids, params KeyNeighbour[] neighbours) => _resolver.Graph("mi-wtp").Review([.. ids.Select(id => Urn(id))], neighbours, 10);
}
