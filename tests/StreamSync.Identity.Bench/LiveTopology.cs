using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using StreamSync.Bench;
using StreamSync.Contracts;
using StreamSync.Contracts.Common;
using StreamSync.Contracts.Entity;
using StreamSync.Contracts.Ops;
using StreamSync.Kafka.Clients;
using StreamSync.Kafka.Hosting;
using StreamSync.Kafka.Serdes;
using StreamSync.LocalKafka;
using StreamSync.LocalKafka.Registry;
using StreamSync.Processors.Identity;
using StreamSync.Processors.Streaming;
using ContractId = StreamSync.Contracts.Common.ExternalId;

namespace StreamSync.Identity.Bench;

/// <summary>
/// The topology as the platform runs it, with the embedded broker in the same process: from <c>entity.person</c> to <c>identity.person_map</c>, both
/// Avro on Kafka, exactly once. How many records a second it takes when they all wait for it, and how long a record takes at a steady pace.
/// </summary>
sealed class LiveTopology : IAsyncDisposable
{
    static readonly TopicSpec People = TopicCatalog.Entity("person");

    readonly string _folder;
    readonly LocalKafkaBroker _broker;
    readonly SchemaRegistryServer _registry;
    readonly KafkaConnection _connection;
    readonly AvroCodecs _codecs;
    readonly TopicAdmin _topics;
    readonly SchemaAdmin _schemas;
    readonly ProgressBoard _board = new(TimeProvider.System);
    readonly CancellationTokenSource _stop = new();
    Task _running = Task.CompletedTask;

    LiveTopology(string folder, LocalKafkaBroker broker, SchemaRegistryServer registry, int partitions)
    {
        (_folder, _broker, _registry) = (folder, broker, registry);
        _connection = new KafkaConnection { BootstrapServers = broker.BootstrapServers, SchemaRegistryUrl = registry.Url.ToString(), Partitions = partitions };
        _codecs = new AvroCodecs(new SchemaIds(_connection));
        _topics = new TopicAdmin(_connection, TimeProvider.System, NullLogger<TopicAdmin>.Instance);
        _schemas = new SchemaAdmin(_connection, _codecs.Ids, NullLogger<SchemaAdmin>.Instance);
    }

    /// <summary>Prints the rate over so many records that wait, and the time from a record to its person at so many records a second.</summary>
    public static async Task MeasureAsync(int size, int pace, TimeSpan paced)
    {
        var name = $"live_{size}";
        var (records, _) = InventedPeople.Generate(size + (int)(pace * paced.TotalSeconds), seed: 3);
        await using var live = await StartAsync(partitions: 1);
        await live.ProduceAsync(records.Take(size));
        using var map = new MapReader(live._connection);
        var cpu = Environment.CpuUsage.TotalTime;
        var pauses = GC.GetTotalPauseDuration();
        var allocated = GC.GetTotalAllocatedBytes();
        var watch = Stopwatch.StartNew();
        await live.RunAsync();
        Figures.Print(name + "_ready", watch.Elapsed.TotalSeconds, "s");
        await map.UntilAsync(size);
        watch.Stop();
        Figures.Print(name + "_rate", size / watch.Elapsed.TotalSeconds, "records/s");

        // Without the start, whose code is still compiled, and the group's first assignment.
        var seen = map.Seen.Values.Order().ToList();
        Figures.Print(name + "_sustained", (size - (size / 10)) / Stopwatch.GetElapsedTime(seen[size / 10], seen[^1]).TotalSeconds, "records/s");
        Figures.Print(name + "_cpu", (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / size, "us/record");
        Figures.Print(name + "_collections", (GC.GetTotalPauseDuration() - pauses).TotalMicroseconds / size, "us/record");
        Figures.Print(name + "_allocated", (double)(GC.GetTotalAllocatedBytes() - allocated) / size, "bytes/record");
        Figures.Print(name + "_peak_memory", Process.GetCurrentProcess().PeakWorkingSet64 / 1048576.0, "MiB");

        if (records.Count == size)
        {
            return;
        }

        var sent = await live.PaceAsync(records.Skip(size), pace);
        await map.UntilAsync(records.Count);
        var latencies = sent.Select(one => Stopwatch.GetElapsedTime(one.Value, map.Seen[one.Key]).TotalMilliseconds).Order().ToList();
        Figures.Print($"{name}_then_{pace}_a_second_p50", latencies[latencies.Count / 2], "ms");
        Figures.Print($"{name}_then_{pace}_a_second_p99", latencies[latencies.Count * 99 / 100], "ms");
        Figures.Print($"{name}_then_{pace}_a_second_max", latencies[^1], "ms");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await _registry.DisposeAsync();
        await _broker.DisposeAsync();
        _stop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    static async Task<LiveTopology> StartAsync(int partitions)
    {
        var folder = Directory.CreateTempSubdirectory("streamsync-identity-bench-").FullName;
        var broker = await LocalKafkaBroker.StartAsync(new LocalKafkaOptions { DataDirectory = Path.Combine(folder, "log") });
        var registry = await SchemaRegistryServer.StartAsync(new SchemaRegistryOptions { BootstrapServers = broker.BootstrapServers });
        var live = new LiveTopology(folder, broker, registry, partitions);
        await live._topics.EnsureAsync(TopicCatalog.Platform, CancellationToken.None);
        await live._schemas.EnsureAsync(TopicCatalog.Platform, CancellationToken.None);
        return live;
    }

    async Task RunAsync()
    {
        var run = new StageRun { EncodeQuarantine = _codecs.For<QuarantineEntry>(TopicCatalog.Quarantine).Encode, Restores = true, WorksBeside = Environment.ProcessorCount > 1 };
        var settings = new RunnerSettings(
            _connection, "bench", Path.Combine(_folder, "state"), TimeSpan.FromMilliseconds(new StreamSync.Kafka.Configuration.ProcessorSettings().CommitMs), _topics, _schemas, _board, TimeProvider.System, NullLoggerFactory.Instance);
        var runner = new TopologyRunner(IdentityTopology.Define(_codecs, _connection.Partitions, run), settings, run);
        _running = Task.Run(() => runner.RunAsync(_stop.Token));
        await runner.Ready;
    }

    async Task ProduceAsync(IEnumerable<PersonRecord> records)
    {
        using var producer = new ProducerBuilder<byte[], byte[]>(_connection.Producer("bench")).Build();
        foreach (var record in records)
        {
            await SendAsync(producer, record);
        }

        producer.Flush();
    }

    /// <summary>Sends records evenly, so many a second, and says when each was sent.</summary>
    async Task<Dictionary<string, long>> PaceAsync(IEnumerable<PersonRecord> records, int pace)
    {
        var sent = new Dictionary<string, long>();
        using var producer = new ProducerBuilder<byte[], byte[]>(_connection.Producer("bench-paced")).Build();

        // A producer first asks who leads the topic, which may take a second and is no record's delay: anything sent before brings the answer.
        producer.Produce(People.Name, new Message<byte[], byte[]> { Key = "bench/none/main/person/0"u8.ToArray(), Value = null! });
        producer.Flush();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        var start = Stopwatch.GetTimestamp();
        foreach (var record in records)
        {
            while (Stopwatch.GetElapsedTime(start).TotalSeconds * pace < sent.Count)
            {
                await timer.WaitForNextTickAsync();
            }

            sent[record.Urn] = Stopwatch.GetTimestamp();
            await SendAsync(producer, record);
        }

        producer.Flush();
        return sent;
    }

    async Task SendAsync(IProducer<byte[], byte[]> producer, PersonRecord record)
    {
        var message = new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes(record.Urn), Value = _codecs.For<Person>(People).Encode(PersonOf(record)) };
        while (true)
        {
            try
            {
                producer.Produce(People.Name, message);
                return;
            }
            catch (ProduceException<byte[], byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
            {
                await Task.Run(() => producer.Flush(TimeSpan.FromMilliseconds(100)));
            }
        }
    }

    /// <summary>The record as the standardiser writes it.</summary>
    static Person PersonOf(PersonRecord record)
    {
        var urn = SourceUrn.Parse(record.Urn);
        var name = record.Names[0];
        return new Person
        {
            SourceUrn = record.Urn,
            Org = record.Org,
            Vendor = urn.Vendor,
            Instance = urn.Instance,
            SourceId = record.Urn[(record.Urn.LastIndexOf('/') + 1)..],
            Kind = "person",
            FirstName = name.Given,
            LastName = name.Family,
            DateOfBirth = record.BirthDate,
            Emails = [.. record.Emails.Select(email => new Email { Raw = email, Normalized = email })],
            Phones = [.. record.Phones.Select(phone => new Phone { Raw = phone, Normalized = phone })],
            Addresses = [.. record.Addresses.Select(address => new Address { Lines = address.Line is null ? [] : [address.Line], PostalCode = address.PostalCode })],
            ExternalIds = [.. record.Ids.Select(id => new ContractId { IdType = id.Type, IdScope = id.Scope, IdValue = id.Value })],
            custom_fields = new Dictionary<string, string>(),
            Tags = [],
            SameAs = [.. record.SameAs],
            CreatedAt = record.CreatedAt!.Value.UtcDateTime,
            ObservedAt = record.CreatedAt!.Value.UtcDateTime,
            ChangeId = record.Urn,
        };
    }

    /// <summary>Reads the committed map and notes when each record first had its person.</summary>
    sealed class MapReader : IDisposable
    {
        readonly CancellationTokenSource _stop = new();
        readonly SemaphoreSlim _news = new(0);
        readonly Thread _thread;

        public MapReader(KafkaConnection connection)
        {
            _thread = new Thread(() => Read(connection));
            _thread.Start();
        }

        public ConcurrentDictionary<string, long> Seen { get; } = new(StringComparer.Ordinal);

        public async Task UntilAsync(int records)
        {
            while (Seen.Count < records)
            {
                await _news.WaitAsync();
            }
        }

        public void Dispose()
        {
            _stop.Cancel();
            _thread.Join();
            _stop.Dispose();
            _news.Dispose();
        }

        void Read(KafkaConnection connection)
        {
            using var consumer = new ConsumerBuilder<byte[], byte[]>(connection.Consumer("bench-map")).Build();
            consumer.Assign(Enumerable.Range(0, connection.Partitions).Select(partition => new TopicPartitionOffset(TopicCatalog.PersonMap.Name, partition, Offset.Beginning)));
            try
            {
                while (true)
                {
                    var record = consumer.Consume(_stop.Token);
                    if (record.Message.Value is not null && Seen.TryAdd(Encoding.UTF8.GetString(record.Message.Key), Stopwatch.GetTimestamp()) && _news.CurrentCount == 0)
                    {
                        _news.Release();
                    }
                }
            }
            catch (OperationCanceledException)
            {
                consumer.Close();
            }
        }
    }
}
