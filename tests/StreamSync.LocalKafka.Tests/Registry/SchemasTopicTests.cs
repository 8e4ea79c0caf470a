using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using StreamSync.LocalKafka.Registry;

namespace StreamSync.LocalKafka.Tests.Registry;

/// <summary>The schemas topic as a registry of another make would read and write it.</summary>
[Collection(RegistryCollection.Name)]
public sealed class SchemasTopicTests(RegistryBroker broker)
{
    /// <summary>Keys and values as Confluent's registry 8.3 writes them.</summary>
    static readonly (string Key, string? Value)[] Foreign =
    [
        ("""{"keytype":"NOOP","magic":0}""", null),
        ("""{"keytype":"SCHEMA","subject":"a-value","version":1,"magic":1}""",
            """{"subject":"a-value","version":1,"id":7,"schemaType":"AVRO","schema":"\"string\"","deleted":false}"""),
        ("""{"keytype":"SCHEMA","subject":"a-value","version":2,"magic":1}""",
            """{"subject":"a-value","version":2,"id":8,"schema":"\"bytes\"","deleted":false,"metadata":{"properties":{"owner":"data"}}}"""),
        ("""{"keytype":"SCHEMA","subject":"b-value","version":1,"magic":1}""",
            """{"subject":"b-value","version":1,"id":9,"schemaType":"PROTOBUF","schema":"syntax = \"proto3\";","deleted":false}"""),
        // A second schema for an id that is taken: void, as Confluent's registry has it.
        ("""{"keytype":"SCHEMA","subject":"c-value","version":1,"magic":1}""",
            """{"subject":"c-value","version":1,"id":7,"schema":"\"long\"","deleted":false}"""),
        ("""{"keytype":"CONFIG","subject":"a-value","magic":0}""", """{"subject":"a-value","compatibilityLevel":"FULL","alias":"other"}"""),
        ("""{"keytype":"MODE","magic":0}""", """{"mode":"READONLY"}"""),
        ("""{"keytype":"MODE","magic":0}""", null),
        ("""{"keytype":"DELETE_SUBJECT","subject":"a-value","magic":0}""", """{"subject":"a-value","version":1}"""),
        ("""{"keytype":"ASSOC","tenant":"default","magic":0}""", "{}"),
        ("no key at all", "{}"),
    ];

    [Fact]
    public async Task A_log_that_another_registry_wrote_is_taken_over_with_all_that_it_holds()
    {
        var options = broker.NewRegistry();
        await CreateAsync(options.Topic, partitions: 1, policy: "compact");
        using (var producer = new ProducerBuilder<string, string?>(new ProducerConfig { BootstrapServers = broker.BootstrapServers }).Build())
        {
            foreach (var (key, value) in Foreign)
            {
                await producer.ProduceAsync(options.Topic, new Message<string, string?> { Key = key, Value = value });
            }
        }

        await using var registry = await SchemaRegistryServer.StartAsync(options);
        using var client = new HttpClient { BaseAddress = registry.Url };
        Assert.Equal("""["a-value","b-value"]""", await client.GetStringAsync("/subjects"));
        Assert.Equal("[2]", await client.GetStringAsync("/subjects/a-value/versions"));
        Assert.Equal("[1,2]", await client.GetStringAsync("/subjects/a-value/versions?deleted=true"));
        Assert.Equal("""{"compatibilityLevel":"FULL","alias":"other"}""", await client.GetStringAsync("/config/a-value"));
        Assert.Equal("""{"mode":"READWRITE"}""", await client.GetStringAsync("/mode"));
        Assert.Equal("data", (string)JsonNode.Parse(await client.GetStringAsync("/schemas/ids/8"))!["metadata"]!["properties"]!["owner"]!);
        Assert.Equal("PROTOBUF", (string)JsonNode.Parse(await client.GetStringAsync("/schemas/ids/9"))!["schemaType"]!);

        // New ids follow the highest one, and what this registry does not know is written back as it was.
        using var added = await client.PostAsJsonAsync("/subjects/d-value/versions", new { schema = "\"double\"" });
        Assert.Equal(10, (int)JsonNode.Parse(await added.Content.ReadAsStringAsync())!["id"]!);
        using var deleted = await client.DeleteAsync("/subjects/a-value/versions/2");
        Assert.Equal("2", await deleted.Content.ReadAsStringAsync());
        var (_, rewritten) = Log(options.Topic).Last();
        Assert.Equal("data", (string)JsonNode.Parse(rewritten!)!["metadata"]!["properties"]!["owner"]!);
    }

    [Fact]
    public async Task What_is_written_has_the_format_of_the_other_registry()
    {
        var options = broker.NewRegistry();
        await using (var registry = await SchemaRegistryServer.StartAsync(options))
        {
            using var client = new HttpClient { BaseAddress = registry.Url };
            foreach (var (method, path, body) in new[]
            {
                ("POST", "/subjects/t%2Fkn%C3%B6ck-value/versions", """{"schema":"{\"type\":\"string\"}"}"""),
                ("PUT", "/config/t%2Fkn%C3%B6ck-value", """{"compatibility":"full"}"""),
                ("PUT", "/mode", """{"mode":"readwrite"}"""),
                ("DELETE", "/subjects/t%2Fkn%C3%B6ck-value", null),
                ("DELETE", "/subjects/t%2Fkn%C3%B6ck-value?permanent=true", null),
            })
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), path);
                request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
                using var response = await client.SendAsync(request);
                Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
            }
        }
        Assert.Equal(
            [
                ("""{"keytype":"SCHEMA","subject":"t/knöck-value","version":1,"magic":1}""",
                    """{"subject":"t/knöck-value","version":1,"id":1,"schemaType":"AVRO","schema":"\"string\"","deleted":false}"""),
                ("""{"keytype":"CONFIG","subject":"t/knöck-value","magic":0}""", """{"subject":"t/knöck-value","compatibilityLevel":"FULL"}"""),
                ("""{"keytype":"MODE","magic":0}""", """{"mode":"READWRITE"}"""),
                ("""{"keytype":"DELETE_SUBJECT","subject":"t/knöck-value","magic":0}""", """{"subject":"t/knöck-value","version":1}"""),
                ("""{"keytype":"SCHEMA","subject":"t/knöck-value","version":1,"magic":1}""", null),
                ("""{"keytype":"CONFIG","subject":"t/knöck-value","magic":0}""", null),
            ],
            Log(options.Topic));
    }

    [Fact]
    public async Task A_topic_that_would_lose_schemas_is_refused_with_the_remedy()
    {
        var options = broker.NewRegistry();
        await CreateAsync(options.Topic, partitions: 1, policy: "delete");
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => SchemaRegistryServer.StartAsync(options));
        Assert.Contains("compact", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_topic_of_several_partitions_is_refused()
    {
        var options = broker.NewRegistry();
        await CreateAsync(options.Topic, partitions: 2, policy: "compact");
        await Assert.ThrowsAsync<InvalidOperationException>(() => SchemaRegistryServer.StartAsync(options));
    }

    [Fact]
    public async Task A_cluster_that_does_not_answer_is_an_error_at_start_or_in_every_answer()
    {
        var options = new SchemaRegistryOptions { BootstrapServers = "127.0.0.1:1", StartTimeout = TimeSpan.FromMilliseconds(300) };
        await Assert.ThrowsAsync<KafkaException>(() => SchemaRegistryServer.StartAsync(options));

        await using var registry = await SchemaRegistryServer.StartAsync(
            new SchemaRegistryOptions { BootstrapServers = options.BootstrapServers, StartTimeout = options.StartTimeout, WaitForStore = false });
        using var client = new HttpClient { BaseAddress = registry.Url };
        using var response = await client.GetAsync("/subjects");
        Assert.Equal(50001, (int)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error_code"]!);
    }

    [Fact]
    public async Task The_topic_is_created_compacted_with_one_partition()
    {
        var options = broker.NewRegistry();
        await using var registry = await SchemaRegistryServer.StartAsync(options);
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.BootstrapServers }).Build();
        Assert.Single(admin.GetMetadata(options.Topic, TimeSpan.FromSeconds(30)).Topics.Single().Partitions);
        var settings = await admin.DescribeConfigsAsync([new ConfigResource { Type = ResourceType.Topic, Name = options.Topic }]);
        Assert.Equal("compact", settings.Single().Entries["cleanup.policy"].Value);
    }

    async Task CreateAsync(string topic, int partitions, string policy)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.BootstrapServers }).Build();
        await admin.CreateTopicsAsync(
            [new TopicSpecification { Name = topic, NumPartitions = partitions, ReplicationFactor = 1, Configs = new() { ["cleanup.policy"] = policy } }]);
    }

    List<(string? Key, string? Value)> Log(string topic)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]?>(new ConsumerConfig
        {
            BootstrapServers = broker.BootstrapServers,
            GroupId = "test",
            IsolationLevel = IsolationLevel.ReadCommitted,
            EnablePartitionEof = true,
        }).Build();
        consumer.Assign(new TopicPartitionOffset(topic, 0, Offset.Beginning));
        var records = new List<(string?, string?)>();
        while (consumer.Consume(TimeSpan.FromSeconds(60)) is { IsPartitionEOF: false } result)
        {
            records.Add((Encoding.UTF8.GetString(result.Message.Key), result.Message.Value is { } value ? Encoding.UTF8.GetString(value) : null));
        }
        return records;
    }
}
