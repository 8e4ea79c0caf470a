using StreamSync.Contracts;
using StreamSync.Contracts.Activity;
using StreamSync.Contracts.Entity;
using StreamSync.Contracts.Identity;
using StreamSync.Contracts.Ops;

namespace StreamSync.Sinks.Tests.DuckDb;

/// <summary>The analyst views on a small program that can be checked by hand.</summary>
public sealed class ViewTests : IDisposable
{
    static readonly DateTime Day1 = new(2026, 10, 3, 18, 0, 0, DateTimeKind.Utc);
    static readonly DateTime Day2 = new(2026, 10, 4, 2, 0, 0, DateTimeKind.Utc);

    readonly Warehouse _warehouse = new([.. TopicCatalog.Mirrored]);

    public void Dispose() => _warehouse.Dispose();

    [Fact]
    public void Who_talked_to_voters_names_the_canvasser_and_keeps_the_unknown_ones_visible()
    {
        Person("p1", "Ana Ruiz", "van");
        Person("p9", "Sam Porter", "van");
        Map("mi/van/c1/person/9", "p9");
        Touch("mi/van/c1/contact/1", "p1", "door", "canvassed", Day1, t =>
        {
            t.CanvasserId = "902001";
            t.CanvasserName = "Sam P";
            t.CanvasserBasis = "publicusers";
            t.CanvasserPersonRef = "mi/van/c1/person/9";
        });
        Touch("mi/van/c1/contact/2", "p1", "door", "not_home", Day1, t =>
        {
            t.CanvasserId = "902002";
            t.CanvasserName = "  ";
            t.CanvasserBasis = "none";
        });
        Touch("mi/thrutext/a/text/3", null, "sms", "replied", Day2);
        Touch("mi/mobilize/o/signup/4", "p1", "event", null, Day2, t => t.Kind = "signup");
        _warehouse.Write();
        Assert.Equal(
            """
            mi/thrutext/a/text/3|NULL|NULL|NULL|NULL|unknown|NULL|sms|replied|True|2026-10-03
            mi/van/c1/contact/1|p1|Ana Ruiz|902001|Sam P|publicusers|p9|door|canvassed|True|2026-10-03
            mi/van/c1/contact/2|p1|Ana Ruiz|902002|NULL|unknown|NULL|door|not_home|False|2026-10-03
            """,
            _warehouse.Rows("""
                SELECT source_urn, voter_person_id, voter_name, canvasser_id, canvasser_name, canvasser_basis, canvasser_person_id, channel, result, talked, day
                FROM who_talked_to_voters ORDER BY source_urn
                """));
        Assert.Equal("2|1", _warehouse.Rows("SELECT count(*) FILTER (canvasser_basis = 'unknown'), count(*) FILTER (talked AND canvasser_basis = 'unknown') FROM who_talked_to_voters"));
    }

    [Fact]
    public void The_event_funnel_counts_each_step_and_each_person_once()
    {
        Event("mi/mobilize/o/event/1", "Canvass");
        Event("mi/mobilize/o/event/2", "Nobody came");
        Map("mi/mobilize/o/person/1", "p1");
        Map("mi/van/c1/person/1", "p1");
        Signup(1, "mi/mobilize/o/event/1", "mi/mobilize/o/person/1", "confirmed", "attended");
        Signup(2, "mi/mobilize/o/event/1", "mi/van/c1/person/1", "registered", "unknown");
        Signup(3, "mi/mobilize/o/event/1", "mi/mobilize/o/person/3", "registered", "no_show");
        Signup(4, "mi/mobilize/o/event/1", "mi/mobilize/o/person/4", null, "walk_in");
        Signup(5, "mi/mobilize/o/event/1", "mi/mobilize/o/person/5", "cancelled", null);
        Signup(6, "mi/mobilize/o/event/1", null, "invited", null);
        Signup(7, "mi/mobilize/o/event/unknown", "mi/mobilize/o/person/5", "registered", null);
        _warehouse.Write();
        Assert.Equal(
            """
            mi/mobilize/o/event/1|Canvass|6|5|3|1|2|1|1|0|1|5
            mi/mobilize/o/event/2|Nobody came|0|0|0|0|0|0|0|0|0|0
            mi/mobilize/o/event/unknown|NULL|1|1|1|0|0|0|0|0|0|1
            """,
            _warehouse.Rows("""
                SELECT event_ref, event_name, signups, invited, registered, confirmed, attended, no_show, walk_in, declined, cancelled, people
                FROM event_funnel ORDER BY event_ref
                """));
    }

    [Fact]
    public void Person_360_counts_every_tool_and_takes_refunds_off()
    {
        Person("p1", "Ana Ruiz", "van", "mobilize", "actblue");
        Person("p2", "Never Touched", "van");
        Touch("mi/van/c1/contact/1", "p1", "door", "canvassed", Day1);
        Touch("mi/van/c1/contact/2", "p1", "phone", "not_home", Day2);
        Touch("mi/mobilize/o/signup/1", "p1", "event", null, Day2.AddHours(1), t =>
        {
            t.Kind = "signup";
            t.EventRef = "mi/mobilize/o/event/1";
            t.Attendance = "attended";
        });
        Donation("1", "25.50", "one_time");
        Donation("2", "5.25", "refund");
        Donation("3", "9.00", "cancellation");
        Touch("mi/van/c1/contact/3", null, "door", "canvassed", Day1);
        _warehouse.Write();
        Assert.Equal(
            """
            p1|Ana Ruiz|[van,mobilize,actblue]|6|1|1|1|0|1|1|3|20.25|2026-10-03 18:00:00|2026-10-04 03:00:00|event
            p2|Never Touched|[van]|0|0|0|0|0|0|0|0|0.00|NULL|NULL|NULL
            """,
            _warehouse.Rows("""
                SELECT person_id, display_name, tools, touches, talked, door_touches, phone_touches, sms_touches, event_signups, events_attended, donations, donated,
                    first_touch_at, last_touch_at, last_channel
                FROM person_360 ORDER BY person_id
                """));
    }

    [Fact]
    public void Program_by_day_counts_on_the_local_day_and_shows_what_is_unknown()
    {
        Touch("mi/van/c1/contact/1", "p1", "door", "canvassed", Day2, t => t.CanvasserName = "Sam P", canvasserId: "7");
        Touch("mi/van/c1/contact/2", "p1", "door", "not_home", Day2, canvasserId: "8");
        Touch("mi/van/c1/contact/3", null, "door", "refused", Day2, canvasserId: "8");
        Touch("mi/van/c1/contact/4", "p2", "phone", "no_response", null);
        _warehouse.Write();
        Assert.Equal(
            """
            2026-10-03|door|3|2|2|1|2|2
            NULL|phone|1|0|1|0|0|1
            """,
            _warehouse.Rows("SELECT day, channel, touches, talked, people, unresolved, canvassers, canvasser_unknown FROM program_by_day ORDER BY channel"));
    }

    [Fact]
    public void Sync_freshness_holds_each_stream_to_its_promise()
    {
        var now = DateTime.SpecifyKind((DateTime)_warehouse.Scalar("SELECT now()::TIMESTAMP")!, DateTimeKind.Utc);
        Sync("contacts", now.AddMinutes(-5));
        Sync("users", now.AddHours(-2));
        Sync("never", null);
        Sync("daily", now.AddMinutes(-5), now.AddHours(-25));
        Sync("exports", now.AddMinutes(-5), now.AddHours(-27));
        Quarantine("contacts");
        Quarantine("users", Day2);
        _warehouse.Write();
        Assert.Equal(
            """
            contacts|Data desk|900|True|True|1|0
            daily|Data desk|900|True|True|0|0
            exports|Data desk|900|True|False|0|0
            never|Data desk|900|NULL|NULL|0|0
            users|Data desk|900|True|False|0|0
            """,
            _warehouse.Rows("SELECT stream, owner_name, promise_seconds, age_seconds BETWEEN 299 AND 7300, keeps_promise, quarantined_now, findings FROM sync_freshness ORDER BY stream"));
    }

    [Fact]
    public void Mirror_freshness_lists_every_table_of_the_warehouse()
    {
        Person("p1", "Ana Ruiz", "van");
        _warehouse.Write();
        Assert.Equal("ok|1|0|0", _warehouse.Rows("SELECT state, rows_written, tombstones, rejected FROM mirror_freshness WHERE table_name = 'identity_person'"));
        Assert.Equal((long)TopicCatalog.Mirrored.Count, _warehouse.Scalar("SELECT count(*) FROM mirror_freshness"));
    }

    void Person(string id, string name, params string[] tools) => _warehouse.Add(TopicCatalog.ResolvedPerson, id, new ResolvedPerson
    {
        PersonId = id,
        Org = "mi",
        DisplayName = name,
        Emails = [],
        Phones = [],
        ExternalIds = [],
        SourceUrns = [],
        Vendors = [.. tools],
        RecordCount = tools.Length,
        ChangedAt = Day1,
    });

    void Map(string urn, string person) =>
        _warehouse.Add(TopicCatalog.PersonMap, urn, new PersonMap { SourceUrn = urn, Org = "mi", PersonId = person, Evidence = [], ChangedAt = Day1 });

    void Touch(string urn, string? person, string channel, string? outcome, DateTime? at, Action<Touch>? more = null, string? canvasserId = null)
    {
        var touch = new Touch
        {
            SourceUrn = urn,
            Org = "mi",
            PersonId = person,
            PersonRef = "mi/van/c1/person/of-" + (person ?? urn[^1..]),
            Kind = "contact_attempt",
            Channel = channel,
            Outcome = outcome,
            OccurredAt = at,
            LocalDate = at is null ? null : "2026-10-03",
            CanvasserId = canvasserId,
            Vendor = urn.Split('/')[1],
            Instance = urn.Split('/')[2],
            SourceEntity = "contact_attempt",
            ObservedAt = Day2,
            UpdatedAt = Day2,
        };
        more?.Invoke(touch);
        _warehouse.Add(TopicCatalog.Touch, urn, touch);
    }

    void Donation(string id, string amount, string kind)
    {
        var urn = "mi/actblue/a/donation/" + id;
        Touch(urn, "p1", "donation", null, Day1.AddHours(2), t =>
        {
            t.Kind = "donation";
            t.Amount = amount;
        });
        _warehouse.Add(TopicCatalog.Entity("donation"), urn, new Donation
        {
            SourceUrn = urn,
            Org = "mi",
            Vendor = "actblue",
            Instance = "a",
            SourceId = id,
            Amount = amount,
            Kind = kind,
            Refcodes = [],
            ObservedAt = Day2,
            ChangeId = id,
        });
    }

    void Event(string urn, string name) => _warehouse.Add(TopicCatalog.Entity("event"), urn, new Event
    {
        SourceUrn = urn,
        Org = "mi",
        Vendor = "mobilize",
        Instance = "o",
        SourceId = urn[^1..],
        Name = name,
        StartAt = Day1,
        Shifts = [],
        ObservedAt = Day2,
        ChangeId = urn,
    });

    void Signup(int id, string @event, string? person, string? rsvp, string? attendance) => _warehouse.Add(TopicCatalog.Entity("signup"), $"mi/mobilize/o/signup/{id}", new Signup
    {
        SourceUrn = $"mi/mobilize/o/signup/{id}",
        Org = "mi",
        Vendor = "mobilize",
        Instance = "o",
        SourceId = $"{id}",
        PersonRef = person,
        EventRef = @event,
        RsvpStatus = rsvp,
        Attendance = attendance,
        ObservedAt = Day2,
        ChangeId = $"{id}",
    });

    void Sync(string stream, DateTime? success, DateTime? arrival = null) => _warehouse.Add(TopicCatalog.SyncStatus, "mi/van-files/" + stream, new SyncStatus
    {
        SyncKey = "mi/van-files/" + stream,
        Org = "mi",
        SyncId = "van-files",
        Stream = stream,
        Vendor = "van",
        Instance = "c1",
        State = "fresh",
        OwnerName = "Data desk",
        PromiseSeconds = 900,
        ArrivalSeconds = arrival is null ? null : 26 * 3600,
        LastArrivalAt = arrival,
        LastSuccessAt = success,
        UpdatedAt = Day2,
    });

    void Quarantine(string stream, DateTime? closed = null) => _warehouse.Add(TopicCatalog.Quarantine, stream, new QuarantineEntry
    {
        QuarantineId = stream,
        Org = "mi",
        SyncId = "van-files",
        Stream = stream,
        Stage = "connector",
        ReasonCode = "truncated_row",
        Reason = "the row is short",
        Place = "a.csv:7",
        Raw = [1, 2],
        OccurredAt = Day2,
        ClosedAt = closed,
    });
}
