using Microsoft.Extensions.Time.Testing;
using StreamSync.Contracts;
using StreamSync.Contracts.Entity;
using StreamSync.Contracts.Identity;
using StreamSync.Contracts.Ops;
using StreamSync.Identity;
using StreamSync.Kafka.Clients;
using StreamSync.Processors.Identity;
using StreamSync.Processors.Identity.Evidence;

namespace StreamSync.Processors.Tests.Identity;

public sealed class IdentityTopologyTests : IDisposable
{
    readonly IdentityFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Records_of_one_person_get_one_id_with_evidence_and_a_golden_record()
    {
        _fixture.Put("1", "Ana", "Ruiz", "ana.ruiz@example.org", "(202) 555-0101", vendor: "ngpvan");
        _fixture.Put("2", "Ana", "Ruiz", "Ana.Ruiz@example.org");
        _fixture.Put("3", "Walter", "Nguyen", phone: "(202) 555-0103");
        _fixture.Settle();

        var map = _fixture.Map;
        var (first, second) = (map[IdentityFixture.Urn("1", vendor: "ngpvan")], map[IdentityFixture.Urn("2")]);
        Assert.Equal(first.PersonId, second.PersonId);
        Assert.NotEqual(first.PersonId, map[IdentityFixture.Urn("3")].PersonId);
        var evidence = Assert.Single(second.Evidence);
        Assert.Equal((first.SourceUrn, "email"), (evidence.OtherUrn, evidence.Rule));
        Assert.True(evidence.Weight > 0);
        var person = _fixture.People[first.PersonId];
        Assert.Equal(("Ana", "Ruiz", "Ana Ruiz", "ana.ruiz@example.org", "+12025550101", 2), (person.FirstName, person.LastName, person.DisplayName, person.Email, person.Phone, person.RecordCount));
        Assert.Equal(["csv_people", "ngpvan"], person.Vendors.Order());
        Assert.Equal(2, _fixture.People.Count);
    }

    [Fact]
    public void A_changed_record_parts_again_and_the_move_is_told()
    {
        _fixture.Put("1", "Ana", "Ruiz", "ana.ruiz@example.org");
        _fixture.Put("2", "Ana", "Ruiz", "ana.ruiz@example.org");
        _fixture.Settle();
        Assert.True(_fixture.AreOne("1", "2"));
        Moves();

        _fixture.Put("2", "Benno", "Okafor", "benno@example.org");
        _fixture.Settle();
        Assert.False(_fixture.AreOne("1", "2"));
        var move = Assert.Single(Moves());
        Assert.Equal(("split", IdentityFixture.Urn("2")), (move.Op, Assert.Single(move.SourceUrns)));
        Assert.Equal(2, _fixture.People.Count);
    }

    [Fact]
    public void A_deleted_record_leaves_its_person()
    {
        _fixture.Put("1", "Ana", "Ruiz", "ana.ruiz@example.org");
        _fixture.Put("2", "Ana", "Ruiz", "ana.ruiz@example.org");
        _fixture.Settle();
        Moves();

        _fixture.Delete("1");
        _fixture.Delete("2");
        _fixture.Settle();
        Assert.Empty(_fixture.Map);
        Assert.Empty(_fixture.People);
        Assert.Contains(Moves(), move => move.Op == "remove");
    }

    [Fact]
    public void A_record_that_is_only_referred_to_has_a_person_which_the_delivered_record_takes_over()
    {
        _fixture.Refer("1");
        _fixture.Settle();
        var unknown = _fixture.Map[IdentityFixture.Urn("1")].PersonId;
        Assert.Null(_fixture.People[unknown].DisplayName);

        _fixture.Put("1", "Maria", "Quiñones", "maria@example.org");
        _fixture.Settle();
        Assert.Equal(unknown, _fixture.Map[IdentityFixture.Urn("1")].PersonId);
        Assert.Equal("Maria Quiñones", _fixture.People[unknown].DisplayName);

        _fixture.Refer("1");
        _fixture.Settle();
        Assert.Equal("Maria Quiñones", _fixture.People[unknown].DisplayName);
        _fixture.Refer("1", withdraw: true);
        _fixture.Settle();
        Assert.Single(_fixture.Map);
    }

    [Fact]
    public void A_record_that_nothing_refers_to_any_more_is_gone()
    {
        _fixture.Refer("1");
        _fixture.Settle();
        Assert.Single(_fixture.Map);
        _fixture.Refer("1", withdraw: true);
        _fixture.Settle();
        Assert.Empty(_fixture.Map);
        Assert.Empty(_fixture.People);
    }

    [Fact]
    public void Decisions_join_and_part_until_they_are_taken_back()
    {
        _fixture.Put("1", "Ana", "Ruiz", "ana.ruiz@example.org");
        _fixture.Put("2", "Ana", "Ruiz", "ana.ruiz@example.org");
        _fixture.Put("3", "Aneta", "R", phone: "(202) 555-0109");
        _fixture.Decide("d1", "cannot_link", "1", "2");
        _fixture.Decide("d2", "must_link", "1", "3");
        _fixture.Settle();
        Assert.False(_fixture.AreOne("1", "2"));
        Assert.True(_fixture.AreOne("1", "3"));
        Assert.Equal("decision", _fixture.Map[IdentityFixture.Urn("3")].Evidence[0].Rule);

        _fixture.TakeBack("d1");
        _fixture.TakeBack("d2");
        _fixture.Settle();
        Assert.True(_fixture.AreOne("1", "2"));
        Assert.False(_fixture.AreOne("1", "3"));
    }

    [Fact]
    public void A_decision_taken_back_can_be_made_again_at_once()
    {
        _fixture.Put("1", "Ana", "Ruiz", "ana.ruiz@example.org");
        _fixture.Put("2", "Ana", "Ruiz", "ana.ruiz@example.org");
        for (var i = 0; i < 3; i++)
        {
            _fixture.Decide("d1", "cannot_link", "1", "2");
            _fixture.Settle();
            Assert.False(_fixture.AreOne("1", "2"));
            _fixture.TakeBack("d1");
            _fixture.Settle();
            Assert.True(_fixture.AreOne("1", "2"));
        }
    }

    [Fact]
    public void Each_decision_is_kept_with_the_one_that_it_replaced_whether_it_moved_anybody_or_not()
    {
        _fixture.Put("1", "Ana", "Ruiz");
        _fixture.Put("2", "Xiomara", "Diaz");
        _fixture.Decide("d1", "cannot_link", "1", "2");
        _fixture.Settle();
        _fixture.Decide("d1", "cannot_link", "1", "2");
        _fixture.Settle();
        var made = Assert.Single(Changes());
        Assert.Equal(("decide", "split by steward: known", null, null), (made.Op, made.Reason, made.FromPersonId, made.ToPersonId));
        Assert.Equal([IdentityFixture.Urn("1"), IdentityFixture.Urn("2")], made.SourceUrns);

        _fixture.Decide("d1", "must_link", "1", "2", later: 1);
        _fixture.Settle();
        Assert.Equal("merge by steward: known (in place of: split by steward at 2024-10-01 12:00:00Z: known)", Assert.Single(Changes(), change => change.Op == "decide").Reason);

        _fixture.TakeBack("d1");
        _fixture.Settle();
        Assert.Equal("merge by steward at 2024-10-01 12:00:01Z: known", Assert.Single(Changes(), change => change.Op == "take_back").Reason);
    }

    [Fact]
    public void A_decision_that_takes_another_back_tells_by_whom_and_why_and_leaves_the_pair_to_the_evidence()
    {
        _fixture.Put("1", "Ana", "Ruiz", "ana.ruiz@example.org");
        _fixture.Put("2", "Ana", "Ruiz", "ana.ruiz@example.org");
        _fixture.Decide("d1", "cannot_link", "1", "2");
        _fixture.Settle();
        Assert.False(_fixture.AreOne("1", "2"));
        Changes();

        _fixture.Decide("d1", "withdrawn", "1", "2", later: 5);
        _fixture.Decide("d1", "withdrawn", "1", "2", later: 5);
        _fixture.Settle();
        Assert.True(_fixture.AreOne("1", "2"));
        var told = Assert.Single(Changes(), change => change.FromPersonId is null);
        Assert.Equal(("take_back", "by steward: known (it was: split by steward at 2024-10-01 12:00:00Z: known)"), (told.Op, told.Reason));

        // What is taken back is not replaced by what comes next, and its end on the topic takes back nothing more.
        _fixture.Decide("d1", "must_link", "1", "2", later: 6);
        _fixture.Settle();
        Assert.Equal("merge by steward: known", Assert.Single(Changes()).Reason);
        _fixture.Decide("d1", "withdrawn", "1", "2", later: 7);
        _fixture.TakeBack("d1");
        _fixture.Settle();
        Assert.Equal("by steward: known (it was: merge by steward at 2024-10-01 12:00:06Z: known)", Assert.Single(Changes()).Reason);
    }

    [Fact]
    public void A_decision_of_a_kind_that_there_is_not_is_quarantined_and_changes_nothing()
    {
        _fixture.Put("1", "Ana", "Ruiz", "ana.ruiz@example.org");
        _fixture.Put("2", "Ana", "Ruiz", "ana.ruiz@example.org");
        _fixture.Decide("d1", "cant_link", "1", "2");
        _fixture.Settle();
        Assert.True(_fixture.AreOne("1", "2"));
        Assert.DoesNotContain(Changes(), change => change.Op == "decide");
        Assert.Contains("cant_link", Assert.Single(Quarantined()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Moves_say_why_and_who_decided()
    {
        _fixture.Put("1", "Ana", "Ruiz", "ana.ruiz@example.org");
        _fixture.Put("2", "Ana", "Ruiz", phone: "(202) 555-0101");
        _fixture.Settle();
        _fixture.Put("2", "Ana", "Ruiz", "ana.ruiz@example.org", "(202) 555-0101");
        _fixture.Settle();
        Assert.StartsWith("email, ", Assert.Single(Moves()).Reason, StringComparison.Ordinal);

        _fixture.Decide("d1", "cannot_link", "1", "2");
        _fixture.Settle();
        Assert.Equal("split by steward: known", Assert.Single(Moves()).Reason);
        _fixture.Decide("d1", "must_link", "1", "2");
        _fixture.Settle();
        Assert.Equal("merged by steward: known", Assert.Single(Moves()).Reason);

        _fixture.TakeBack("d1");
        _fixture.Put("2", "Benno", "Okafor", "benno@example.org");
        _fixture.Settle();
        Assert.Equal("what linked them changed or is gone", Assert.Single(Moves()).Reason);

        _fixture.Decide("d2", "must_link", "1", "2");
        _fixture.Settle();
        _ = Moves();
        _fixture.TakeBack("d2");
        _fixture.Settle();
        Assert.Equal("a merge was taken back", Assert.Single(Moves()).Reason);

        _fixture.Decide("d2", "must_link", "1", "2");
        _fixture.Settle();
        _ = Moves();
        _fixture.Decide("d2", "withdrawn", "1", "2");
        _fixture.Settle();
        Assert.Equal("a merge was taken back by steward: known", Assert.Single(Moves()).Reason);
    }

    /// <summary>A split that is taken back parts nobody, and neither does a merge that was taken back long ago.</summary>
    [Fact]
    public void What_was_taken_back_is_named_where_it_parted_them_and_nowhere_else()
    {
        _fixture.Put("1", "Ana", "Ruiz", dob: "1950-03-04");
        _fixture.Put("2", "Bo", "Li");
        _fixture.Put("3", "Cy", "Roe", dob: "1981-11-17");
        _fixture.Decide("m1", "must_link", "1", "2");
        _fixture.Decide("m2", "must_link", "2", "3");
        _fixture.Settle();
        _fixture.Decide("s3", "cannot_link", "1", "3", later: 1);
        _fixture.Settle();
        _fixture.Decide("s3", "withdrawn", "1", "3", later: 2);
        _fixture.Settle();
        _ = Moves();
        _fixture.Decide("m2", "withdrawn", "2", "3", later: 3);
        _fixture.Settle();
        Assert.Equal("a merge was taken back by steward: known", Assert.Single(Moves()).Reason);

        _fixture.Put("3", "Ana", "Ruiz", "ana.ruiz@example.org");
        _fixture.Put("1", "Ana", "Ruiz", "ana.ruiz@example.org", dob: "1950-03-04");
        _fixture.Settle();
        Assert.True(_fixture.AreOne("1", "3"));
        _ = Moves();
        _fixture.Put("3", "Ana", "Ruiz", "ana.ruiz@example.org", dob: "1981-11-17");
        _fixture.Settle();
        Assert.StartsWith("facts contradict each other: ", Assert.Single(Moves()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_that_goes_from_one_person_to_another_says_why_it_left_and_why_it_joined()
    {
        _fixture.Put("1", "Ana", "Ruiz");
        _fixture.Put("2", "Bo", "Li");
        _fixture.Put("3", "Cy", "Roe");
        _fixture.Decide("s1", "cannot_link", "1", "3");
        _fixture.Decide("m1", "must_link", "2", "3");
        _fixture.Settle();
        _ = Moves();
        _fixture.Decide("m2", "must_link", "1", "2");
        _fixture.Settle();
        Assert.True(_fixture.AreOne("1", "2"));
        var move = Moves().Single(move => move.SourceUrns.Contains(IdentityFixture.Urn("2")));
        Assert.Equal("decisions contradict each other: one that keeps apart holds over one that joins; now with others: merged by steward: known", move.Reason);
    }

    [Fact]
    public void A_split_names_the_fact_that_made_it()
    {
        _fixture.Put("1", "Ana", "Ruiz", "ana.ruiz@example.org", dob: "1950-03-04");
        _fixture.Put("2", "Ana", "Ruiz", "ana.ruiz@example.org");
        _fixture.Settle();
        Assert.True(_fixture.AreOne("1", "2"));
        _ = Moves();
        _fixture.Put("2", "Ana", "Ruiz", "ana.ruiz@example.org", dob: "1981-11-17");
        _fixture.Settle();
        Assert.Equal("facts contradict each other: birth dates a generation apart", Assert.Single(Moves()).Reason);
    }

    [Fact]
    public void Decisions_in_conflict_are_a_finding_until_one_is_taken_back()
    {
        _fixture.Put("1", "Ana", "Ruiz");
        _fixture.Put("2", "Bo", "Li");
        _fixture.Put("3", "Cy", "Roe");
        _fixture.Decide("d1", "must_link", "1", "2");
        _fixture.Decide("d2", "must_link", "2", "3");
        _fixture.Decide("d3", "cannot_link", "1", "3");
        _fixture.Settle();
        var finding = Assert.Single(Findings()).Value!;
        Assert.Equal("decisions_contradict", finding.Code);
        Assert.Contains(IdentityFixture.Urn("3"), finding.ExampleUrns);

        // Told once: another change among the same records says nothing new.
        _fixture.Put("1", "Ana", "Ruiz", "ana.ruiz@example.org");
        _fixture.Settle();
        Assert.Empty(Findings());

        _fixture.TakeBack("d2");
        _fixture.Settle();
        Assert.Null(Assert.Single(Findings()).Value);
    }

    [Fact]
    public async Task The_running_stages_say_why_records_are_one_person_and_others_are_not()
    {
        _fixture.Put("1", "Ana", "Ruiz", "ruiz@example.org", "(202) 555-0101");
        _fixture.Put("2", "Ana", "Ruiz", "ruiz@example.org");
        _fixture.Put("3", "Leo", "Ruiz", "ruiz@example.org");
        for (var i = 10; i < 40; i++)
        {
            _fixture.Put($"{i}", $"Guest{(char)('a' + (i % 26))}{(char)('a' + (i / 26))}", $"Other{(char)('a' + (i % 26))}", phone: "(202) 555-0101");
        }

        _fixture.Settle();
        var evidence = await AnswerAsync(Ask(TimeProvider.System));
        Assert.Equal("email", Assert.Single(evidence.Links).Rule);
        var apart = evidence.Apart.Single(pair => pair.B == IdentityFixture.Urn("3"));
        Assert.Contains("household", apart.Why, StringComparison.Ordinal);
        Assert.Equal(_fixture.Map[IdentityFixture.Urn("3")].PersonId, apart.OtherPersonId);
        Assert.Equal(new CrowdedKey(IdentityFixture.Urn("1"), "phone", 31), Assert.Single(evidence.Crowded));
        Assert.Empty(evidence.Notes);
    }

    [Fact]
    public async Task While_it_starts_a_question_waits_and_one_that_waits_too_long_is_told_to_ask_again()
    {
        var ready = new TaskCompletionSource();
        _fixture.Desk.Ready = ready.Task;
        _fixture.Put("1", "Ana", "Ruiz", "ruiz@example.org");
        _fixture.Settle();
        var clock = new FakeTimeProvider();
        var early = Ask(clock);
        clock.Advance(EvidenceDesk.Patience);
        Assert.True((await Assert.ThrowsAsync<EvidenceUnavailableException>(() => early)).IsStarting);

        var patient = Ask(clock);
        Assert.False(patient.IsCompleted);
        ready.SetResult();
        Assert.Empty((await AnswerAsync(patient)).Links);
    }

    Task<PersonEvidence> Ask(TimeProvider clock) => new LiveEvidence(_fixture.Desk, new KafkaConnection { BootstrapServers = "-", SchemaRegistryUrl = "-", Partitions = 1 }, clock)
        .OfAsync("mi-wtp", [IdentityFixture.Urn("1"), IdentityFixture.Urn("2")], CancellationToken.None);

    async Task<PersonEvidence> AnswerAsync(Task<PersonEvidence> asked)
    {
        while (!asked.IsCompleted)
        {
            _fixture.Settle();
            await Task.Yield();
        }

        return await asked;
    }

    [Fact]
    public void Orgs_never_meet()
    {
        _fixture.Put("1", "Ana", "Ruiz", "ana.ruiz@example.org");
        _fixture.Put("2", "Ana", "Ruiz", "ana.ruiz@example.org", org: "co-hub");
        _fixture.Settle();

        Assert.Equal(2, _fixture.Map.Values.Select(m => m.PersonId).Distinct().Count());
    }

    [Fact]
    public void Junk_never_links()
    {
        for (var i = 0; i < 30; i++)
        {
            _fixture.Put($"{i}", $"Person{(char)('a' + i % 26)}{i}", "Other", "none@none.com", "000-000-0000");
        }

        _fixture.Settle();
        Assert.Equal(30, _fixture.People.Count);
    }

    [Fact]
    public void The_same_record_again_says_nothing_new_to_matching()
    {
        _fixture.Put("1", "Ana", "Ruiz", "ana.ruiz@example.org");
        _fixture.Settle();
        _fixture.Harness.Read("identity.person_map");
        _fixture.Put("1", "Ana", "Ruiz", "ana.ruiz@example.org");
        _fixture.Settle();

        Assert.Empty(_fixture.Harness.Read("identity.person_map"));
    }

    [Fact]
    public void An_undecodable_person_goes_to_quarantine()
    {
        _fixture.Harness.Pipe("entity.person", IdentityFixture.Urn("1"), [9]);
        _fixture.Put("2", "Ana", "Ruiz");
        _fixture.Settle();

        Assert.Single(_fixture.Map);
        Assert.Equal("identity", Assert.Single(Quarantined()).Stage);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_stream_in_any_order_with_updates_and_deletes_ends_like_the_batch(int seed)
    {
        var random = new Random(seed);
        var batch = new BatchResolver(IdentityModel.Default);
        var present = new HashSet<string>();
        for (var step = 0; step < 400; step++)
        {
            var id = $"{random.Next(120)}";
            if (random.Next(6) == 0)
            {
                _fixture.Delete(id);
                batch.Delete(IdentityFixture.Urn(id));
                present.Remove(id);
            }
            else
            {
                var person = Random(id, random);
                batch.Upsert(PersonRecords.Of(person));
                present.Add(id);
            }

            if (random.Next(10) == 0)
            {
                _fixture.Settle();
            }
        }

        _fixture.Settle();
        batch.Flush();
        var map = _fixture.Map;
        Assert.Equal(present.Select(id => IdentityFixture.Urn(id)).Order(), map.Keys.Order());
        Assert.All(map.Values, entry => Assert.Equal(batch.Graph("mi-wtp").Find(entry.SourceUrn)!.PersonId, entry.PersonId));
        Assert.Equal(map.Values.Select(m => m.PersonId).Distinct().Order(), _fixture.People.Keys.Order());
        Assert.True(_fixture.People.Count < map.Count, "the sample must hold people with several records");
    }

    Person Random(string id, Random random)
    {
        string[] first = ["Ana", "Anna", "Walter", "Devon", "Xiomara", "Sam"];
        string[] last = ["Ruiz", "Nguyen", "Okafor", "Lee"];
        var (given, family) = (first[random.Next(first.Length)], last[random.Next(last.Length)]);
        return _fixture.Put(
            id, given, family,
            random.Next(3) == 0 ? null : $"{given}.{family}{random.Next(3)}@example.org",
            random.Next(2) == 0 ? null : $"(202) 555-01{random.Next(20):00}",
            random.Next(2) == 0 ? null : $"197{random.Next(3)}-0{1 + random.Next(3)}-12",
            random.Next(2) == 0 ? null : $"4810{random.Next(4)}");
    }

    List<QuarantineEntry> Quarantined() => [.. _fixture.Harness.Read("ops.quarantine").Table(_fixture.Codecs.For<QuarantineEntry>(TopicCatalog.Quarantine)).Values];

    List<(string Key, Finding? Value)> Findings()
    {
        var codec = _fixture.Codecs.For<Finding>(TopicCatalog.Finding);
        return [.. _fixture.Harness.Read("ops.finding").Select(written => (written.Key, written.Value is null ? null : codec.Decode(written.Value)))];
    }

    IReadOnlyList<IdentityChange> Moves() => [.. Changes().Where(change => change.Op is not ("decide" or "take_back"))];

    List<IdentityChange> Changes() => [.. _fixture.Harness.Read("identity.change").Table(_fixture.Codecs.For<IdentityChange>(TopicCatalog.IdentityChange)).Values];
}
