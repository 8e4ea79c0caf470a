using System.Globalization;
using System.Text.Json;

namespace StreamSync.Connectors.Rest;

/// <summary>One way through all pages of a list.</summary>
/// <param name="list">The list.</param>
/// <param name="since">Where the last complete walk came to; null for the first one.</param>
internal sealed class RestWalk(RestList list, DateTimeOffset? since)
{
    const long LastUnixMillisecond = 253_402_300_799_999;
    const long FirstUnixMillisecond = -62_135_596_800_000;
    DateTimeOffset? _newest;
    DateTimeOffset? _began;
    DateTimeOffset? _reached;
    bool _ahead;

    public RestList List => list;

    /// <summary>Items that there are at least, by the vendor's counts.</summary>
    public long? Declared { get; private set; }

    /// <summary>Items that came.</summary>
    public long Items { get; private set; }

    /// <summary>Where the next walk starts; the same as before until this one has finished.</summary>
    public DateTimeOffset? Reached => _reached ?? since;

    /// <summary>The time to ask from, as the vendor writes it; null asks for everything.</summary>
    public string? Since()
    {
        if (list.Cursor is not { } cursor || since is not { } last)
        {
            return null;
        }

        var from = last - cursor.Overlap;
        return cursor.Unit switch
        {
            "seconds" => from.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            "milliseconds" => from.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture),
            "microseconds" => (from.ToUnixTimeMilliseconds() * 1000).ToString(CultureInfo.InvariantCulture),
            _ => from.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        };
    }

    /// <summary>Notes the vendor's clock at the first page; before the first item.</summary>
    public void Begin(DateTimeOffset vendorTime) => _began ??= vendorTime;

    /// <summary>
    /// Notes how many items the vendor says there are. What is added while the walk goes on may have come to a page behind us, and belongs to the
    /// next walk: the lowest count is the one to hold the vendor to.
    /// </summary>
    public void Declare(long total) => Declared = Math.Min(Declared ?? total, total);

    public void See(JsonElement item)
    {
        Items++;
        if (list.Cursor is not { } cursor || TimeOf(cursor, item) is not { } at)
        {
            return;
        }

        if (_began is { } began && at > began)
        {
            // Changed while the walk goes on, or dated into the future by mistake: neither tells how far the walk has come.
            _ahead = true;
        }
        else if (_newest is null || at > _newest)
        {
            _newest = at;
        }
    }

    /// <summary>Where the walk is, for a later process.</summary>
    public UnfinishedWalk LeftAt(bool deletes, Uri next, int page, DateTimeOffset now) => new(deletes, next.AbsoluteUri, page, Items, Declared, _began, _newest, now);

    /// <summary>Goes on where an earlier process stopped.</summary>
    public void Resume(UnfinishedWalk left) => (Items, Declared, _began, _newest) = (left.Items, left.Declared, left.Began, left.Newest);

    /// <summary>Begins at the first page.</summary>
    public void Restart() => (Items, Declared, _began, _newest) = (0, null, null, null);

    public void Finish()
    {
        if ((_newest ?? (_ahead ? _began : null)) is { } reached)
        {
            _reached = since is { } before && before > reached ? before : reached;
        }
    }

    /// <summary>Time of an item; null when it has none that is one.</summary>
    public static DateTimeOffset? TimeOf(CursorRule rule, JsonElement item)
    {
        if (rule.Field.Find(item) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number))
        {
            var milliseconds = rule.Unit switch
            {
                "milliseconds" => number,
                "microseconds" => number / 1000,
                _ => Math.Clamp(number, FirstUnixMillisecond / 1000, (LastUnixMillisecond / 1000) + 1) * 1000,
            };
            return milliseconds is >= FirstUnixMillisecond and <= LastUnixMillisecond ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null;
        }

        return JsonPath.TextOf(value) is { } text && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;
    }
}
