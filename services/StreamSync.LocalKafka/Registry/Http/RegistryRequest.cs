using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using StreamSync.LocalKafka.Registry.Store;

namespace StreamSync.LocalKafka.Registry.Http;

/// <summary>A request taken apart: the path in segments as they were escaped, the query, and the body when asked for.</summary>
sealed class RegistryRequest
{
    /// <summary>A body nested deeper is refused; a schema in it is a text and does not count.</summary>
    const int MostLevels = 256;

    readonly HttpContext _context;
    readonly Dictionary<string, StringValues> _query;

    public RegistryRequest(HttpContext context)
    {
        _context = context;
        // The server has unescaped its own copy of the path, and a subject may hold an escaped slash.
        var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var queryStart = target.IndexOf('?', StringComparison.Ordinal);
        var path = queryStart < 0 ? target : target[..queryStart];
        Segments = [.. path.TrimStart('/').TrimEnd('/').Split('/').Select(Uri.UnescapeDataString)];
        _query = QueryHelpers.ParseQuery(context.Request.QueryString.Value);
    }

    /// <summary>The path without its first slash, unescaped; one empty segment for the root.</summary>
    public string[] Segments { get; }

    public string Method => _context.Request.Method;

    /// <summary>True only for the word true, in any case: "1" and "yes" are false.</summary>
    public bool Flag(string name) => string.Equals(Query(name), "true", StringComparison.OrdinalIgnoreCase);

    public string? Query(string name) => _query.TryGetValue(name, out var values) ? values[0] : null;

    public IReadOnlyList<string?> QueryAll(string name) => _query.GetValueOrDefault(name);

    /// <summary>The page that the query asks for with offset and limit.</summary>
    /// <exception cref="RegistryException">One of them is no number, or the offset is negative.</exception>
    public IEnumerable<T> Page<T>(IEnumerable<T> items, int most = int.MaxValue)
    {
        var (offset, limit) = (Number("offset") ?? 0, Number("limit"));
        if (offset < 0)
        {
            // Confluent's server stumbles over it, and so answers as if the fault were its own.
            throw new RegistryException(500, 500, $"offset={offset} is no place to begin a list: it has to be 0 or more.");
        }
        return items.Skip(offset).Take(limit > 0 && limit <= most ? limit.Value : most);
    }

    int? Number(string name) => Query(name) switch
    {
        null or "" => null,
        var text when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        // What Confluent's server does with a query parameter of the wrong type.
        _ => throw RegistryErrors.NotFound($"The query parameter {name} has to be a number."),
    };

    /// <exception cref="RegistryException">The body is missing (422), is not JSON or is no object (400).</exception>
    public async Task<JsonObject> BodyAsync()
    {
        using var buffer = new MemoryStream();
        await _context.Request.Body.CopyToAsync(buffer, _context.RequestAborted);
        if (buffer.Length == 0)
        {
            throw new RegistryException(422, 422, "The request has no body.");
        }
        try
        {
            // One value is read and what follows it ignored, as Jackson does.
            var reader = new Utf8JsonReader(buffer.GetBuffer().AsSpan(0, (int)buffer.Length), new JsonReaderOptions { MaxDepth = MostLevels });
            using var document = JsonDocument.ParseValue(ref reader);
            return Node(document.RootElement) switch
            {
                null => throw new RegistryException(422, 422, "The request's body is null."),
                JsonObject body => body,
                _ => throw Malformed("the body is no object"),
            };
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException)
        {
            throw Malformed("the body is not JSON");
        }
    }

    /// <summary>The same as nodes; of two members of one name the last counts.</summary>
    static JsonNode? Node(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var members = new JsonObject();
                foreach (var member in element.EnumerateObject())
                {
                    members[member.Name] = Node(member.Value);
                }
                return members;
            case JsonValueKind.Array:
                return new JsonArray([.. element.EnumerateArray().Select(Node)]);
            case JsonValueKind.Null:
                return null;
            default:
                return JsonValue.Create(element.Clone());
        }
    }

    /// <exception cref="RegistryException">The body is missing or not in the shape of a schema.</exception>
    public async Task<SchemaRequest> SchemaAsync()
    {
        var body = await BodyAsync();
        var extras = new JsonObject();
        foreach (var member in new[] { "metadata", "ruleSet" })
        {
            if (body[member] is { } value)
            {
                extras[member] = value is JsonObject ? value.DeepClone() : throw Malformed($"{member} is no object");
            }
        }
        foreach (var member in new[] { "schemaTagsToAdd", "schemaTagsToRemove" })
        {
            if (body[member] is JsonArray { Count: > 0 })
            {
                throw RegistryErrors.Unsupported(member);
            }
        }
        return new SchemaRequest(
            Text(body, "schema"),
            Text(body, "schemaType") ?? SchemaVersion.Avro,
            References(body),
            Integer(body, "id"),
            Integer(body, "version") ?? 0,
            extras.Count > 0 ? extras : null);
    }

    /// <summary>A member that is a text, or a number or a truth value, which stand for the text that they are written as.</summary>
    public static string? Text(JsonObject body, string member) => body[member] switch
    {
        null => null,
        JsonValue value when value.GetValueKind() is JsonValueKind.String => (string?)value,
        JsonValue value => value.ToJsonString(),
        _ => throw Malformed($"{member} has to be a text"),
    };

    /// <summary>A member that is true or false, also as a text.</summary>
    public static bool? Boolean(JsonObject body, string member) => Text(body, member)?.ToLowerInvariant() switch
    {
        null or "" => null,
        "true" => true,
        "false" => false,
        _ => throw Malformed($"{member} has to be true or false"),
    };

    static int? Integer(JsonObject body, string member) => Text(body, member) switch
    {
        null or "" => null,
        var text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && Math.Truncate(number) is >= int.MinValue and <= int.MaxValue and var whole => (int)whole,
        _ => throw Malformed($"{member} has to be a number of 32 bits"),
    };

    static SchemaReference[] References(JsonObject body) => body["references"] switch
    {
        null => [],
        JsonArray list => [.. list.Select(item => item is JsonObject reference
            ? new SchemaReference(
                Text(reference, "name") ?? throw RegistryErrors.InvalidSchema("a reference has no name"),
                Text(reference, "subject") is { } subject ? SubjectNames.Normalize(subject) : throw RegistryErrors.InvalidSchema("a reference has no subject"),
                Integer(reference, "version") ?? throw RegistryErrors.InvalidSchema("a reference has no version"))
            : throw Malformed("a reference is no object"))],
        _ => throw Malformed("references has to be a list"),
    };

    static RegistryException Malformed(string why) => new(400, 400, $"Malformed request: {why}.");
}
