using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using StreamSync.Connectors.Sdk;
using StreamSync.Contracts.Source;

namespace StreamSync.Connectors.Rest;

/// <summary>
/// Walks all pages of what changed since the last complete walk. The cursor moves only when a walk reached its end and the counts agree:
/// a walk that broke off is walked again, and what was read already is no change.
/// </summary>
internal sealed class RestReader : IStreamReader
{
    const int MaxPages = 1_000_000;
    const int RawLimit = 64 << 10;

    readonly StreamContext _context;
    readonly RestOptions _options;
    readonly RestClient _client;
    readonly JsonRecordReader _json;
    readonly TimeSpan _poll;

    public RestReader(StreamContext context, RestOptions options, HttpMessageHandler? handler)
    {
        _context = context;
        _options = options;
        _client = new RestClient(context, options, handler);
        _json = new JsonRecordReader(context.RecordSchema);
        var poll = options.Poll.Expand(context);
        _poll = TimeSpan.TryParse(poll, CultureInfo.InvariantCulture, out var span) || Durations.TryParse(poll, out span) ? span : TimeSpan.FromMinutes(1);
    }

    public async IAsyncEnumerable<ChangeBatch> ReadAsync(ReadStart start, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var state = Position.Parse(start.Checkpoint);
        var changed = new Walk(_options.List, state.Changed);
        await foreach (var batch in WalkAsync(changed, deletes: false, cancellationToken))
        {
            yield return batch;
        }

        var next = state with { Changed = changed.Reached };
        if (_options.Deleted is { } deletedList)
        {
            var deleted = new Walk(deletedList, state.Deleted);
            await foreach (var batch in WalkAsync(deleted, deletes: true, cancellationToken))
            {
                yield return batch;
            }

            next = next with { Deleted = deleted.Reached };
        }

        if (next != state)
        {
            yield return new ChangeBatch { Checkpoints = [new CheckpointMove(string.Empty, next.ToJson())] };
        }
    }

    public Task WaitForMoreAsync(CancellationToken cancellationToken)
    {
        _context.WaitingFor($"the next poll, every {_poll.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture)} s");
        return Task.Delay(_poll, _context.Clock, cancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    async IAsyncEnumerable<ChangeBatch> WalkAsync(Walk walk, bool deletes, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var url = _client.FirstPage(walk.List, walk.Since());
        var seen = new HashSet<Uri>();
        for (var number = 1; ; number++)
        {
            if (!seen.Add(url) || number > MaxPages)
            {
                throw new SourceException($"page {number} of {RestClient.Place(url)} was read already: the vendor's paging runs in a circle", "report it to the vendor; nothing is lost, the walk starts again");
            }

            _context.WaitingFor($"page {number.ToString(CultureInfo.InvariantCulture)} of {url.Host}");
            var page = await _client.GetAsync(url, cancellationToken);
            _context.WaitingFor(null);
            walk.Begin(page.VendorTime ?? _context.Clock.GetUtcNow());
            using var document = page.TryParse();
            if (document is null)
            {
                var place = $"{RestClient.Place(url)} page {number.ToString(CultureInfo.InvariantCulture)}";
                var raw = page.Body.AsMemory(0, Math.Min(page.Body.Length, RawLimit));
                yield return new ChangeBatch
                {
                    Rejected = [new RejectedInput("not_json", $"the vendor answered with {page.Kind()} where JSON belongs", "see the vendor's status page; the page is asked for again", place, raw) { RawTruncated = raw.Length < page.Body.Length, ContentType = page.ContentType }],
                };
                throw new SourceException($"{place} answered with {page.Kind()} where JSON belongs", "the walk starts again at the next try; what was read before is kept");
            }

            if (walk.List.Items.Find(document.RootElement) is not { ValueKind: JsonValueKind.Array } items)
            {
                throw new SourceException($"the answer of {RestClient.Place(url)} has no list at '{walk.List.Items.Text}'", "the vendor changed the layout: mend 'items' in connector.yaml");
            }

            var declared = walk.List.Count?.Find(document.RootElement);
            if (declared is { ValueKind: JsonValueKind.Number } count && count.TryGetInt64(out var total))
            {
                walk.Declared = total;
            }

            var batch = ReadItems(walk, items, url, number, deletes);
            if (batch.Records.Count + batch.Rejected.Count + batch.Findings.Count > 0)
            {
                yield return batch;
            }

            if (NextPage(walk.List, document.RootElement, items, url, number) is not { } next)
            {
                break;
            }

            url = next;
        }

        if (walk.Declared is { } expected && walk.Items < expected)
        {
            throw new SourceException(
                string.Create(CultureInfo.InvariantCulture, $"{RestClient.Place(url)} said {expected} items and gave {walk.Items}"),
                "the walk starts again; when it stays so, report it to the vendor");
        }

        walk.Finish();
    }

    Uri? NextPage(RestList list, JsonElement root, JsonElement items, Uri url, int number)
    {
        if (list.Next?.Link is { } link)
        {
            return link.Find(root) is { ValueKind: JsonValueKind.String } text && text.GetString() is { Length: > 0 } next ? _client.Follow(url, next) : null;
        }

        if (list.Next?.PageParameter is { } parameter && items.GetArrayLength() > 0)
        {
            var query = url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Where(q => !q.StartsWith(Uri.EscapeDataString(parameter) + "=", StringComparison.Ordinal));
            return new UriBuilder(url) { Query = string.Join('&', query.Append($"{Uri.EscapeDataString(parameter)}={(number + 1).ToString(CultureInfo.InvariantCulture)}")) }.Uri;
        }

        return null;
    }

    ChangeBatch ReadItems(Walk walk, JsonElement items, Uri url, int number, bool deletes)
    {
        var records = new List<SourceRecord>(items.GetArrayLength());
        var rejected = new List<RejectedInput>();
        var unknown = new Dictionary<string, long>();
        var index = 0;
        foreach (var item in items.EnumerateArray())
        {
            index++;
            walk.Items++;
            walk.See(item);
            var place = string.Create(CultureInfo.InvariantCulture, $"{RestClient.Place(url)} page {number} item {index}");
            if (Make(item, place, deletes, unknown, out var record, out var refusal))
            {
                records.Add(record);
            }
            else
            {
                rejected.Add(new RejectedInput(refusal.ReasonCode, refusal.Reason, refusal.Remedy, place, Encoding.UTF8.GetBytes(item.GetRawText())) { ContentType = "application/json" });
            }
        }

        var findings = unknown.Select(u => new FindingNote(
            "unknown_field", u.Key, FindingSeverity.Info, "the vendor sends a field that the schema does not know; it is kept in extras", "add it to the stream's schema when it matters", u.Value));
        return new ChangeBatch { Records = records, Rejected = rejected, Findings = [.. findings] };
    }

    bool Make(JsonElement item, string place, bool deletes, Dictionary<string, long> unknown, out SourceRecord record, out Refusal refusal)
    {
        record = null!;
        if (!_json.TryRead(item, out var read, out refusal))
        {
            return false;
        }

        foreach (var (field, rule) in _options.Derive)
        {
            if (rule.From.Find(item) is { ValueKind: JsonValueKind.Array } texts)
            {
                var match = texts.EnumerateArray().Select(t => t.ValueKind == JsonValueKind.String ? t.GetString() : null).FirstOrDefault(t => t?.StartsWith(rule.Prefix, StringComparison.Ordinal) == true);
                read.Record.Add(field, match?[rule.Prefix.Length..]);
            }
        }

        if (deletes)
        {
            var at = WalkTime(_options.Deleted!.Cursor, item);
            return _context.Records.TryCreate(
                new RecordDraft { Before = read.Record, Op = ChangeOp.Delete, DeleteKind = "explicit", Position = place, VersionOrder = at?.UtcTicks },
                out record,
                out refusal);
        }

        foreach (var name in read.Unknown)
        {
            unknown[name] = unknown.GetValueOrDefault(name) + 1;
        }

        return _context.Records.TryCreate(
            new RecordDraft { After = read.Record, Extras = read.Extras, Position = place, ChangedFields = _context.Stream.Partial ? read.Present : null },
            out record,
            out refusal);

        static DateTimeOffset? WalkTime(CursorRule? rule, JsonElement item) => rule is null ? null : Walk.TimeOf(rule, item);
    }

    /// <summary>One way through all pages of a list.</summary>
    sealed class Walk(RestList list, DateTimeOffset? since)
    {
        DateTimeOffset? _newest;
        DateTimeOffset? _began;
        DateTimeOffset? _reached;

        public RestList List => list;

        /// <summary>Items that the vendor said there are.</summary>
        public long? Declared { get; set; }

        /// <summary>Items that came.</summary>
        public long Items { get; set; }

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

        /// <summary>Notes the vendor's clock at the first page: an item changed while the walk goes on may have moved past us.</summary>
        public void Begin(DateTimeOffset vendorTime) => _began ??= vendorTime;

        public void See(JsonElement item)
        {
            if (list.Cursor is { } cursor && TimeOf(cursor, item) is { } at && (_newest is null || at > _newest))
            {
                _newest = at;
            }
        }

        public void Finish()
        {
            if (_newest is { } newest)
            {
                var reached = _began is { } began && began < newest ? began : newest;
                _reached = since is { } before && before > reached ? before : reached;
            }
        }

        public static DateTimeOffset? TimeOf(CursorRule rule, JsonElement item)
        {
            if (rule.Field.Find(item) is not { } value)
            {
                return null;
            }

            if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number))
            {
                return rule.Unit switch
                {
                    "milliseconds" => DateTimeOffset.FromUnixTimeMilliseconds(number),
                    "microseconds" => DateTimeOffset.FromUnixTimeMilliseconds(number / 1000),
                    _ => DateTimeOffset.FromUnixTimeSeconds(number),
                };
            }

            return value.ValueKind == JsonValueKind.String && DateTimeOffset.TryParse(value.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;
        }
    }

    /// <summary>The stream's checkpoint.</summary>
    sealed record Position(DateTimeOffset? Changed, DateTimeOffset? Deleted)
    {
        public static Position Parse(string? json)
        {
            if (json is null || JsonNode.Parse(json) is not JsonObject state)
            {
                return new Position(null, null);
            }

            return new Position((DateTimeOffset?)state["changed"], (DateTimeOffset?)state["deleted"]);
        }

        public string ToJson() => new JsonObject { ["changed"] = Changed, ["deleted"] = Deleted }.ToJsonString();
    }
}
