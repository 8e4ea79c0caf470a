using static StreamSync.Identity.Tests.People;

namespace StreamSync.Identity.Tests;

public class PersonGraphTests
{
    readonly BatchResolver _resolver = new(IdentityModel.Default);

    PersonGraph Graph => _resolver.Graph("mi-wtp");

    [Fact]
    public void The_person_keeps_the_id_of_the_oldest_record()
    {
        var first = Flush(Person("b", "Ana", "Ruiz", "ana@example.org", created: 1));
        var id = Assert.Single(first.Map).PersonId;

        var second = Flush(Person("a", "Ana", "Ruiz", "ana@example.org", created: 5));

        Assert.Equal(new PersonMapChange(Urn("a"), id, null), Assert.Single(second.Map));
        Assert.Empty(second.Moves);
        var person = Assert.Single(second.Persons);
        Assert.Equal([Urn("b"), Urn("a")], person.Person!.Urns);
    }

    [Fact]
    public void A_record_that_changes_leaves_its_person_again()
    {
        Flush(Person("a", "Ana", "Ruiz", "ana@example.org", created: 1), Person("b", "Ana", "Ruiz", "ana@example.org", created: 2));
        var old = Graph.Find(Urn("b"))!.PersonId!;

        var changes = Flush(Person("b", "Ana", "Ruiz", "other@example.com", created: 2));

        var now = Graph.Find(Urn("b"))!.PersonId!;
        Assert.NotEqual(old, now);
        Assert.Equal(old, Graph.Find(Urn("a"))!.PersonId);
        var move = Assert.Single(changes.Moves);
        Assert.Equal((IdentityMoveKind.Split, old, now), (move.Kind, move.From, move.To));
        Assert.Equal([Urn("b")], move.Urns);
        Assert.Equal(2, changes.Persons.Count);
    }

    [Fact]
    public void A_merge_says_who_moved_where()
    {
        Flush(Person("a", "Ana", "Ruiz", "ana@example.org", created: 1), Person("b", "Ana", "Ruiz", "other@example.com", created: 2));
        var (a, b) = (Graph.Find(Urn("a"))!.PersonId!, Graph.Find(Urn("b"))!.PersonId!);

        var changes = Flush(Person("b", "Ana", "Ruiz", "ana@example.org", created: 2));

        var move = Assert.Single(changes.Moves);
        Assert.Equal((IdentityMoveKind.Merge, b, a), (move.Kind, move.From, move.To));
        Assert.Contains(changes.Persons, person => person.PersonId == b && person.Person is null);
    }

    [Fact]
    public void Deleting_the_last_record_removes_the_person()
    {
        Flush(Person("a", "Ana", "Ruiz", "ana@example.org"));
        var id = Graph.Find(Urn("a"))!.PersonId!;

        _resolver.Delete(Urn("a"));
        var changes = Assert.Single(_resolver.Flush());

        Assert.Equal(new PersonMapChange(Urn("a"), null, id), Assert.Single(changes.Map));
        Assert.Equal(new PersonChange(id, null), Assert.Single(changes.Persons));
        Assert.Null(Graph.Find(Urn("a")));
    }

    [Fact]
    public void Deleting_the_record_that_held_others_together_parts_them()
    {
        Flush(
            Person("a", "Ana", "Ruiz", "ana@example.org", created: 1),
            Person("b", "Ana", "Ruiz", "ana@example.org", "2025550101", created: 2),
            Person("c", "Ana", "Ruiz", phone: "2025550101", created: 3));
        Assert.Equal("a+b+c", Partition("a", "b", "c"));

        _resolver.Delete(Urn("b"));
        _resolver.Flush();

        Assert.Equal("a c", Partition("a", "b", "c"));
    }

    [Fact]
    public void A_cannot_link_parts_and_a_withdrawal_joins_again()
    {
        Flush(Person("a", "Ana", "Ruiz", "ana@example.org"), Person("b", "Ana", "Ruiz", "ana@example.org"));

        Decide("d1", DecisionKind.CannotLink, "a", "b", day: 1);
        Assert.Equal("a b", Partition("a", "b"));

        Decide("d2", DecisionKind.Withdrawn, "b", "a", day: 2);
        Assert.Equal("a+b", Partition("a", "b"));

        Decide("d0", DecisionKind.CannotLink, "a", "b", day: 0);
        Assert.Equal("a+b", Partition("a", "b"));
    }

    [Fact]
    public void A_must_link_may_come_before_its_records()
    {
        Decide("d1", DecisionKind.MustLink, "a", "b", day: 1);

        Flush(Person("a", "Ana", "Ruiz"), Person("b", "Walter", "Nguyen"));

        Assert.Equal("a+b", Partition("a", "b"));
    }

    [Fact]
    public void Decisions_that_contradict_are_reported_and_the_cannot_wins()
    {
        Flush(Person("a", "Ana", "Ruiz"), Person("b", "Ana", "Ruiz"), Person("c", "Ana", "Ruiz"));
        Decide("d1", DecisionKind.MustLink, "a", "b", day: 1);
        Decide("d2", DecisionKind.MustLink, "b", "c", day: 2);

        var changes = Decide("d3", DecisionKind.CannotLink, "a", "c", day: 3);

        Assert.Equal(new DecisionConflict(Urn("b"), Urn("c"), Urn("a"), Urn("c")), Assert.Single(changes.Conflicts));
        Assert.Equal("a+b c", Partition("a", "b", "c"));
    }

    /// <summary>A steward has the last word over a tool: nothing is left that he could take back.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("ana@example.org")]
    public void A_split_of_what_a_tool_merged_contradicts_nobody(string email)
    {
        var third = Person("c", "Ana", "Ruiz", email.Length == 0 ? null : email);
        Flush(Person("a", "Ana", "Ruiz", "ana@example.org"), Person("b", "Benno", "Okafor", sameAs: ["a"]), third);
        Assert.Equal(email.Length == 0 ? "a+b c" : "a+b+c", Partition("a", "b", "c"));

        var changes = Decide("d", DecisionKind.CannotLink, "a", "b", day: 1);

        Assert.Empty(changes.Conflicts);
        Assert.Equal(email.Length == 0 ? "a b c" : "a+c b", Partition("a", "b", "c"));
    }

    [Fact]
    public void A_merge_of_two_records_brings_the_records_that_each_of_them_held()
    {
        // Names and a postal code beside a street: alike enough to be one person, not by much.
        Flush(
            Person("a1", "Xiomara", "Quiroga", line: "12 Elm St", zip: "48103"), Person("a2", "Xiomara", "Quiroga", line: "12 Elm St", zip: "48103"),
            Person("b1", "Wilhelmina", "Ostrander", line: "9 Oak Ave", zip: "48910"), Person("b2", "Wilhelmina", "Ostrander", line: "9 Oak Ave", zip: "48910"));
        Assert.Equal("a1+a2 b1+b2", Partition("a1", "a2", "b1", "b2"));

        Decide("d1", DecisionKind.MustLink, "a1", "b1", day: 1);
        Assert.Equal("a1+a2+b1+b2", Partition("a1", "a2", "b1", "b2"));

        Decide("d2", DecisionKind.CannotLink, "a2", "b2", day: 2);
        Assert.Equal("a1+a2+b1 b2", Partition("a1", "a2", "b1", "b2"));
    }

    [Fact]
    public void A_merge_brings_whole_people_together_though_a_register_gave_them_two_numbers()
    {
        Flush(
            Person("a1", "Dagny", "Thorvald", "dagny@example.org") with { Ids = [new ExternalId("voterbase", "", "MI-111")] }, Person("a2", "Dagny", "Thorvald", "dagny@example.org"),
            Person("a3", "Dagny", "Thorvald", "dagny@example.org"), Person("b1", "Dagny", "Wells", "wells@example.org") with { Ids = [new ExternalId("voterbase", "", "MI-222")] },
            Person("b2", "Dagny", "Wells", "wells@example.org"), Person("b3", "Dagny", "Wells", "wells@example.org"));
        Assert.Equal("a1+a2+a3 b1+b2+b3", Partition("a1", "a2", "a3", "b1", "b2", "b3"));

        Decide("d1", DecisionKind.MustLink, "a2", "b2", day: 1);
        Assert.Equal("a1+a2+a3+b1+b2+b3", Partition("a1", "a2", "a3", "b1", "b2", "b3"));

        Decide("d1", DecisionKind.Withdrawn, "a2", "b2", day: 1);
        Assert.Equal("a1+a2+a3 b1+b2+b3", Partition("a1", "a2", "a3", "b1", "b2", "b3"));
    }

    [Fact]
    public void A_flush_names_what_it_looked_at()
    {
        Flush(Person("a", "Ana", "Ruiz", "ana@example.org"), Person("b", "Ana", "Ruiz", "ana@example.org"), Person("c", "Walter", "Nguyen"));

        var changes = Decide("d1", DecisionKind.CannotLink, "a", "b", day: 1);

        Assert.Equal([Urn("a"), Urn("b")], changes.Examined.Select(node => node.Urn).Order());
    }

    [Fact]
    public void Nothing_changed_says_nothing()
    {
        var record = Person("a", "Ana", "Ruiz", "ana@example.org");
        Flush(record);

        var changes = Assert.Single(_resolver.Flush());

        Assert.Empty(changes.Map);
        Assert.Empty(changes.Persons);
    }

    [Fact]
    public void The_golden_record_takes_the_trusted_then_the_newest_then_the_fullest()
    {
        var changes = Flush(
            Person("a", "Ana", "Ruiz", "Ana@Example.org", created: 1) with { SourceTrust = 80 },
            Person("b", "Ana Maria", "Ruiz", "ana@example.org", "2025550101", "1984-07-02", "2118", created: 9));

        var golden = Assert.Single(changes.Persons).Person!;
        Assert.Equal("Ana", golden.Name!.Given);
        Assert.Equal(["ana@example.org"], golden.Emails);
        Assert.Equal(["+12025550101"], golden.Phones);
        Assert.Equal("1984-07-02", golden.BirthDate);
        Assert.Equal(Urn("b"), golden.Sources["birth_date"]);
    }

    /// <summary>Columns of first and last names must not run empty because the list that was read last has one column for both.</summary>
    [Theory]
    [InlineData("Halloran, Robert")]
    [InlineData("Mr. Robert Halloran")]
    [InlineData("ROBERT HALLORAN")]
    public void A_name_in_parts_wins_over_a_newer_one_in_one_field(string full)
    {
        var golden = Golden("Robert", full);

        Assert.Equal(("Robert", "Halloran", Urn("a")), (golden.Name!.Given, golden.Name.Family, golden.Sources["name"]));
    }

    [Fact]
    public void A_name_in_one_field_is_given_in_parts_and_a_generation_comes_from_whoever_knows_it()
    {
        Assert.Equal(new PersonName("Robert", null, "Halloran", "Sr"), Golden("R", "Robert Halloran Sr").Name);
        Assert.Equal(new PersonName("Robert", null, "Halloran", "Sr"), Golden("Robert", "Halloran Sr, Robert").Name);
    }

    GoldenRecord Golden(string given, string full)
    {
        var changes = Flush(
            Person("a", given, "Halloran", "rh@example.org", created: 1),
            Person("b", email: "rh@example.org", created: 9) with { Names = [new PersonName(Full: full)] });
        return Assert.Single(changes.Persons).Person!;
    }

    [Fact]
    public void An_explanation_names_fields_keys_and_outcome()
    {
        Flush(Person("a", "Ana", "Ruiz", "ana@example.org"), Person("b", "Ana", "Ruiz", "ana@example.org"));

        var why = Graph.Explain(Urn("a"), Urn("b"))!;

        Assert.True(why.SamePerson);
        Assert.Contains(MatchKeyKind.Email, why.Keys);
        Assert.Contains(why.Evidence, line => line is { Field: "given name", Level: "exact" });
        Assert.Equal(why.Total, Math.Min(1500, why.Evidence.Sum(line => line.Weight)));
    }

    GraphChanges Flush(params PersonRecord[] records)
    {
        foreach (var record in records)
        {
            _resolver.Upsert(record);
        }

        return Assert.Single(_resolver.Flush());
    }

    GraphChanges Decide(string id, DecisionKind kind, string a, string b, int day)
    {
        _resolver.Decide("mi-wtp", new IdentityDecision(
            id, kind, Urn(a), Urn(b), "steward@example.org", "checked by phone", DateTimeOffset.UnixEpoch.AddDays(day)));
        return Assert.Single(_resolver.Flush());
    }

    string Partition(params string[] ids) => People.Partition(_resolver, ids.Select(id => ("mi-wtp", Urn(id))));
}
