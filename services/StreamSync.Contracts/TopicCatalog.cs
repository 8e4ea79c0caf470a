using Avro;
using StreamSync.Contracts.Activity;
using StreamSync.Contracts.Entity;
using StreamSync.Contracts.Identity;
using StreamSync.Contracts.Ops;

namespace StreamSync.Contracts;

/// <summary>How a topic forgets.</summary>
public enum TopicCleanup
{
    /// <summary>Old records go after the retention time.</summary>
    Delete,

    /// <summary>The latest record of each key stays for ever; a tombstone removes the key.</summary>
    Compact,
}

/// <summary>One topic of the platform, as the services create it.</summary>
/// <param name="Name">Topic name; <c>&lt;domain&gt;.&lt;kind&gt;</c>.</param>
/// <param name="Key">What the key is.</param>
/// <param name="ValueSchema">Avro schema of the value.</param>
/// <param name="Cleanup">How it forgets.</param>
/// <param name="Retention">How long records stay in a topic that forgets by time; null keeps for ever.</param>
/// <param name="Partitions">Fixed number of partitions; null takes the platform's setting, the same for all topics of the domain.</param>
public sealed record TopicSpec(string Name, string Key, Schema ValueSchema, TopicCleanup Cleanup, TimeSpan? Retention = null, int? Partitions = null)
{
    /// <summary>The subject of the value schema (TopicNameStrategy).</summary>
    public string ValueSubject => Name + "-value";

    /// <summary>The warehouse table that mirrors the topic: its name with '_' for '.'.</summary>
    public string Table => Name.Replace('.', '_').Replace('-', '_');
}

/// <summary>
/// Every topic of the platform with its key, schema, partitioning and cleanup; the services create topics from it, never by
/// automatic creation. Keys are UTF-8 text. Partitioning is murmur2 of the key, the same in every client.
/// </summary>
public static class TopicCatalog
{
    /// <summary>How long <c>source.*</c> topics keep changes, unless the configuration says otherwise.</summary>
    public static readonly TimeSpan SourceRetention = TimeSpan.FromDays(30);

    /// <summary>How long <c>identity.change</c> keeps merges and splits.</summary>
    static readonly TimeSpan HistoryRetention = TimeSpan.FromDays(365);

    /// <summary>The kinds of the data standard: kind word to class and schema.</summary>
    public static IReadOnlyDictionary<string, EntityKind> EntityKinds { get; } = new EntityKind[]
    {
        new("person", typeof(Person), Person._SCHEMA),
        new("user_account", typeof(UserAccount), UserAccount._SCHEMA),
        new("event", typeof(Event), Event._SCHEMA),
        new("signup", typeof(Signup), Signup._SCHEMA),
        new("contact_attempt", typeof(ContactAttempt), ContactAttempt._SCHEMA),
        new("consent", typeof(Consent), Consent._SCHEMA),
        new("donation", typeof(Donation), Donation._SCHEMA),
        new("survey_response", typeof(SurveyResponse), SurveyResponse._SCHEMA),
        new("tag", typeof(Tag), Tag._SCHEMA),
        new("registration", typeof(Registration), Registration._SCHEMA),
        new("early_vote", typeof(EarlyVote), EarlyVote._SCHEMA),
        new("relationship", typeof(Relationship), Relationship._SCHEMA),
    }.ToDictionary(k => k.Name);

    /// <summary><c>identity.person_map</c>: source URN to person.</summary>
    public static TopicSpec PersonMap { get; } = new("identity.person_map", "source URN of the record", Identity.PersonMap._SCHEMA, TopicCleanup.Compact);

    /// <summary><c>identity.person</c>: golden records.</summary>
    public static TopicSpec ResolvedPerson { get; } = new("identity.person", "person_id", Identity.ResolvedPerson._SCHEMA, TopicCleanup.Compact);

    /// <summary><c>identity.change</c>: merges and splits.</summary>
    public static TopicSpec IdentityChange { get; } = new("identity.change", "change_id", Identity.IdentityChange._SCHEMA, TopicCleanup.Delete, HistoryRetention);

    /// <summary><c>identity.decision</c>: the stewards' word.</summary>
    public static TopicSpec IdentityDecision { get; } = new("identity.decision", "decision_id", Identity.IdentityDecision._SCHEMA, TopicCleanup.Compact);

    /// <summary><c>identity.reference</c>: person records that contacts point to and that no tool has delivered.</summary>
    public static TopicSpec PersonReference { get; } = new("identity.reference", "source URN of the person record", Identity.PersonReference._SCHEMA, TopicCleanup.Compact);

    /// <summary><c>identity.shared_person</c>: whom groups with a sharing agreement both know.</summary>
    public static TopicSpec SharedPerson { get; } = new("identity.shared_person", "agreement/source URN of the record", Identity.SharedPerson._SCHEMA, TopicCleanup.Compact);

    /// <summary><c>activity.touch</c>: every contact between the program and a person.</summary>
    public static TopicSpec Touch { get; } = new("activity.touch", "source URN of the contact", Activity.Touch._SCHEMA, TopicCleanup.Compact);

    /// <summary><c>ops.sync</c>: state of every stream of every sync.</summary>
    public static TopicSpec SyncStatus { get; } = new("ops.sync", "org/sync/stream", Ops.SyncStatus._SCHEMA, TopicCleanup.Compact, Partitions: 1);

    /// <summary><c>ops.quarantine</c>: records that could not be used, with their raw bytes.</summary>
    public static TopicSpec Quarantine { get; } = new("ops.quarantine", "quarantine_id", QuarantineEntry._SCHEMA, TopicCleanup.Compact, Partitions: 1);

    /// <summary><c>ops.finding</c>: quality findings.</summary>
    public static TopicSpec Finding { get; } = new("ops.finding", "finding_id", Ops.Finding._SCHEMA, TopicCleanup.Compact, Partitions: 1);

    /// <summary><c>ops.checkpoint</c>: how far each stream has been read.</summary>
    public static TopicSpec Checkpoint { get; } = new("ops.checkpoint", "org/sync/stream", Ops.Checkpoint._SCHEMA, TopicCleanup.Compact, Partitions: 1);

    /// <summary>The <c>entity.*</c> topics, one a kind.</summary>
    public static IReadOnlyList<TopicSpec> Entities { get; } = [.. EntityKinds.Values.Select(k => Entity(k.Name))];

    /// <summary>All topics but <c>source.*</c>, which each connector adds.</summary>
    public static IReadOnlyList<TopicSpec> Platform { get; } =
        [.. Entities, PersonMap, ResolvedPerson, IdentityChange, IdentityDecision, PersonReference, SharedPerson, Touch, SyncStatus, Quarantine, Finding, Checkpoint];

    /// <summary>The topics that the warehouses mirror, each as a table.</summary>
    public static IReadOnlyList<TopicSpec> Mirrored { get; } = [.. Platform.Where(t => t != Checkpoint && t != PersonReference)];

    /// <summary>The topic of an entity kind.</summary>
    /// <param name="kind">Kind word, such as <c>person</c>.</param>
    /// <exception cref="KeyNotFoundException">The data standard has no such kind.</exception>
    public static TopicSpec Entity(string kind) => new("entity." + kind, "source URN", EntityKinds[kind].Schema, TopicCleanup.Compact);

    /// <summary>The topic of a vendor's stream.</summary>
    /// <param name="vendor">Vendor folder name.</param>
    /// <param name="stream">Stream name.</param>
    /// <param name="changeSchema">The composed envelope schema, see <see cref="Source.SourceSchemas"/>.</param>
    public static TopicSpec Source(string vendor, string stream, Schema changeSchema) =>
        new($"source.{vendor}.{stream}", "source URN", changeSchema, TopicCleanup.Delete, SourceRetention);
}

/// <summary>A kind of the data standard.</summary>
/// <param name="Name">Kind word, as in topic and table names.</param>
/// <param name="ClrType">Generated class.</param>
/// <param name="Schema">Its Avro schema.</param>
public sealed record EntityKind(string Name, Type ClrType, Schema Schema);
