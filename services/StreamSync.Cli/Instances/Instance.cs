using StreamSync.Contracts;
using StreamSync.Kafka.Configuration;
using StreamSync.Kafka.Hosting;
using StreamSync.Sinks.DuckDb;

namespace StreamSync.Cli.Instances;

/// <summary>Finds the instance of a data folder, running or stopped.</summary>
static class Instance
{
    const string PathFile = "warehouse.path";

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>Requires that StreamSync has run on a data folder.</summary>
    /// <exception cref="NoDataException">It has not.</exception>
    public static void Require(DataFolder folder)
    {
        if (!Directory.Exists(folder.Root) || !(Directory.Exists(folder.Log) || new[] { folder.InstanceFile, folder.ClaimFile, folder.Resolve(PathFile), folder.Resolve(new WarehouseSettings().Path) }.Any(File.Exists)))
        {
            throw new NoDataException(
                $"there is no StreamSync data in {folder.Root}{(Directory.Exists(folder.Root) ? string.Empty : ", which does not exist")}; name the folder with --data DIR (or STREAMSYNC_DATA), run this where '{DataFolder.DefaultName}' lies, or start StreamSync there with 'streamsync up'");
        }
    }

    /// <summary>
    /// The warehouse of a data folder: through the running instance, or from the file. One that starts or stops has everything open and answers
    /// nothing: it is waited for, with a word on the error stream.
    /// </summary>
    /// <exception cref="CommandException">The folder holds no warehouse, or the wait took too long.</exception>
    public static async Task<OpenWarehouse> OpenWarehouseAsync(DataFolder folder, CancellationToken cancellationToken)
    {
        Require(folder);
        var begun = TimeProvider.System.GetTimestamp();
        for (var isTold = false; FolderClaim.FindBusy(folder) is { } busy; isTold = true)
        {
            if (TimeProvider.System.GetElapsedTime(begun) > Patience)
            {
                throw new CommandException($"{busy} still; try again when 'streamsync status' says that it runs or is stopped");
            }

            if (!isTold)
            {
                await System.Console.Error.WriteLineAsync($"{busy}; waiting up to {Patience.TotalSeconds:0} s for it");
            }

            // The system gives no word when a process that is no child is ready or ends.
            await Task.Delay(Interval, cancellationToken);
        }

        return OpenWarehouse(folder);
    }

    /// <summary>The warehouse of a data folder: through the running instance, or from the file.</summary>
    /// <exception cref="CommandException">The folder holds no warehouse.</exception>
    public static OpenWarehouse OpenWarehouse(DataFolder folder)
    {
        Require(folder);
        if (InstanceFile.FindRunning(folder) is { ConsoleUrl: { } console })
        {
            return new OpenWarehouse(new RemoteWarehouse(new Uri(console)));
        }

        var remembered = folder.Resolve(PathFile);
        var file = File.Exists(remembered) ? File.ReadAllText(remembered).Trim() : folder.Resolve(new WarehouseSettings().Path);
        return File.Exists(file)
            ? new OpenWarehouse(new DuckDbWarehouse(new DuckDbOptions(file), TimeProvider.System))
            : throw new CommandException($"{folder.Root} holds no warehouse yet; start StreamSync with 'streamsync up', or name its folder with --data DIR");
    }

    /// <summary>Notes where the configuration keeps the warehouse, so that it is found when nothing runs.</summary>
    public static void RememberWarehouse(DataFolder folder, StreamSyncConfig config) =>
        File.WriteAllText(folder.Resolve(PathFile), folder.Resolve(config.Warehouse.Path));
}

/// <summary>A warehouse that is closed after use.</summary>
sealed class OpenWarehouse(IWarehouse inner) : IWarehouse, IAsyncDisposable
{
    public Task<QueryResult> QueryAsync(string sql, int maxRows, CancellationToken cancellationToken) => inner.QueryAsync(sql, maxRows, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        switch (inner)
        {
            case IAsyncDisposable asynchronous:
                await asynchronous.DisposeAsync();
                break;
            case IDisposable disposable:
                disposable.Dispose();
                break;
            default:
                break;
        }
    }
}

/// <summary>A data folder on which StreamSync has never run: most likely another one was meant.</summary>
sealed class NoDataException(string message) : CommandException(message);
