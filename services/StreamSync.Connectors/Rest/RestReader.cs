using System.Globalization;
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using StreamSync.Connectors.Sdk;
using StreamSync.Contracts.Source;

namespace StreamSync.Connectors.Rest;

/// <summary>
/// Walks all pages of what changed since the last complete walk. The cursor moves only when a walk reached its end and the counts agree; a walk
/// that broke off goes on near the page where it stopped, or starts anew, and what was read already is no change.
/// </summary>
internal sealed class RestReader : IStreamReader
{
    const int MaxPages = 1_000_000;
    const int RawLimit = 64 << 10;

    /// <summary>So often a page that is no list of items is asked for again before the run fails.</summary>
    const int BadPageRetries = 3;

    /// <summary>A long walk notes where it is after so many pages; a short one, as of most polls, writes nothing.</summary>
    const int PagesPerNote = 20;

    /// <summary>Rejects that a walk remembers, so that reading them again makes no further entries.</summary>
    const int MaxRejects = 1000;

    static readonly TimeSpan BadPagePause = TimeSpan.FromSeconds(1);

    /// <summary>An older walk starts anew: vendors' links expire, and what they list moves from page to page.</summary>
    static readonly TimeSpan GoOnWithin = TimeSpan.FromHours(1);

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
        var before = RestPosition.Parse(start.Checkpoint);
        var run = new Run(before);
        if (before.Walk?.Deletes != true)
        {
            var changed = new RestWalk(_options.List, before.Changed);
            await foreach (var batch in WalkAsync(run, changed, deletes: false, cancellationToken))
            {
                yield return batch;
            }

            run.Position = run.Position with { Changed = changed.Reached };
        }

        if (_options.Deleted is { } deletedList)
        {
            var deleted = new RestWalk(deletedList, before.Deleted);
            await foreach (var batch in WalkAsync(run, deleted, deletes: true, cancellationToken))
            {
                yield return batch;
            }

            run.Position = run.Position with { Deleted = deleted.Reached };
        }

        // What was rejected in this run may come again in the next one; what was not, does not.
        run.Position = run.Position with { Walk = null, Rejects = before.Walk is null ? run.Seen : run.Position.Rejects };
        if (!run.Position.Equals(before))
        {
            yield return new ChangeBatch { Checkpoints = [run.Checkpoint()] };
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

    async IAsyncEnumerable<ChangeBatch> WalkAsync(Run run, RestWalk walk, bool deletes, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var url = _client.FirstPage(walk.List, walk.Since());
        var number = 1;
        var goesOn = false;
        if (run.Position.Walk is { } left && left.Deletes == deletes && _context.Clock.GetUtcNow() - left.At < GoOnWithin && _client.Owns(left.Url))
        {
            (url, number, goesOn) = (new Uri(left.Url), left.Page, true);
            walk.Resume(left);
        }

        var seen = new HashSet<Uri>();
        var bad = 0;
        while (true)
        {
            if (number > MaxPages || (bad == 0 && !seen.Add(url)))
            {
                throw new SourceException($"page {number} of {RestClient.Place(url)} was read already: the vendor's paging runs in a circle", "report it to the vendor; nothing is lost, the walk starts again");
            }

            _context.WaitingFor($"page {number.ToString(CultureInfo.InvariantCulture)} of {url.Host}");
            if (await _client.GetAsync(url, mayBeGone: goesOn, cancellationToken) is not { } page)
            {
                // The link of a walk that broke off has expired: the walk starts anew.
                (url, number, goesOn) = (_client.FirstPage(walk.List, walk.Since()), 1, false);
                walk.Restart();
                seen.Clear();
                continue;
            }

            _context.WaitingFor(null);
            walk.Begin(page.VendorTime ?? _context.Clock.GetUtcNow());
            goesOn = false;
            var place = $"{RestClient.Place(url)} page {number.ToString(CultureInfo.InvariantCulture)}";
            using var document = page.TryParse();
            if (document is null || walk.List.Items.Find(document.RootElement) is not { ValueKind: JsonValueKind.Array } items)
            {
                var rejected = document is null
                    ? new RejectedInput("not_json", $"the vendor answered with {page.Kind()} where JSON belongs", "see the vendor's status page; the page is asked for again", place, Head(page.Body))
                    : new RejectedInput("no_items", $"the answer has no list at '{walk.List.Items.Text}'", "the page is asked for again; when the vendor changed the layout, mend 'items' in connector.yaml", place, Head(page.Body));
                if (run.Reject(rejected with { RawTruncated = page.Body.Length > RawLimit, ContentType = page.ContentType }) is { } batch)
                {
                    yield return batch;
                }

                if (++bad > BadPageRetries)
                {
                    throw new SourceException($"{place}: {rejected.Reason}", $"{rejected.Remedy}; what was read before is kept");
                }

                await Task.Delay(BadPagePause * (1 << (bad - 1)), _context.Clock, cancellationToken);
                continue;
            }

            bad = 0;
            if (walk.List.Count?.Find(document.RootElement) is { ValueKind: JsonValueKind.Number } count && count.TryGetInt64(out var total))
            {
                walk.Declare(total);
            }

            foreach (var batch in ReadItems(run, walk, items, place, deletes))
            {
                yield return batch;
            }

            if (NextPage(walk.List, document.RootElement, items, url, number) is not { } next)
            {
                break;
            }

            (url, number) = (next, number + 1);
            if (number % PagesPerNote == 0 && !walk.List.HasSecrets)
            {
                run.Position = run.Position with { Walk = walk.LeftAt(deletes, url, number, _context.Clock.GetUtcNow()) };
                yield return new ChangeBatch { Checkpoints = [run.Checkpoint()] };
            }
        }

        if (walk.Declared is { } expected && walk.Items < expected)
        {
            throw new SourceException(
                string.Create(CultureInfo.InvariantCulture, $"{RestClient.Place(url)} said {expected} items and gave {walk.Items}"),
                "the walk starts again; when it stays so, report it to the vendor");
        }

        walk.Finish();
        run.Position = run.Position with { Walk = null };
    }

    Uri? NextPage(RestList list, JsonElement root, JsonElement items, Uri url, int number)
    {
        if (list.Next?.Link is { } link)
        {
            return link.Find(root) is { } text && JsonPath.TextOf(text) is { Length: > 0 } next ? _client.Follow(url, next) : null;
        }

        if (list.Next?.PageParameter is { } parameter && items.GetArrayLength() > 0)
        {
            var query = url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Where(q => !q.StartsWith(Uri.EscapeDataString(parameter) + "=", StringComparison.Ordinal));
            return new UriBuilder(url) { Query = string.Join('&', query.Append($"{Uri.EscapeDataString(parameter)}={(number + 1).ToString(CultureInfo.InvariantCulture)}")) }.Uri;
        }

        return null;
    }

    IEnumerable<ChangeBatch> ReadItems(Run run, RestWalk walk, JsonElement items, string page, bool deletes)
    {
        var records = new List<SourceRecord>(items.GetArrayLength());
        var index = 0;
        foreach (var item in items.EnumerateArray())
        {
            index++;
            walk.See(item);
            var place = string.Create(CultureInfo.InvariantCulture, $"{page} item {index}");
            if (Make(item, place, deletes, out var record, out var refusal))
            {
                records.Add(record);
            }
            else
            {
                var raw = JsonMarshal.GetRawUtf8Value(item);
                var rejected = new RejectedInput(refusal.ReasonCode, refusal.Reason, refusal.Remedy, place, raw[..Math.Min(raw.Length, RawLimit)].ToArray()) { RawTruncated = raw.Length > RawLimit, ContentType = "application/json" };
                if (run.Reject(rejected) is { } batch)
                {
                    yield return batch;
                }
            }
        }

        if (records.Count > 0)
        {
            yield return new ChangeBatch { Records = records };
        }
    }

    bool Make(JsonElement item, string place, bool deletes, out SourceRecord record, out Refusal refusal)
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
                var match = texts.EnumerateArray().Select(JsonPath.TextOf).FirstOrDefault(t => t?.StartsWith(rule.Prefix, StringComparison.Ordinal) == true);
                read.Record.Add(field, match?[rule.Prefix.Length..]);
            }
        }

        var draft = deletes
            ? new RecordDraft { Before = read.Record, Op = ChangeOp.Delete, DeleteKind = "explicit", Position = place, VersionOrder = _options.Deleted!.Cursor is { } cursor ? RestWalk.TimeOf(cursor, item)?.UtcTicks : null }
            : new RecordDraft { After = read.Record, Extras = read.Extras, Unknown = read.Unknown, Position = place, ChangedFields = _context.Stream.Partial ? read.Present : null };
        return _context.Records.TryCreate(draft, out record, out refusal);
    }

    static ReadOnlyMemory<byte> Head(byte[] body) => body.AsMemory(0, Math.Min(body.Length, RawLimit));

    /// <summary>What a run knows while it goes on: the position, and the rejects it has met.</summary>
    sealed class Run(RestPosition position)
    {
        readonly SortedSet<string> _told = new(position.Rejects, StringComparer.Ordinal);
        readonly SortedSet<string> _seen = new(StringComparer.Ordinal);

        public RestPosition Position { get; set; } = position;

        /// <summary>Rejects of this run.</summary>
        public IReadOnlyList<string> Seen => [.. _seen.Take(MaxRejects)];

        public CheckpointMove Checkpoint() => new(string.Empty, Position.ToJson());

        /// <summary>The batch that puts an input into quarantine, with the note that it is there; null when it is there already.</summary>
        public ChangeBatch? Reject(RejectedInput rejected)
        {
            var hash = new XxHash64();
            hash.Append(Encoding.UTF8.GetBytes(rejected.ReasonCode));
            hash.Append(rejected.Raw.Span);
            var id = hash.GetCurrentHashAsUInt64().ToString("x16", CultureInfo.InvariantCulture);
            _seen.Add(id);
            if (!_told.Add(id))
            {
                return null;
            }

            Position = Position with { Rejects = [.. _told.Take(MaxRejects)] };
            return new ChangeBatch { Rejected = [rejected], Checkpoints = [Checkpoint()] };
        }
    }
}
