using Avro.Specific;
using Microsoft.Extensions.DependencyInjection;
using StreamSync.Contracts;
using StreamSync.Contracts.Activity;
using StreamSync.Contracts.Entity;
using StreamSync.Contracts.Identity;
using StreamSync.Contracts.Ops;
using StreamSync.Sinks.Tests;

namespace StreamSync.Console.Tests;

/// <summary>A console beside a sink, with a small program in topics and warehouse.</summary>
public sealed class ConsoleFixture : IAsyncLifetime
{
    public const string Secret = "Ana Ruiz,1984-02-03,+12025550103";

    static readonly DateTime Day = new(2026, 10, 3, 18, 0, 0, DateTimeKind.Utc);

    /// <summary>Rows by table that the warehouse is to hold before a test looks: each topic arrives in its own time.</summary>
    readonly Dictionary<string, long> _rows = [];

    public Platform Platform { get; } = new((services, config) => services.AddConsole(config));

    public HttpClient Http { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await Platform.InitializeAsync();
        await FillAsync();
        await Platform.StartSinkAsync();
        Http = new HttpClient { BaseAddress = Platform.Services.GetRequiredService<ConsoleAddress>().Url };
        foreach (var (table, rows) in _rows)
        {
            await Platform.ExpectAsync(rows, $"SELECT count(*) FROM {table}");
        }

        await Platform.UntilAsync(() => Http.GetStringAsync("/"), html => html.Contains("van-files", StringComparison.Ordinal), "the overview to list the syncs");
    }

    public async Task DisposeAsync()
    {
        Http.Dispose();
        await Platform.DisposeAsync();
    }

    public Task<string> GetAsync(string path) => Http.GetStringAsync(path);

    async Task FillAsync()
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        await SyncAsync("van-files", "contacts", "fresh", now.AddSeconds(-30), "Data desk", "data@example.org");
        await SyncAsync("van-files", "users", "fresh", now.AddHours(-3), "Data desk", "data@example.org");
        await SyncAsync("odd <b>&\"'", "people", "failing", null, null, null);
        await PublishAsync(TopicCatalog.Finding, "f1", new Finding
        {
            FindingId = "f1",
            Org = "mi",
            SyncId = "van-files",
            Vendor = "van",
            Stream = "contacts",
            Code = "canvasser_without_name",
            Severity = "warning",
            Message = "2 contacts have a canvasser's id and no name",
            Remedy = "send publicusers with the contacts",
            Responsible = "vendor",
            Count = 2,
            ExampleUrns = ["mi/van/c1/contact/2"],
            FirstSeenAt = now,
            LastSeenAt = now,
        });
        for (var i = 0; i < 2; i++)
        {
            await PublishAsync(TopicCatalog.Quarantine, $"q{i}", new QuarantineEntry
            {
                QuarantineId = $"q{i}",
                Org = "mi",
                SyncId = "van-files",
                Stream = "contacts",
                Stage = "connector",
                ReasonCode = "truncated_row",
                Reason = "the row has 3 of 9 fields",
                Remedy = "ask for the file again",
                Place = $"contacts.csv:{i + 7}",
                Raw = i == 0 ? System.Text.Encoding.UTF8.GetBytes(Secret) : [0, 1, 2, 255],
                OccurredAt = now,
            });
        }

        await PublishAsync(TopicCatalog.ResolvedPerson, "p1", new ResolvedPerson
        {
            PersonId = "p1",
            Org = "mi",
            DisplayName = "Ana Ruiz",
            Email = "ana.ruiz@example.org",
            Emails = ["ana.ruiz@example.org"],
            Phones = ["+12025550103"],
            ExternalIds = [],
            SourceUrns = ["mi/van/c1/person/100133"],
            Vendors = ["van", "mobilize"],
            RecordCount = 1,
            ChangedAt = Day,
        });
        await PublishAsync(TopicCatalog.PersonMap, "mi/van/c1/person/100133", new PersonMap
        {
            SourceUrn = "mi/van/c1/person/100133",
            Org = "mi",
            PersonId = "p1",
            Evidence = [new LinkEvidence { OtherUrn = "mi/mobilize/o/person/5", Rule = "email", Weight = 12 }],
            ChangedAt = Day,
        });
        await PublishAsync(TopicCatalog.IdentityChange, "c1", new IdentityChange
        {
            ChangeId = "c1",
            Org = "mi",
            Op = "merge",
            FromPersonId = "p0",
            ToPersonId = "p1",
            SourceUrns = ["mi/van/c1/person/100133"],
            Reason = "merged by Dana: one woman",
            At = Day,
        });
        await TouchAsync("1", "door", "canvassed", "Sam P", "902001");
        await TouchAsync("2", "door", "not_home", null, "902002");
        await TouchAsync("3", "sms", "replied", null, null);
        await TouchAsync("4", "phone", "canvassed", "Sam P", "902001");
        await PublishAsync(TopicCatalog.Entity("event"), "mi/mobilize/o/event/1", new Event
        {
            SourceUrn = "mi/mobilize/o/event/1",
            Org = "mi",
            Vendor = "mobilize",
            Instance = "o",
            SourceId = "1",
            Name = "Canvass & <coffee>",
            StartAt = Day,
            Shifts = [],
            ObservedAt = Day,
            ChangeId = "e1",
        });
        await PublishAsync(TopicCatalog.Entity("signup"), "mi/mobilize/o/signup/1", new Signup
        {
            SourceUrn = "mi/mobilize/o/signup/1",
            Org = "mi",
            Vendor = "mobilize",
            Instance = "o",
            SourceId = "1",
            PersonRef = "mi/van/c1/person/100133",
            EventRef = "mi/mobilize/o/event/1",
            RsvpStatus = "confirmed",
            Attendance = "attended",
            ObservedAt = Day,
            ChangeId = "s1",
        });
    }

    Task SyncAsync(string id, string stream, string state, DateTime? success, string? owner, string? contact) =>
        PublishAsync(TopicCatalog.SyncStatus, $"mi/{id}/{stream}", new SyncStatus
        {
            SyncKey = $"mi/{id}/{stream}",
            Org = "mi",
            SyncId = id,
            Stream = stream,
            Vendor = "van",
            Instance = "c1",
            State = state,
            StateReason = state == "failing" ? "the drop folder can't be read" : null,
            OwnerName = owner,
            OwnerKind = "group",
            OwnerContact = contact,
            PromiseSeconds = 900,
            LastSuccessAt = success,
            LastChangeAt = success,
            NextRunAt = state == "failing" ? TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(2) : null,
            WaitingFor = state == "failing" ? "the next try" : "files in /drop",
            RecordsRead = 1234567,
            RecordsEmitted = 1234560,
            RecordsQuarantined = stream == "contacts" ? 2 : 0,
            Runs = 7,
            UpdatedAt = Day,
        });

    Task TouchAsync(string id, string channel, string outcome, string? canvasser, string? canvasserId) =>
        PublishAsync(TopicCatalog.Touch, "mi/van/c1/contact/" + id, new Touch
        {
            SourceUrn = "mi/van/c1/contact/" + id,
            Org = "mi",
            PersonId = "p1",
            PersonRef = "mi/van/c1/person/100133",
            Kind = "contact_attempt",
            Channel = channel,
            Outcome = outcome,
            OccurredAt = Day,
            LocalDate = "2026-10-03",
            CanvasserId = canvasserId,
            CanvasserName = canvasser,
            CanvasserBasis = canvasser is null ? null : "publicusers",
            Vendor = "van",
            Instance = "c1",
            SourceEntity = "contact_attempt",
            ObservedAt = Day,
            UpdatedAt = Day,
        });

    Task PublishAsync<T>(TopicSpec topic, string key, T value)
        where T : class, ISpecificRecord
    {
        _rows[topic.Table] = _rows.GetValueOrDefault(topic.Table) + 1;
        return Platform.PublishAsync(topic, key, value);
    }
}
