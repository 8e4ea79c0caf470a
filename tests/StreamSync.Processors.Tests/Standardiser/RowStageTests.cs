using StreamSync.Contracts;
using StreamSync.Contracts.Entity;
using StreamSync.Contracts.Ops;
using StreamSync.Contracts.Source;
using StreamSync.Processors.Standardiser;

namespace StreamSync.Processors.Tests.Standardiser;

public sealed class RowStageTests : IDisposable
{
    const string Attempt = "mi-wtp/ngpvan/c77/contact/0:MA:88002";
    const string PersonUrn = "mi-wtp/ngpvan/c77/person/0:MA:100200301";

    readonly StandardiserFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void A_contact_becomes_an_attempt_with_its_person_canvasser_and_local_day()
    {
        _fixture.Change("ngpvan.contactscontacts", Attempt, new { mode = "0", statecode = "MA", contactscontactid = "88002", vanid = "100200302", resultid = "1", committeeid = "77", contacttypeid = "2", username = " ", canvassedby = "902001" }, change => Copy(
            change, occurredAt: new DateTime(2024, 9, 2, 1, 30, 0, DateTimeKind.Utc), text: "2024-09-01 21:30:00", zone: "America/New_York"));

        var attempt = _fixture.Table<ContactAttempt>("contact_attempt")[Attempt];
        Assert.Equal("mi-wtp/ngpvan/c77/person/0:MA:100200302", attempt.PersonRef);
        Assert.Equal(("door", "outbound", "not_home", "1"), (attempt.Channel, attempt.Direction, attempt.Result, attempt.ResultCode));
        Assert.Equal(("902001", "77", null, null), (attempt.Canvasser.CanvasserId, attempt.Canvasser.UserScope, attempt.Canvasser.Name, attempt.Canvasser.NameSource));
        Assert.Equal(("2024-09-01", "America/New_York", "2024-09-01 21:30:00"), (attempt.LocalDate, attempt.TimeZone, attempt.OccurredAtText));
        Assert.Equal(("mi-wtp", "ngpvan", "c77", "0:MA:88002"), (attempt.Org, attempt.Vendor, attempt.Instance, attempt.SourceId));
    }

    [Fact]
    public void A_person_gets_normal_contact_points_a_repaired_zip_and_a_dated_birth()
    {
        _fixture.Change("csv_people.people", "mi-wtp/csv_people/list/person/1", new { first_name = "Ana", last_name = "Ruiz", email = " Ana.Ruiz@Example.org ", mobile = "1 (202) 555-0103 x12", phone = "5.55E+09", zip = "2118", state = "MA", date_of_birth = "1900-01-01", van_id = "7", van_scope = "0:MI" });

        var person = _fixture.Table<Person>("person")["mi-wtp/csv_people/list/person/1"];
        Assert.Equal(("ana.ruiz@example.org", true), (person.Emails[0].Normalized, person.Emails[0].Identifying));
        Assert.Equal(("+12025550103", "12", "cell"), (person.Phones[0].Normalized, person.Phones[0].Extension, person.Phones[0].LineType));
        Assert.Equal(("5.55E+09", null), (person.Phones[1].Raw, person.Phones[1].Normalized));
        Assert.Equal(("02118", true), (person.Addresses[0].PostalCode, person.Addresses[0].PostalCodeRepaired));
        Assert.Equal((null, "default_suspect"), (person.DateOfBirth, person.DobQuality));
        Assert.Equal(("van", "0:MI", "7"), (person.ExternalIds[0].IdType, person.ExternalIds[0].IdScope, person.ExternalIds[0].IdValue));
    }

    [Theory]
    [InlineData("""{"VanID":"100200301","VanPhoneId":"7001"}""", "55", "100200301")]
    [InlineData("""{"vanid":100200301}""", "", "100200301")]
    [InlineData("""{"VanID":" "}""", "55", "55")]
    [InlineData("not json", "55", "55")]
    [InlineData("[1]", "55", "55")]
    [InlineData(null, "", null)]
    public void A_texting_contact_carries_the_voter_file_id_that_its_list_was_loaded_with(string? customFields, string externalId, string? id)
    {
        const string Urn = "mi-wtp/spoke/s1/campaign_contact/1";
        _fixture.Change("spoke.campaign_contact", Urn, new { id = 1L, first_name = "Ana", cell = "+12025550101", external_id = externalId, van_scope = "0:MI", custom_fields = customFields });

        var ids = _fixture.Table<Person>("person")[Urn].ExternalIds;
        Assert.Equal(id is null ? [] : [("van", "0:MI", id)], ids.Select(i => (i.IdType, i.IdScope, i.IdValue)));
    }

    [Fact]
    public void A_late_update_never_overwrites_a_newer_one_and_a_snapshot_read_again_changes_nothing()
    {
        Person("v2", "2024-08-02T00:00:00.000000Z");
        Person("v1", "2024-08-01T00:00:00.000000Z");
        Person("snapshot", "2024-08-02T00:00:00.000000Z", ChangeOp.Read);

        Assert.Equal(["v2"], _fixture.Harness.Read("entity.person").Select(r => _fixture.Codecs.For<Person>(TopicCatalog.Entity("person")).Decode(r.Value).FirstName));
        Person("v3", "2024-08-03T00:00:00.000000Z", ChangeOp.Read);
        Assert.Equal("v3", _fixture.Table<Person>("person")[PersonUrn].FirstName);
    }

    [Fact]
    public void A_redelivery_writes_nothing()
    {
        for (var i = 0; i < 46; i++)
        {
            _fixture.Change("ngpvan.people", PersonUrn, new { mode = "0", statecode = "MA", vanid = "100200301", firstname = "Ana" }, change => Copy(change, changeId: "the-same"));
        }

        Assert.Single(_fixture.Harness.Read("entity.person"));
    }

    [Fact]
    public void A_delete_travels_and_a_late_update_does_not_bring_the_record_back()
    {
        Person("Ana", "2024-08-02T00:00:00.000000Z");
        _fixture.Change("ngpvan.people", PersonUrn, null, change => Copy(change, version: "2024-08-04T00:00:00.000000Z"));
        Person("late", "2024-08-03T00:00:00.000000Z");

        Assert.Empty(_fixture.Table<Person>("person"));
        Person("again", "2024-08-05T00:00:00.000000Z");
        Assert.Equal("again", _fixture.Table<Person>("person")[PersonUrn].FirstName);
    }

    [Fact]
    public void A_source_tombstone_alone_deletes_too()
    {
        Person("Ana", null);
        _fixture.Pipe("ngpvan.people", PersonUrn, null);
        _fixture.Pipe("ngpvan.people", PersonUrn, null);

        var written = _fixture.Harness.Read("entity.person");
        Assert.Equal([false, true], written.Select(w => w.Value is null));
    }

    [Fact]
    public void An_undecodable_record_goes_to_quarantine_with_its_place_and_the_others_go_on()
    {
        Person("one", null);
        _fixture.Pipe("ngpvan.people", "mi-wtp/ngpvan/c77/person/0:MA:2", [0, 0, 0, 0, 9, 1, 2]);
        _fixture.Change("ngpvan.people", "mi-wtp/ngpvan/c77/person/0:MA:3", new { mode = "0", statecode = "MA", vanid = "3", firstname = "three" });

        Assert.Equal(["one", "three"], _fixture.Table<Person>("person").Values.Select(p => p.FirstName));
        var entry = Assert.Single(_fixture.Harness.Read("ops.quarantine").Table(_fixture.Codecs.For<QuarantineEntry>(TopicCatalog.Quarantine)).Values);
        Assert.Equal(("standardiser", "undecodable", "mi-wtp/ngpvan/c77/person/0:MA:2"), (entry.Stage, entry.ReasonCode, entry.SourceUrn));
        Assert.Matches("^source.ngpvan.people-0-[0-9]+$", entry.Place);
        Assert.Equal([0, 0, 0, 0, 9, 1, 2], entry.Raw);
    }

    [Fact]
    public void Quarantined_records_are_counted_in_one_finding()
    {
        for (var i = 0; i < 7; i++)
        {
            _fixture.Pipe("ngpvan.people", $"mi-wtp/ngpvan/c77/person/0:MA:{i}", [1]);
        }

        _fixture.Harness.Pass(TimeSpan.FromSeconds(2));
        var finding = Assert.Single(_fixture.Harness.Read("ops.finding").Table(_fixture.Codecs.For<Finding>(TopicCatalog.Finding)).Values);
        Assert.Equal(("record_undecodable", 7, 5, "van-files"), (finding.Code, finding.Count, finding.ExampleUrns.Count, finding.SyncId));
    }

    [Fact]
    public void A_value_that_does_not_fit_stops_its_entity_only()
    {
        const string urn = "mi-wtp/actblue/e1/lineitem/1:contribution";
        _fixture.Change("actblue.paid_contributions", urn, new { receipt_id = "AB1", amount = "25.00", recurrence_number = "two", donor_first_name = "Ana", donor_email = "ana@example.org" });

        Assert.Empty(_fixture.Table<Donation>("donation"));
        Assert.Equal("Ana", _fixture.Table<Person>("person")["mi-wtp/actblue/e1/donor/AB1"].FirstName);
        var entry = Assert.Single(_fixture.Harness.Read("ops.quarantine").Table(_fixture.Codecs.For<QuarantineEntry>(TopicCatalog.Quarantine)).Values);
        Assert.Equal(("not_mapped", "'sequence' is no whole number"), (entry.ReasonCode, entry.Reason));
        Assert.DoesNotContain("two", entry.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_person_inside_several_records_is_one_entity_that_lives_as_long_as_one_of_them()
    {
        Signup("1", "Ana");
        Signup("2", "Ana");
        Signup("3", "Anna");

        Assert.Equal(["Ana", "Anna"], _fixture.Harness.Read("entity.person").Select(r => _fixture.Codecs.For<Person>(TopicCatalog.Entity("person")).Decode(r.Value).FirstName));
        _fixture.Change("mobilize.attendances", "mi-wtp/mobilize/o9/attendance/1", null);
        _fixture.Change("mobilize.attendances", "mi-wtp/mobilize/o9/attendance/2", null);
        Assert.Empty(_fixture.Harness.Read("entity.person"));
        _fixture.Change("mobilize.attendances", "mi-wtp/mobilize/o9/attendance/3", null);
        Assert.Null(Assert.Single(_fixture.Harness.Read("entity.person")).Value);
    }

    [Fact]
    public void An_attempt_that_moves_to_another_person_names_the_former_one()
    {
        Contact("100");
        Contact("200");
        Contact("300");
        _fixture.Change("ngpvan.contactscontacts", Attempt, null);

        var written = _fixture.Harness.Read("entity.contact_attempt");
        Assert.Equal(
            [[], [Ref("100")], [Ref("100"), Ref("200")], [Ref("100"), Ref("200"), Ref("300")]],
            written.Select(w => PersonRefs.In(w.Headers)));
        Assert.Null(written[^1].Value);

        static string Ref(string vanid) => "mi-wtp/ngpvan/c77/person/0:MA:" + vanid;
    }

    [Fact]
    public void A_wrong_key_is_quarantined()
    {
        _fixture.Pipe("ngpvan.people", "no-urn", [0]);

        var entry = Assert.Single(_fixture.Harness.Read("ops.quarantine").Table(_fixture.Codecs.For<QuarantineEntry>(TopicCatalog.Quarantine)).Values);
        Assert.Equal("no_source_urn", entry.ReasonCode);
    }

    void Person(string name, string? version, ChangeOp op = ChangeOp.Update) =>
        _fixture.Change("ngpvan.people", PersonUrn, new { mode = "0", statecode = "MA", vanid = "100200301", firstname = name }, change => Copy(change, version: version, op: op));

    void Contact(string vanid) =>
        _fixture.Change("ngpvan.contactscontacts", Attempt, new { mode = "0", statecode = "MA", contactscontactid = "88002", vanid, contacttypeid = "2" });

    void Signup(string id, string name) => _fixture.Change("mobilize.attendances", "mi-wtp/mobilize/o9/attendance/" + id, new { person = new { user_id = 4001L, given_name = name }, status = "REGISTERED" });

    static SourceChange Copy(SourceChange change, string? version = null, ChangeOp? op = null, string? changeId = null, DateTime? occurredAt = null, string? text = null, string? zone = null) => new()
    {
        Op = op ?? change.Op,
        After = change.After,
        Source = change.Source,
        ObservedAt = change.ObservedAt,
        ChangeId = changeId ?? change.ChangeId,
        SourceVersion = version,
        OccurredAt = occurredAt,
        OccurredAtText = text,
        TimeZone = zone,
        TimeZoneSource = zone is null ? null : "org_default",
    };
}
