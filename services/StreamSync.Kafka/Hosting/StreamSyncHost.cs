using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StreamSync.Kafka.Clients;
using StreamSync.Kafka.Configuration;

namespace StreamSync.Kafka.Hosting;

/// <summary>What a service's <c>Program.cs</c> and <c>streamsync up</c> share: arguments, configuration, logging and the common services.</summary>
public static class StreamSyncHost
{
    /// <summary>
    /// Runs one service alone until SIGINT or SIGTERM: reads <c>--config FILE</c> and <c>--data DIR</c> (or <c>STREAMSYNC_CONFIG</c>, <c>STREAMSYNC_DATA</c>),
    /// checks that broker and registry answer, and prints errors for people.
    /// </summary>
    /// <param name="args">Arguments of the process.</param>
    /// <param name="service">Name of the service.</param>
    /// <param name="configure">Adds the service's own services.</param>
    /// <returns>Exit code: 0 stopped, 1 failed, 2 wrong arguments or configuration.</returns>
    public static Task<int> RunAsync(string[] args, string service, Action<IServiceCollection, StreamSyncConfig> configure) => throw new NotImplementedException();

    /// <summary>Adds the services that every room takes: configuration, <see cref="KafkaConnection"/>, <see cref="DataFolder"/>, <see cref="TimeProvider"/>, codecs, admin, <see cref="OpsPublisher"/>, <see cref="CheckpointStore"/>, <see cref="IProgressBoard"/>.</summary>
    /// <param name="services">Services.</param>
    /// <param name="config">Configuration.</param>
    /// <param name="connection">The cluster.</param>
    /// <param name="data">Data folder.</param>
    public static IServiceCollection AddStreamSync(this IServiceCollection services, StreamSyncConfig config, KafkaConnection connection, DataFolder data) => throw new NotImplementedException();

    /// <summary>Sets single-line logging to the error stream.</summary>
    /// <param name="builder">Builder of the host.</param>
    public static IHostApplicationBuilder UseStreamSyncLogging(this IHostApplicationBuilder builder) => throw new NotImplementedException();
}

/// <summary>Checks that what the configuration names answers.</summary>
public static class ConnectionCheck
{
    /// <summary>Asks the brokers and the registry once.</summary>
    /// <param name="connection">The cluster.</param>
    /// <param name="timeout">How long each may take.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="ClusterUnreachableException">One does not answer; the message names host:port, the place in the configuration and the remedy.</exception>
    public static Task RequireAsync(KafkaConnection connection, TimeSpan timeout, CancellationToken cancellationToken) => throw new NotImplementedException();
}
