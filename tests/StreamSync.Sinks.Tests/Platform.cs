using System.Reflection;
using Avro.Specific;
using Confluent.Kafka;
using Confluent.SchemaRegistry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StreamSync.Contracts;
using StreamSync.Kafka.Clients;
using StreamSync.Kafka.Configuration;
using StreamSync.Kafka.Hosting;
using StreamSync.Kafka.Serdes;
using StreamSync.Kafka.Tests.Serdes;
using StreamSync.LocalKafka;

namespace StreamSync.Sinks.Tests;

/// <summary>A broker with its data folder, and a sink that tests start and stop on it.</summary>
/// <param name="more">Adds services beside the sink's; null for none.</param>
public sealed class Platform(Action<IServiceCollection, StreamSyncConfig>? more) : IAsyncLifetime
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly string _folder = Directory.CreateTempSubdirectory("sinks-").FullName;
    readonly SchemaIds _ids = new(DispatchProxy.Create<ISchemaRegistryClient, Registry>());
    LocalKafkaBroker? _broker;
    IHost? _host;
    IProducer<byte[], byte[]?>? _producer;

    public Platform()
        : this(null)
    {
    }

    public KafkaConnection Connection { get; private set; } = null!;

    public string WarehousePath => Path.Combine(_folder, "data", "warehouse.duckdb");

    public AvroCodecs Codecs => new(_ids);

    /// <summary>Services of the process that runs the sink.</summary>
    public IServiceProvider Services => _host!.Services;

    public SinkState State => _host!.Services.GetRequiredService<SinkState>();

    public IProgressBoard Board => _host!.Services.GetRequiredService<IProgressBoard>();

    public async Task InitializeAsync()
    {
        _broker = await LocalKafkaBroker.StartAsync(new LocalKafkaOptions { DataDirectory = Path.Combine(_folder, "log") });
        Connection = new KafkaConnection { BootstrapServers = _broker.BootstrapServers, SchemaRegistryUrl = "http://memory.example.org" };
        _producer = new ProducerBuilder<byte[], byte[]?>(Connection.Producer("test")).SetValueSerializer(Serializers.ByteArray!).Build();
        using var host = Build();
        await host.Services.GetRequiredService<TopicAdmin>().EnsureAsync(TopicCatalog.Mirrored, CancellationToken.None);
        await host.Services.GetRequiredService<SchemaAdmin>().EnsureAsync(TopicCatalog.Mirrored, CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await StopSinkAsync();
        _producer?.Dispose();
        await _broker!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    public async Task StartSinkAsync()
    {
        _host = Build();
        await _host.StartAsync();
    }

    public async Task StopSinkAsync()
    {
        if (_host is not null)
        {
            await _host.StopAsync();
            _host.Dispose();
            _host = null;
        }
    }

    public Task PublishAsync<T>(TopicSpec topic, string key, T? value)
        where T : class, ISpecificRecord => PublishRawAsync(topic, key, value is null ? null : Codecs.For<T>(topic).Encode(value));

    public Task PublishRawAsync(TopicSpec topic, string key, byte[]? value) =>
        _producer!.ProduceAsync(topic.Name, new Message<byte[], byte[]?> { Key = System.Text.Encoding.UTF8.GetBytes(key), Value = value });

    public TransactionalPublisher Transactional() => ActivatorUtilities.CreateInstance<TransactionalPublisher>(_host!.Services, "test-transaction");

    public async Task RemakeTopicAsync(TopicSpec topic)
    {
        using var admin = new AdminClientBuilder(Connection.Common("test-admin")).Build();
        await admin.DeleteTopicsAsync([topic.Name]);
        using var host = Build();
        await host.Services.GetRequiredService<TopicAdmin>().EnsureAsync([topic], CancellationToken.None);
    }

    /// <summary>Asks the sink's warehouse until the first value of the answer is the expected one.</summary>
    public async Task ExpectAsync(object? expected, string sql)
    {
        var warehouse = _host!.Services.GetRequiredService<IWarehouse>();
        await UntilAsync(
            async () =>
            {
                try
                {
                    var rows = (await warehouse.QueryAsync(sql, 1, CancellationToken.None)).Rows;
                    return rows.Count > 0 ? rows[0][0] : null;
                }
                catch (WarehouseQueryException error)
                {
                    return error.Message;
                }
            },
            actual => Equals(expected, actual),
            $"{sql} to give {expected}");
    }

    public static async Task UntilAsync<T>(Func<Task<T>> read, Func<T, bool> done, string what)
    {
        var start = TimeProvider.System.GetTimestamp();
        var last = await read();
        while (!done(last))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Patience, $"waited for {what}; it is {last}");
            await Task.Delay(20);
            last = await read();
        }
    }

    /// <summary>A process on the same broker that does something else.</summary>
    /// <param name="configure">Adds its services.</param>
    public IHost BuildOther(Action<IServiceCollection, StreamSyncConfig> configure)
    {
        var config = Config();
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton(_ids);
        builder.Services.AddStreamSync(config, Connection, new DataFolder(Path.Combine(_folder, "data")));
        configure(builder.Services, config);
        return builder.Build();
    }

    static StreamSyncConfig Config() => StreamSyncConfig.Parse("org: mi\nwarehouse: { flush_ms: 20 }\nconsole: { port: 0 }\n", "streamsync.yaml");

    IHost Build() => BuildOther((services, config) =>
    {
        services.AddSinks(config);
        more?.Invoke(services, config);
    });

    /// <summary>The memory registry, which also takes a subject's compatibility level and forgets it.</summary>
    public class Registry : MemoryRegistry
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            targetMethod!.Name == nameof(ISchemaRegistryClient.UpdateCompatibilityAsync) ? Task.FromResult((Compatibility)args![0]!) : base.Invoke(targetMethod, args);
    }
}
