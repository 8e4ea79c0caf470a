using System.Globalization;
using System.Text.Json.Nodes;

namespace StreamSync.LocalKafka.Registry;

/// <summary>Metadata and rule set of a schema, and the one property in them that the registry itself sets: the version's number.</summary>
static class SchemaExtras
{
    public const string Metadata = "metadata";

    const string Properties = "properties";
    const string VersionProperty = "confluent:version";

    public static bool HasVersion(JsonObject? extras) => Property(extras) is not null;

    public static JsonObject WithVersion(JsonObject? extras, int version)
    {
        var result = (JsonObject?)extras?.DeepClone() ?? [];
        Child(Child(result, Metadata), Properties)[VersionProperty] = version.ToString(CultureInfo.InvariantCulture);
        return result;
    }

    /// <summary>
    /// Whether a schema asked for with <paramref name="wanted"/> is the one stored with <paramref name="stored"/>. A number on one side
    /// alone does not tell them apart, unless it is that of another version than the stored one.
    /// </summary>
    public static bool Same(JsonObject? wanted, JsonObject? stored, int storedVersion) => (Number(wanted), Number(stored)) switch
    {
        (null, not null) => Equal(wanted ?? EmptyMetadata(), WithoutVersion(stored!)),
        ({ } number, null) => number == storedVersion && Equal(WithoutVersion(wanted!), stored ?? EmptyMetadata()),
        _ => Equal(wanted, stored),
    };

    /// <summary>The texts in metadata, tags and properties by name, in the order in which Confluent's registry hashes them.</summary>
    public static IEnumerable<string> MetadataTexts(JsonNode? metadata)
    {
        foreach (var (name, tags) in Members(metadata, "tags"))
        {
            yield return name;
            foreach (var tag in Texts(tags))
            {
                yield return tag;
            }
        }
        foreach (var (name, value) in Members(metadata, Properties))
        {
            yield return name;
            yield return value?.ToString() ?? "";
        }
        foreach (var name in Texts((metadata as JsonObject)?["sensitive"]))
        {
            yield return name;
        }
    }

    static IEnumerable<KeyValuePair<string, JsonNode?>> Members(JsonNode? metadata, string name) =>
        ((metadata as JsonObject)?[name] as JsonObject ?? []).OrderBy(member => member.Key, StringComparer.Ordinal);

    static IEnumerable<string> Texts(JsonNode? list) =>
        (list as JsonArray ?? []).Select(item => item?.ToString() ?? "").Distinct().Order(StringComparer.Ordinal);

    static JsonObject WithoutVersion(JsonObject extras)
    {
        var result = (JsonObject)extras.DeepClone();
        ((JsonObject)result[Metadata]![Properties]!).Remove(VersionProperty);
        return result;
    }

    static bool Equal(JsonObject? one, JsonObject? other) => JsonNode.DeepEquals(Plain(one), Plain(other));

    /// <summary>The same without empty members of the metadata, which mean nothing.</summary>
    static JsonObject? Plain(JsonObject? extras)
    {
        if (extras?[Metadata] is not JsonObject metadata)
        {
            return extras;
        }
        var result = (JsonObject)extras.DeepClone();
        foreach (var (name, _) in metadata.Where(member => member.Value is null or JsonObject { Count: 0 } or JsonArray { Count: 0 }))
        {
            ((JsonObject)result[Metadata]!).Remove(name);
        }
        return result;
    }

    static JsonObject EmptyMetadata() => new() { [Metadata] = new JsonObject() };

    static JsonObject Child(JsonObject parent, string name)
    {
        if (parent[name] is not JsonObject child)
        {
            parent[name] = child = [];
        }
        return child;
    }

    static int? Number(JsonObject? extras) => int.TryParse(Property(extras), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    static string? Property(JsonObject? extras) => (extras?[Metadata] as JsonObject)?[Properties] is JsonObject properties && properties[VersionProperty] is { } version
        ? version.ToString()
        : null;
}
