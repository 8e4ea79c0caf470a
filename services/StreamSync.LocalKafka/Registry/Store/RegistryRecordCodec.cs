using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using StreamSync.LocalKafka.Registry.Avro;

namespace StreamSync.LocalKafka.Registry.Store;

/// <summary>
/// The bytes of the schemas topic, in the format of Confluent's registry (SchemaKey, SchemaValue and their kin), so that either
/// can take over from the other. Keys are compared as bytes by log compaction: the order of their members is part of the format.
/// </summary>
static class RegistryRecordCodec
{
    static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    static readonly HashSet<string> SchemaMembers = ["subject", "version", "id", "md5", "schemaType", "references", "schema", "deleted", "offset", "ts"];
    static readonly HashSet<string> ConfigMembers = ["subject", "compatibilityLevel", "normalize", "validateNewSchemas", "offset", "ts"];

    public static (byte[] Key, byte[]? Value) Encode(RegistryRecord record) => record switch
    {
        SchemaRecord schema => (
            Key("SCHEMA", schema.Subject, magic: 1, schema.Version),
            schema.Value is null ? null : Write(json => WriteSchema(json, schema.Value))),
        ConfigRecord config => (
            Key("CONFIG", config.Subject),
            config.Value is null ? null : Write(json => WriteConfig(json, config.Subject, config.Value))),
        ModeRecord mode => (
            Key("MODE", mode.Subject),
            mode.Value is null ? null : Write(json => WriteSubject(json, mode.Subject, () => json.WriteString("mode", mode.Value.Value.Text())))),
        DeleteSubjectRecord delete => (
            Key("DELETE_SUBJECT", delete.Subject),
            Write(json => WriteSubject(json, delete.Subject, () => json.WriteNumber("version", delete.UpToVersion)))),
        ClearSubjectRecord clear => (
            Key("CLEAR_SUBJECT", clear.Subject),
            Write(json => WriteSubject(json, clear.Subject, () => { }))),
        _ => throw new ArgumentException($"{record.GetType().Name} is never written", nameof(record)),
    };

    /// <exception cref="JsonException">Key or value is not in the format.</exception>
    public static RegistryRecord Decode(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isTombstone, long timestampMs)
    {
        try
        {
            var parsed = JsonNode.Parse(key) as JsonObject ?? throw new JsonException("the key is no object");
            var subject = (string?)parsed["subject"];
            var content = isTombstone ? null : JsonNode.Parse(value) as JsonObject;
            return (string?)parsed["keytype"] switch
            {
                "SCHEMA" => new SchemaRecord(
                    Required(subject), (int)parsed["version"]!, content is null ? null : ReadSchema(content, timestampMs)),
                "CONFIG" => new ConfigRecord(subject, content is null ? null : ReadConfig(content)),
                "MODE" => new ModeRecord(subject, content is null ? null : ReadMode(content)),
                "DELETE_SUBJECT" when content is not null => new DeleteSubjectRecord(Required(subject), (int)content["version"]!),
                "CLEAR_SUBJECT" when content is not null => new ClearSubjectRecord(subject),
                _ => new OtherRecord(),
            };
        }
        catch (Exception problem) when (problem is InvalidOperationException or FormatException or ArgumentException)
        {
            throw new JsonException("a member of key or value is missing or of another type", problem);
        }
    }

    static string Required(string? subject) => subject ?? throw new JsonException("a subject or a name is missing");

    static byte[] Key(string type, string? subject, int magic = 0, int? version = null)
    {
        var key = new StringBuilder("{\"keytype\":\"").Append(type).Append('"');
        if (subject is not null)
        {
            // Escaped as Java does it: other bytes would be another key.
            JavaText.AppendQuoted(key.Append(",\"subject\":"), subject);
        }
        if (version is not null)
        {
            key.Append(CultureInfo.InvariantCulture, $",\"version\":{version}");
        }
        return Encoding.UTF8.GetBytes(key.Append(CultureInfo.InvariantCulture, $",\"magic\":{magic}}}").ToString());
    }

    static void WriteSubject(Utf8JsonWriter json, string? subject, Action rest)
    {
        json.WriteStartObject();
        if (subject is not null)
        {
            json.WriteString("subject", subject);
        }
        rest();
        json.WriteEndObject();
    }

    static void WriteSchema(Utf8JsonWriter json, SchemaVersion schema) => WriteSubject(json, schema.Subject, () =>
    {
        json.WriteNumber("version", schema.Version);
        json.WriteNumber("id", schema.Id);
        json.WriteString("schemaType", schema.SchemaType);
        if (schema.References.Count > 0)
        {
            json.WriteStartArray("references");
            foreach (var reference in schema.References)
            {
                json.WriteStartObject();
                json.WriteString("name", reference.Name);
                json.WriteString("subject", reference.Subject);
                json.WriteNumber("version", reference.Version);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        WriteExtras(json, schema.Extras);
        json.WriteString("schema", schema.Text);
        json.WriteBoolean("deleted", schema.Deleted);
    });

    static void WriteConfig(Utf8JsonWriter json, string? subject, SubjectConfig config) => WriteSubject(json, subject, () =>
    {
        if (config.Normalize is { } normalize)
        {
            json.WriteBoolean("normalize", normalize);
        }
        if (config.ValidateNewSchemas is { } validate)
        {
            json.WriteBoolean("validateNewSchemas", validate);
        }
        if (config.Level is { } level)
        {
            json.WriteString("compatibilityLevel", level.Text());
        }
        WriteExtras(json, config.Extras);
    });

    static void WriteExtras(Utf8JsonWriter json, JsonObject? extras)
    {
        foreach (var (name, value) in extras ?? [])
        {
            json.WritePropertyName(name);
            if (value is null)
            {
                json.WriteNullValue();
            }
            else
            {
                value.WriteTo(json);
            }
        }
    }

    static SchemaVersion ReadSchema(JsonObject content, long timestampMs)
    {
        var references = (content["references"] as JsonArray ?? [])
            .Select(item => item as JsonObject ?? throw new JsonException("a reference is no object"))
            .Select(item => new SchemaReference(Required((string?)item["name"]), Required((string?)item["subject"]), (int)item["version"]!));
        return new SchemaVersion(
            Required((string?)content["subject"]),
            (int)content["version"]!,
            (int)content["id"]!,
            (string?)content["schemaType"] ?? SchemaVersion.Avro,
            (string?)content["schema"] ?? throw new JsonException("the value holds no schema"),
            [.. references],
            (bool?)content["deleted"] ?? false)
        {
            Extras = Extras(content, SchemaMembers),
            TimestampMs = timestampMs,
        };
    }

    static SubjectConfig ReadConfig(JsonObject content)
    {
        var level = (string?)content["compatibilityLevel"];
        if (level is not null && !CompatibilityLevels.TryParse(level, out _))
        {
            throw new JsonException("the value holds an unknown compatibility level");
        }
        return new SubjectConfig(
            level is not null && CompatibilityLevels.TryParse(level, out var parsed) ? parsed : null,
            (bool?)content["normalize"],
            (bool?)content["validateNewSchemas"])
        {
            Extras = Extras(content, ConfigMembers),
        };
    }

    static RegistryMode ReadMode(JsonObject content) =>
        RegistryModes.TryParse((string?)content["mode"], out var mode) ? mode : throw new JsonException("the value holds an unknown mode");

    static JsonObject? Extras(JsonObject content, HashSet<string> known)
    {
        var extras = new JsonObject(content.Where(member => !known.Contains(member.Key) && member.Value is not null)
            .Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone())));
        return extras.Count > 0 ? extras : null;
    }

    static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            write(json);
        }
        return buffer.WrittenSpan.ToArray();
    }
}
