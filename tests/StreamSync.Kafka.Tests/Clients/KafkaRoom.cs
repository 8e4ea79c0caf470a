using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using StreamSync.Contracts;
using StreamSync.Kafka.Clients;
using StreamSync.Kafka.Serdes;
using StreamSync.TestBroker;

namespace StreamSync.Kafka.Tests.Clients;

/// <summary>The clients of a process against the test cluster, and a plain reader to see what they did.</summary>
sealed class KafkaRoom : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly CancellationTokenSource _timeout = new(Patience);

    public KafkaRoom(TestCluster cluster)
    {
        Connection = new KafkaConnection { BootstrapServers = cluster.BootstrapServers, SchemaRegistryUrl = cluster.RegistryUrl, Partitions = 3 };
        Ids = new SchemaIds(Connection);
        Codecs = new AvroCodecs(Ids);
        Topics = new TopicAdmin(Connection, TimeProvider.System, NullLogger<TopicAdmin>.Instance);
        Schemas = new SchemaAdmin(Connection, Ids, NullLogger<SchemaAdmin>.Instance);
        Checkpoints = new CheckpointStore(Connection, Codecs, NullLogger<CheckpointStore>.Instance);
    }

    public KafkaConnection Connection { get; }

    public SchemaIds Ids { get; }

    public AvroCodecs Codecs { get; }

    public TopicAdmin Topics { get; }

    public SchemaAdmin Schemas { get; }

    public CheckpointStore Checkpoints { get; }

    public CancellationToken Timeout => _timeout.Token;

    /// <summary>A topic of its own with the schema of a catalogue topic.</summary>
    public async Task<TopicSpec> TopicAsync(TopicSpec like, int partitions = 1)
    {
        var topic = like with { Name = TestCluster.UniqueName("test"), Partitions = partitions };
        await EnsureAsync(topic);
        return topic;
    }

    public async Task EnsureAsync(params TopicSpec[] topics)
    {
        await Topics.EnsureAsync(topics, Timeout);
        await Schemas.EnsureAsync(topics, Timeout);
    }

    public TransactionalPublisher Publisher(string id) => new(Connection, id, Codecs, NullLogger<TransactionalPublisher>.Instance);

    /// <summary>What a reader sees from the beginning to the end, key and value as text.</summary>
    public async Task<List<(string Key, string? Value)>> ReadAsync(string topic) => [.. (await ReadAllAsync(topic)).Select(r => (Encoding.UTF8.GetString(r.Message.Key), r.Message.Value is null ? null : Encoding.UTF8.GetString(r.Message.Value)))];

    public Task<List<ConsumeResult<byte[], byte[]?>>> ReadAllAsync(string topic) => Task.Run(() =>
    {
        var config = Connection.Consumer(TestCluster.UniqueName("reader"));
        config.EnablePartitionEof = true;
        using var consumer = new ConsumerBuilder<byte[], byte[]?>(config).SetValueDeserializer(Deserializers.ByteArray!).Build();
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var open = admin.GetMetadata(topic, Patience).Topics.Single().Partitions.Select(p => new TopicPartition(topic, p.PartitionId)).ToHashSet();
        consumer.Assign(open.Select(p => new TopicPartitionOffset(p, Offset.Beginning)));
        var results = new List<ConsumeResult<byte[], byte[]?>>();
        while (open.Count > 0)
        {
            var result = consumer.Consume(Timeout);
            if (result.IsPartitionEOF)
            {
                open.Remove(result.TopicPartition);
            }
            else
            {
                results.Add(result);
            }
        }

        return results;
    });

    public ValueTask DisposeAsync()
    {
        Ids.Dispose();
        _timeout.Dispose();
        return ValueTask.CompletedTask;
    }
}

[CollectionDefinition(Name)]
public class ClusterCollection : ICollectionFixture<ClusterFixture>
{
    public const string Name = "cluster";
}
