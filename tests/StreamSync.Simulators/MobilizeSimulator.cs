using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace StreamSync.Simulators;

/// <summary>
/// Mobilize's API v1: envelope count/next/previous/data, cursor paging in <c>next</c>, <c>updated_since</c> in unix seconds on
/// modified_date, deleted events apart, bearer key (403 without), 15 reads a second.
/// </summary>
/// <param name="organization">Id of the organization in the path.</param>
/// <param name="token">The API key it accepts.</param>
/// <param name="clock">Clock of the rate limit.</param>
public sealed class MobilizeSimulator(int organization, string token, TimeProvider? clock = null) : VendorSimulator(15, clock)
{
    const int DefaultPageSize = 25;
    readonly Lock _gate = new();
    readonly List<JsonObject> _events = [];
    readonly List<JsonObject> _attendances = [];
    readonly List<JsonObject> _deleted = [];

    /// <summary>Adds an event, or replaces the one with the same id.</summary>
    /// <param name="item">A Mobilize event.</param>
    public void PutEvent(JsonObject item) => Put(_events, item);

    /// <summary>Adds an attendance, or replaces the one with the same id.</summary>
    /// <param name="item">A Mobilize attendance.</param>
    public void PutAttendance(JsonObject item) => Put(_attendances, item);

    /// <summary>Deletes an event: it leaves the list and joins the deleted ones.</summary>
    /// <param name="id">Event id.</param>
    /// <param name="deletedAt">Unix seconds.</param>
    public void DeleteEvent(long id, long deletedAt)
    {
        lock (_gate)
        {
            _events.RemoveAll(e => (long)e["id"]! == id);
            _deleted.Add(new JsonObject { ["id"] = id, ["deleted_date"] = deletedAt });
        }
    }

    /// <inheritdoc/>
    protected override void Map(WebApplication app)
    {
        var root = $"/v1/organizations/{organization.ToString(CultureInfo.InvariantCulture)}";
        app.MapGet(root + "/events", (HttpRequest r) => Page(r, _events, "modified_date"));
        app.MapGet(root + "/events/deleted", (HttpRequest r) => Page(r, _deleted, "deleted_date"));
        app.MapGet(root + "/attendances", (HttpRequest r) => Page(r, _attendances, "modified_date"));
    }

    /// <inheritdoc/>
    protected override IResult? Refuse(HttpRequest request) =>
        request.Headers.Authorization == "Bearer " + token
            ? null
            : Results.Json(new { error = new { detail = "Authentication credentials were not provided." } }, statusCode: 403);

    void Put(List<JsonObject> items, JsonObject given)
    {
        // A copy that reads like parsed JSON, whatever number types the caller built it from.
        var item = JsonNode.Parse(given.ToJsonString())!.AsObject();
        lock (_gate)
        {
            var id = (long)item["id"]!;
            var index = items.FindIndex(i => (long)i["id"]! == id);
            if (index < 0)
            {
                items.Add(item);
            }
            else
            {
                items[index] = item;
            }
        }
    }

    IResult Page(HttpRequest request, List<JsonObject> items, string dateField)
    {
        var size = int.TryParse(request.Query["per_page"], NumberStyles.None, CultureInfo.InvariantCulture, out var s) ? Math.Clamp(s, 1, 100) : DefaultPageSize;
        var since = long.TryParse(request.Query["updated_since"], NumberStyles.None, CultureInfo.InvariantCulture, out var u) ? u : 0;
        var start = int.TryParse(request.Query["cursor"], NumberStyles.None, CultureInfo.InvariantCulture, out var c) ? c : 0;
        List<JsonNode?> found;
        int matching;
        lock (_gate)
        {
            var all = items.Where(i => (long)i[dateField]! >= since).ToList();
            matching = all.Count;
            found = [.. all.Skip(start).Take(size).Select(i => i.DeepClone())];
        }

        var query = $"per_page={size}" + (since > 0 ? $"&updated_since={since}" : string.Empty);
        var next = start + size < matching ? $"{BaseUrl}{request.Path}?cursor={start + size}&{query}" : null;
        var body = new JsonObject { ["count"] = matching, ["next"] = next, ["previous"] = null, ["data"] = new JsonArray([.. found]) };
        return Results.Text(body.ToJsonString(), "application/json");
    }
}
