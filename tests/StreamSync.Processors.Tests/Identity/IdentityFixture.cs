using StreamSync.Contracts;
using StreamSync.Contracts.Common;
using StreamSync.Contracts.Entity;
using StreamSync.Contracts.Identity;
using StreamSync.Kafka.Serdes;
using StreamSync.Processors.Identity;
using StreamSync.Processors.Identity.Evidence;
using StreamSync.Processors.Standardiser;
using Decision = StreamSync.Contracts.Identity.IdentityDecision;

namespace StreamSync.Processors.Tests.Identity;

/// <summary>Identity resolution, fed with persons and decisions.</summary>
sealed class IdentityFixture : IDisposable
{
    static readonly EntityNormaliser Normaliser = new();
    static readonly DateTime Now = new(2024, 10, 1, 12, 0, 0, DateTimeKind.Utc);

    readonly Dictionary<string, PersonMap> _map = [];
    readonly Dictionary<string, ResolvedPerson> _people = [];

    public IdentityFixture()
    {
        Codecs = TopologyHarness.Codecs();
        var run = TopologyHarness.Run(Codecs);
        Harness = new TopologyHarness(IdentityTopology.Define(Codecs, 1, run, desk: Desk), run);
    }

    public AvroCodecs Codecs { get; }

    public EvidenceDesk Desk { get; } = new();

    public TopologyHarness Harness { get; }

    public IReadOnlyDictionary<string, PersonMap> Map => Follow("identity.person_map", _map, Codecs.For<PersonMap>(TopicCatalog.PersonMap));

    public IReadOnlyDictionary<string, ResolvedPerson> People => Follow("identity.person", _people, Codecs.For<ResolvedPerson>(TopicCatalog.ResolvedPerson));

    public static string Urn(string id, string org = "mi-wtp", string vendor = "csv_people") => $"{org}/{vendor}/list/person/{id}";

    public Person Put(string id, string first, string last, string? email = null, string? phone = null, string? dob = null, string? zip = null, string org = "mi-wtp", string vendor = "csv_people", string? suffix = null)
    {
        var person = PersonOf(id, first, last, email, phone, dob, zip, org, vendor, suffix);
        Harness.Pipe("entity.person", person.SourceUrn, Codecs.For<Person>(TopicCatalog.Entity("person")).Encode(person));
        return person;
    }

    /// <summary>A person as the standardiser writes it.</summary>
    public static Person PersonOf(string id, string first, string last, string? email = null, string? phone = null, string? dob = null, string? zip = null, string org = "mi-wtp", string vendor = "csv_people", string? suffix = null)
    {
        var person = new Person
        {
            SourceUrn = Urn(id, org, vendor),
            Org = org,
            Vendor = vendor,
            Instance = "list",
            SourceId = id,
            FirstName = first,
            LastName = last,
            Suffix = suffix,
            DateOfBirth = dob,
            Emails = email is null ? [] : [new Email { Raw = email }],
            Phones = phone is null ? [] : [new Phone { Raw = phone }],
            Addresses = zip is null ? [] : [new Address { Lines = [], PostalCode = zip, State = "MI", Country = "US" }],
            ExternalIds = [],
            SameAs = [],
            custom_fields = new Dictionary<string, string>(),
            Tags = [],
            ObservedAt = Now,
            ChangeId = "c",
        };
        Normaliser.Normalise(person);
        return person;
    }

    public void Delete(string id, string org = "mi-wtp") => Harness.Pipe("entity.person", Urn(id, org), null);

    public void Refer(string id, bool withdraw = false) => Harness.Pipe("identity.reference", Urn(id), withdraw ? null : Codecs.For<PersonReference>(TopicCatalog.PersonReference).Encode(
        new PersonReference { SourceUrn = Urn(id), Org = "mi-wtp", NoticedAt = DateTime.UnixEpoch }));

    public void Decide(string id, string kind, string a, string b, int later = 0) => Harness.Pipe("identity.decision", id, Codecs.For<Decision>(TopicCatalog.IdentityDecision).Encode(
        new Decision { DecisionId = id, Org = "mi-wtp", Kind = kind, AUrn = Urn(a), BUrn = Urn(b), Author = "steward", Reason = "known", At = Now.AddSeconds(later) }));

    public void TakeBack(string id) => Harness.Pipe("identity.decision", id, null);

    /// <summary>Lets the graph group what changed.</summary>
    public void Settle() => Harness.Pass(TimeSpan.FromSeconds(2));

    public bool AreOne(string a, string b) => Map[Urn(a)].PersonId == Map[Urn(b)].PersonId;

    public void Dispose() => Harness.Dispose();

    Dictionary<string, T> Follow<T>(string topic, Dictionary<string, T> table, AvroCodec<T> codec)
        where T : class, Avro.Specific.ISpecificRecord
    {
        foreach (var written in Harness.Read(topic))
        {
            if (written.Value is null)
            {
                table.Remove(written.Key);
            }
            else
            {
                table[written.Key] = codec.Decode(written.Value);
            }
        }

        return table;
    }
}
