using Confluent.Kafka;
using Confluent.Kafka.Admin;
using StreamSync.LocalKafka.Protocol;
using StreamSync.LocalKafka.Protocol.Messages;
using StreamSync.LocalKafka.Tests.Wire;

namespace StreamSync.LocalKafka.Tests.Conformance;

/// <summary>
/// Ground for tests that run unchanged against the embedded broker and against Apache Kafka. A test that passes there and fails here has
/// found a bug here.
/// </summary>
public abstract class ConformanceTest(BrokerUnderTest broker)
{
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    protected BrokerUnderTest Broker
    {
        get
        {
            Skip.If(broker.BootstrapServers is null, "KAFKA_HOME names no Apache Kafka");
            return broker;
        }
    }

    protected string Bootstrap => Broker.BootstrapServers!;

    /// <summary>A name that no other test uses.</summary>
    protected static string Unique(string name) => $"{name}-{Guid.NewGuid():N}"[..(name.Length + 9)];

    protected async Task<string> NewTopicAsync(int partitions = 1, Dictionary<string, string>? configs = null)
    {
        var name = Unique("topic");
        using var admin = Admin();

        // Tests use fixed timestamps of the past, which retention by time would take away under their hands.
        configs ??= [];
        configs.TryAdd("retention.ms", "-1");
        await admin.CreateTopicsAsync([new TopicSpecification { Name = name, NumPartitions = partitions, ReplicationFactor = 1, Configs = configs }]);
        await Broker.SettleAsync();
        return name;
    }

    protected IAdminClient Admin() => new AdminClientBuilder(Settings(new AdminClientConfig())).Build();

    protected IProducer<string?, string?> Producer(Action<ProducerConfig>? configure = null)
    {
        var config = Settings(new ProducerConfig { LingerMs = 1 });
        configure?.Invoke(config);
        return new ProducerBuilder<string?, string?>(config)
            .SetKeySerializer(NullableText.Instance).SetValueSerializer(NullableText.Instance).Build();
    }

    protected IConsumer<string?, string?> Consumer(string group, Action<ConsumerConfig>? configure = null)
    {
        var config = Settings(new ConsumerConfig
        {
            GroupId = group,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnableAutoCommit = false,
            SessionTimeoutMs = 6000,
            HeartbeatIntervalMs = 500,
        });
        configure?.Invoke(config);
        return new ConsumerBuilder<string?, string?>(config)
            .SetKeyDeserializer(NullableText.Instance).SetValueDeserializer(NullableText.Instance).Build();
    }

    internal Task<RawClient> ConnectAsync() => RawClient.ConnectAsync(Bootstrap);

    /// <summary>Reads until so many records have come.</summary>
    protected static List<ConsumeResult<string?, string?>> Take(IConsumer<string?, string?> consumer, int count)
    {
        var found = new List<ConsumeResult<string?, string?>>();
        using var patience = new CancellationTokenSource(Patience);
        while (found.Count < count)
        {
            found.Add(consumer.Consume(patience.Token));
        }

        return found;
    }

    /// <summary>All values of partition 0 of a topic, as an assigned consumer sees them up to the end.</summary>
    protected List<string?> ReadAll(string topic, IsolationLevel isolation = IsolationLevel.ReadUncommitted)
    {
        using var consumer = Consumer(Unique("reader"), c =>
        {
            c.IsolationLevel = isolation;
            c.EnablePartitionEof = true;
        });
        consumer.Assign(new TopicPartitionOffset(topic, 0, Offset.Beginning));
        using var patience = new CancellationTokenSource(Patience);
        var found = new List<string?>();
        while (true)
        {
            var result = consumer.Consume(patience.Token);
            if (result.IsPartitionEOF)
            {
                return found;
            }

            found.Add(result.Message.Value);
        }
    }

    internal static async Task<ProduceResponse.Partition> ProduceAsync(
        RawClient client, string topic, byte[]? batch, short acks = -1, string? transactionalId = null, int partition = 0, short version = 9)
    {
        var response = await client.SendAsync<ProduceResponse>(ApiKey.Produce, version, ProduceRequest(topic, batch, acks, transactionalId, partition));
        return response.Topics.Single().Partitions.Single();
    }

    internal static ProduceRequest ProduceRequest(string topic, byte[]? batch, short acks = -1, string? transactionalId = null, int partition = 0) => new()
    {
        TransactionalId = transactionalId,
        Acks = acks,
        TimeoutMs = 10_000,
        Topics = [new() { Name = topic, Partitions = [new() { Index = partition, Records = batch is null ? null : (ReadOnlyMemory<byte>?)batch }] }],
    };

    internal static async Task<FetchResponse.Partition> FetchAsync(
        RawClient client, string topic, long offset, bool readCommitted = false, int maxWaitMs = 0, int maxBytes = 1 << 20, short version = 12)
    {
        var response = await client.SendAsync<FetchResponse>(ApiKey.Fetch, version, FetchRequest(topic, offset, readCommitted, maxWaitMs, maxBytes));
        Assert.Equal(ErrorCode.None, response.Error);
        return response.Topics.Single().Partitions.Single();
    }

    internal static FetchRequest FetchRequest(string topic, long offset, bool readCommitted = false, int maxWaitMs = 0, int maxBytes = 1 << 20) => new()
    {
        MaxWaitMs = maxWaitMs,
        MinBytes = 1,
        MaxBytes = maxBytes,
        ReadCommitted = readCommitted,
        Topics = [new() { Name = topic, Partitions = [new() { FetchOffset = offset, MaxBytes = maxBytes }] }],
    };

    internal T Settings<T>(T config)
        where T : ClientConfig
    {
        config.BootstrapServers = Bootstrap;
        config.SocketConnectionSetupTimeoutMs = 30_000;
        return config;
    }

    sealed class NullableText : ISerializer<string?>, IDeserializer<string?>
    {
        public static readonly NullableText Instance = new();

        public byte[]? Serialize(string? data, SerializationContext context) => data is null ? null : System.Text.Encoding.UTF8.GetBytes(data);

        public string? Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context) =>
            isNull ? null : System.Text.Encoding.UTF8.GetString(data);
    }
}
