using System.Globalization;
using StreamSync.Contracts;
using StreamSync.Kafka.Configuration;
using StreamSync.Kafka.Hosting;

namespace StreamSync.Cli.Instances;

/// <summary>What a steward works with, of an instance that runs or is stopped: the warehouse, the decisions and the evidence.</summary>
sealed class StewardDesk : IAsyncDisposable
{
    readonly OpenWarehouse _warehouse;
    readonly ConsoleClient? _console;
    readonly StoppedCluster? _cluster;

    StewardDesk(OpenWarehouse warehouse, ConsoleClient? console, StoppedCluster? cluster)
    {
        _warehouse = warehouse;
        _console = console;
        _cluster = cluster;
        Decisions = console is not null ? new RemoteDecisions(console) : cluster!.Decisions;
        Evidence = console is not null ? new RemoteEvidence(console, System.Console.Error, TimeProvider.System) : cluster!.Evidence;
    }

    /// <summary>The warehouse.</summary>
    public IWarehouse Warehouse => _warehouse;

    /// <summary>The decisions.</summary>
    public IDecisions Decisions { get; }

    /// <summary>What identity resolution goes by.</summary>
    public IIdentityEvidence Evidence { get; }

    /// <summary>True when the instance runs, so that what is decided shows within seconds.</summary>
    public bool IsLive => _console is not null;

    /// <summary>What the running instance still has to do or waits for, before all that it has read is with its people; null when nothing.</summary>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="CommandException">Its console does not answer.</exception>
    public async Task<string?> UnfinishedAsync(CancellationToken cancellationToken)
    {
        if (_console is null)
        {
            return null;
        }

        var rooms = (await _console.ProgressAsync(cancellationToken)).Where(entry => entry.Room != ProgressRoom.Connectors).ToList();
        var lag = rooms.Sum(entry => entry.Lag ?? 0);
        return rooms.Find(entry => entry.WaitingFor is not null) is { } waiting ? $"{waiting.Item} waits for {waiting.WaitingFor}"
            : lag > 0 ? string.Create(CultureInfo.InvariantCulture, $"{lag:N0} {(lag == 1 ? "record is still on its" : "records are still on their")} way") : null;
    }

    /// <summary>Opens it.</summary>
    /// <param name="folder">Data folder of the instance.</param>
    /// <param name="configFile">Configuration, for a stopped instance whose cluster is not the embedded broker; null otherwise.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="CommandException">The folder holds no instance, or its cluster does not answer.</exception>
    public static async Task<StewardDesk> OpenAsync(DataFolder folder, FileInfo? configFile, CancellationToken cancellationToken)
    {
        var warehouse = await Instance.OpenWarehouseAsync(folder, cancellationToken);
        try
        {
            return InstanceFile.FindRunning(folder) is { ConsoleUrl: { } console }
                ? new StewardDesk(warehouse, new ConsoleClient(new Uri(console)), null)
                : new StewardDesk(warehouse, null, await StoppedCluster.OpenAsync(folder, configFile is null ? null : StreamSyncConfig.Load(configFile.FullName), cancellationToken));
        }
        catch
        {
            await warehouse.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _console?.Dispose();
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }

        await _warehouse.DisposeAsync();
    }
}
