using System.Text.Encodings.Web;
using System.Text.Json;
using StreamSync.LocalKafka.Registry.Avro;
using StreamSync.LocalKafka.Registry.Store;

namespace StreamSync.LocalKafka.Registry.Http;

/// <summary>The bodies that the registry answers with.</summary>
static class RegistryAnswer
{
    public static JsonWriterOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Action<Utf8JsonWriter> Empty { get; } = json =>
    {
        json.WriteStartObject();
        json.WriteEndObject();
    };

    public static Action<Utf8JsonWriter> Error(int code, string message) => json =>
    {
        json.WriteStartObject();
        json.WriteNumber("error_code", code);
        json.WriteString("message", message);
        json.WriteEndObject();
    };

    public static Action<Utf8JsonWriter> Number(int number) => json => json.WriteNumberValue(number);

    public static Action<Utf8JsonWriter> Numbers(IEnumerable<int> numbers) => json =>
    {
        json.WriteStartArray();
        foreach (var number in numbers)
        {
            json.WriteNumberValue(number);
        }
        json.WriteEndArray();
    };

    public static Action<Utf8JsonWriter> Texts(IEnumerable<string> texts) => json =>
    {
        json.WriteStartArray();
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }
        json.WriteEndArray();
    };

    /// <summary>A bare schema: it is JSON already.</summary>
    public static Action<Utf8JsonWriter> Raw(string schema) => json => json.WriteRawValue(schema, skipInputValidation: true);

    public static Action<Utf8JsonWriter> Member(string name, string? value) => json =>
    {
        json.WriteStartObject();
        if (value is not null)
        {
            json.WriteString(name, value);
        }
        json.WriteEndObject();
    };

    public static Action<Utf8JsonWriter> Version(SchemaVersion version, string text) => json => WriteVersion(json, version, text);

    /// <summary>A version that was just registered, or found to be: the client named the subject, so it is not told again.</summary>
    public static Action<Utf8JsonWriter> Registered(SchemaVersion version, string text) => json =>
    {
        json.WriteStartObject();
        json.WriteNumber("id", version.Id);
        json.WriteNumber("version", version.Version);
        WriteContent(json, version, text);
        json.WriteEndObject();
    };

    public static Action<Utf8JsonWriter> Versions(IEnumerable<SchemaVersion> versions) => json =>
    {
        json.WriteStartArray();
        foreach (var version in versions)
        {
            WriteVersion(json, version, version.Text);
        }
        json.WriteEndArray();
    };

    /// <summary>A schema found by its id or guid, with one subject that holds it if the client gave a subject.</summary>
    public static Action<Utf8JsonWriter> Schema(SchemaVersion version, string text, bool withSubject, int? maxId) => json =>
    {
        json.WriteStartObject();
        if (withSubject)
        {
            json.WriteString("subject", version.Subject);
            json.WriteNumber("version", version.Version);
        }
        WriteContent(json, version, text);
        if (maxId is not null)
        {
            json.WriteNumber("maxId", maxId.Value);
        }
        json.WriteEndObject();
    };

    public static Action<Utf8JsonWriter> SubjectVersions(IEnumerable<SchemaVersion> versions) => json =>
    {
        json.WriteStartArray();
        foreach (var version in versions)
        {
            json.WriteStartObject();
            json.WriteString("subject", version.Subject);
            json.WriteNumber("version", version.Version);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    };

    /// <summary>The contexts in which a schema has an id: at most the default one.</summary>
    public static Action<Utf8JsonWriter> ContextIds(int? id) => json =>
    {
        json.WriteStartArray();
        if (id is not null)
        {
            json.WriteStartObject();
            json.WriteString("context", ".");
            json.WriteNumber("id", id.Value);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    };

    public static Action<Utf8JsonWriter> ClusterId(string kafkaCluster) => json =>
    {
        json.WriteStartObject();
        json.WriteString("id", "");
        json.WriteStartObject("scope");
        json.WriteStartArray("path");
        json.WriteEndArray();
        json.WriteStartObject("clusters");
        json.WriteString("kafka-cluster", kafkaCluster);
        json.WriteString("schema-registry-cluster", "schema-registry");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    };

    public static Action<Utf8JsonWriter> ServerVersion(string version) => json =>
    {
        json.WriteStartObject();
        json.WriteString("version", version);
        json.WriteString("commitId", "");
        json.WriteEndObject();
    };

    /// <summary>How the server is deployed: nothing is known of it.</summary>
    public static Action<Utf8JsonWriter> Deployment { get; } = json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("attributes");
        json.WriteEndArray();
        json.WriteEndObject();
    };

    public static Action<Utf8JsonWriter> Compatibility(IReadOnlyList<string> reasons, bool verbose) => json =>
    {
        json.WriteStartObject();
        json.WriteBoolean("is_compatible", reasons.Count == 0);
        if (verbose)
        {
            json.WriteStartArray("messages");
            foreach (var reason in reasons)
            {
                json.WriteStringValue(reason);
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
    };

    /// <summary>Settings; the level stands under another name in the answer to a change than in the answer to a question.</summary>
    public static Action<Utf8JsonWriter> Config(SubjectConfig config, string levelName, CompatibilityLevel? level) => json =>
    {
        json.WriteStartObject();
        if (config.Normalize is { } normalize)
        {
            json.WriteBoolean("normalize", normalize);
        }
        if (config.ValidateNewSchemas is { } validate)
        {
            json.WriteBoolean("validateNewSchemas", validate);
        }
        if (level is not null)
        {
            json.WriteString(levelName, level.Value.Text());
        }
        WriteExtras(json, config.Extras);
        json.WriteEndObject();
    };

    static void WriteVersion(Utf8JsonWriter json, SchemaVersion version, string text)
    {
        json.WriteStartObject();
        json.WriteString("subject", version.Subject);
        json.WriteNumber("version", version.Version);
        json.WriteNumber("id", version.Id);
        WriteContent(json, version, text);
        json.WriteEndObject();
    }

    static void WriteContent(Utf8JsonWriter json, SchemaVersion version, string text)
    {
        json.WriteString("guid", version.Hash.Guid);
        json.WriteString("schemaType", version.SchemaType);
        if (version.References.Count > 0)
        {
            json.WriteStartArray("references");
            foreach (var reference in version.References)
            {
                json.WriteStartObject();
                json.WriteString("name", reference.Name);
                json.WriteString("subject", reference.Subject);
                json.WriteNumber("version", reference.Version);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        WriteExtras(json, version.Extras);
        json.WriteString("schema", text);
        if (version.TimestampMs > 0)
        {
            json.WriteNumber("ts", version.TimestampMs);
        }
        if (version.Deleted)
        {
            json.WriteBoolean("deleted", true);
        }
    }

    static void WriteExtras(Utf8JsonWriter json, System.Text.Json.Nodes.JsonObject? extras)
    {
        foreach (var (name, value) in extras ?? [])
        {
            json.WritePropertyName(name);
            value!.WriteTo(json);
        }
    }
}
