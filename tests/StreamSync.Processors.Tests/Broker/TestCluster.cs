using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using StreamSync.Contracts;
using StreamSync.Kafka.Clients;
using StreamSync.Kafka.Hosting;
using StreamSync.Kafka.Serdes;
using StreamSync.LocalKafka;
using StreamSync.Processors.Streaming;

namespace StreamSync.Processors.Tests.Broker;

/// <summary>
/// A broker of its own for one test: the embedded one, or, with STREAMSYNC_TEST_BOOTSTRAP=host:port, any other, which is emptied first.
/// </summary>
sealed class TestCluster : IAsyncDisposable
{
    public const string BootstrapVariable = "STREAMSYNC_TEST_BOOTSTRAP";

    readonly LocalKafkaBroker? _broker;
    readonly string _folder;

    TestCluster(LocalKafkaBroker? broker, string folder, string bootstrap, int partitions)
    {
        (_broker, _folder) = (broker, folder);
        Connection = new KafkaConnection { BootstrapServers = bootstrap, SchemaRegistryUrl = "http://registry.invalid", Partitions = partitions };
        Topics = new TopicAdmin(Connection, TimeProvider.System, NullLogger<TopicAdmin>.Instance);
    }

    public KafkaConnection Connection { get; }

    public TopicAdmin Topics { get; }

    public ProgressBoard Board { get; } = new(TimeProvider.System);

    public static async Task<TestCluster> StartAsync(int partitions = 2)
    {
        var folder = Directory.CreateTempSubdirectory("streamsync-processors-").FullName;
        if (Environment.GetEnvironmentVariable(BootstrapVariable) is { Length: > 0 } bootstrap)
        {
            await EmptyAsync(bootstrap);
            return new TestCluster(null, folder, bootstrap, partitions);
        }

        var broker = await LocalKafkaBroker.StartAsync(new LocalKafkaOptions { DataDirectory = Path.Combine(folder, "log") });
        return new TestCluster(broker, folder, broker.BootstrapServers, partitions);
    }

    /// <summary>What runs topologies as one process would.</summary>
    /// <param name="instance">Name of the process.</param>
    /// <param name="codecs">Codecs over a registry that knows the topics.</param>
    public RunnerSettings Settings(string instance, AvroCodecs codecs) => new(
        Connection, instance, Path.Combine(_folder, instance), TimeSpan.FromMilliseconds(100), Topics, new SchemaAdmin(Connection, codecs.Ids, NullLogger<SchemaAdmin>.Instance), Board,
        TimeProvider.System, NullLoggerFactory.Instance);

    public async Task EnsureAsync(params TopicSpec[] topics) => await Topics.EnsureAsync(topics, CancellationToken.None);

    public IProducer<byte[], byte[]> Producer() => new ProducerBuilder<byte[], byte[]>(Connection.Producer("test-producer")).Build();

    /// <summary>Reads a topic, committed records only, until its end as of now.</summary>
    public List<(string Key, byte[]? Value)> ReadAll(string topic)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(Connection.Consumer("test-reader-" + Guid.NewGuid())).Build();
        var ends = new Dictionary<int, long>();
        using (var admin = new AdminClientBuilder(Connection.Common("test-admin")).Build())
        {
            foreach (var partition in admin.GetMetadata(topic, TimeSpan.FromSeconds(10)).Topics[0].Partitions)
            {
                ends[partition.PartitionId] = consumer.QueryWatermarkOffsets(new TopicPartition(topic, partition.PartitionId), TimeSpan.FromSeconds(10)).High;
            }
        }

        consumer.Assign(ends.Keys.Select(p => new TopicPartitionOffset(topic, p, Offset.Beginning)));
        var records = new List<(string, byte[]?)>();
        var deadline = TimeProvider.System.GetTimestamp();
        while (ends.Any(e => e.Value > 0 && (consumer.Position(new TopicPartition(topic, e.Key)) is var position && (position == Offset.Unset || position < e.Value))))
        {
            if (consumer.Consume(TimeSpan.FromMilliseconds(100)) is { } record)
            {
                records.Add((Encoding.UTF8.GetString(record.Message.Key), record.Message.Value));
            }

            Assert.True(TimeProvider.System.GetElapsedTime(deadline) < TimeSpan.FromSeconds(60), $"{topic} could not be read to its end");
        }

        return records;
    }

    /// <summary>Waits until something holds.</summary>
    public static async Task UntilAsync(Func<bool> holds, string what, TimeSpan? within = null)
    {
        var started = TimeProvider.System.GetTimestamp();
        var limit = within ?? TimeSpan.FromSeconds(120);
        while (!holds())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < limit, $"{what} did not come within {limit.TotalSeconds:0} s");
            await Task.Delay(100);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
        {
            await _broker.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    static async Task EmptyAsync(string bootstrap)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrap }).Build();
        var topics = admin.GetMetadata(TimeSpan.FromSeconds(30)).Topics.Select(t => t.Topic).Where(t => !t.StartsWith("__", StringComparison.Ordinal)).ToList();
        if (topics.Count > 0)
        {
            await admin.DeleteTopicsAsync(topics);
        }

        await UntilAsync(() => admin.GetMetadata(TimeSpan.FromSeconds(30)).Topics.All(t => t.Topic.StartsWith("__", StringComparison.Ordinal)), "the end of the old topics");
    }
}

/// <summary>A topology that runs in a test, until it is disposed of.</summary>
sealed class RunningTopology : IAsyncDisposable
{
    readonly CancellationTokenSource _stop = new();
    readonly Task _task;

    public RunningTopology(TopologyDefinition definition, RunnerSettings settings, StageRun run)
    {
        Run = run;
        Runner = new TopologyRunner(definition, settings, run);
        _task = Task.Run(() => Runner.RunAsync(_stop.Token));
    }

    public StageRun Run { get; }

    public TopologyRunner Runner { get; }

    public Task ReadyAsync() => Runner.Ready.WaitAsync(TimeSpan.FromSeconds(60));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _task;
        _stop.Dispose();
    }
}
