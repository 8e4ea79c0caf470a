using System.Globalization;
using Confluent.Kafka;
using Confluent.SchemaRegistry;
using StreamSync.Kafka.Configuration;

namespace StreamSync.Kafka.Clients;

/// <summary>How to reach the cluster and its registry; builds the settings of every client, so that all behave alike.</summary>
public sealed record KafkaConnection
{
    /// <summary>Largest batch that producers send and that topics are created for, bytes: a quarantined page may need more than Kafka's default.</summary>
    internal const int MaxMessageBytes = 4 * 1024 * 1024;

    /// <summary>Brokers, host:port separated by commas.</summary>
    public required string BootstrapServers { get; init; }

    /// <summary>URL of the schema registry.</summary>
    public required string SchemaRegistryUrl { get; init; }

    /// <summary>Credentials of the registry, user:password; null for none.</summary>
    public SecretText? RegistryAuth { get; init; }

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
    public static KafkaConnection From(StreamSyncConfig config, string? embeddedBootstrap = null, string? embeddedRegistry = null)
    {
        var errors = new List<ConfigError>();
        var bootstrapPlace = config.PlaceOf("kafka", "bootstrap");
        var registryPlace = config.PlaceOf("kafka", "registry");
        var connection = new KafkaConnection
        {
            BootstrapServers = Address(config.Kafka.Bootstrap, embeddedBootstrap, bootstrapPlace, "bootstrap: host:port", errors),
            SchemaRegistryUrl = Address(config.Kafka.Registry, embeddedRegistry, registryPlace, "registry: http://host:port", errors),
            RegistryAuth = config.Kafka.RegistryAuth,
            Partitions = config.Kafka.Partitions ?? config.Kafka.DefaultPartitions,
            Client = config.Kafka.Client.ToDictionary(p => p.Key, p => p.Value.Reveal()),
            BootstrapPlace = bootstrapPlace,
            RegistryPlace = registryPlace,
        };
        return errors.Count == 0 ? connection : throw new ConfigException(errors);
    }

    /// <summary>Settings that all clients share.</summary>
    /// <param name="clientId">Name of the client, as brokers log it.</param>
    public ClientConfig Common(string clientId) => new(Base(clientId));

    /// <summary>Settings of a producer: idempotent, acknowledged by all replicas, lz4, murmur2.</summary>
    /// <param name="clientId">Name of the client.</param>
    /// <param name="transactionalId">Transactional id; null for none.</param>
    public ProducerConfig Producer(string clientId, string? transactionalId = null) => new(Base(clientId))
    {
        TransactionalId = transactionalId,
        EnableIdempotence = true,
        Acks = Acks.All,
        Partitioner = Partitioner.Murmur2Random,
        CompressionType = CompressionType.Lz4,

        // What a transaction writes is seen after its commit, which sends what is left: until then it may gather.
        LingerMs = transactionalId is null ? 5 : 40,
        MessageMaxBytes = MaxMessageBytes,
        QueueBufferingMaxKbytes = 32 * 1024,
        QueueBufferingMaxMessages = 50_000,
        EnableDeliveryReports = true,

        // Topics are made and seen before anything is written to them: one that is not known is not on its way.
        TopicMetadataPropagationMaxMs = 5_000,
    };

    /// <summary>Settings of a consumer: read committed, from the beginning, no automatic commit, small queues.</summary>
    /// <param name="group">Consumer group; a reader that assigns partitions itself needs one as well, and commits nothing to it.</param>
    /// <param name="clientId">Name of the client; null takes the group's.</param>
    public ConsumerConfig Consumer(string group, string? clientId = null) => new(Base(clientId ?? group))
    {
        GroupId = group,
        IsolationLevel = IsolationLevel.ReadCommitted,
        AutoOffsetReset = AutoOffsetReset.Earliest,
        EnableAutoCommit = false,
        EnableAutoOffsetStore = false,
        AllowAutoCreateTopics = false,
        QueuedMaxMessagesKbytes = 8 * 1024,
        QueuedMinMessages = 5_000,
        FetchMaxBytes = 8 * 1024 * 1024,
        MaxPartitionFetchBytes = 1024 * 1024,
        FetchWaitMaxMs = 250,

        // A queue that is full is looked at again soon: a reader that takes large batches empties it at once, and would wait a second for more.
        FetchQueueBackoffMs = 5,
    };

    /// <summary>Settings of the registry's client.</summary>
    public SchemaRegistryConfig Registry() => new() { Url = SchemaRegistryUrl, BasicAuthUserInfo = RegistryAuth?.Reveal(), RequestTimeoutMs = 10_000 };

    /// <inheritdoc/>
    public override string ToString() => $"{BootstrapServers}, registry {SchemaRegistryUrl}";

    Dictionary<string, string> Base(string clientId) => new(Client)
    {
        ["bootstrap.servers"] = BootstrapServers,
        ["client.id"] = clientId,

        // Without it a lone broker that restarts is asked again only after seconds.
        ["reconnect.backoff.ms"] = Client.GetValueOrDefault("reconnect.backoff.ms", "50"),
        ["reconnect.backoff.max.ms"] = Client.GetValueOrDefault("reconnect.backoff.max.ms", 2000.ToString(CultureInfo.InvariantCulture)),
    };

    static string Address(string configured, string? embedded, ConfigPlace place, string example, List<ConfigError> errors)
    {
        if (configured != KafkaSettings.Embedded)
        {
            return configured;
        }

        if (embedded is null)
        {
            errors.Add(new ConfigError(place, "'embedded' works only where 'streamsync up' runs everything in one process", $"start it with 'streamsync up', or write '{example}'"));
        }

        return embedded ?? configured;
    }
}
