using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Streamiz.Kafka.Net.Kafka;
using Streamiz.Kafka.Net.Metrics;
using StreamSync.Kafka.Clients;

namespace StreamSync.Processors.Streaming;

/// <summary>
/// Makes the Kafka clients of one run of a topology from the platform's settings, instead of Streamiz's own, and closes what Streamiz leaves
/// open when it fails.
/// </summary>
/// <param name="connection">The cluster.</param>
/// <param name="application">Id of the topology's application.</param>
/// <param name="instance">
/// Name of this process that outlives it. With it a restarted process takes its place in the group at once, and rolls back the transaction
/// that it left when it was killed; Streamiz's names are random, so that both would wait for time-outs.
/// </param>
/// <param name="ledger">Says whether a commit is allowed.</param>
/// <param name="clock">Clock.</param>
/// <param name="logger">Takes what the clients report.</param>
sealed class StageClients(KafkaConnection connection, string application, string instance, FailureLedger ledger, TimeProvider clock, ILogger logger) : IKafkaSupplier, IDisposable
{
    /// <summary>A process that is gone for so long is taken as dead and loses its partitions to others.</summary>
    const int SessionTimeoutMs = 10_000;

    /// <summary>A transaction of a dead process that nobody takes over blocks readers for so long.</summary>
    const int TransactionTimeoutMs = 30_000;

    readonly Lock _lock = new();
    readonly List<IDisposable> _open = [];
    IAdminClient? _admin;
    TransactionalProducer? _producer;

    public StreamMetricsRegistry? MetricsRegistry { get; set; }

    /// <summary>The consumer of the input; null before there is one.</summary>
    public IConsumer<byte[], byte[]>? Input { get; private set; }

    public IConsumer<byte[], byte[]> GetConsumer(ConsumerConfig config, IConsumerRebalanceListener rebalanceListener)
    {
        var settings = connection.Consumer(config.GroupId, config.ClientId);
        settings.GroupInstanceId = $"{instance}-{ThreadOf(config.ClientId)}";
        settings.SessionTimeoutMs = SessionTimeoutMs;
        settings.HeartbeatIntervalMs = SessionTimeoutMs / 5;

        // All equal partitions of a task's topics must come to one process, which the sticky assignors do not promise.
        settings.PartitionAssignmentStrategy = PartitionAssignmentStrategy.Range;

        // A long restore is no reason to leave the group: Streamiz does not poll meanwhile.
        settings.MaxPollIntervalMs = 30 * 60 * 1000;
        var consumer = new ConsumerBuilder<byte[], byte[]>(settings)
            .SetPartitionsAssignedHandler(rebalanceListener.PartitionsAssigned)
            .SetPartitionsRevokedHandler(rebalanceListener.PartitionsRevoked)
            .SetPartitionsLostHandler(rebalanceListener.PartitionsLost)
            .SetLogHandler((_, message) => Log(message))
            .SetErrorHandler((_, error) => Log(config.ClientId, error))
            .Build();
        Input = consumer;
        return Keep(consumer);
    }

    public IConsumer<byte[], byte[]> GetRestoreConsumer(ConsumerConfig config) =>
        Keep(new ConsumerBuilder<byte[], byte[]>(connection.Consumer(config.GroupId, config.ClientId))
            .SetLogHandler((_, message) => Log(message))
            .SetErrorHandler((_, error) => Log(config.ClientId, error))
            .Build());

    public IConsumer<byte[], byte[]> GetGlobalConsumer(ConsumerConfig config) => throw new NotSupportedException("topologies of the platform have no global tables");

    public IProducer<byte[], byte[]> GetProducer(ProducerConfig config)
    {
        // Streamiz asks for a new one after it was fenced, and forgets the old one.
        _producer?.Dispose();
        var settings = connection.Producer(config.ClientId, $"{application}-{instance}-{ThreadOf(config.ClientId)}");
        settings.EnableDeliveryReports = false;
        settings.TransactionTimeoutMs = TransactionTimeoutMs;
        var producer = new TransactionalProducer(
            new ProducerBuilder<byte[], byte[]>(settings)
                .SetLogHandler((_, message) => Log(message))
                .SetErrorHandler((_, error) => Log(config.ClientId, error))
                .Build(),
            ledger);
        _producer = producer;
        return Keep<IProducer<byte[], byte[]>>(producer);
    }

    public IAdminClient GetAdmin(AdminClientConfig config)
    {
        lock (_lock)
        {
            return _admin ??= SharedAdmin.Wrap(Keep(new AdminClientBuilder(connection.Common(config.ClientId))
                .SetLogHandler((_, message) => Log(message))
                .SetErrorHandler((_, error) => Log(config.ClientId, error))
                .Build()), clock);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var client in Enumerable.Reverse(_open))
            {
                try
                {
                    client.Dispose();
                }
                catch (Exception e) when (e is ObjectDisposedException or KafkaException)
                {
                    // Streamiz closed it already.
                }
            }

            _open.Clear();
        }
    }

    T Keep<T>(T client)
        where T : IDisposable
    {
        lock (_lock)
        {
            _open.Add(client);
        }

        return client;
    }

    /// <summary>The number of the stream thread, from Streamiz's client id.</summary>
    static string ThreadOf(string clientId)
    {
        var at = clientId.LastIndexOf("hread-", StringComparison.Ordinal);
        var digits = at < 0 ? "0" : new string([.. clientId[(at + 6)..].TakeWhile(char.IsAsciiDigit)]);
        return digits.Length == 0 ? "0" : digits;
    }

    void Log(LogMessage message) => logger.Log((LogLevel)message.LevelAs(LogLevelType.MicrosoftExtensionsLogging), "{Client}: {Message}", message.Name, message.Message);

    void Log(string client, Error error) => logger.Log(error.IsFatal ? LogLevel.Error : LogLevel.Warning, "{Client}: {Reason}", client, error.Reason);
}
