using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StreamSync.Cli.Output;
using StreamSync.Contracts;
using StreamSync.Kafka.Clients;
using StreamSync.Kafka.Configuration;
using StreamSync.Kafka.Hosting;
using StreamSync.LocalKafka;
using StreamSync.LocalKafka.Registry;
using StreamSync.Processors.Identity;
using StreamSync.Processors.Identity.Evidence;

namespace StreamSync.Cli.Instances;

/// <summary>The cluster of an instance that does not run: the embedded broker, started on its log for a moment, or the configured cluster.</summary>
sealed class StoppedCluster : IAsyncDisposable
{
    static readonly TimeSpan ClusterTimeout = TimeSpan.FromSeconds(10);

    readonly LocalKafkaBroker? _broker;
    readonly SchemaRegistryServer? _registry;
    readonly ServiceProvider _services;

    StoppedCluster(LocalKafkaBroker? broker, SchemaRegistryServer? registry, ServiceProvider services)
    {
        _broker = broker;
        _registry = registry;
        _services = services;
    }

    /// <summary>The stewards' decisions.</summary>
    public IDecisions Decisions => _services.GetRequiredService<IDecisions>();

    /// <summary>What identity resolution remembered when it stopped.</summary>
    public IIdentityEvidence Evidence => _services.GetRequiredService<IIdentityEvidence>();

    /// <summary>Starts or reaches it.</summary>
    /// <param name="folder">Data folder of the instance.</param>
    /// <param name="config">Configuration; null when none is named: then the embedded broker's log must be in the folder.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="CommandException">There is no such cluster, or it does not answer.</exception>
    public static async Task<StoppedCluster> OpenAsync(DataFolder folder, StreamSyncConfig? config, CancellationToken cancellationToken)
    {
        config ??= new StreamSyncConfig();
        LocalKafkaBroker? broker = null;
        SchemaRegistryServer? registry = null;
        try
        {
            var loggers = new ErrorStreamLoggers(System.Console.Error);
            if (config.Kafka.Bootstrap == KafkaSettings.Embedded)
            {
                broker = Directory.Exists(folder.Log)
                    ? await LocalKafkaBroker.StartAsync(new LocalKafkaOptions { DataDirectory = folder.Log, LockPatience = Platform.LockPatience }, loggers, cancel: cancellationToken)
                    : throw new CommandException($"{folder.Root} holds no log of an embedded broker: name the folder with --data DIR, or the configuration that names the cluster with --config FILE");
            }

            if (config.Kafka.Registry == KafkaSettings.Embedded)
            {
                registry = await SchemaRegistryServer.StartAsync(new SchemaRegistryOptions { BootstrapServers = broker?.BootstrapServers ?? config.Kafka.Bootstrap }, loggers, cancellationToken: cancellationToken);
            }

            var connection = KafkaConnection.From(config, broker?.BootstrapServers, registry?.Url.ToString());
            await ConnectionCheck.RequireAsync(connection, ClusterTimeout, cancellationToken);
            var services = new ServiceCollection();
            services.AddSingleton<ILoggerFactory>(loggers);
            services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
            services.AddStreamSync(config, connection, folder);
            services.AddSingleton(ConfiguredIdentity.Load(config));
            services.AddSingleton<IIdentityEvidence, StoredEvidence>();
            return new StoppedCluster(broker, registry, services.BuildServiceProvider());
        }
        catch (Exception e)
        {
            await CloseAsync(registry, broker);
            throw e is ClusterUnreachableException or IOException or UnauthorizedAccessException ? new CommandException(e.Message) : e;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await CloseAsync(_registry, _broker);
    }

    static async Task CloseAsync(SchemaRegistryServer? registry, LocalKafkaBroker? broker)
    {
        if (registry is not null)
        {
            await registry.DisposeAsync();
        }

        if (broker is not null)
        {
            await broker.DisposeAsync();
        }
    }
}
