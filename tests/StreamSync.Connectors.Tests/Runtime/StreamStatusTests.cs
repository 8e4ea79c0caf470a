using Microsoft.Extensions.Time.Testing;
using StreamSync.Connectors.Runtime;
using StreamSync.Connectors.Tests.Support;

namespace StreamSync.Connectors.Tests.Runtime;

public sealed class StreamStatusTests : IDisposable
{
    readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 10, 1, 12, 0, 0, TimeSpan.Zero));
    readonly TempFolder _folder = new();
    readonly StreamStatus _status;

    public StreamStatusTests() => _status = new StreamStatus(
        TestSync.Plan(
            $$"""
            org: mi-wtp
            syncs:
              - id: drops
                connector: ngpvan
                instance: c77
                owner: { name: Data desk, kind: hub, contact: data@example.org }
                promise: { freshness: 15m }
                streams: [users]
                settings: { folder: "{{_folder.Path}}" }
            """,
            _clock).Single().Context,
        comesByItself: true);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_row_names_owner_promise_and_counts()
    {
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
    public void Nothing_new_is_said_no_more_than_twice_a_minute_and_news_at_once()
    {
        _status.CaughtUp();
        Assert.NotNull(_status.TakeNews());
        Assert.Null(_status.TakeNews());
        for (var i = 0; i < 29; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            _status.CaughtUp();
            Assert.Null(_status.TakeNews());
        }

        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(_status.TakeNews());
        _status.Failed("gone", _clock.GetUtcNow());
        Assert.NotNull(_status.TakeNews());
    }

    [Fact]
    public void A_busy_stream_says_so_every_two_seconds()
    {
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

    string State()
    {
        _clock.Advance(StreamStatus.Busy);
        return _status.TakeNews()!.State;
    }
}
