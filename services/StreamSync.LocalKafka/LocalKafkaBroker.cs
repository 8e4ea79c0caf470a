using Microsoft.Extensions.Logging.Abstractions;
using StreamSync.LocalKafka.Admin;
using StreamSync.LocalKafka.Coordinators;
using StreamSync.LocalKafka.Log;
using StreamSync.LocalKafka.Server;

namespace StreamSync.LocalKafka;

/// <summary>
/// A broker that speaks the Kafka protocol, on this machine only: one node, durable, with groups and transactions. It is for laptops, tests
/// and CI; production is Apache Kafka or another cluster that speaks its protocol.
/// </summary>
public sealed class LocalKafkaBroker : IAsyncDisposable
{
    static readonly TimeSpan CleanupInterval = TimeSpan.FromMinutes(10);
    static readonly TimeSpan LockInterval = TimeSpan.FromMilliseconds(50);
    readonly LogStore _logs;
    readonly Listener _listener;
    readonly IDisposable[] _coordinators;
    readonly ITimer _cleanup;
    int _disposed;

    LocalKafkaBroker(LogStore logs, ApiTable apis, Listener listener, ITimer cleanup, params IDisposable[] coordinators)
    {
        Apis = apis;
        _logs = logs;
        _listener = listener;
        _coordinators = coordinators;
        _cleanup = cleanup;
    }

    /// <summary>The TCP port that clients connect to.</summary>
    public int Port => _listener.Port;

    /// <summary>Everything that is served.</summary>
    internal ApiTable Apis { get; }

    /// <summary>Address for a client's <c>bootstrap.servers</c>.</summary>
    public string BootstrapServers => $"{_listener.Host}:{Port}";

    static async Task<LogStore> OpenAsync(string directory, TimeSpan patience, TimeProvider clock, ILogger logger, CancellationToken cancel)
    {
        var begun = clock.GetTimestamp();
        while (true)
        {
            try
            {
                return LogStore.Open(directory, clock, logger);
            }
            catch (DirectoryInUseException) when (clock.GetElapsedTime(begun) < patience)
            {
                // The system gives no word when a lock becomes free.
                await Task.Delay(LockInterval, clock, cancel);
            }
        }
    }

    /// <summary>
    /// Opens the data directory, repairs what a crash left, ends transactions that had been decided, and serves. Ready when the task ends.
    /// </summary>
    /// <param name="options">Directory, port and durability.</param>
    /// <param name="loggers">Where it reports what an operator should know; null for nowhere.</param>
    /// <param name="clock">Source of time; null for the system's.</param>
    /// <param name="cancel">Gives up the start.</param>
    /// <exception cref="ArgumentException">The address is not a loopback address, or the port is no port.</exception>
    /// <exception cref="IOException">
    /// The directory is in use by another process, cannot be written or does not hold what this broker wrote; or the port is taken. The
    /// message says what to do.
    /// </exception>
    public static async Task<LocalKafkaBroker> StartAsync(
        LocalKafkaOptions options, ILoggerFactory? loggers = null, TimeProvider? clock = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Port is < 0 or > 65535)
        {
            throw new ArgumentException($"{options.Port} is no TCP port: give one from 1 to 65535, or 0 for any free one.", nameof(options));
        }

        loggers ??= NullLoggerFactory.Instance;
        clock ??= TimeProvider.System;
        var logger = loggers.CreateLogger("StreamSync.LocalKafka");
        var directory = Path.GetFullPath(options.DataDirectory);
        Listener? listener = null;
        TransactionEnding? ending = null;

        // The port first: it is the cheaper of the two to find taken.
        var apis = new ApiTable();
        var memory = Listener.NewMemory();
        listener = await Listener.BindAsync(options.Address, options.Port, apis, memory, options.MaxConnections, clock, loggers, cancel);
        LogStore? logs = null;
        try
        {
            logs = await OpenAsync(directory, options.LockPatience, clock, loggers.CreateLogger("StreamSync.LocalKafka.Log"), cancel);
            var catalog = TopicCatalog.Open(directory, logs, Fsync(options.Flush), logger);
            var groups = new GroupStore(catalog, clock, logger);
            groups.Load();
            var store = new TransactionStore(catalog, clock);
            store.Load();
            ending = new TransactionEnding(store, catalog, clock, logger) { OffsetsDecided = groups.Decide };
            ending.Resume();
            var transactions = new TransactionCoordinator(store, ending, new ProducerIds(catalog), logger);
            var rebalance = new GroupRebalance(groups, options.InitialRebalanceDelay, clock, logger);
            var membership = new GroupMembership(groups, rebalance, options.MaxGroupSize, clock, logger);
            var offsets = new GroupOffsets(groups, rebalance, transactions, catalog, options.OffsetsRetention, logger);
            catalog.Deleted += offsets.Drop;
            (string Host, int Port) Endpoint() => (listener.Host, listener.Port);
            new ProduceHandler(catalog, transactions).Register(apis);
            new FetchHandler(catalog, memory, clock).Register(apis);
            new OffsetsHandler(catalog).Register(apis);
            new ClusterAdmin(catalog, directory, Endpoint).Register(apis);
            new TopicAdmin(catalog).Register(apis);
            new ConfigAdmin(catalog, new BrokerSettings(options, directory, () => $"{listener.Host}:{listener.Port}")).Register(apis);
            new GroupHandler(groups, membership, offsets, Endpoint, logger).Register(apis);
            new TransactionHandler(transactions, store, ending, catalog).Register(apis);
            var cleanup = clock.CreateTimer(
                _ =>
                {
                    offsets.Expire();
                    store.Expire();
                },
                null, CleanupInterval, CleanupInterval);
            rebalance.Resume();
            listener.Start();
            return new LocalKafkaBroker(logs, apis, listener, cleanup, rebalance, ending);
        }
        catch
        {
            await listener.DisposeAsync();
            ending?.Dispose();
            logs?.Dispose();
            throw;
        }
    }

    /// <summary>Stops serving, writes everything to the disk and unlocks the directory.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
        {
            return;
        }

        await _listener.DisposeAsync();
        await _cleanup.DisposeAsync();
        foreach (var coordinator in _coordinators)
        {
            coordinator.Dispose();
        }

        _logs.Dispose();
    }

    static FsyncPolicy Fsync(DiskFlush flush) => flush switch
    {
        DiskFlush.EveryBatch => FsyncPolicy.PerBatch,
        DiskFlush.EverySecond => FsyncPolicy.Interval,
        _ => FsyncPolicy.Never,
    };
}
