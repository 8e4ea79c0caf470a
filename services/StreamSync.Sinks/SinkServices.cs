using StreamSync.Contracts;
using StreamSync.Kafka.Configuration;
using StreamSync.Kafka.Hosting;
using StreamSync.Sinks.DuckDb;
using StreamSync.Sinks.Mirror;

namespace StreamSync.Sinks;

/// <summary>What other rooms take from this one.</summary>
public static class SinkServices
{
    /// <summary>
    /// Adds the sink that keeps the configured warehouse up to date, the warehouse itself as <see cref="IWarehouse"/>, and what answers
    /// queries of other processes, where the configuration names a port for it. Needs what
    /// <see cref="StreamSyncHost.AddStreamSync"/> adds. <see cref="SinkState"/> says when it is ready.
    /// </summary>
    /// <param name="services">Services.</param>
    /// <param name="config">Configuration.</param>
    public static IServiceCollection AddSinks(this IServiceCollection services, StreamSyncConfig config)
    {
        services.AddSingleton(p => OpenWarehouse(config, p.GetRequiredService<DataFolder>(), p.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IWarehouse>(p => p.GetRequiredService<DuckDbWarehouse>());
        services.AddSingleton<SinkState>();
        services.AddSingleton<IWriterSchemas, RegistrySchemas>();
        services.AddSingleton<IMirror, DuckDbMirror>();
        services.AddHostedService<SinkWorker>();
        services.AddHostedService<QueryListener>();
        return services;
    }

    /// <summary>The configured warehouse for reading only, also while no sink runs; no other process may be writing it.</summary>
    /// <param name="config">Configuration.</param>
    /// <param name="data">Data folder, below which a relative path lies.</param>
    /// <param name="clock">Clock of time limits.</param>
    public static DuckDbWarehouse OpenWarehouse(StreamSyncConfig config, DataFolder data, TimeProvider clock) =>
        new(new DuckDbOptions(data.Resolve(config.Warehouse.Path)), clock);
}
