using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace StreamSync.LocalKafka.Tests.Wire;

/// <summary>A range of versions as Kafka's message definitions write it: <c>3</c>, <c>3-5</c>, <c>3+</c> or <c>none</c>.</summary>
readonly record struct Versions(int From, int To)
{
    public static readonly Versions None = new(1, 0);

    public bool Contains(int version) => version >= From && version <= To;

    public static Versions Parse(string? text)
    {
        if (text is null or "none")
        {
            return None;
        }

        var parts = text.TrimEnd('+').Split('-');
        var from = int.Parse(parts[0], CultureInfo.InvariantCulture);
        return new(from, text.EndsWith('+') ? int.MaxValue : int.Parse(parts[^1], CultureInfo.InvariantCulture));
    }
}

/// <summary>A field of a message.</summary>
sealed record FieldDefinition(
    string Name, string Type, Versions Versions, Versions Nullable, Versions Tagged, int Tag, string? Default, IReadOnlyList<FieldDefinition> Fields)
{
    public bool IsArray => Type.StartsWith("[]", StringComparison.Ordinal);

    /// <summary>The field as one element of its array.</summary>
    public FieldDefinition Element => this with { Type = Type[2..], Nullable = Versions.None };

    /// <summary>What it is when nobody says: what a reader takes where the field is not in the version.</summary>
    public JsonNode? DefaultValue => this switch
    {
        { Default: "null" } => null,
        { IsArray: true } => new JsonArray(),
        { Type: "string" } => Default ?? "",
        { Type: "bytes" or "records" } => "",
        { Type: "uuid" } => Guid.Empty.ToString(),
        { Type: "bool" } => Default is "true" or "True",
        { Fields.Count: > 0 } => new JsonObject(),
        _ => Default is null ? 0L : Default.StartsWith("0x", StringComparison.Ordinal)
            ? long.Parse(Default[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture)
            : long.Parse(Default, CultureInfo.InvariantCulture),
    };
}

/// <summary>One direction of an API: where its layout becomes flexible, and its fields.</summary>
sealed record MessageDefinition(Versions Flexible, IReadOnlyList<FieldDefinition> Fields);

/// <summary>
/// Names, types and versions of the fields of every API that the broker serves. These facts were taken from the public message
/// definitions of Apache Kafka 4.3.1, and know nothing of this project's own codecs.
/// </summary>
sealed record ApiDefinition(string Name, short Key, MessageDefinition Request, MessageDefinition Response)
{
    public static readonly FrozenDictionary<string, ApiDefinition> All = Load();

    static FrozenDictionary<string, ApiDefinition> Load()
    {
        using var stream = typeof(ApiDefinition).Assembly.GetManifestResourceStream("Definitions.json")!;
        using var document = JsonDocument.Parse(stream);
        return document.RootElement.EnumerateObject()
            .Select(api => new ApiDefinition(
                api.Name, api.Value.GetProperty("key").GetInt16(), Message(api.Value.GetProperty("request")), Message(api.Value.GetProperty("response"))))
            .ToFrozenDictionary(api => api.Name);
    }

    static MessageDefinition Message(JsonElement message) => new(Versions.Parse(Text(message, "flexible")), Fields(message));

    static List<FieldDefinition> Fields(JsonElement owner) => owner.TryGetProperty("fields", out var fields)
        ? [.. fields.EnumerateArray().Select(f => new FieldDefinition(
            Text(f, "name")!, Text(f, "type")!, Versions.Parse(Text(f, "versions")), Versions.Parse(Text(f, "nullable")),
            Versions.Parse(Text(f, "taggedVersions")), f.TryGetProperty("tag", out var tag) ? tag.GetInt32() : -1, Text(f, "default"), Fields(f)))]
        : [];

    static string? Text(JsonElement owner, string name) => owner.TryGetProperty(name, out var value) ? value.ToString() : null;
}
