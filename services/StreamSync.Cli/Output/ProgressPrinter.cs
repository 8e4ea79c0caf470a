using System.Globalization;
using StreamSync.Kafka.Hosting;

namespace StreamSync.Cli.Output;

/// <summary>Shows how far the rooms are: a line a second while something moves, one when everything is up to date, then silence until the next change.</summary>
sealed class ProgressPrinter(IProgressBoard board, TextWriter output, TimeProvider clock)
{
    const string Waiting = " (waiting for ";
    const int LongestReason = 120;

    static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    string _last = string.Empty;
    bool _settled;

    /// <summary>Prints until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            do
            {
                Print(board.Snapshot(), clock.GetElapsedTime(started));
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
        }
    }

    void Print(IReadOnlyList<ProgressEntry> entries, TimeSpan elapsed)
    {
        if (entries.Count == 0)
        {
            return;
        }

        var text = string.Join("  ", entries.GroupBy(e => e.Room).Select(Room));
        var settled = entries.All(e => e.Lag is null or 0) && !text.Contains(Waiting, StringComparison.Ordinal) && text == _last;
        if (settled && !_settled)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{elapsed.TotalSeconds,6:0.0} s  up to date: {text}"));
        }
        else if (text != _last)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{elapsed.TotalSeconds,6:0.0} s  {text}"));
        }

        _settled = settled;
        _last = text;
    }

    static string Room(IGrouping<string, ProgressEntry> room)
    {
        var count = room.Sum(e => e.Count);
        var lag = room.Sum(e => e.Lag ?? 0);
        var text = string.Create(CultureInfo.InvariantCulture, $"{room.Key} {count:N0}");
        if (lag > 0)
        {
            text += string.Create(CultureInfo.InvariantCulture, $" ({lag:N0} to do)");
        }

        // A source that is waited for is the sync's state; a room that stands still is everybody's.
        if (room.Key != "connectors" && room.Select(e => e.WaitingFor).FirstOrDefault(w => w is not null) is { } reason)
        {
            text += $"{Waiting}{(reason.Length <= LongestReason ? reason : reason[..LongestReason] + "...")})";
        }

        return text;
    }
}
