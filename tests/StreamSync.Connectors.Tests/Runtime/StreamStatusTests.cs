using Microsoft.Extensions.Time.Testing;
using StreamSync.Connectors.Runtime;
using StreamSync.Connectors.Tests.Support;

namespace StreamSync.Connectors.Tests.Runtime;

public sealed class StreamStatusTests : IDisposable
{
    readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 10, 1, 12, 0, 0, TimeSpan.Zero));
    readonly TempFolder _folder = new();
    readonly StreamStatus _status;

    public StreamStatusTests() => _status = Status("{ freshness: 15m }");

    StreamStatus Status(string promise) => new(
        TestSync.Plan(
            $$"""
            org: mi-wtp
            syncs:
              - id: drops
                connector: ngpvan
                instance: c77
                owner: { name: Data desk, kind: hub, contact: data@example.org }
                promise: {{promise}}
                streams: [users]
                settings: { folder: "{{_folder.Path}}" }
            """,
            _clock).Single().Context,
        comesByItself: true);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Nothing_is_said_before_the_counts_are_loaded()
    {
        _status.WaitingFor = "the broker";
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(_status.TakeNews());
        Assert.Null(_status.TakeLast());
        _status.Loaded(new StreamCounters { Read = 2400, Emitted = 2400 });
        var row = _status.TakeNews()!;
        Assert.Equal(("starting", 2400L), (row.State, row.RecordsRead));
    }

    [Fact]
    public void That_loading_fails_is_said()
    {
        _status.Failed("the broker does not answer", _clock.GetUtcNow().AddSeconds(1));
        Assert.Equal(("failing", "the broker does not answer"), (_status.TakeNews() is { } row ? (row.State, row.StateReason) : default));
    }

    [Fact]
    public void A_stream_that_stops_says_its_last_counts_once()
    {
        _status.Loaded(new StreamCounters());
        _status.Committed(new StreamCounters { Read = 1, LastRead = _clock.GetUtcNow().UtcTicks });
        Assert.NotNull(_status.TakeNews());
        Assert.Null(_status.TakeLast());
        _status.Committed(new StreamCounters { Read = 7, LastRead = _clock.GetUtcNow().UtcTicks });
        Assert.Null(_status.TakeNews());
        Assert.Equal(7, _status.TakeLast()!.RecordsRead);
        Assert.Null(_status.TakeLast());
    }

    [Fact]
    public void The_row_names_owner_promise_and_counts()
    {
        _status.Loaded(new StreamCounters());
        _status.RunStarted();
        _status.Committed(new StreamCounters { Read = 10, Emitted = 8, Quarantined = 1, Runs = 1, LastRead = _clock.GetUtcNow().UtcTicks, LastChange = _clock.GetUtcNow().UtcTicks });
        var row = _status.TakeNews()!;
        Assert.Equal(("mi-wtp/drops/users", "fresh", "Data desk", "hub", "data@example.org", 900L), (row.SyncKey, row.State, row.OwnerName, row.OwnerKind, row.OwnerContact, row.PromiseSeconds!.Value));
        Assert.Equal((10L, 8L, 1L, 1L), (row.RecordsRead, row.RecordsEmitted, row.RecordsQuarantined, row.Runs));
        Assert.Equal(_clock.GetUtcNow().UtcDateTime, row.LastSuccessAt);
    }

    [Fact]
    public void States_follow_what_happens()
    {
        _status.Loaded(new StreamCounters());
        Assert.Equal("starting", State());
        _status.CaughtUp();
        Assert.Equal("silent", State());
        _status.Committed(new StreamCounters { Read = 1, LastRead = _clock.GetUtcNow().UtcTicks });
        Assert.Equal("fresh", State());
        _status.Failed("the folder is not there", _clock.GetUtcNow().AddSeconds(5));
        Assert.Equal("failing", State());
        _status.CaughtUp();
        Assert.Equal("fresh", State());
        _clock.Advance(TimeSpan.FromMinutes(16));
        Assert.Equal("late", State());
        _clock.Advance(TimeSpan.FromDays(1));
        _status.CaughtUp();
        Assert.Equal("silent", State());
    }

    [Fact]
    public void A_source_that_promised_to_bring_something_is_late_when_it_does_not_and_keeps_its_promise_again_when_it_does()
    {
        var status = Status("{ freshness: 15m, arrival: 26h }");
        status.Loaded(new StreamCounters());
        Assert.Equal("silent", Look().State);
        Pass(TimeSpan.FromHours(27));
        Assert.Equal(("late", "nothing has come yet; something was promised every 26 h"), (Look().State, Look().StateReason));
        var arrived = _clock.GetUtcNow().UtcDateTime;
        status.Committed(new StreamCounters { Read = 1, LastRead = arrived.Ticks });
        var kept = Look();
        Assert.Equal(("fresh", 26 * 3600L, arrived), (kept.State, kept.ArrivalSeconds!.Value, kept.LastArrivalAt!.Value));
        Pass(TimeSpan.FromHours(25));
        Assert.Equal("silent", Look().State);
        Pass(TimeSpan.FromHours(2));
        Assert.Equal("late", Look().State);

        // A start does not make it forget.
        status = Status("{ freshness: 15m, arrival: 26h }");
        status.Loaded(new StreamCounters { Read = 1, LastRead = arrived.Ticks });
        Assert.Equal("late", Look().State);

        void Pass(TimeSpan time)
        {
            _clock.Advance(time);
            status.CaughtUp();
        }

        Contracts.Ops.SyncStatus Look()
        {
            status.CaughtUp();
            _clock.Advance(TimeSpan.FromSeconds(300));
            status.CaughtUp();
            return status.TakeNews()!;
        }
    }

    [Fact]
    public void Polls_that_bring_nothing_are_no_news_but_for_a_sign_of_life_within_a_quarter_of_the_promise()
    {
        Assert.Equal(TimeSpan.FromMinutes(3.75), _status.SignOfLife);
        _status.Loaded(new StreamCounters());
        _status.CaughtUp();
        Assert.NotNull(_status.TakeNews());
        Assert.Null(_status.TakeNews());
        for (var left = _status.SignOfLife - TimeSpan.FromSeconds(1); left > TimeSpan.Zero; left -= TimeSpan.FromSeconds(1))
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            _status.RunStarted();
            _status.WaitingFor = "page 1 of api.example.org";
            Assert.Null(_status.TakeNews());
            _status.CaughtUp();
            _status.WaitingFor = "the next poll, every 1 s";
            Assert.Null(_status.TakeNews());
        }

        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(_status.TakeNews());
        _status.Failed("gone", _clock.GetUtcNow());
        Assert.NotNull(_status.TakeNews());
    }

    [Fact]
    public void What_a_stream_has_waited_for_for_a_while_is_news()
    {
        _status.Loaded(new StreamCounters());
        _status.CaughtUp();
        Assert.NotNull(_status.TakeNews());
        _status.WaitingFor = "the replication slot";
        _clock.Advance(StreamStatus.Waited - TimeSpan.FromSeconds(1));
        Assert.Null(_status.TakeNews());
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("the replication slot", _status.TakeNews()!.WaitingFor);
    }

    [Fact]
    public void A_busy_stream_says_so_every_two_seconds()
    {
        _status.Loaded(new StreamCounters());
        _status.Committed(new StreamCounters { Read = 1, LastRead = _clock.GetUtcNow().UtcTicks });
        Assert.NotNull(_status.TakeNews());
        var rows = 0;
        for (var i = 2; i <= 41; i++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(500));
            _status.Committed(new StreamCounters { Read = i, LastRead = _clock.GetUtcNow().UtcTicks });
            rows += _status.TakeNews() is null ? 0 : 1;
        }

        Assert.Equal(10, rows);
    }

    string State() => _status.TakeNews()!.State;
}
