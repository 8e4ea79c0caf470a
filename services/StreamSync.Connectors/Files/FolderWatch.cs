using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace StreamSync.Connectors.Files;

/// <summary>
/// Wakes readers when something in a folder changes. One watch of the operating system a folder, shared by all streams: some systems give a
/// user few of them. Where there are none (network drives, a limit), readers look at the folder by themselves.
/// </summary>
sealed class FolderWatch : IDisposable
{
    readonly Lock _gate = new();
    readonly List<WakeSignal> _signals = [];
    FileSystemWatcher? _watcher;

    public FolderWatch(string folder, ILogger logger)
    {
        try
        {
            _watcher = new FileSystemWatcher(folder) { IncludeSubdirectories = true, NotifyFilter = NotifyFilters.FileName | NotifyFilters.LastWrite | NotifyFilters.Size | NotifyFilters.DirectoryName };
            _watcher.Created += (_, _) => WakeAll();
            _watcher.Changed += (_, _) => WakeAll();
            _watcher.Renamed += (_, _) => WakeAll();
            _watcher.Error += (_, _) => WakeAll();
            _watcher.EnableRaisingEvents = true;
        }
        catch (Exception e) when (e is IOException or ArgumentException or PlatformNotSupportedException or UnauthorizedAccessException)
        {
            logger.LogWarning("The system gives no notice of changes in {Folder} ({Reason}); it is looked at every {Interval} instead", folder, e.Message, "250 ms");
            _watcher?.Dispose();
            _watcher = null;
        }
    }

    /// <summary>False when readers must look often.</summary>
    public bool Works => _watcher is not null;

    public WakeSignal Subscribe()
    {
        var signal = new WakeSignal();
        lock (_gate)
        {
            _signals.Add(signal);
        }

        return signal;
    }

    public void Unsubscribe(WakeSignal signal)
    {
        lock (_gate)
        {
            _signals.Remove(signal);
        }
    }

    public void Dispose() => _watcher?.Dispose();

    void WakeAll()
    {
        lock (_gate)
        {
            foreach (var signal in _signals)
            {
                signal.Set();
            }
        }
    }
}

/// <summary>A signal for one waiter; setting it twice wakes once.</summary>
sealed class WakeSignal
{
    readonly Channel<bool> _channel = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public void Set() => _channel.Writer.TryWrite(true);

    /// <summary>Waits for the signal, or for so long.</summary>
    public async Task WaitAsync(TimeSpan atMost, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(atMost, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            await _channel.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
        }
    }
}
