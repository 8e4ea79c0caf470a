using Confluent.Kafka;
using StreamSync.Kafka.Configuration;

namespace StreamSync.Kafka.Clients;

/// <summary>How to reach the cluster and its registry; builds the settings of every client, so that all behave alike.</summary>
public sealed record KafkaConnection
{
    /// <summary>Brokers, host:port separated by commas.</summary>
    public required string BootstrapServers { get; init; }

    /// <summary>URL of the schema registry.</summary>
    public required string SchemaRegistryUrl { get; init; }

    /// <summary>Partitions of new topics that name no number themselves.</summary>
    public int Partitions { get; init; } = 2;

    /// <summary>Further librdkafka properties; may hold secrets, so never print it.</summary>
    public IReadOnlyDictionary<string, string> Client { get; init; } = new Dictionary<string, string>();

    /// <summary>Where the address of the brokers stands, for messages; null when it was not configured.</summary>
    public ConfigPlace? BootstrapPlace { get; init; }

    /// <summary>Where the address of the registry stands, for messages; null when it was not configured.</summary>
    public ConfigPlace? RegistryPlace { get; init; }

    /// <summary>The connection that a configuration describes.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="embeddedBootstrap">Address of the embedded broker, where the configuration says 'embedded'.</param>
    /// <param name="embeddedRegistry">URL of the embedded registry, where the configuration says 'embedded'.</param>
    /// <exception cref="ConfigException">The configuration says 'embedded' and none runs in this process.</exception>
    public static KafkaConnection From(StreamSyncConfig config, string? embeddedBootstrap = null, string? embeddedRegistry = null) => throw new NotImplementedException();

    /// <summary>Settings that all clients share.</summary>
    /// <param name="clientId">Name of the client, as brokers log it.</param>
    public ClientConfig Common(string clientId) => throw new NotImplementedException();

    /// <summary>Settings of a producer: idempotent, acknowledged by all replicas, lz4, murmur2.</summary>
    /// <param name="clientId">Name of the client.</param>
    /// <param name="transactionalId">Transactional id; null for none.</param>
    public ProducerConfig Producer(string clientId, string? transactionalId = null) => throw new NotImplementedException();

    /// <summary>Settings of a consumer: read committed, from the beginning, no automatic commit, small queues.</summary>
    /// <param name="group">Consumer group; a reader that assigns partitions itself needs one as well, and commits nothing to it.</param>
    /// <param name="clientId">Name of the client.</param>
    public ConsumerConfig Consumer(string group, string? clientId = null) => throw new NotImplementedException();

    /// <inheritdoc/>
    public override string ToString() => $"{BootstrapServers}, registry {SchemaRegistryUrl}";
}
