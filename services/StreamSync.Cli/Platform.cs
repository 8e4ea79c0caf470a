using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StreamSync.Connectors.Runtime;
using StreamSync.Console;
using StreamSync.Kafka.Clients;
using StreamSync.Kafka.Configuration;
using StreamSync.Kafka.Hosting;
using StreamSync.LocalKafka;
using StreamSync.LocalKafka.Registry;
using StreamSync.Processors;
using StreamSync.Sinks;

namespace StreamSync.Cli;

/// <summary>All rooms in one process: broker and registry where the configuration says 'embedded', then workers, processors, sink and console.</summary>
sealed class Platform : IAsyncDisposable
{
    static readonly TimeSpan ClusterTimeout = TimeSpan.FromSeconds(10);

    /// <summary>A process that was killed a moment ago may hold the log a little longer.</summary>
    public static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(5);

    readonly LocalKafkaBroker? _broker;
    readonly SchemaRegistryServer? _registry;
    readonly IHost _host;

    Platform(LocalKafkaBroker? broker, SchemaRegistryServer? registry, IHost host, KafkaConnection connection)
    {
        _broker = broker;
        _registry = registry;
        _host = host;
        Connection = connection;
    }

    /// <summary>The cluster in use.</summary>
    public KafkaConnection Connection { get; }

    /// <summary>Services of the process.</summary>
    public IServiceProvider Services => _host.Services;

    /// <summary>Where the rooms say how far they are.</summary>
    public IProgressBoard Progress => Services.GetRequiredService<IProgressBoard>();

    /// <summary>Ends when the process is asked to stop, or a room gave up.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellationToken) => _host.WaitForShutdownAsync(cancellationToken);

    /// <summary>Starts everything; when a part fails, what was started is stopped again.</summary>
    public static async Task<Platform> StartAsync(StreamSyncConfig config, DataFolder data, CancellationToken cancellationToken)
    {
        LocalKafkaBroker? broker = null;
        SchemaRegistryServer? registry = null;
        IHost? host = null;
        try
        {
            if (config.Kafka.Bootstrap == KafkaSettings.Embedded)
            {
                broker = await LocalKafkaBroker.StartAsync(new LocalKafkaOptions { DataDirectory = data.Log, Port = config.Broker.Port, LockPatience = LockPatience }, cancel: cancellationToken);
            }

            var bootstrap = broker?.BootstrapServers ?? config.Kafka.Bootstrap;
            if (config.Kafka.Registry == KafkaSettings.Embedded)
            {
                registry = await SchemaRegistryServer.StartAsync(new SchemaRegistryOptions { BootstrapServers = bootstrap, Port = config.Broker.RegistryPort }, cancellationToken: cancellationToken);
            }

            var connection = KafkaConnection.From(config, broker?.BootstrapServers, registry?.Url.ToString());
            if (broker is null || registry is null)
            {
                await ConnectionCheck.RequireAsync(connection, ClusterTimeout, cancellationToken);
            }

            var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true, ApplicationName = "streamsync" });
            builder.UseStreamSyncLogging();
            if (SharedOptions.NonEmpty("STREAMSYNC_LOG") is null)
            {
                // A person watches: the progress lines say what goes well.
                builder.Logging.AddFilter("StreamSync", LogLevel.Warning);
            }

            builder.Services.AddStreamSync(config, connection, data);
            builder.Services.AddConnectors(config);
            builder.Services.AddProcessors(config);
            builder.Services.AddSinks(config);
            builder.Services.AddConsole(config);
            host = builder.Build();
            if (host.Services.GetRequiredService<WebhookAddress>().Expected)
            {
                await PortCheck.RequireAsync(config, [PortCheck.Webhooks(config), .. PortCheck.Of(config).Where(p => p.Section == "console")], TimeSpan.Zero, cancellationToken);
            }

            await host.StartAsync(cancellationToken);
            return new Platform(broker, registry, host, connection);
        }
        catch
        {
            await StopAsync(host, registry, broker);
            throw;
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync(_host, _registry, _broker);

    static async Task StopAsync(IHost? host, SchemaRegistryServer? registry, LocalKafkaBroker? broker)
    {
        if (host is not null)
        {
            await host.StopAsync(CancellationToken.None);
            host.Dispose();
        }

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
