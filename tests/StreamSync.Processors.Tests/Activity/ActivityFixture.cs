using Confluent.Kafka;
using StreamSync.Contracts;
using StreamSync.Contracts.Activity;
using StreamSync.Contracts.Common;
using StreamSync.Contracts.Entity;
using StreamSync.Contracts.Identity;
using StreamSync.Kafka.Configuration;
using StreamSync.Kafka.Serdes;
using StreamSync.Processors.Activity;
using StreamSync.Processors.Standardiser;

namespace StreamSync.Processors.Tests.Activity;

/// <summary>Program activity, fed with entities and identities.</summary>
sealed class ActivityFixture : IDisposable
{
    public const string Urn = "mi-wtp/ngpvan/c77/contact/0:MA:";
    public const string PersonUrn = "mi-wtp/ngpvan/c77/person/0:MA:";

    static readonly DateTime Now = new(2024, 10, 1, 12, 0, 0, DateTimeKind.Utc);

    readonly Dictionary<string, PersonRefs> _refs = [];
    readonly Dictionary<string, Touch> _touches = [];

    public ActivityFixture()
    {
        Codecs = TopologyHarness.Codecs();
        var run = TopologyHarness.Run(Codecs);
        var config = StreamSyncConfig.Parse(Standardiser.StandardiserFixture.Config, "streamsync.yaml");
        Harness = new TopologyHarness(ActivityTopology.Define(config, Codecs, 1, run), run);
    }

    public AvroCodecs Codecs { get; }

    public TopologyHarness Harness { get; }

    /// <summary>Every touch that is there once none waits for its person any more.</summary>
    public IReadOnlyDictionary<string, Touch> Touches
    {
        get
        {
            Harness.Pass(TimeSpan.FromSeconds(UnnamedPeople.Patience + 1));
            return TouchesNow;
        }
    }

    /// <summary>Every touch that is there now.</summary>
    public IReadOnlyDictionary<string, Touch> TouchesNow
    {
        get
        {
            foreach (var written in Harness.Read("activity.touch"))
            {
                if (written.Value is null)
                {
                    _touches.Remove(written.Key);
                }
                else
                {
                    _touches[written.Key] = Codecs.For<Touch>(TopicCatalog.Touch).Decode(written.Value);
                }
            }

            return _touches;
        }
    }

    public Touch Touch(string id) => Touches[Urn + id];

    public void Contact(string id, string? person, string? canvasser = null, string? scope = null, string? name = null, string result = "canvassed")
    {
        var urn = Urn + id;
        var personRef = person is null ? null : PersonUrn + person;
        var refs = _refs.TryGetValue(urn, out var known) ? known.MoveTo(personRef) : new PersonRefs(personRef ?? "", []);
        _refs[urn] = refs;
        var attempt = new ContactAttempt
        {
            SourceUrn = urn,
            Org = "mi-wtp",
            Vendor = "ngpvan",
            Instance = "c77",
            SourceId = "0:MA:" + id,
            PersonRef = personRef,
            Channel = "door",
            Direction = "outbound",
            Result = result,
            ResultCode = "14",
            Canvasser = canvasser is null ? null : new Canvasser { CanvasserId = canvasser, UserScope = scope, Name = name, NameSource = name is null ? null : "reported" },
            OccurredAt = Now,
            OccurredAtText = "2024-10-01 08:00:00",
            TimeZone = "America/New_York",
            LocalDate = "2024-10-01",
            CampaignId = "9",
            ObservedAt = Now,
            ChangeId = "c",
        };
        Pipe(urn, attempt, refs.ForRecord());
    }

    public void DeleteContact(string id) => Harness.Pipe("entity.contact_attempt", Urn + id, null, _refs[Urn + id].ForTombstone());

    public void User(string id, string name) => Account("user/" + id, id, null, name, "staff");

    public void PublicUser(string committee, string id, string name, string? person = null) => Account($"public_user/{committee}:{id}", id, committee, name, "public_user", person);

    public void DeleteAccount(string rest) => Harness.Pipe("entity.user_account", "mi-wtp/ngpvan/c77/" + rest, null);

    public void Map(string person, string? id) => Harness.Pipe("identity.person_map", PersonUrn + person, id is null ? null : Codecs.For<PersonMap>(TopicCatalog.PersonMap).Encode(
        new PersonMap { SourceUrn = PersonUrn + person, Org = "mi-wtp", PersonId = id, Evidence = [], ChangedAt = Now }));

    public void Pipe<T>(string urn, T entity, Headers? headers = null)
        where T : class, IEntity
    {
        var topic = TopicCatalog.Entity(TopicCatalog.EntityKinds.Values.Single(k => k.ClrType == typeof(T)).Name);
        Harness.Pipe(topic.Name, urn, Codecs.For<T>(topic).Encode(entity), headers);
    }

    public void Dispose() => Harness.Dispose();

    void Account(string rest, string id, string? scope, string name, string kind, string? person = null) => Pipe("mi-wtp/ngpvan/c77/" + rest, new UserAccount
    {
        SourceUrn = "mi-wtp/ngpvan/c77/" + rest,
        Org = "mi-wtp",
        Vendor = "ngpvan",
        Instance = "c77",
        SourceId = id,
        UserId = id,
        UserScope = scope,
        DisplayName = name,
        Kind = kind,
        PersonRef = person is null ? null : PersonUrn + person,
        ObservedAt = Now,
        ChangeId = "c",
    });
}
