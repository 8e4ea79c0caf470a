using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using StreamSync.Clients.Tests.Broker;

namespace StreamSync.Clients.Tests.Clients;

/// <summary>The tools of Apache's own distribution, with its Java client.</summary>
[Collection(SharedBrokerCollection.Name)]
public sealed class JavaToolTests(SharedBroker broker)
{
    const string HomeVariable = "KAFKA_HOME";

    readonly string _topic = Tool.UniqueName("java");

    [SkippableFact]
    public async Task Topics_are_made_described_altered_and_deleted()
    {
        await CreateTopicAsync("--config", "cleanup.policy=compact");
        var described = await RunAsync("kafka-topics", "--describe", "--topic", _topic);
        Assert.Contains("PartitionCount: 2", described, StringComparison.Ordinal);
        Assert.Contains("cleanup.policy=compact", described, StringComparison.Ordinal);
        Assert.Equal(2, described.Split("Leader: 1").Length - 1);

        await RunAsync("kafka-topics", "--alter", "--topic", _topic, "--partitions", "5");
        await RunAsync("kafka-configs", "--alter", "--entity-type", "topics", "--entity-name", _topic, "--add-config", "retention.ms=1234567", "--delete-config", "cleanup.policy");
        var configs = await RunAsync("kafka-configs", "--describe", "--entity-type", "topics", "--entity-name", _topic);
        Assert.Contains("retention.ms=1234567", configs, StringComparison.Ordinal);
        Assert.DoesNotContain("cleanup.policy", configs, StringComparison.Ordinal);
        Assert.Equal(5, (await RunAsync("kafka-get-offsets", "--topic", _topic)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);

        await RunAsync("kafka-topics", "--delete", "--topic", _topic);
        Assert.DoesNotContain(_topic, await RunAsync("kafka-topics", "--list"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task What_the_console_producer_writes_the_console_consumer_reads_as_a_group()
    {
        await CreateTopicAsync();
        var lines = Enumerable.Range(0, 300).Select(i => $"k{i % 7}:v{i}").ToArray();
        await RunWithInputAsync(
            string.Join('\n', lines) + "\n",
            "kafka-console-producer", "--topic", _topic, "--property", "parse.key=true", "--property", "key.separator=:", "--compression-codec", "zstd");

        var read = await RunAsync(
            "kafka-console-consumer", "--topic", _topic, "--from-beginning", "--max-messages", "300", "--group", _topic, "--isolation-level", "read_committed",
            "--property", "print.key=true", "--property", "key.separator=:");
        // Order holds within a key, as a key has one partition.
        var came = read.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line.StartsWith('k')).ToLookup(line => line.Split(':')[0]);
        foreach (var key in lines.GroupBy(line => line.Split(':')[0]))
        {
            Assert.Equal(key, came[key.Key]);
        }

        var group = await RunAsync("kafka-consumer-groups", "--describe", "--group", _topic);
        Assert.Equal([("0", 0), ("1", 0)], GroupLines(group).Select(columns => (columns[2], int.Parse(columns[5], CultureInfo.InvariantCulture))).Order());
        await RunAsync("kafka-consumer-groups", "--reset-offsets", "--group", _topic, "--topic", _topic, "--to-earliest", "--execute");
        Assert.Equal(300, GroupLines(await RunAsync("kafka-consumer-groups", "--describe", "--group", _topic)).Sum(columns => int.Parse(columns[5], CultureInfo.InvariantCulture)));
        await RunAsync("kafka-consumer-groups", "--delete", "--group", _topic);
        Assert.DoesNotContain(_topic, await RunAsync("kafka-consumer-groups", "--list"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task The_performance_test_writes_all_it_says_in_transactions_too()
    {
        await CreateTopicAsync();
        await PerfTestAsync("acks=all", "compression.type=lz4");
        Assert.Equal(20_000, await EndsAsync());
        await PerfTestAsync("acks=all", "transactional.id=" + _topic);

        // Besides its records, each transaction leaves a marker in each partition that it wrote to.
        Assert.InRange(await EndsAsync(), 40_002, 60_000);
        Assert.Contains("CompleteCommit", await RunAsync("kafka-transactions", "describe", "--transactional-id", _topic), StringComparison.Ordinal);

        async Task PerfTestAsync(params string[] properties)
        {
            var said = await RunAsync(
                "kafka-producer-perf-test",
                ["--topic", _topic, "--num-records", "20000", "--record-size", "200", "--throughput", "-1", "--producer-props", "bootstrap.servers=" + broker.BootstrapServers, .. properties],
                bootstrap: false);
            Assert.Contains("20000 records sent", said, StringComparison.Ordinal);
        }

        async Task<long> EndsAsync() => (await RunAsync("kafka-get-offsets", "--topic", _topic)).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Sum(line => long.Parse(line[(line.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture));
    }

    [SkippableFact]
    public async Task The_verifiable_consumer_gets_what_the_verifiable_producer_had_acknowledged()
    {
        await CreateTopicAsync();
        var acknowledged = Events(await RunAsync("kafka-verifiable-producer", "--topic", _topic, "--max-messages", "500", "--acks", "-1"), "producer_send_success")
            .Select(e => ((int)e["partition"]!, (long)e["offset"]!)).Order().ToArray();
        Assert.Equal(500, acknowledged.Length);

        var consumed = Events(
            await RunAsync("kafka-verifiable-consumer", "--topic", _topic, "--group-id", _topic, "--max-messages", "500", "--reset-policy", "earliest", "--verbose"), "record_data");
        Assert.Equal(acknowledged, consumed.Select(e => ((int)e["partition"]!, (long)e["offset"]!)).Order());
    }

    [SkippableFact]
    public async Task Records_are_deleted_up_to_an_offset()
    {
        await CreateTopicAsync();
        await RunWithInputAsync("1\n2\n3\n4\n", "kafka-console-producer", "--topic", _topic);
        var ends = (await RunAsync("kafka-get-offsets", "--topic", _topic)).Split('\n').First(line => !line.EndsWith(":0", StringComparison.Ordinal)).Split(':');
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, $$"""{"version":1,"partitions":[{"topic":"{{_topic}}","partition":{{ends[1]}},"offset":{{ends[2]}}}]}""");
        Assert.Contains($"low_watermark: {ends[2]}", await RunAsync("kafka-delete-records", "--offset-json-file", file), StringComparison.Ordinal);
        File.Delete(file);
    }

    static IEnumerable<string[]> GroupLines(string described) => described.Split('\n')
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(columns => columns.Length > 5 && columns[0] != "GROUP" && columns[2] is "0" or "1");

    static IEnumerable<JsonNode> Events(string output, string name) => output.Split('\n').Where(line => line.StartsWith('{'))
        .Select(line => JsonNode.Parse(line)!).Where(e => (string?)e["name"] == name);

    async Task CreateTopicAsync(params string[] settings) => await RunAsync("kafka-topics", ["--create", "--topic", _topic, "--partitions", "2", .. settings]);

    Task<string> RunAsync(string tool, params string[] arguments) => RunAsync(tool, arguments, bootstrap: true);

    Task<string> RunWithInputAsync(string input, string tool, params string[] arguments) => RunAsync(tool, arguments, bootstrap: true, input);

    Task<string> RunAsync(string tool, string[] arguments, bool bootstrap, string? input = null)
    {
        var home = Environment.GetEnvironmentVariable(HomeVariable);
        Skip.If(string.IsNullOrEmpty(home), $"{HomeVariable} names no Apache Kafka, whose tools this test runs");
        string[] first = bootstrap ? ["--bootstrap-server", broker.BootstrapServers] : [];
        var start = new ProcessStartInfo(Path.Combine(home!, "bin", tool + ".sh"), [.. first, .. arguments]);

        // Each run is a short one: compiling little is faster than compiling well.
        start.Environment["KAFKA_HEAP_OPTS"] = "-Xmx256M";
        start.Environment["KAFKA_JVM_PERFORMANCE_OPTS"] = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1";
        return Tool.RunAsync(start, input);
    }
}
