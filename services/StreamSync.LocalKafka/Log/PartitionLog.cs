using Microsoft.Extensions.Logging;
using StreamSync.LocalKafka.Log.Producers;
using StreamSync.LocalKafka.Log.Segments;

namespace StreamSync.LocalKafka.Log;

/// <summary>
/// The log of one partition: append-only segment files of record batches. All members may be called from any thread;
/// appends to one partition are serialised, reads run beside them without a lock.
/// </summary>
sealed partial class PartitionLog : IDisposable
{
    /// <summary>Special timestamps of <see cref="OffsetForTimestamp"/> (ListOffsets).</summary>
    public const long LatestTimestamp = -1, EarliestTimestamp = -2, MaxTimestamp = -3, EarliestLocalTimestamp = -4;

    /// <summary>A single node never changes leaders: every batch carries this epoch.</summary>
    public const int LeaderEpoch = 0;

    // Appends, and every change of what readers see. Never held while waiting for the disk, but for the write itself.
    readonly Lock _lock = new();

    // Retention, compaction, repair and checkpoints, one at a time. Taken before _lock, never after.
    readonly Lock _maintenance = new();

    readonly string _directory;
    readonly TopicPartition _name;
    readonly TimeProvider _clock;
    readonly ILogger _logger;
    readonly LogIo _io;
    readonly ProducerTable _producers = new();

    // Never empty, in order; the last one takes appends. Replaced, never changed.
    Segment[] _segments = [];
    LogOptions _options;
    Action[] _listeners = [];
    long _logStart, _logEnd, _lastStable;
    volatile bool _closed;

    PartitionLog(string directory, TopicPartition name, LogOptions options, TimeProvider clock, ILogger logger, LogIo io)
    {
        (_directory, _name, _options, _clock, _logger, _io) = (directory, name, options, clock, logger, io);
        _statePath = Path.Combine(directory, FileNames.State);
    }

    /// <summary>Opens or creates the log in <paramref name="directory"/> and repairs what a crash left.</summary>
    /// <exception cref="IOException">The directory cannot be read or written; the message names it and the remedy.</exception>
    public static PartitionLog Open(
        string directory, string topic, int partition, LogOptions options, TimeProvider clock, ILogger logger) =>
        Open(directory, topic, partition, options, clock, logger, LogIo.Default);

    /// <inheritdoc cref="Open(string, string, int, LogOptions, TimeProvider, ILogger)"/>
    public static PartitionLog Open(
        string directory, string topic, int partition, LogOptions options, TimeProvider clock, ILogger logger, LogIo io)
    {
        var log = new PartitionLog(directory, new TopicPartition(topic, partition), options, clock, logger, io);
        try
        {
            log.Recover();
            return log;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.CloseFiles();
            throw new IOException($"{log._name} in {directory} cannot be opened: {e.Message} Check that the directory is readable, writable and not full.", e);
        }
    }

    public string Topic => _name.Topic;

    public int Partition => _name.Partition;

    /// <summary>Whether opening it made its directory, whose entry in the data directory is for the caller to force to the disk.</summary>
    public bool IsNew { get; private set; }

    public LogOptions Options => Volatile.Read(ref _options);

    public long LogStartOffset => Volatile.Read(ref _logStart);

    public long LogEndOffset => Volatile.Read(ref _logEnd);

    /// <summary>On a single node every stored record is replicated.</summary>
    public long HighWatermark => LogEndOffset;

    /// <summary>Offset below which every transaction is decided.</summary>
    public long LastStableOffset => Volatile.Read(ref _lastStable);

    public long SizeBytes => Volatile.Read(ref _segments).Sum(s => (long)s.Size);

    Segment Active => _segments[^1];

    public void UpdateOptions(LogOptions options) => Volatile.Write(ref _options, options);

    public bool IsTransactionOngoing(long producerId, short epoch)
    {
        lock (_lock)
        {
            return _producers.IsTransactionOngoing(producerId, epoch);
        }
    }

    public IReadOnlyList<ProducerStateSnapshot> ActiveProducers()
    {
        lock (_lock)
        {
            return [.. _producers.All.Select(p => new ProducerStateSnapshot(
                p.ProducerId, p.Epoch, p.LastSequence, p.LastTimestamp, p.CoordinatorEpoch, p.TransactionStart))];
        }
    }

    /// <summary>Calls back after each append and each move of the last stable offset, until disposed. The callback must be quick and not throw.</summary>
    public IDisposable OnAppend(Action callback)
    {
        while (true)
        {
            var before = Volatile.Read(ref _listeners);
            if (Interlocked.CompareExchange(ref _listeners, [.. before, callback], before) == before)
            {
                return new Subscription(this, callback);
            }
        }
    }

    void Notify()
    {
        foreach (var listener in Volatile.Read(ref _listeners))
        {
            listener();
        }
    }

    sealed class Subscription(PartitionLog log, Action callback) : IDisposable
    {
        Action? _callback = callback;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _callback, null) is not { } callback)
            {
                return;
            }

            while (true)
            {
                var before = Volatile.Read(ref log._listeners);
                var at = Array.IndexOf(before, callback);
                if (Interlocked.CompareExchange(ref log._listeners, [.. before[..at], .. before[(at + 1)..]], before) == before)
                {
                    return;
                }
            }
        }
    }

    long NowMs() => _clock.GetUtcNow().ToUnixTimeMilliseconds();

    void PublishOffsets(long logEnd)
    {
        // Readers take the last stable offset first, so that it is never beyond the end that they take next.
        Volatile.Write(ref _logEnd, logEnd);
        Volatile.Write(ref _lastStable, Math.Max(_logStart, _producers.FirstUnstableOffset ?? logEnd));
    }

    /// <summary>Closes the log; with everything on disk the next opening has nothing to scan.</summary>
    public void Dispose() => Close(keep: true);

    /// <summary>Closes the log.</summary>
    /// <param name="keep">False if its files will be deleted, so that saving its state is not worth the time.</param>
    public void Close(bool keep)
    {
        _stopping = true;
        lock (_maintenance)
        {
            lock (_lock)
            {
                if (_closed)
                {
                    return;
                }

                _closed = true;
            }

            if (keep)
            {
                try
                {
                    Checkpoint();
                }
                catch (IOException e)
                {
                    _logger.LogWarning("{Partition} was closed without a recovery point and will be scanned when it is next opened: {Reason}", _name, e.Message);
                }
            }

            CloseFiles();
        }

        Notify();
    }

    void CloseFiles()
    {
        foreach (var segment in _segments)
        {
            segment.Dispose();
        }
    }
}
