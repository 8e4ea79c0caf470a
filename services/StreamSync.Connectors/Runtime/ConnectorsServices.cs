using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StreamSync.Connectors.Files;
using StreamSync.Connectors.Rest;
using StreamSync.Connectors.Webhook;
using StreamSync.Kafka.Configuration;

namespace StreamSync.Connectors.Runtime;

/// <summary>Adds the connector worker to a host.</summary>
public static class ConnectorsServices
{
    /// <summary>
    /// Adds the connectors of a configuration; <see cref="Kafka.Hosting.StreamSyncHost.AddStreamSync"/> must have been called. The whole configuration of the
    /// syncs is checked here, so that a wrong one stops the start and nothing else.
    /// </summary>
    /// <param name="services">Services.</param>
    /// <param name="config">Configuration.</param>
    /// <exception cref="ConfigException">A sync, its connector or a schema is wrong; holds every error.</exception>
    public static IServiceCollection AddConnectors(this IServiceCollection services, StreamSyncConfig config)
    {
        var listener = new WebhookListener(config, TimeProvider.System);
        var catalog = new ConnectorCatalog([new FileStyle(), new RestStyle(), new WebhookStyle(listener), new Postgres.PostgresStyle()]);

        // Once without a host, for the errors; once more with its clock and loggers.
        var plan = new ConnectorPlanner(catalog, config, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance).Plan();
        var webhooks = plan.Any(s => s.Style is WebhookStyle);
        services.AddSingleton(_ => listener);
        services.AddSingleton(provider => new WebhookAddress(provider.GetRequiredService<WebhookListener>(), webhooks));
        services.AddSingleton(_ => catalog);
        services.AddSingleton<IStreamMemory, KafkaMemory>();
        services.AddSingleton(provider => new ConnectorPlanner(provider.GetRequiredService<ConnectorCatalog>(), config, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>()).Plan());
        services.AddHostedService<ConnectorsService>();
        return services;
    }
}
