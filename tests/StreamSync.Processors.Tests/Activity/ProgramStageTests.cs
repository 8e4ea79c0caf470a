using StreamSync.Contracts;
using StreamSync.Contracts.Activity;
using StreamSync.Contracts.Entity;
using StreamSync.Contracts.Identity;
using StreamSync.Contracts.Ops;
using StreamSync.Processors.Activity;

namespace StreamSync.Processors.Tests.Activity;

public sealed class ProgramStageTests : IDisposable
{
    readonly ActivityFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void A_contact_becomes_a_touch_with_everything_it_says()
    {
        _fixture.Contact("1", "100");

        var touch = _fixture.Touch("1");
        Assert.Equal((null, ActivityFixture.PersonUrn + "100", "contact_attempt", "door", "outbound"), (touch.PersonId, touch.PersonRef, touch.Kind, touch.Channel, touch.Direction));
        Assert.Equal(("canvassed", "14", "9", "2024-10-01", "America/New_York"), (touch.Outcome, touch.OutcomeCode, touch.CampaignId, touch.LocalDate, touch.TimeZone));
        Assert.Equal(("mi-wtp", "ngpvan", "c77", "contact_attempt"), (touch.Org, touch.Vendor, touch.Instance, touch.SourceEntity));
        Assert.Equal(new DateTime(2024, 10, 1, 12, 0, 0, DateTimeKind.Utc), touch.OccurredAt);
        Assert.Equal(new DateTime(2024, 10, 1, 12, 0, 0, DateTimeKind.Utc), touch.UpdatedAt);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_touch_gets_its_person_whichever_comes_first(bool mapFirst)
    {
        if (mapFirst)
        {
            _fixture.Map("100", "P1");
        }

        _fixture.Contact("1", "100");
        _fixture.Contact("2", "100");
        if (!mapFirst)
        {
            Assert.Null(_fixture.Touch("1").PersonId);
            _fixture.Map("100", "P1");
        }

        Assert.Equal(("P1", "P1"), (_fixture.Touch("1").PersonId, _fixture.Touch("2").PersonId));
    }

    [Fact]
    public void A_touch_waits_for_its_person_and_is_written_once()
    {
        _fixture.Contact("1", "100");
        Assert.Empty(_fixture.TouchesNow);
        _fixture.Map("100", "P1");
        Assert.Equal("P1", Assert.Single(_fixture.TouchesNow).Value.PersonId);
        _fixture.Harness.Pass(TimeSpan.FromSeconds(UnnamedPeople.Patience + 1));
        Assert.Empty(_fixture.Harness.Read("activity.touch"));
    }

    [Fact]
    public void A_touch_without_a_person_record_does_not_wait()
    {
        _fixture.Contact("1", null);
        Assert.Null(Assert.Single(_fixture.TouchesNow).Value.PersonId);
    }

    [Fact]
    public void A_person_record_that_no_tool_delivers_is_referred_to_identity_resolution_once_and_withdrawn_with_its_last_touch()
    {
        _fixture.Contact("1", "100");
        _fixture.Contact("2", "100");
        _fixture.Contact("3", "200");
        _fixture.Map("200", "P2");
        Assert.Empty(_fixture.Harness.Read("identity.reference"));

        _fixture.Harness.Pass(TimeSpan.FromSeconds(2));
        var reference = Assert.Single(_fixture.Harness.Read("identity.reference"));
        Assert.Equal(ActivityFixture.PersonUrn + "100", reference.Key);
        Assert.Equal("mi-wtp", _fixture.Codecs.For<PersonReference>(TopicCatalog.PersonReference).Decode(reference.Value!).Org);
        _fixture.Map("100", "P1");
        Assert.Equal(3, _fixture.TouchesNow.Count);
        _fixture.Harness.Pass(TimeSpan.FromSeconds(UnnamedPeople.Patience + 1));
        Assert.Empty(_fixture.Harness.Read("identity.reference"));

        _fixture.DeleteContact("1");
        Assert.Empty(_fixture.Harness.Read("identity.reference"));
        _fixture.DeleteContact("2");
        Assert.Null(Assert.Single(_fixture.Harness.Read("identity.reference")).Value);
    }

    [Fact]
    public void During_a_load_nobody_is_referred_before_patience_ends()
    {
        for (var i = 0; i < 1_000; i++)
        {
            _fixture.Contact($"{i}", "100");
        }

        _fixture.Harness.Pass(TimeSpan.FromSeconds(1));
        Assert.Empty(_fixture.Harness.Read("identity.reference"));
        _fixture.Harness.Pass(TimeSpan.FromSeconds(1));
        Assert.Single(_fixture.Harness.Read("identity.reference"));
    }

    [Fact]
    public void While_many_wait_for_their_person_a_load_is_running()
    {
        for (var i = 0; i < 600; i++)
        {
            _fixture.Contact($"{i}", $"{i}");
        }

        for (var second = 0; second < 20; second++)
        {
            _fixture.Harness.Pass(TimeSpan.FromSeconds(1));
        }

        Assert.Empty(_fixture.Harness.Read("identity.reference"));
        Assert.Empty(_fixture.TouchesNow);
        for (var second = 0; second < 50; second++)
        {
            _fixture.Harness.Pass(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(600, _fixture.Harness.Read("identity.reference").Count);
        Assert.Equal(600, _fixture.TouchesNow.Count);
    }

    [Fact]
    public void Touches_follow_merges_splits_and_the_end_of_a_person()
    {
        _fixture.Contact("1", "100");
        _fixture.Contact("2", "200");
        _fixture.Map("100", "P1");
        _fixture.Map("200", "P2");
        _fixture.Map("200", "P1");
        Assert.Equal(("P1", "P1"), (_fixture.Touch("1").PersonId, _fixture.Touch("2").PersonId));

        _fixture.Map("200", "P2");
        Assert.Equal(("P1", "P2"), (_fixture.Touch("1").PersonId, _fixture.Touch("2").PersonId));

        _fixture.Map("200", null);
        Assert.Null(_fixture.Touch("2").PersonId);
    }

    [Fact]
    public void The_same_map_again_writes_nothing()
    {
        _fixture.Contact("1", "100");
        _fixture.Map("100", "P1");
        _fixture.Harness.Read("activity.touch");

        _fixture.Map("100", "P1");
        Assert.Empty(_fixture.Harness.Read("activity.touch"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_blank_canvasser_gets_the_name_from_public_users_of_the_same_committee_only(bool accountsFirst)
    {
        if (accountsFirst)
        {
            Accounts();
        }

        _fixture.Contact("88002", "100200302", "902001", "77");
        _fixture.Contact("88003", "100200302", "902003", "77");
        if (!accountsFirst)
        {
            Accounts();
        }

        var named = _fixture.Touch("88002");
        Assert.Equal(("902001", "Sam P", "public_user", "publicusers"), (named.CanvasserId, named.CanvasserName, named.CanvasserKind, named.CanvasserBasis));
        Assert.Equal(ActivityFixture.PersonUrn + "100200399", named.CanvasserPersonRef);
        Assert.Equal("mi-wtp/ngpvan/c77/public_user/77:902001", named.CanvasserRef);
        var unnamed = _fixture.Touch("88003");
        Assert.Equal(("902003", null, "unknown", "unknown"), (unnamed.CanvasserId, unnamed.CanvasserName, unnamed.CanvasserKind, unnamed.CanvasserBasis));

        void Accounts()
        {
            _fixture.PublicUser("77", "902001", "Sam P", "100200399");
            _fixture.PublicUser("80", "902001", "Pat Q", "100200400");
            _fixture.PublicUser("80", "902003", "Maria G", "100200401");
        }
    }

    [Fact]
    public void A_user_without_scope_comes_before_one_with_it_and_the_rows_own_name_before_both()
    {
        _fixture.Contact("1", "100", "501", "77");
        _fixture.Contact("2", "100", "501", "77", "mgarcia");
        _fixture.PublicUser("77", "501", "Volunteer");
        Assert.Equal("Volunteer", _fixture.Touch("1").CanvasserName);

        _fixture.User("501", "Maria G");
        Assert.Equal(("Maria G", "users"), (_fixture.Touch("1").CanvasserName, _fixture.Touch("1").CanvasserBasis));
        Assert.Equal(("mgarcia", "reported", "mi-wtp/ngpvan/c77/user/501"), (_fixture.Touch("2").CanvasserName, _fixture.Touch("2").CanvasserBasis, _fixture.Touch("2").CanvasserRef));

        _fixture.DeleteAccount("user/501");
        Assert.Equal("Volunteer", _fixture.Touch("1").CanvasserName);
        _fixture.DeleteAccount("public_user/77:501");
        Assert.Equal(("501", null, "unknown"), (_fixture.Touch("1").CanvasserId, _fixture.Touch("1").CanvasserName, _fixture.Touch("1").CanvasserBasis));
    }

    [Fact]
    public void A_deleted_contact_deletes_its_touch()
    {
        _fixture.Contact("1", "100");
        _fixture.Contact("2", null);
        Assert.Equal(2, _fixture.Touches.Count);

        _fixture.DeleteContact("1");
        _fixture.DeleteContact("2");
        Assert.Empty(_fixture.Touches);
        _fixture.Map("100", "P1");
        Assert.Empty(_fixture.Touches);
    }

    [Fact]
    public void A_touch_that_moves_to_another_record_follows_that_one_only()
    {
        _fixture.Map("100", "P1");
        _fixture.Map("200", "P2");
        _fixture.Contact("1", "100");
        _fixture.Contact("1", "200");
        Assert.Equal("P2", _fixture.Touch("1").PersonId);

        _fixture.Map("100", "P9");
        Assert.Equal("P2", _fixture.Touch("1").PersonId);
        _fixture.Contact("1", null);
        Assert.Null(_fixture.Touch("1").PersonId);
        _fixture.Map("200", "P8");
        Assert.Null(_fixture.Touch("1").PersonId);
        _fixture.Contact("1", "100");
        Assert.Equal("P9", _fixture.Touch("1").PersonId);
        _fixture.DeleteContact("1");
        Assert.Empty(_fixture.Touches);
    }

    [Fact]
    public void Canvassers_without_a_name_are_one_finding_that_goes_when_the_names_come()
    {
        for (var i = 0; i < 8; i++)
        {
            _fixture.Contact($"{i}", "100", "902001", "77");
        }

        _fixture.Harness.Pass(TimeSpan.FromSeconds(2));
        var findings = _fixture.Codecs.For<Finding>(TopicCatalog.Finding);
        var finding = Assert.Single(_fixture.Harness.Read("ops.finding").Table(findings).Values);
        Assert.Equal(("canvasser_without_name", 8, 5, "van-files", "mi-wtp"), (finding.Code, finding.Count, finding.ExampleUrns.Count, finding.SyncId, finding.Org));

        _fixture.PublicUser("77", "902001", "Sam P");
        _fixture.Harness.Pass(TimeSpan.FromSeconds(2));
        Assert.Null(Assert.Single(_fixture.Harness.Read("ops.finding")).Value);
    }

    [Fact]
    public void Every_kind_of_contact_is_a_touch()
    {
        var urn = "mi-wtp/x/i/thing/";
        _fixture.Pipe(urn + "1", Filled(new Signup { PersonRef = urn + "p", EventRef = urn + "e", RsvpStatus = "registered", Attendance = "attended" }, urn + "1"));
        _fixture.Pipe(urn + "2", Filled(new Donation { PersonRef = urn + "p", Amount = "25.00", Currency = "USD", Kind = "one_time", Refcodes = [] }, urn + "2"));
        _fixture.Pipe(urn + "3", Filled(new Consent { PersonRef = urn + "p", Channel = "sms", Status = "opted_out" }, urn + "3"));
        _fixture.Pipe(urn + "4", Filled(new Registration { PersonRef = urn + "p", Status = "submitted" }, urn + "4"));
        _fixture.Pipe(urn + "5", Filled(new SurveyResponse { PersonRef = urn + "p", NormalizedAnswer = "support" }, urn + "5"));
        _fixture.Pipe(urn + "6", Filled(new EarlyVote { PersonRef = urn + "p", Status = "returned" }, urn + "6"));
        _fixture.Pipe(urn + "7", Filled(new Relationship { FromPersonRef = urn + "q", ToPersonRef = urn + "p", Kind = "friend" }, urn + "7"));

        Assert.Equal(
            [("signup", "event", "attended"), ("donation", "donation", "one_time"), ("consent", "sms", "opted_out"), ("registration", "registration", "submitted"), ("survey_response", "other", "support"), ("early_vote", "other", "returned"), ("relationship", "relational", "friend")],
            _fixture.Touches.Values.OrderBy(t => t.SourceUrn, StringComparer.Ordinal).Select(t => (t.Kind, t.Channel, t.Outcome)));
        Assert.All(_fixture.Touches.Values, touch => Assert.Equal(urn + "p", touch.PersonRef));
    }

    [Fact]
    public void An_undecodable_entity_goes_to_quarantine()
    {
        _fixture.Harness.Pipe("entity.donation", "mi-wtp/x/i/d/1", [0, 0, 0, 1, 1]);
        _fixture.Contact("1", "100");

        var entry = Assert.Single(_fixture.Harness.Read("ops.quarantine").Table(_fixture.Codecs.For<QuarantineEntry>(TopicCatalog.Quarantine)).Values);
        Assert.Equal(("touches", "undecodable"), (entry.Stage, entry.ReasonCode));
        Assert.Single(_fixture.Touches);
    }

    static T Filled<T>(T entity, string urn)
        where T : IEntity
    {
        (entity.SourceUrn, entity.Org, entity.Vendor, entity.Instance, entity.SourceId, entity.ChangeId, entity.ObservedAt) = (urn, "mi-wtp", "x", "i", "1", "c", DateTime.UnixEpoch);
        return entity;
    }
}
