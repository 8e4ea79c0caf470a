using System.Globalization;
using System.Text.Json.Nodes;
using StreamSync.Connectors.Rest;
using StreamSync.Connectors.Runtime;
using StreamSync.Connectors.Tests.Support;
using StreamSync.Contracts.Ops;
using StreamSync.Contracts.Source;
using StreamSync.Simulators;

namespace StreamSync.Connectors.Tests.Rest;

/// <summary>
/// One stream of a simulated vendor, read by the host's worker. Time runs twenty times as fast, so that polls, pauses and rate limits keep
/// their proportions.
/// </summary>
sealed class RestHarness : IAsyncDisposable
{
    /// <summary>Environment variable that stands for the key: any that is set and long.</summary>
    const string KeyVariable = "PATH";

    readonly ActionNetworkSimulator? _actionNetwork;
    readonly MobilizeSimulator? _mobilize;
    readonly string _stream;

    RestHarness(string vendor, string stream, TimeSpan ourClockAhead)
    {
        VendorClock = new FastClock(20, Start);
        Clock = ourClockAhead == TimeSpan.Zero ? VendorClock : new FastClock(20, Start + ourClockAhead);
        _stream = stream;
        if (vendor == "action_network")
        {
            _actionNetwork = new ActionNetworkSimulator(Key, VendorClock);
        }
        else
        {
            _mobilize = new MobilizeSimulator(7, Key, VendorClock);
        }
    }

    public static string Key => Environment.GetEnvironmentVariable(KeyVariable)!;

    /// <summary>Where the clocks begin.</summary>
    public static DateTimeOffset Start { get; } = new(2026, 10, 1, 12, 0, 0, TimeSpan.Zero);

    public FastClock Clock { get; }

    public FastClock VendorClock { get; }

    public MemoryCluster Cluster { get; } = new();

    public VendorSimulator Vendor => (VendorSimulator?)_actionNetwork ?? _mobilize!;

    public MobilizeSimulator Mobilize => _mobilize!;

    /// <summary>Items a page at most.</summary>
    public int PageSize => _mobilize is null ? 25 : 100;

    public StreamPlan Plan { get; private set; } = null!;

    /// <summary>Changes, tombstones left out.</summary>
    public IReadOnlyList<SourceChange> Changes => [.. Cluster.Changes(Plan.Topics).OfType<SourceChange>()];

    /// <summary>Last part of the URN of each record of the topic, tombstones included.</summary>
    public IEnumerable<string> Keys => Cluster.All.Where(r => r.Topic == Plan.Topics.Source.Name).Select(r => r.Key.Split('/')[^1]);

    public static async Task<RestHarness> StartAsync(string vendor, string stream, TimeSpan ourClockAhead = default, TimeSpan? timeout = null, string? key = null)
    {
        var harness = new RestHarness(vendor, stream, ourClockAhead);
        await harness.Vendor.StartAsync();
        var plan = TestSync.Plan(
            $$"""
            org: mi-wtp
            syncs:
              - id: tool
                connector: {{vendor}}
                instance: main
                promise: { freshness: 1h }
                streams: [{{stream}}]
                settings: { base_url: "{{harness.Vendor.BaseUrl}}", poll: 10s{{(vendor == "mobilize" ? ", organization: \"7\"" : string.Empty)}} }
                secrets: { token: "${env:{{key ?? KeyVariable}}}" }
            """,
            harness.Clock).Single();
        harness.Plan = timeout is { } limit ? plan with { Context = plan.Context with { Stream = plan.Context.Stream with { Options = ((RestOptions)plan.Context.Stream.Options) with { Timeout = limit } } } } : plan;
        return harness;
    }

    /// <summary>Puts items with these numbers into the tool, changed at these times.</summary>
    public void Put(IEnumerable<int> numbers, Func<int, DateTimeOffset> modified, Action<JsonObject>? more = null)
    {
        foreach (var i in numbers)
        {
            var item = Item(i, modified(i));
            more?.Invoke(item);
            switch (_stream)
            {
                case "people":
                    _actionNetwork!.PutPerson(item);
                    break;
                case "attendances":
                    _mobilize!.PutAttendance(item);
                    break;
                case "events" when _mobilize is not null:
                    _mobilize.PutEvent(item);
                    break;
                default:
                    _actionNetwork!.PutEvent(item);
                    break;
            }
        }
    }

    public void Put(int count, DateTimeOffset modified) => Put(Enumerable.Range(1, count), _ => modified);

    /// <summary>An item as JSON text, for pages that a test writes itself.</summary>
    public string Text(int i, DateTimeOffset modified) => Item(i, modified).ToJsonString();

    /// <summary>The id that an item has in the source URN.</summary>
    public string IdOf(int i) => _mobilize is null ? Uuid(i) : i.ToString(CultureInfo.InvariantCulture);

    /// <summary>A page with these items.</summary>
    public string Page(params string[] items)
    {
        var list = string.Join(',', items);
        return _mobilize is null
            ? $$$"""{"_links":{},"_embedded":{"osdi:{{{_stream}}}":[{{{list}}}]},"page":1}"""
            : $$"""{"count":{{items.Length}},"next":null,"previous":null,"data":[{{list}}]}""";
    }

    /// <summary>Starts a worker, as a process does.</summary>
    public RunningWorker Run() => new(this);

    /// <summary>Waits until something holds.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            await Task.Delay(5, patience.Token);
        }
    }

    /// <summary>Every item once, and nothing else.</summary>
    public void AssertEachOnce(int count) => Assert.Equal(Enumerable.Range(1, count).Select(IdOf).Order(), Keys.Order());

    public ValueTask DisposeAsync() => Vendor.DisposeAsync();

    static string Uuid(int i) => $"00000000-0000-4000-8000-{i:000000000000}";

    JsonObject Item(int i, DateTimeOffset modified) => _mobilize is null
        ? new JsonObject
        {
            ["identifiers"] = new JsonArray("other:1", "action_network:" + Uuid(i)),
            ["modified_date"] = modified.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            [_stream == "people" ? "given_name" : "title"] = "Name " + i.ToString(CultureInfo.InvariantCulture),
            ["_links"] = new JsonObject { ["self"] = new JsonObject { ["href"] = "https://example.org/" + Guid.NewGuid() } },
        }
        : new JsonObject { ["id"] = i, ["created_date"] = Start.ToUnixTimeSeconds(), ["modified_date"] = modified.ToUnixTimeSeconds(), [_stream == "events" ? "title" : "status"] = "REGISTERED" };

    /// <summary>A worker that runs until it is disposed of, as by a kill: what it has not committed is gone.</summary>
    public sealed class RunningWorker : IAsyncDisposable
    {
        readonly CancellationTokenSource _stop = new();
        readonly VendorSimulator _vendor;
        readonly StreamWorker _worker;
        readonly Task _running;

        public RunningWorker(RestHarness harness)
        {
            _vendor = harness.Vendor;
            _worker = new StreamWorker(harness.Plan, harness.Cluster, harness.Cluster.Codecs);
            _running = _worker.RunAsync(_stop.Token);
        }

        public StreamCounters Counters => _worker.Status.Counters;

        /// <summary>The row that would be written now, whether it is news or not.</summary>
        public StreamStatus Status => _worker.Status;

        /// <summary>Waits for a status row that fits.</summary>
        public async Task<SyncStatus> StatusAsync(Func<SyncStatus, bool> fits)
        {
            SyncStatus? found = null;
            await UntilAsync(() => Status.TakeNews() is { } row && fits(found = row));
            return found!;
        }

        /// <summary>Waits until so many polls that asked after this call have ended.</summary>
        public async Task PollsAsync(int more = 2)
        {
            for (var i = 0; i < more; i++)
            {
                var asked = _vendor.Requests;
                await UntilAsync(() => _vendor.Requests > asked);
                await UntilAsync(() => Status.WaitingFor?.StartsWith("the next poll", StringComparison.Ordinal) == true);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running;
            _stop.Dispose();
        }
    }
}
