using System.Text.Json.Nodes;

namespace StreamSync.Connectors.Rest;

/// <summary>A stream's checkpoint.</summary>
/// <param name="Changed">Newest change of the last complete walk, by the vendor's clock.</param>
/// <param name="Deleted">Newest delete of the last complete walk of the deleted items.</param>
/// <param name="Walk">A long walk that is under way; null when none is.</param>
/// <param name="Rejects">Hashes of inputs that are in quarantine and may be read again.</param>
internal sealed record RestPosition(DateTimeOffset? Changed, DateTimeOffset? Deleted, UnfinishedWalk? Walk, IReadOnlyList<string> Rejects)
{
    public static RestPosition Parse(string? json)
    {
        if (json is null || JsonNode.Parse(json) is not JsonObject state)
        {
            return new RestPosition(null, null, null, []);
        }

        return new RestPosition(
            (DateTimeOffset?)state["changed"],
            (DateTimeOffset?)state["deleted"],
            state["walk"] is JsonObject walk
                ? new UnfinishedWalk((bool)walk["deletes"]!, (string)walk["url"]!, (int)walk["page"]!, (long)walk["items"]!, (long?)walk["declared"], (DateTimeOffset?)walk["began"], (DateTimeOffset?)walk["newest"], (DateTimeOffset)walk["at"]!)
                : null,
            state["rejects"] is JsonArray rejects ? [.. rejects.Select(r => (string)r!)] : []);
    }

    public string ToJson()
    {
        var state = new JsonObject { ["changed"] = Changed, ["deleted"] = Deleted };
        if (Walk is { } walk)
        {
            state["walk"] = new JsonObject
            {
                ["deletes"] = walk.Deletes,
                ["url"] = walk.Url,
                ["page"] = walk.Page,
                ["items"] = walk.Items,
                ["declared"] = walk.Declared,
                ["began"] = walk.Began,
                ["newest"] = walk.Newest,
                ["at"] = walk.At,
            };
        }

        if (Rejects.Count > 0)
        {
            state["rejects"] = new JsonArray([.. Rejects.Select(r => JsonValue.Create(r))]);
        }

        return state.ToJsonString();
    }

    public bool Equals(RestPosition? other) =>
        other is not null && Changed == other.Changed && Deleted == other.Deleted && Walk == other.Walk && Rejects.SequenceEqual(other.Rejects);

    public override int GetHashCode() => HashCode.Combine(Changed, Deleted, Walk, Rejects.Count);
}

/// <summary>Where a walk is.</summary>
/// <param name="Deletes">True for the list of deleted items.</param>
/// <param name="Url">Next page.</param>
/// <param name="Page">Its number.</param>
/// <param name="Items">Items so far.</param>
/// <param name="Declared">Items that the vendor said there are.</param>
/// <param name="Began">When the walk began, by the vendor's clock.</param>
/// <param name="Newest">Newest item so far.</param>
/// <param name="At">When this was noted, by our clock.</param>
internal sealed record UnfinishedWalk(bool Deletes, string Url, int Page, long Items, long? Declared, DateTimeOffset? Began, DateTimeOffset? Newest, DateTimeOffset At);
