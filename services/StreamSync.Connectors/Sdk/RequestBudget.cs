namespace StreamSync.Connectors.Sdk;

/// <summary>
/// Requests that one credential may make: a token bucket shared by all streams that use it, and a pause when the vendor asks for one
/// (<c>Retry-After</c>). Another credential has another budget, so a blocked account stalls nobody else.
/// </summary>
sealed class RequestBudget
{
    readonly Lock _gate = new();
    readonly TimeProvider _clock;
    readonly double _perSecond;
    readonly double _burst;
    double _tokens;
    DateTimeOffset _filled;
    DateTimeOffset _pausedUntil;

    /// <param name="limit">The vendor's limit; null for none.</param>
    /// <param name="clock">Clock.</param>
    public RequestBudget(RateLimitOptions? limit, TimeProvider clock)
    {
        _clock = clock;
        _perSecond = limit is null ? double.PositiveInfinity : limit.Requests / limit.Per.TotalSeconds;
        _burst = _tokens = limit?.Burst ?? double.PositiveInfinity;
        _filled = clock.GetUtcNow();
    }

    /// <summary>Until when the vendor wants no request; in the past when it does not mind.</summary>
    public DateTimeOffset PausedUntil
    {
        get
        {
            lock (_gate)
            {
                return _pausedUntil;
            }
        }
    }

    /// <summary>Waits for the right to make one request.</summary>
    public async ValueTask AcquireAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var wait = TryTake();
            if (wait <= TimeSpan.Zero)
            {
                return;
            }

            await Task.Delay(wait, _clock, cancellationToken);
        }
    }

    /// <summary>Lets no request through for a while; a shorter pause never ends a longer one.</summary>
    public void PauseFor(TimeSpan pause)
    {
        lock (_gate)
        {
            var until = _clock.GetUtcNow() + pause;
            _pausedUntil = until > _pausedUntil ? until : _pausedUntil;
        }
    }

    /// <returns>Zero when a token was taken, else how long to wait before asking again.</returns>
    TimeSpan TryTake()
    {
        lock (_gate)
        {
            var now = _clock.GetUtcNow();
            if (now < _pausedUntil)
            {
                return _pausedUntil - now;
            }

            if (double.IsInfinity(_perSecond))
            {
                return TimeSpan.Zero;
            }

            _tokens = Math.Min(_burst, _tokens + ((now - _filled).TotalSeconds * _perSecond));
            _filled = now;
            if (_tokens >= 1)
            {
                _tokens--;
                return TimeSpan.Zero;
            }

            // Rounded up: a timer never fires early, and a zero wait would spin.
            return TimeSpan.FromMilliseconds(Math.Ceiling((1 - _tokens) / _perSecond * 1000));
        }
    }
}
