namespace StreamSync.Connectors.Tests.Support;

/// <summary>A clock that runs faster than the world's: minutes of polls, pauses and retries take a test seconds.</summary>
/// <param name="speed">Seconds of this clock in one second.</param>
/// <param name="start">Its time at the beginning; default is now.</param>
sealed class FastClock(int speed, DateTimeOffset? start = null) : TimeProvider
{
    readonly long _origin = System.GetTimestamp();
    readonly DateTimeOffset _start = start ?? System.GetUtcNow();

    public override long TimestampFrequency => System.TimestampFrequency;

    public override long GetTimestamp() => _origin + ((System.GetTimestamp() - _origin) * speed);

    public override DateTimeOffset GetUtcNow() => _start + (System.GetElapsedTime(_origin) * speed);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new Timer(System.CreateTimer(callback, state, Real(dueTime), Real(period)), this);

    TimeSpan Real(TimeSpan time) => time <= TimeSpan.Zero ? time : TimeSpan.FromTicks(Math.Max(1, time.Ticks / speed));

    sealed class Timer(ITimer timer, FastClock clock) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(clock.Real(dueTime), clock.Real(period));

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
