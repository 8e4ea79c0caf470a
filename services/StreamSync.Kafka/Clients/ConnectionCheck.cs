using System.Collections.Concurrent;
using Confluent.Kafka;
using Confluent.SchemaRegistry;
using StreamSync.Kafka.Configuration;

namespace StreamSync.Kafka.Clients;

/// <summary>Checks that what the configuration names answers.</summary>
public static class ConnectionCheck
{
    /// <summary>Asks the brokers and the registry once.</summary>
    /// <param name="connection">The cluster.</param>
    /// <param name="timeout">How long each may take.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="ClusterUnreachableException">One does not answer; the message names host:port, the place in the configuration and the remedy.</exception>
    /// <exception cref="ConfigException">librdkafka knows no such client property, or not this value.</exception>
    public static async Task RequireAsync(KafkaConnection connection, TimeSpan timeout, CancellationToken cancellationToken)
    {
        await RequireBrokerAsync(connection, timeout, cancellationToken);
        await RequireRegistryAsync(connection, timeout, cancellationToken);
    }

    internal static ClusterUnreachableException BrokerUnreachable(KafkaConnection connection, string reason, Exception inner) => new(
        $"{Prefix(connection.BootstrapPlace)}no Kafka broker answers at {connection.BootstrapServers} ({reason}) - start the broker, or mend 'kafka: bootstrap'; 'bootstrap: embedded' needs none", inner);

    internal static ClusterUnreachableException RegistryUnreachable(KafkaConnection connection, Exception inner) => new(
        $"{Prefix(connection.RegistryPlace)}no schema registry answers at {connection.SchemaRegistryUrl} ({inner.Message}) - start the registry, or mend 'kafka: registry'; 'registry: embedded' needs none", inner);

    static async Task RequireBrokerAsync(KafkaConnection connection, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var reasons = new ConcurrentQueue<string>();
        using var admin = Build(connection, reasons);
        try
        {
            await Blocking.RunAsync(() => admin.GetMetadata(timeout), cancellationToken);
        }
        catch (KafkaException e)
        {
            // The first thing that went wrong says more than the time-out that followed.
            throw BrokerUnreachable(connection, reasons.TryPeek(out var reason) ? reason : e.Error.Reason, e);
        }
    }

    static IAdminClient Build(KafkaConnection connection, ConcurrentQueue<string> reasons)
    {
        try
        {
            return new AdminClientBuilder(connection.Common("streamsync-check"))
                .SetLogHandler((_, _) => { })
                .SetErrorHandler((_, error) => reasons.Enqueue(error.Reason))
                .Build();
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // The message names the property; librdkafka quotes a bad value only for properties with fixed words.
            throw new ConfigException([new ConfigError(connection.BootstrapPlace ?? new ConfigPlace("streamsync.yaml", 1, 1), $"the Kafka client refuses a property below 'kafka: client': {e.Message}", "write the properties as librdkafka's CONFIGURATION.md names them")]);
        }
    }

    static async Task RequireRegistryAsync(KafkaConnection connection, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var client = new CachedSchemaRegistryClient(connection.Registry());
        try
        {
            await client.GetCompatibilityAsync().WaitAsync(timeout, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutException or SchemaRegistryException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw RegistryUnreachable(connection, e);
        }
    }

    static string Prefix(ConfigPlace? place) => place is null ? "" : $"{place}: ";
}
