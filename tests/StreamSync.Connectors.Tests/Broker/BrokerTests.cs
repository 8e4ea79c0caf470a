using System.Diagnostics;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StreamSync.Connectors.Runtime;
using StreamSync.Connectors.Tests.Support;
using StreamSync.Contracts;
using StreamSync.Contracts.Ops;
using StreamSync.Contracts.Source;
using StreamSync.Kafka.Clients;
using StreamSync.Kafka.Configuration;
using StreamSync.Kafka.Hosting;
using StreamSync.Kafka.Serdes;
using StreamSync.TestBroker;
using Xunit.Abstractions;

namespace StreamSync.Connectors.Tests.Broker;

/// <summary>The whole worker on a real broker, as a process runs it.</summary>
public sealed class BrokerTests(ClusterFixture fixture, ITestOutputHelper output) : IClassFixture<ClusterFixture>, IDisposable
{
    const string Header = "publicuserid,publicusername,vanid,committeeid,datecreated\n";
    readonly TempFolder _folder = new();
    readonly string _org = "org-" + Guid.NewGuid().ToString("N")[..8];

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public async Task Files_reach_the_topics_once_with_status_and_checkpoint()
    {
        _folder.Write("tsm_hub_publicusers.csv", Header + string.Concat(Enumerable.Range(1, 3000).Select(Row)) + "broken row\n");
        await using (var worker = await StartAsync(Yaml("[publicusers]")))
        {
            await UntilAsync(async () => (await ChangesAsync()).Count >= 3000);
            await UntilAsync(async () => (await TableAsync<SyncStatus>(TopicCatalog.SyncStatus)).Any(s => s is { State: "fresh", RecordsEmitted: 3000, RecordsRead: 3001, RecordsQuarantined: 1 }));
        }

        var changes = await ChangesAsync();
        Assert.Equal(3000, changes.Count);
        Assert.Equal(Enumerable.Range(1, 3000).Select(i => $"77:{i}").Order(), changes.Select(c => string.Join(':', c.Source.IdParts)).Order());
        Assert.Equal("too_few_fields", Assert.Single(await TableAsync<QuarantineEntry>(TopicCatalog.Quarantine)).ReasonCode);
        Assert.Contains(await TableAsync<Checkpoint>(TopicCatalog.Checkpoint), c => c.CheckpointKey == $"{_org}/drops/publicusers/tsm_hub_publicusers.csv");
    }

    [SkippableFact]
    public async Task A_new_file_is_in_its_topic_within_a_second_and_a_restart_reads_nothing_twice()
    {
        await using (var worker = await StartAsync(Yaml("[publicusers]")))
        {
            await UntilAsync(async () => (await TableAsync<SyncStatus>(TopicCatalog.SyncStatus)).Any(s => s.State == "silent"));
            var started = Stopwatch.GetTimestamp();
            _folder.Write("publicusers.csv", Header + Row(1));
            await UntilAsync(async () => (await ChangesAsync()).Count == 1);
            output.WriteLine($"seen after {Stopwatch.GetElapsedTime(started).TotalMilliseconds:0} ms, the reader's own start included");
        }

        _folder.Append("publicusers.csv", Row(2));
        await using (var worker = await StartAsync(Yaml("[publicusers]")))
        {
            await UntilAsync(async () => (await ChangesAsync()).Count == 2);
        }

        Assert.Equal(["77:1", "77:2"], (await ChangesAsync()).Select(c => string.Join(':', c.Source.IdParts)).Order());
    }

    [SkippableFact]
    public async Task Status_never_takes_counts_back_and_a_stop_tells_the_last_ones()
    {
        _folder.Write("publicusers.csv", Header + string.Concat(Enumerable.Range(1, 500).Select(Row)));
        for (var part = 1; part <= 3; part++)
        {
            await using (var worker = await StartAsync(Yaml("[publicusers]")))
            {
                await UntilAsync(async () => (await ChangesAsync()).Count >= 500 * part);
            }

            Assert.Equal((500 * part, 500 * part), (await StatusRowsAsync()).Select(r => ((int)r.RecordsRead, (int)r.RecordsEmitted)).Last());
            _folder.Append("publicusers.csv", string.Concat(Enumerable.Range((500 * part) + 1, 500).Select(Row)));
        }

        var counts = (await StatusRowsAsync()).Select(r => r.RecordsRead).ToList();
        Assert.Equal(counts.Order(), counts);
    }

    [SkippableFact]
    public async Task A_second_instance_takes_over_and_the_first_one_can_write_no_more()
    {
        _folder.Write("publicusers.csv", Header + string.Concat(Enumerable.Range(1, 100).Select(Row)));
        await using var first = await StartAsync(Yaml("[publicusers]"));
        await UntilAsync(async () => (await ChangesAsync()).Count >= 100);
        await using var second = await StartAsync(Yaml("[publicusers]"));
        await UntilAsync(async () => (await TableAsync<SyncStatus>(TopicCatalog.SyncStatus)).Any(s => s.State == "fresh"));
        for (var i = 101; i <= 120; i++)
        {
            _folder.Append("publicusers.csv", Row(i));
        }

        await UntilAsync(async () => (await ChangesAsync()).Count >= 120);
        Assert.Equal(120, (await ChangesAsync()).Select(c => c.ChangeId).Distinct().Count());
        Assert.Equal(120, (await ChangesAsync()).Count);
    }

    [SkippableFact]
    public async Task Stopping_again_and_again_while_a_file_loads_loses_and_doubles_nothing()
    {
        _folder.Write("publicusers.csv", Header + string.Concat(Enumerable.Range(1, 40_000).Select(Row)));
        var random = new Random(4711);
        for (var i = 0; i < 6; i++)
        {
            await using (var worker = await StartAsync(Yaml("[publicusers]")))
            {
                await Task.Delay(random.Next(50, 900));
            }

            // Readers of committed records would wait for a transaction that a stop leaves open.
            Assert.Equal(await EndAsync(Confluent.Kafka.IsolationLevel.ReadUncommitted), await EndAsync(Confluent.Kafka.IsolationLevel.ReadCommitted));
        }

        await using (var worker = await StartAsync(Yaml("[publicusers]")))
        {
            await UntilAsync(async () => (await ChangesAsync()).Count >= 40_000);
        }

        var changes = await ChangesAsync();
        Assert.Equal(40_000, changes.Count);
        Assert.Equal(40_000, changes.Select(c => c.ChangeId).Distinct().Count());
    }

    [SkippableFact]
    public async Task Webhooks_are_answered_after_the_broker_acknowledged()
    {
        var yaml = $$"""
            org: {{_org}}
            syncs:
              - { id: donations, connector: actblue, instance: main }
            """;
        await using var worker = await StartAsync(yaml);
        var address = worker.Services.GetRequiredService<WebhookAddress>();
        await UntilAsync(() => Task.FromResult(address.Url is not null));
        using var http = new HttpClient { BaseAddress = address.Url };
        var body = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Vendors", "actblue", "samples", "webhook_contribution_1.json"))).RootElement;
        await Task.WhenAll(Enumerable.Range(0, 46).Select(async _ => (await http.PostAsJsonAsync("/hooks/donations/contributions", body)).EnsureSuccessStatusCode()));
        var changes = await ChangesAsync("actblue", "contributions");
        Assert.Equal(["9001", "contribution"], changes.Single().Source.IdParts);
    }

    /// <summary>Where readers of a level come to in each partition of the stream's topic.</summary>
    async Task<IReadOnlyList<long>> EndAsync(Confluent.Kafka.IsolationLevel level)
    {
        using var admin = new Confluent.Kafka.AdminClientBuilder(new Confluent.Kafka.AdminClientConfig { BootstrapServers = Connection.BootstrapServers }).Build();
        const string topic = "source.ngpvan.publicusers";
        var partitions = admin.GetMetadata(topic, TimeSpan.FromSeconds(30)).Topics.Single().Partitions;
        if (partitions.Count == 0)
        {
            return []; // Stopped before the topic was made.
        }

        var wanted = partitions.Select(p => new Confluent.Kafka.Admin.TopicPartitionOffsetSpec { TopicPartition = new(topic, p.PartitionId), OffsetSpec = Confluent.Kafka.Admin.OffsetSpec.Latest() });
        var found = await Confluent.Kafka.IAdminClientExtensions.ListOffsetsAsync(admin, wanted, new Confluent.Kafka.Admin.ListOffsetsOptions { IsolationLevel = level, RequestTimeout = TimeSpan.FromSeconds(30) });
        return [.. found.ResultInfos.OrderBy(r => r.TopicPartitionOffsetError.Partition.Value).Select(r => r.TopicPartitionOffsetError.Offset.Value)];
    }

    /// <summary>Every row of the stream in <c>ops.sync</c> that is not compacted away yet, in order.</summary>
    async Task<List<SyncStatus>> StatusRowsAsync()
    {
        using var ids = new SchemaIds(Connection);
        var codec = new AvroCodecs(ids).For<SyncStatus>(TopicCatalog.SyncStatus);
        return [.. (await ReadAsync(TopicCatalog.SyncStatus.Name)).Where(v => v is not null).Select(v => codec.Decode(v)).Where(r => r.Org == _org)];
    }

    string Yaml(string streams) => $$"""
        org: {{_org}}
        syncs:
          - id: drops
            connector: ngpvan
            instance: c77
            streams: {{streams}}
            settings: { folder: "{{_folder.Path}}" }
        """;

    KafkaConnection Connection => new() { BootstrapServers = fixture.Cluster.BootstrapServers, SchemaRegistryUrl = fixture.Cluster.RegistryUrl };

    async Task<RunningWorker> StartAsync(string yaml)
    {
        var config = StreamSyncConfig.Parse(yaml, "streamsync.yaml");
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddStreamSync(config, Connection, new DataFolder(_folder.Path));
        builder.Services.AddConnectors(config);
        var host = builder.Build();
        await host.StartAsync();
        return new RunningWorker(host);
    }

    async Task<List<SourceChange>> ChangesAsync(string vendor = "ngpvan", string stream = "publicusers")
    {
        using var ids = new SchemaIds(Connection);
        var codec = new AvroCodecs(ids).ForSource(StreamTopics.Of(vendor, stream).Source);
        return [.. (await ReadAsync($"source.{vendor}.{stream}")).Where(v => v is not null).Select(v => codec.Decode(v)).Where(c => c.Source.Org == _org)];
    }

    async Task<List<T>> TableAsync<T>(TopicSpec topic)
        where T : class, Avro.Specific.ISpecificRecord
    {
        using var ids = new SchemaIds(Connection);
        var codec = new AvroCodecs(ids).For<T>(topic);
        await using var table = new CompactedTable<T>(Connection, topic.Name, v => codec.Decode(v), NullLogger.Instance);
        await table.LoadAsync(CancellationToken.None);
        return [.. table.Items.Values.Where(v => (string)v.Get(v.Schema is Avro.RecordSchema r ? r["org"].Pos : 0) == _org)];
    }

    /// <summary>All committed values of a topic, in order of partitions.</summary>
    async Task<List<byte[]>> ReadAsync(string topic)
    {
        var settings = Connection.Consumer("test-" + Guid.NewGuid().ToString("N"));
        settings.EnablePartitionEof = true;
        using var consumer = new Confluent.Kafka.ConsumerBuilder<byte[], byte[]>(settings).Build();
        var values = new List<byte[]>();
        await Task.Run(() =>
        {
            using var admin = new Confluent.Kafka.DependentAdminClientBuilder(consumer.Handle).Build();
            var partitions = admin.GetMetadata(topic, TimeSpan.FromSeconds(30)).Topics.Single().Partitions.Select(p => p.PartitionId).ToList();
            consumer.Assign(partitions.Select(p => new Confluent.Kafka.TopicPartitionOffset(topic, p, Confluent.Kafka.Offset.Beginning)));
            for (var left = partitions.Count; left > 0;)
            {
                if (consumer.Consume(TimeSpan.FromSeconds(30)) is not { } result)
                {
                    break;
                }

                if (result.IsPartitionEOF)
                {
                    left--;
                }
                else
                {
                    values.Add(result.Message.Value);
                }
            }

            consumer.Close();
        });
        return values;
    }

    static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        while (true)
        {
            try
            {
                if (await condition())
                {
                    return;
                }
            }
            catch (Confluent.Kafka.KafkaException e) when (e.Error.Code == Confluent.Kafka.ErrorCode.UnknownTopicOrPart)
            {
                // The worker has not made the topic yet.
            }

            await Task.Delay(50, patience.Token);
        }
    }

    static string Row(int i) => $"{i},Name {i},{100_200_000 + i},77,2024-08-20 10:00:00\n";

    sealed class RunningWorker(IHost host) : IAsyncDisposable
    {
        public IServiceProvider Services => host.Services;

        public async ValueTask DisposeAsync()
        {
            await host.StopAsync();
            if (host is IAsyncDisposable disposable)
            {
                await disposable.DisposeAsync();
            }
        }
    }
}
