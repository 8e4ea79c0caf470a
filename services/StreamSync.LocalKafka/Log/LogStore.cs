using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.Extensions.Logging;
using StreamSync.LocalKafka.Log.Segments;

namespace StreamSync.LocalKafka.Log;

/// <summary>
/// All partitions under one data directory, which it locks against a second process. Runs retention, compaction and
/// fsync in the background.
/// </summary>
sealed class LogStore : IDisposable
{
    // Begins with a character that no topic name may have.
    const string DeletedPrefix = "~deleted-";

    static readonly TimeSpan MaintenanceInterval = TimeSpan.FromSeconds(1);

    readonly DataDirectory _directory;
    readonly TimeProvider _clock;
    readonly ILogger _logger;
    readonly ConcurrentDictionary<TopicPartition, PartitionLog> _open = new();
    readonly HashSet<TopicPartition> _stored;
    readonly Lock _changing = new();
    readonly CancellationTokenSource _stop = new();
    readonly PeriodicTimer _timer;
    readonly Task _maintenance;
    TaskCompletionSource _round = NewRound();
    bool _hasNew;
    bool _disposed;

    LogStore(DataDirectory directory, TimeProvider clock, ILogger logger)
    {
        (_directory, _clock, _logger) = (directory, clock, logger);
        _stored = [.. Scan(directory.Path)];
        _timer = new PeriodicTimer(MaintenanceInterval, clock);
        _maintenance = Task.Run(MaintainAsync);
    }

    /// <exception cref="IOException">The directory is in use, read-only or not ours; the message names it and the remedy.</exception>
    public static LogStore Open(string dataDirectory, TimeProvider clock, ILogger logger)
    {
        var directory = DataDirectory.Open(dataDirectory);
        try
        {
            return new LogStore(directory, clock, logger);
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    /// <summary>Partitions found on disk when the store was opened, whether opened by now or not.</summary>
    public IReadOnlyCollection<TopicPartition> Stored
    {
        get
        {
            lock (_changing)
            {
                return [.. _stored];
            }
        }
    }

    /// <summary>Ends when the background has gone over all partitions once more.</summary>
    public Task NextMaintenance => Volatile.Read(ref _round).Task;

    /// <summary>Every open partition.</summary>
    public IReadOnlyCollection<PartitionLog> All => [.. _open.Values];

    /// <summary>
    /// Opens the partition, which is created where the disk has none. Idempotent. What was created is sure to outlive a power failure
    /// after <see cref="KeepNew"/>.
    /// </summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public PartitionLog Create(string topic, int partition, LogOptions options)
    {
        var name = new TopicPartition(topic, partition);
        if (_open.TryGetValue(name, out var existing))
        {
            return existing;
        }

        ArgumentOutOfRangeException.ThrowIfNegative(partition);
        if (topic.Length is 0 or > 249 || topic is "." or ".." || topic.AsSpan().ContainsAnyExcept(TopicCharacters))
        {
            throw new ArgumentException($"'{topic}' cannot be the name of a topic: use up to 249 letters, digits, '.', '_' and '-'.", nameof(topic));
        }

        var log = PartitionLog.Open(PathOf(name), topic, partition, options, _clock, _logger);
        lock (_changing)
        {
            if (!_disposed && _open.TryAdd(name, log))
            {
                _stored.Add(name);
                _hasNew |= log.IsNew;
                return log;
            }
        }

        log.Close(keep: false);
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _open[name];
    }

    /// <summary>Forces the directories of all new partitions to the disk at once, as each time costs as much as all the rest of creating one.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public void KeepNew()
    {
        if (_hasNew)
        {
            DirectoryEntries.Flush(_directory.Path);
            _hasNew = false;
        }
    }

    public bool TryGet(string topic, int partition, [NotNullWhen(true)] out PartitionLog? log) =>
        _open.TryGetValue(new TopicPartition(topic, partition), out log);

    /// <summary>Closes and deletes all partitions of a topic, on disk too. A reader in progress ends its read.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public void DeleteTopic(string topic)
    {
        List<TopicPartition> names;
        lock (_changing)
        {
            names = [.. _stored.Where(p => p.Topic == topic)];
            _stored.ExceptWith(names);
        }

        foreach (var name in names)
        {
            if (_open.TryRemove(name, out var log))
            {
                log.Close(keep: false);
            }

            // Renamed first, so that a crash on the way does not leave half a topic.
            var doomed = Path.Combine(_directory.Path, DeletedPrefix + Guid.NewGuid().ToString("N"));
            Directory.Move(PathOf(name), doomed);
            Directory.Delete(doomed, recursive: true);
        }
    }

    static readonly System.Buffers.SearchValues<char> TopicCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

    string PathOf(TopicPartition name) => Path.Combine(_directory.Path, name.ToString());

    static IEnumerable<TopicPartition> Scan(string path)
    {
        foreach (var directory in Directory.EnumerateDirectories(path))
        {
            var name = Path.GetFileName(directory);
            if (name.StartsWith(DeletedPrefix, StringComparison.Ordinal))
            {
                Directory.Delete(directory, recursive: true);
                continue;
            }

            var dash = name.LastIndexOf('-');
            if (dash > 0 && int.TryParse(name.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var partition))
            {
                yield return new TopicPartition(name[..dash], partition);
            }
        }
    }

    async Task MaintainAsync()
    {
        try
        {
            while (await _timer.WaitForNextTickAsync(_stop.Token))
            {
                foreach (var log in _open.Values)
                {
                    if (_stop.IsCancellationRequested)
                    {
                        return;
                    }

                    log.Maintain();
                }

                Interlocked.Exchange(ref _round, NewRound()).TrySetResult();
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    static TaskCompletionSource NewRound() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Flushes and closes everything, so that the next start has nothing to repair.</summary>
    public void Dispose()
    {
        lock (_changing)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        _stop.Cancel();
        foreach (var log in _open.Values)
        {
            log.Dispose();
        }

        _maintenance.GetAwaiter().GetResult();
        _timer.Dispose();
        _stop.Dispose();
        _directory.Dispose();
    }
}
