using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace StreamSync.Simulators;

/// <summary>
/// Action Network's API v2 (OSDI/HAL): pages of 25 at most, <c>_links.next</c>, the filter <c>modified_date gt '...'</c> with
/// quotes, no totals and no order for people, 4 requests a second, header OSDI-API-Token.
/// </summary>
/// <param name="token">The API key it accepts.</param>
/// <param name="clock">Clock of the rate limit.</param>
public sealed partial class ActionNetworkSimulator(string token, TimeProvider? clock = null) : VendorSimulator(4, clock)
{
    const int PageSize = 25;
    readonly Lock _gate = new();
    readonly List<JsonObject> _people = [];
    readonly List<JsonObject> _events = [];

    /// <summary>Adds a person, or replaces the one with the same identifier of Action Network's.</summary>
    /// <param name="person">An OSDI person.</param>
    public void PutPerson(JsonObject person) => Put(_people, person);

    /// <summary>Adds an event, or replaces the one with the same identifier of Action Network's.</summary>
    /// <param name="item">An OSDI event.</param>
    public void PutEvent(JsonObject item) => Put(_events, item);

    /// <inheritdoc/>
    protected override void Map(WebApplication app)
    {
        app.MapGet("/api/v2/people", (HttpRequest r) => Page(r, "people", "osdi:people", _people, totals: false));
        app.MapGet("/api/v2/events", (HttpRequest r) => Page(r, "events", "osdi:events", _events, totals: true));
    }

    /// <inheritdoc/>
    protected override IResult? Refuse(HttpRequest request) =>
        request.Headers["OSDI-API-Token"] == token ? null : Results.Json(new { error = "API Key invalid or not present" }, statusCode: 403);

    static void PutLocked(List<JsonObject> items, JsonObject item)
    {
        var id = IdOf(item);
        var index = items.FindIndex(i => IdOf(i) == id);
        if (index < 0)
        {
            items.Add(item);
        }
        else
        {
            items[index] = item;
        }
    }

    static string IdOf(JsonObject item) => item["identifiers"]!.AsArray().Select(i => (string)i!).First(i => i.StartsWith("action_network:", StringComparison.Ordinal));

    void Put(List<JsonObject> items, JsonObject item)
    {
        lock (_gate)
        {
            PutLocked(items, item);
        }
    }

    IResult Page(HttpRequest request, string collection, string relation, List<JsonObject> items, bool totals)
    {
        var page = int.TryParse(request.Query["page"], NumberStyles.None, CultureInfo.InvariantCulture, out var p) ? Math.Max(1, p) : 1;
        var size = int.TryParse(request.Query["per_page"], NumberStyles.None, CultureInfo.InvariantCulture, out var s) ? Math.Clamp(s, 1, PageSize) : PageSize;
        DateTimeOffset? after = null;
        string? filter = request.Query["filter"];
        if (!string.IsNullOrEmpty(filter))
        {
            var match = ModifiedFilter().Match(filter);
            if (!match.Success)
            {
                return Results.Json(new { error = "filter not understood: values need quotes" }, statusCode: 400);
            }

            after = DateTimeOffset.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        }

        List<JsonNode?> found;
        int matching;
        lock (_gate)
        {
            var all = items.Where(i => after is null || DateTimeOffset.Parse((string)i["modified_date"]!, CultureInfo.InvariantCulture) > after).ToList();
            matching = all.Count;
            found = [.. all.Skip((page - 1) * size).Take(size).Select(i => i.DeepClone())];
        }

        var links = new JsonObject { ["self"] = Link($"{BaseUrl}/api/v2/{collection}?page={page}") };
        if (page * size < matching)
        {
            var next = $"{BaseUrl}/api/v2/{collection}?page={page + 1}&per_page={size}";
            links["next"] = Link(filter is null ? next : next + "&filter=" + Uri.EscapeDataString(filter));
        }

        var body = new JsonObject
        {
            ["per_page"] = size,
            ["page"] = page,
            ["_links"] = links,
            ["_embedded"] = new JsonObject { [relation] = new JsonArray([.. found]) },
        };
        if (totals)
        {
            body["total_records"] = matching;
            body["total_pages"] = (matching + size - 1) / size;
        }

        return Results.Text(body.ToJsonString(), "application/hal+json");
    }

    static JsonObject Link(string href) => new() { ["href"] = href };

    [GeneratedRegex(@"^modified_date gt '([^']+)'$")]
    private static partial Regex ModifiedFilter();
}
