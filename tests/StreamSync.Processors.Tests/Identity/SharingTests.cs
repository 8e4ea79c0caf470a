using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Time.Testing;
using StreamSync.Contracts;
using StreamSync.Contracts.Entity;
using StreamSync.Contracts.Identity;
using StreamSync.Contracts.Ops;
using StreamSync.Kafka.Configuration;
using StreamSync.Kafka.Serdes;
using StreamSync.Processors.Identity;
using StreamSync.Processors.Identity.Sharing;
using StreamSync.Processors.Streaming;
using StreamSync.Processors.Tests.Broker;
using Decision = StreamSync.Contracts.Identity.IdentityDecision;

namespace StreamSync.Processors.Tests.Identity;

/// <summary>What crosses between groups: nothing without an agreement, and with one only the records that it names.</summary>
public sealed class SharingTests : IDisposable
{
    static readonly DateTimeOffset Now = new(2024, 10, 1, 12, 0, 0, TimeSpan.Zero);

    readonly AvroCodecs _codecs = TopologyHarness.Codecs();
    readonly FakeTimeProvider _clock = new(Now);
    readonly Dictionary<string, SharedPerson> _rows = [];
    TopologyHarness? _harness;

    public void Dispose() => _harness?.Dispose();

    [Fact]
    public void Without_an_agreement_nothing_that_is_told_of_an_org_names_another()
    {
        using var fixture = new IdentityFixture();
        string[] orgs = ["a-org", "b-org"];
        foreach (var org in orgs)
        {
            fixture.Put("1", "Ana", "Ruiz", "ana.ruiz@example.org", "(202) 555-0101", "1984-07-02", "48103", org);
            fixture.Put("2", "Ana", "Ruiz", "ana.ruiz@example.org", org: org);
        }

        fixture.Settle();
        fixture.Delete("2", "a-org");
        fixture.Settle();

        foreach (var topic in new[] { "identity.person_map", "identity.person", "identity.change" })
        {
            foreach (var written in fixture.Harness.Read(topic).Where(written => written.Value is not null))
            {
                var text = written.Key + Encoding.UTF8.GetString(written.Value!);
                Assert.False(orgs.All(org => text.Contains(org, StringComparison.Ordinal)), $"{topic} tells of two orgs at once: {text}");
            }
        }
    }

    [Fact]
    public void A_record_that_claims_another_owner_than_its_key_goes_to_quarantine()
    {
        using var fixture = new IdentityFixture();
        var person = IdentityFixture.PersonOf("1", "Ana", "Ruiz", "ana.ruiz@example.org", org: "a-org");
        person.Org = "b-org";
        fixture.Harness.Pipe("entity.person", person.SourceUrn, fixture.Codecs.For<Person>(TopicCatalog.Entity("person")).Encode(person));
        person = IdentityFixture.PersonOf("1", "Ana", "Ruiz", "ana.ruiz@example.org", org: "a-org");
        fixture.Harness.Pipe("entity.person", IdentityFixture.Urn("2", "b-org"), fixture.Codecs.For<Person>(TopicCatalog.Entity("person")).Encode(person));
        fixture.Settle();

        Assert.Empty(fixture.Map);
        Assert.Equal(2, fixture.Harness.Read("ops.quarantine").Count);
    }

    [Fact]
    public void Each_party_learns_which_of_its_records_the_others_know_and_nothing_else()
    {
        Start(Agreement("table", ["a-org", "b-org"], "person"));
        Put("1", "Ana", "Ruiz", "a-org");
        Put("7", "Ana", "Ruiz", "b-org");
        Put("2", "Walter", "Nguyen", "a-org");
        Put("9", "Ana", "Ruiz", "c-org");

        var rows = Rows();
        Assert.Equal(["table/a-org/csv_people/list/person/1", "table/b-org/csv_people/list/person/7"], rows.Keys.Order());
        var mine = rows["table/a-org/csv_people/list/person/1"];
        Assert.Equal(("table", "a-org", "b-org"), (mine.Agreement, mine.Org, Assert.Single(mine.Partners)));
        var evidence = Assert.Single(mine.Evidence);
        Assert.Equal(("b-org/csv_people/list/person/7", "email"), (evidence.OtherUrn, evidence.Rule));
        Assert.Equal(mine.SharedPersonId, rows["table/b-org/csv_people/list/person/7"].SharedPersonId);
        foreach (var row in rows.Values)
        {
            var text = Encoding.UTF8.GetString(_codecs.For<SharedPerson>(TopicCatalog.SharedPerson).Encode(row));
            Assert.DoesNotContain("example.org", text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("Ruiz", text, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void Only_records_of_the_named_entities_take_part()
    {
        Start(Agreement("table", ["a-org", "b-org"], "mobilize/person", "user"));
        Put("1", "Ana", "Ruiz", "a-org", vendor: "mobilize");
        Put("7", "Ana", "Ruiz", "b-org", vendor: "ngpvan");
        Assert.Empty(Rows());
        Put("8", "Ana", "Ruiz", "b-org", vendor: "mobilize");
        Assert.Equal(["table/a-org/mobilize/list/person/1", "table/b-org/mobilize/list/person/8"], Rows().Keys.Order());
    }

    [Fact]
    public void What_one_agreement_tells_reaches_no_party_of_another()
    {
        Start(Agreement("left", ["a-org", "b-org"], "person"), Agreement("right", ["b-org", "c-org"], "person"));
        Put("1", "Ana", "Ruiz", "a-org");
        Put("1", "Ana", "Ruiz", "b-org");
        Put("1", "Ana", "Ruiz", "c-org");

        var rows = Rows();
        Assert.Equal(4, rows.Count);
        Assert.All(rows.Values, row => Assert.Equal(row.Agreement == "left" ? ["a-org", "b-org"] : ["b-org", "c-org"], row.Partners.Append(row.Org).Order()));
        Assert.Equal(2, rows.Values.Select(row => row.SharedPersonId).Distinct().Count());
    }

    [Fact]
    public void What_crossed_is_taken_back_when_a_record_changes_or_goes()
    {
        Start(Agreement("table", ["a-org", "b-org"], "person"));
        Put("1", "Ana", "Ruiz", "a-org");
        Put("7", "Ana", "Ruiz", "b-org");
        Assert.Equal(2, Rows().Count);

        Put("7", "Benno", "Okafor", "b-org");
        Assert.Empty(Rows());
        Put("7", "Ana", "Ruiz", "b-org");
        Assert.Equal(2, Rows().Count);
        _harness!.Pipe("entity.person", IdentityFixture.Urn("1", "a-org"), null);
        Assert.Empty(Rows());
    }

    [Fact]
    public void What_a_party_keeps_apart_is_not_one_shared_person()
    {
        Start(Agreement("table", ["a-org", "b-org"], "person"));
        Put("1", "Ana", "Ruiz", "a-org");
        Put("2", "Ana", "Ruiz", "a-org");
        Put("7", "Ana", "Ruiz", "b-org");
        Assert.Equal(3, Rows().Count);

        Decide("cannot_link", "a-org", "1", "2");
        var rows = Rows();
        Assert.Equal(2, rows.Count);
        Assert.Contains("table/b-org/csv_people/list/person/7", rows.Keys);
        Assert.Single(rows["table/b-org/csv_people/list/person/7"].Evidence);

        TakeBack("a-org", "1", "2");
        Assert.Equal(3, Rows().Count);
        Decide("cannot_link", "a-org", "1", "2");
        Assert.Equal(2, Rows().Count);
        Decide("withdrawn", "a-org", "1", "2");
        Assert.Equal(3, Rows().Count);
    }

    [Fact]
    public void What_a_party_joined_is_known_to_the_others_as_one()
    {
        Start(Agreement("table", ["a-org", "b-org"], "person"));
        Put("1", "Ana", "Ruiz", "a-org");
        Put("2", "Xiomara", "Diaz", "a-org");
        Put("7", "Ana", "Ruiz", "b-org");
        Assert.Equal(2, Rows().Count);

        Decide("must_link", "a-org", "1", "2");
        Assert.Equal(3, Rows().Count);
        Decide("cannot_link", "a-org", "1", "2");
        Assert.Equal(2, Rows().Count);
    }

    [Fact]
    public void Nobody_decides_of_the_records_of_others()
    {
        Start(Agreement("table", ["a-org", "b-org"], "person"));
        Put("1", "Ana", "Ruiz", "a-org");
        Put("7", "Ana", "Ruiz", "b-org");
        Put("8", "Xiomara", "Diaz", "b-org");
        Decide("cannot_link", "a-org", IdentityFixture.Urn("1", "a-org"), IdentityFixture.Urn("7", "b-org"));
        Decide("must_link", "a-org", IdentityFixture.Urn("1", "a-org"), IdentityFixture.Urn("8", "b-org"));
        Decide("must_link", "c-org", IdentityFixture.Urn("7", "b-org"), IdentityFixture.Urn("8", "b-org"));

        Assert.Equal(["table/a-org/csv_people/list/person/1", "table/b-org/csv_people/list/person/7"], Rows().Keys.Order());
    }

    [Fact]
    public void A_decision_goes_where_the_agreement_covers_both_records_and_no_further()
    {
        Start(
            Agreement("all", ["a-org", "b-org"], "person") with { From = new DateOnly(2024, 10, 3) },
            Agreement("some", ["a-org", "b-org"], "mobilize/person"));
        Put("1", "Ana", "Ruiz", "a-org", vendor: "mobilize");
        Put("2", "Xiomara", "Diaz", "a-org");
        Put("7", "Ana", "Ruiz", "b-org", vendor: "mobilize");
        Decide("must_link", "a-org", IdentityFixture.Urn("1", "a-org", "mobilize"), IdentityFixture.Urn("2", "a-org"));
        Assert.Equal(["some/a-org/mobilize/list/person/1", "some/b-org/mobilize/list/person/7"], Rows().Keys.Order());

        _clock.SetUtcNow(new DateTimeOffset(2024, 10, 3, 0, 0, 0, TimeSpan.Zero));
        Assert.Contains("all/a-org/csv_people/list/person/2", Rows().Keys);
        Assert.Equal(5, Rows().Count);
    }

    [Fact]
    public void An_agreement_begins_and_ends_on_its_days()
    {
        Start(Agreement("table", ["a-org", "b-org"], "person") with { From = new DateOnly(2024, 10, 3), Until = new DateOnly(2024, 10, 4) });
        Put("1", "Ana", "Ruiz", "a-org");
        Put("7", "Ana", "Ruiz", "b-org");
        Assert.Empty(Rows());

        _clock.SetUtcNow(new DateTimeOffset(2024, 10, 3, 0, 0, 0, TimeSpan.Zero));
        Assert.Equal(2, Rows().Count);
        _clock.SetUtcNow(new DateTimeOffset(2024, 10, 4, 23, 59, 59, TimeSpan.Zero));
        Assert.Equal(2, Rows().Count);
        _clock.SetUtcNow(new DateTimeOffset(2024, 10, 5, 0, 0, 0, TimeSpan.Zero));
        Assert.Empty(Rows());
    }

    [Fact]
    public async Task A_declared_agreement_finds_records_that_passed_long_before_and_one_that_is_taken_out_takes_back()
    {
        await using var cluster = await TestCluster.StartAsync();
        await cluster.EnsureAsync([.. TopicCatalog.Platform]);
        using var producer = cluster.Producer();
        foreach (var org in new[] { "a-org", "b-org", "c-org" })
        {
            for (var i = 0; i < 20; i++)
            {
                var person = IdentityFixture.PersonOf($"{i}", $"Ana{(char)('a' + i)}", "Ruiz", $"ana{i}@example.org", org: org);
                producer.Produce("entity.person", new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes(person.SourceUrn), Value = _codecs.For<Person>(TopicCatalog.Entity("person")).Encode(person) });
            }
        }

        producer.Flush();
        await RunAsync([Agreement("first", ["a-org", "b-org"], "person")], 40, "first");
        await RunAsync([Agreement("second", ["b-org", "c-org"], "person")], 40, "second");
        await RunAsync([], 0, "no agreement");

        async Task RunAsync(AgreementSettings[] agreements, int rows, string what)
        {
            var run = new StageRun { EncodeQuarantine = _codecs.For<QuarantineEntry>(TopicCatalog.Quarantine).Encode, Restores = true, WorksBeside = true };
            await using var topology = new RunningTopology(SharingTopology.Define(agreements, _codecs, cluster.Connection.Partitions, run), cluster.Settings("a", _codecs), run);
            await TestCluster.UntilAsync(
                () =>
                {
                    var table = new Dictionary<string, byte[]?>();
                    foreach (var (key, value) in cluster.ReadAll(TopicCatalog.SharedPerson.Name))
                    {
                        table[key] = value;
                    }

                    var held = table.Where(row => row.Value is not null).ToList();
                    return held.Count == rows && held.All(row => row.Key.StartsWith(agreements[0].Id, StringComparison.Ordinal));
                },
                $"what crosses by {what}");
        }
    }

    static AgreementSettings Agreement(string id, string[] parties, params string[] entities) =>
        new() { Id = id, Parties = parties, Purpose = "test", Entities = entities, From = new DateOnly(2024, 1, 1) };

    void Start(params AgreementSettings[] agreements)
    {
        var run = TopologyHarness.Run(_codecs, _clock);
        _harness = new TopologyHarness(SharingTopology.Define(agreements, _codecs, 1, run), run);
    }

    void Put(string id, string first, string last, string org, string vendor = "csv_people")
    {
        var person = IdentityFixture.PersonOf(id, first, last, $"{first}.{last}@example.org", org: org, vendor: vendor);
        _harness!.Pipe("entity.person", person.SourceUrn, _codecs.For<Person>(TopicCatalog.Entity("person")).Encode(person));
    }

    void Decide(string kind, string org, string a, string b)
    {
        var decision = new Decision { DecisionId = Decisions.IdFor(UrnOf(org, a), UrnOf(org, b)), Org = org, Kind = kind, AUrn = UrnOf(org, a), BUrn = UrnOf(org, b), Author = "Dana", Reason = "known", At = _clock.GetUtcNow().UtcDateTime };
        _clock.Advance(TimeSpan.FromSeconds(1));
        _harness!.Pipe("identity.decision", decision.DecisionId, _codecs.For<Decision>(TopicCatalog.IdentityDecision).Encode(decision));
    }

    void TakeBack(string org, string a, string b) => _harness!.Pipe("identity.decision", Decisions.IdFor(UrnOf(org, a), UrnOf(org, b)), null);

    static string UrnOf(string org, string name) => name.Contains('/', StringComparison.Ordinal) ? name : IdentityFixture.Urn(name, org);

    /// <summary>The rows that hold now.</summary>
    Dictionary<string, SharedPerson> Rows()
    {
        _harness!.Pass(TimeSpan.FromSeconds(2));
        _harness.Pass(TimeSpan.FromSeconds(2));
        foreach (var written in _harness.Read(TopicCatalog.SharedPerson.Name))
        {
            if (written.Value is null)
            {
                _rows.Remove(written.Key);
            }
            else
            {
                _rows[written.Key] = _codecs.For<SharedPerson>(TopicCatalog.SharedPerson).Decode(written.Value);
            }
        }

        return _rows;
    }
}
