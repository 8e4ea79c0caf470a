using Microsoft.Extensions.Logging.Abstractions;
using StreamSync.Contracts;
using StreamSync.Contracts.Ops;
using StreamSync.Kafka.Clients;
using StreamSync.Kafka.Serdes;
using StreamSync.Kafka.Tests.Serdes;
using StreamSync.LocalKafka;

namespace StreamSync.Kafka.Tests.Clients;

/// <summary>What a connector's cycle makes of a broker that goes away and comes back at any point of a transaction.</summary>
public sealed class BrokerRestartTests : IAsyncLifetime
{
    const int Rounds = 8;
    const int RecordsARound = 50;
    const string Key = "org/sync/stream";

    static readonly TopicSpec Records = TopicCatalog.Finding with { Name = "records", Partitions = 1 };

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("streamsync-test-");
    readonly CancellationTokenSource _timeout = new(TimeSpan.FromMinutes(2));
    readonly AvroCodecs _codecs = new(new SchemaIds(MemoryRegistry.Create()));
    LocalKafkaBroker? _broker;
    KafkaConnection _connection = null!;

    public async Task InitializeAsync()
    {
        await StartBrokerAsync(0);
        _connection = new KafkaConnection { BootstrapServers = _broker!.BootstrapServers, SchemaRegistryUrl = "http://127.0.0.1:1" };
        _codecs.Ids.Remember(TopicCatalog.Checkpoint.ValueSubject, TopicCatalog.Checkpoint.ValueSchema, 1);
        await new TopicAdmin(_connection, TimeProvider.System, NullLogger<TopicAdmin>.Instance).EnsureAsync([Records, TopicCatalog.Checkpoint], _timeout.Token);
    }

    [Fact]
    public async Task Records_are_there_once_and_in_order_wherever_the_broker_stops()
    {
        await using var publisher = new TransactionalPublisher(_connection, "writer", _codecs, NullLogger<TransactionalPublisher>.Instance);
        var random = new Random(7);
        for (var next = 0; next < Rounds * RecordsARound;)
        {
            if (publisher.NeedsInit)
            {
                await publisher.InitAsync(_timeout.Token);
                next = await CheckpointAsync();
                continue;
            }

            var restart = Task.CompletedTask;
            try
            {
                var stopAt = random.Next(RecordsARound + 2);
                publisher.Begin();
                for (var i = 0; i < RecordsARound; i++)
                {
                    restart = i == stopAt ? RestartBrokerAsync() : restart;
                    publisher.Produce(Records.Name, "k", BitConverter.GetBytes(next + i));
                }

                publisher.Publish(TopicCatalog.Checkpoint, Key, new Checkpoint { CheckpointKey = Key, Org = "org", State = $"{next + RecordsARound}", WrittenAt = Samples.Instant });
                var commit = publisher.CommitAsync(_timeout.Token);
                restart = stopAt >= RecordsARound ? RestartBrokerAsync() : restart;
                await commit;
                next += RecordsARound;
            }
            catch (TransactionAbortedException)
            {
                await restart;
                next = publisher.NeedsInit ? next : await CheckpointAsync();
            }

            await restart;
        }

        var values = new List<int>();
        await using var table = new CompactedTable<string>(_connection, Records.Name, v => Add(values, v), NullLogger.Instance);
        await table.LoadAsync(_timeout.Token);
        Assert.Equal(Enumerable.Range(0, Rounds * RecordsARound), values);
    }

    public async Task DisposeAsync()
    {
        await _broker!.DisposeAsync();
        _codecs.Ids.Dispose();
        _timeout.Dispose();
        _folder.Delete(true);
    }

    static string Add(List<int> values, ReadOnlySpan<byte> value)
    {
        values.Add(BitConverter.ToInt32(value));
        return "";
    }

    async Task<int> CheckpointAsync()
    {
        var checkpoints = await new CheckpointStore(_connection, _codecs, NullLogger<CheckpointStore>.Instance).LoadAsync(Key, _timeout.Token);
        return checkpoints.TryGetValue(Key, out var checkpoint) ? int.Parse(checkpoint.State, System.Globalization.CultureInfo.InvariantCulture) : 0;
    }

    async Task RestartBrokerAsync()
    {
        var port = _broker!.Port;
        await _broker.DisposeAsync();
        await StartBrokerAsync(port);
    }

    async Task StartBrokerAsync(int port) =>
        _broker = await LocalKafkaBroker.StartAsync(new LocalKafkaOptions { DataDirectory = Path.Combine(_folder.FullName, "log"), Port = port }, cancel: _timeout.Token);
}
