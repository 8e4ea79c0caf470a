using Microsoft.Extensions.Time.Testing;
using StreamSync.Connectors.Sdk;

namespace StreamSync.Connectors.Tests.Sdk;

public class RequestBudgetTests
{
    static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);
    readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task A_burst_goes_through_and_then_the_rate_holds()
    {
        var budget = new RequestBudget(new RateLimitOptions(2, TimeSpan.FromSeconds(1), 3), _clock);
        await budget.AcquireAsync(default).AsTask().WaitAsync(Soon);
        await budget.AcquireAsync(default).AsTask().WaitAsync(Soon);
        await budget.AcquireAsync(default).AsTask().WaitAsync(Soon);
        var fourth = budget.AcquireAsync(default).AsTask();
        Assert.False(fourth.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(499));
        Assert.False(fourth.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(2));
        await fourth.WaitAsync(Soon);
    }

    [Fact]
    public async Task A_pause_holds_everybody_back_and_a_shorter_one_does_not_end_it()
    {
        var budget = new RequestBudget(null, _clock);
        budget.PauseFor(TimeSpan.FromSeconds(30));
        budget.PauseFor(TimeSpan.FromSeconds(5));
        var waiting = budget.AcquireAsync(default).AsTask();
        _clock.Advance(TimeSpan.FromSeconds(29));
        Assert.False(waiting.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await waiting.WaitAsync(Soon);
        await budget.AcquireAsync(default).AsTask().WaitAsync(Soon);
    }

    [Fact]
    public async Task Waiting_can_be_stopped()
    {
        var budget = new RequestBudget(null, _clock);
        budget.PauseFor(TimeSpan.FromHours(1));
        using var stop = new CancellationTokenSource();
        var waiting = budget.AcquireAsync(stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }
}
