using System.Collections.Concurrent;

namespace StreamSync.Kafka.Hosting;

/// <summary>Where a room's work stands.</summary>
/// <param name="Room">Room: connectors, processors, sinks.</param>
/// <param name="Item">What of it: a stream, a topology, a table.</param>
/// <param name="Count">Records done since start.</param>
/// <param name="Lag">Records still to do; null when unknown.</param>
/// <param name="WaitingFor">What it waits for; null when it works.</param>
/// <param name="At">When it was reported.</param>
public sealed record ProgressEntry(string Room, string Item, long Count, long? Lag, string? WaitingFor, DateTimeOffset At);

/// <summary>Where each room of the process says how far it is; <c>streamsync up</c> prints it.</summary>
public interface IProgressBoard
{
    /// <summary>Reports; the latest report of an item stands.</summary>
    /// <param name="room">Room.</param>
    /// <param name="item">What of it.</param>
    /// <param name="count">Records done since start.</param>
    /// <param name="lag">Records still to do; null when unknown.</param>
    /// <param name="waitingFor">What it waits for; null when it works.</param>
    void Report(string room, string item, long count, long? lag = null, string? waitingFor = null);

    /// <summary>All entries, by room and item.</summary>
    IReadOnlyList<ProgressEntry> Snapshot();
}

/// <summary>The board of a process.</summary>
public sealed class ProgressBoard : IProgressBoard
{
    readonly ConcurrentDictionary<(string Room, string Item), ProgressEntry> _entries = new();
    readonly TimeProvider _clock;

    /// <summary>Creates an empty board.</summary>
    /// <param name="clock">Clock of the reports.</param>
    public ProgressBoard(TimeProvider clock) => _clock = clock;

    /// <inheritdoc/>
    public void Report(string room, string item, long count, long? lag = null, string? waitingFor = null) =>
        _entries[(room, item)] = new ProgressEntry(room, item, count, lag, waitingFor, _clock.GetUtcNow());

    /// <inheritdoc/>
    public IReadOnlyList<ProgressEntry> Snapshot() =>
        [.. _entries.Values.OrderBy(e => e.Room, StringComparer.Ordinal).ThenBy(e => e.Item, StringComparer.Ordinal)];
}
