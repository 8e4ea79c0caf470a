using StreamSync.Contracts.Ops;

namespace StreamSync.Console.Ops;

/// <summary>How a stream does, from best to worst.</summary>
enum StreamState
{
    /// <summary>Keeps its promise.</summary>
    Fresh,

    /// <summary>Has not ended a run yet.</summary>
    Starting,

    /// <summary>Paused by its owner.</summary>
    Paused,

    /// <summary>Runs well but brings nothing, against expectation.</summary>
    Silent,

    /// <summary>Its data is older than promised.</summary>
    Late,

    /// <summary>Its last run failed.</summary>
    Failing,
}

/// <summary>
/// A stream as the console shows it. A stream that has stopped reporting can't call itself late, so its age is held to the promise here, at
/// the moment of looking.
/// </summary>
/// <param name="Status">What it reported last.</param>
/// <param name="State">How it does now.</param>
/// <param name="Age">Time since its last run that ended well; null when there was none.</param>
/// <param name="Findings">What was found on it, worst first.</param>
sealed record SyncView(SyncStatus Status, StreamState State, TimeSpan? Age, IReadOnlyList<Finding> Findings)
{
    /// <summary>The freshness promise, or null.</summary>
    public TimeSpan? Promise => Status.PromiseSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>The promise of arrival, or null.</summary>
    public TimeSpan? Arrival => Status.ArrivalSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>All streams, worst first.</summary>
    public static IReadOnlyList<SyncView> All(IEnumerable<SyncStatus> syncs, IEnumerable<Finding> findings, DateTime now)
    {
        var byStream = findings.ToLookup(f => (f.Org, f.SyncId, f.Stream));
        return
        [
            .. syncs.Select(s => Of(s, [.. byStream[(s.Org, s.SyncId, s.Stream)].OrderBy(f => Severity(f.Severity)).ThenByDescending(f => f.LastSeenAt)], now))
                .OrderByDescending(v => v.State)
                .ThenBy(v => v.Status.SyncId, StringComparer.Ordinal)
                .ThenBy(v => v.Status.Stream, StringComparer.Ordinal),
        ];
    }

    /// <summary>One stream.</summary>
    public static SyncView Of(SyncStatus status, IReadOnlyList<Finding> findings, DateTime now)
    {
        var age = now - status.LastSuccessAt;
        var state = status.State switch
        {
            "failing" => StreamState.Failing,
            "paused" => StreamState.Paused,
            "silent" => StreamState.Silent,
            "late" => StreamState.Late,
            _ => status.LastSuccessAt is null ? StreamState.Starting
                : status.PromiseSeconds is { } promise && age > TimeSpan.FromSeconds(promise) ? StreamState.Late
                : status.ArrivalSeconds is { } arrival && now - status.LastArrivalAt > TimeSpan.FromSeconds(arrival) ? StreamState.Late
                : StreamState.Fresh,
        };
        return new SyncView(status, state, age, findings);
    }

    /// <summary>Rank of a severity; the worst is lowest.</summary>
    public static int Severity(string severity) => severity switch
    {
        "error" => 0,
        "warning" => 1,
        _ => 2,
    };
}
