using StreamSync.Connectors.Sdk;
using StreamSync.Contracts.Ops;

namespace StreamSync.Connectors.Runtime;

/// <summary>How a stream does: what its worker knows, and what <c>ops.sync</c> says of it. Safe for threads in parallel.</summary>
/// <param name="context">The stream.</param>
/// <param name="comesByItself">True for styles whose source decides when something comes (files, webhooks): then nothing for long is worth a word.</param>
sealed class StreamStatus(StreamContext context, bool comesByItself)
{
    /// <summary>Time between rows that say nothing new.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(30);

    /// <summary>Time between rows of a stream that is busy.</summary>
    public static readonly TimeSpan Busy = TimeSpan.FromSeconds(2);

    readonly Lock _gate = new();
    StreamCounters _counters = new();
    string? _error;
    string? _waitingFor = "the first run";
    DateTimeOffset? _lastSuccess;
    DateTimeOffset? _lastRun;
    DateTimeOffset? _nextRun;
    long _emittedSinceStart;
    (string State, string? Reason, string? WaitingFor, long Errors)? _published;
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
                _waitingFor = value;
            }
        }
    }

    public void Loaded(StreamCounters counters)
    {
        lock (_gate)
        {
            _counters = counters;
        }
    }

    public void RunStarted()
    {
        lock (_gate)
        {
            _lastRun = context.Clock.GetUtcNow();
            _nextRun = null;
            _waitingFor = null;
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
            _waitingFor = "the next try";
            _counters = _counters with { Errors = _counters.Errors + 1 };
        }
    }

    /// <summary>The row for <c>ops.sync</c>, when there is something new to say or it is time for a sign of life; else null.</summary>
    public SyncStatus? TakeNews()
    {
        lock (_gate)
        {
            var now = context.Clock.GetUtcNow();
            var (state, reason) = StateAt(now);
            var news = (state, reason, _waitingFor, _counters.Errors);
            var age = now - _publishedAt;
            if (_published == news && !(age >= Busy && _publishedCounters != _counters) && age < Heartbeat)
            {
                return null;
            }

            // What a stream waits for changes with each page or file: no more than the counts does it make news.
            if (_published is { } before && (before.State, before.Reason, before.Errors) == (state, reason, _counters.Errors) && age < Busy)
            {
                return null;
            }

            _published = news;
            _publishedCounters = _counters;
            _publishedAt = now;
            return Row(now, state, reason);
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
        LastChangeAt = _counters.LastChange == 0 ? null : new DateTime(_counters.LastChange, DateTimeKind.Utc),
        LastSuccessAt = _lastSuccess?.UtcDateTime,
        LastRunAt = _lastRun?.UtcDateTime,
        NextRunAt = _nextRun?.UtcDateTime,
        RecordsRead = _counters.Read,
        RecordsEmitted = _counters.Emitted,
        RecordsQuarantined = _counters.Quarantined,
        Runs = _counters.Runs,
        Errors = _counters.Errors,
        WaitingFor = _waitingFor,
        UpdatedAt = now.UtcDateTime,
    };
}
