using StreamSync.Connectors.Sdk;
using StreamSync.Contracts.Ops;

namespace StreamSync.Connectors.Runtime;

/// <summary>How a stream does: what its worker knows, and what <c>ops.sync</c> says of it. Safe for threads in parallel.</summary>
/// <param name="context">The stream.</param>
/// <param name="comesByItself">True for styles whose source decides when something comes (files, webhooks): then nothing for long is worth a word.</param>
sealed class StreamStatus(StreamContext context, bool comesByItself)
{
    /// <summary>Time between rows of a stream that is busy.</summary>
    public static readonly TimeSpan Busy = TimeSpan.FromSeconds(2);

    /// <summary>What a stream waits for is news when it has waited so long; the pages of a poll are none.</summary>
    public static readonly TimeSpan Waited = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Time between rows that say no more than that the source still answers: often enough that the promise can be judged by the last of them.
    /// </summary>
    public TimeSpan SignOfLife { get; } = TimeSpan.FromTicks(Math.Clamp(context.Sync.Promise.Freshness.Ticks / 4, TimeSpan.FromSeconds(30).Ticks, TimeSpan.FromMinutes(5).Ticks));

    readonly Lock _gate = new();
    readonly DateTimeOffset _begun = context.Clock.GetUtcNow();
    bool _loaded;
    StreamCounters _counters = new();
    string? _error;
    string? _waitingFor = "the first run";
    DateTimeOffset _waitingSince;
    DateTimeOffset? _lastSuccess;
    DateTimeOffset? _lastRun;
    DateTimeOffset? _nextRun;
    long _emittedSinceStart;
    (string State, string? Reason, long Errors)? _published;
    string? _publishedWaitingFor;
    StreamCounters _publishedCounters = new();
    DateTimeOffset _publishedAt;

    public StreamCounters Counters
    {
        get
        {
            lock (_gate)
            {
                return _counters;
            }
        }
    }

    /// <summary>Changes published by this process.</summary>
    public long EmittedSinceStart
    {
        get
        {
            lock (_gate)
            {
                return _emittedSinceStart;
            }
        }
    }

    public string? WaitingFor
    {
        get
        {
            lock (_gate)
            {
                return _waitingFor;
            }
        }

        set
        {
            lock (_gate)
            {
                Wait(value);
            }
        }
    }

    /// <summary>The counts that were committed before are known.</summary>
    /// <param name="counters">Committed counts.</param>
    public void Loaded(StreamCounters counters)
    {
        lock (_gate)
        {
            _counters = counters;
            _loaded = true;
        }
    }

    public void RunStarted()
    {
        lock (_gate)
        {
            _lastRun = context.Clock.GetUtcNow();
            _nextRun = null;
            Wait(null);
        }
    }

    /// <summary>Records were committed: the source answers.</summary>
    public void Committed(StreamCounters counters)
    {
        lock (_gate)
        {
            _emittedSinceStart += counters.Emitted - _counters.Emitted;
            _counters = counters;
            Succeed();
        }
    }

    /// <summary>The source was asked and had nothing more.</summary>
    public void CaughtUp()
    {
        lock (_gate)
        {
            Succeed();
        }
    }

    /// <summary>A run failed.</summary>
    /// <param name="error">Why, in words for the owner.</param>
    /// <param name="next">When it is tried again.</param>
    public void Failed(string error, DateTimeOffset next)
    {
        lock (_gate)
        {
            _error = error;
            _nextRun = next;
            Wait("the next try");
            _counters = _counters with { Errors = _counters.Errors + 1 };
        }
    }

    /// <summary>
    /// The row for <c>ops.sync</c>, when there is something new to say or it is time for a sign of life; else null. Nothing is said before the
    /// counts are loaded, unless that fails: a row of zeros would take back what was said before.
    /// </summary>
    public SyncStatus? TakeNews()
    {
        lock (_gate)
        {
            if (!_loaded && _error is null)
            {
                return null;
            }

            var now = context.Clock.GetUtcNow();
            var (state, reason) = StateAt(now);
            var age = now - _publishedAt;
            if (_published is { } before && before == (state, reason, _counters.Errors))
            {
                var counted = _publishedCounters != _counters;
                var waits = _publishedWaitingFor != _waitingFor && now - _waitingSince >= Waited;
                if (age < ((counted || waits) ? Busy : SignOfLife))
                {
                    return null;
                }
            }

            return Take(now, state, reason);
        }
    }

    /// <summary>The last row of a stream that stops; null when the last one told all its counts.</summary>
    public SyncStatus? TakeLast()
    {
        lock (_gate)
        {
            if (!_loaded || _publishedCounters == _counters)
            {
                return null;
            }

            var now = context.Clock.GetUtcNow();
            var (state, reason) = StateAt(now);
            return Take(now, state, reason);
        }
    }

    SyncStatus Take(DateTimeOffset now, string state, string? reason)
    {
        _published = (state, reason, _counters.Errors);
        _publishedWaitingFor = _waitingFor;
        _publishedCounters = _counters;
        _publishedAt = now;
        return Row(now, state, reason);
    }

    void Wait(string? what)
    {
        if (_waitingFor != what)
        {
            _waitingFor = what;
            _waitingSince = context.Clock.GetUtcNow();
        }
    }

    void Succeed()
    {
        _lastSuccess = context.Clock.GetUtcNow();
        _error = null;
    }

    (string State, string? Reason) StateAt(DateTimeOffset now)
    {
        var promise = context.Sync.Promise.Freshness;
        if (_error is not null)
        {
            return ("failing", _error);
        }

        if (_lastSuccess is not { } success)
        {
            return ("starting", null);
        }

        if (now - success > promise)
        {
            return ("late", $"the source was last read to its end at {success.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, longer ago than promised");
        }

        // Where nothing has ever come, the wait counts from the start of this process.
        var arrival = _counters.LastRead == 0 ? _begun : new DateTimeOffset(_counters.LastRead, TimeSpan.Zero);
        if (context.Sync.Promise.Arrival is { } expected && now - arrival > expected)
        {
            var since = _counters.LastRead == 0 ? "nothing has come yet" : $"nothing new has come since {arrival:yyyy-MM-dd HH:mm} UTC";
            return ("late", $"{since}; something was promised every {InWords(expected)}");
        }

        if (comesByItself)
        {
            var patience = promise * 2 > TimeSpan.FromDays(1) ? promise * 2 : TimeSpan.FromDays(1);
            if (_counters.LastRead == 0)
            {
                return ("silent", "nothing has come yet");
            }

            if (now.UtcTicks - _counters.LastRead > patience.Ticks)
            {
                return ("silent", $"nothing has come since {new DateTime(_counters.LastRead, DateTimeKind.Utc):yyyy-MM-dd HH:mm} UTC");
            }
        }

        return ("fresh", null);
    }

    static string InWords(TimeSpan span) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{(span.TotalHours >= 1 ? span.TotalHours : span.TotalMinutes >= 1 ? span.TotalMinutes : span.TotalSeconds):0.#} {(span.TotalHours >= 1 ? "h" : span.TotalMinutes >= 1 ? "min" : "s")}");

    SyncStatus Row(DateTimeOffset now, string state, string? reason) => new()
    {
        SyncKey = context.Key,
        Org = context.Sync.Org,
        SyncId = context.Sync.Id,
        Stream = context.Stream.Name,
        Vendor = context.Connector.Vendor,
        Instance = context.Sync.Instance,
        State = state,
        StateReason = reason,
        OwnerName = context.Sync.Owner?.Name,
        OwnerKind = context.Sync.Owner?.Kind,
        OwnerContact = context.Sync.Owner?.Contact,
        PromiseSeconds = (long)context.Sync.Promise.Freshness.TotalSeconds,
        ArrivalSeconds = (long?)context.Sync.Promise.Arrival?.TotalSeconds,
        LastArrivalAt = _counters.LastRead == 0 ? null : new DateTime(_counters.LastRead, DateTimeKind.Utc),
        LastChangeAt = _counters.LastChange == 0 ? null : new DateTime(_counters.LastChange, DateTimeKind.Utc),
        LastSuccessAt = _lastSuccess?.UtcDateTime,
        LastRunAt = _lastRun?.UtcDateTime,
        NextRunAt = _nextRun?.UtcDateTime,
        RecordsRead = _counters.Read,
        RecordsEmitted = _counters.Emitted,
        RecordsQuarantined = _counters.Quarantined,
        QuarantineSettled = _counters.Settled,
        Runs = _counters.Runs,
        Errors = _counters.Errors,
        WaitingFor = _waitingFor,
        UpdatedAt = now.UtcDateTime,
    };
}
