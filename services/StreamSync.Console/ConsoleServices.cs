using Microsoft.Extensions.DependencyInjection;
using StreamSync.Console.Ops;
using StreamSync.Contracts;
using StreamSync.Kafka.Configuration;

namespace StreamSync.Console;

/// <summary>What other rooms take from this one.</summary>
public static class ConsoleServices
{
    /// <summary>
    /// Adds the web console and its HTTP API. Needs what <see cref="Kafka.Hosting.StreamSyncHost.AddStreamSync"/> adds; shows the warehouse's numbers when
    /// an <see cref="Contracts.IWarehouse"/> is there, and says so when none is. <see cref="ConsoleAddress"/> tells where it listens.
    /// </summary>
    /// <param name="services">Services.</param>
    /// <param name="config">Configuration.</param>
    public static IServiceCollection AddConsole(this IServiceCollection services, StreamSyncConfig config)
    {
        services.AddSingleton<ConsoleAddress>();
        services.AddSingleton<OpsTables>();
        services.AddHostedService(provider => provider.GetRequiredService<OpsTables>());
        services.AddHostedService(provider => new ConsoleHost(provider, config));
        return services;
    }

    /// <summary>Adds the warehouse of a sink in another process, where the configuration names one.</summary>
    internal static IServiceCollection AddSinkWarehouse(this IServiceCollection services, StreamSyncConfig config)
    {
        if (config.Warehouse.Url is { } text)
        {
            var place = config.PlaceOf("warehouse", "url");
            var url = Uri.TryCreate(text, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https"
                ? parsed
                : throw new ConfigException([new ConfigError(place, $"'{text}' is no URL", "write http://host:port")]);
            services.AddSingleton<IWarehouse>(_ => new SinkWarehouse(url, place));
        }

        return services;
    }
}
