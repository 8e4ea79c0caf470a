using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using StreamSync.Clients.Tests.Broker;
using StreamSync.Tests;

namespace StreamSync.Clients.Tests.Clients;

/// <summary>Clients that speak the protocol in their own words: kafka-python, kafkajs and its registry client. The scripts do the work and say what came of it.</summary>
[Collection(SharedBrokerCollection.Name)]
public sealed class ScriptTests(SharedBroker broker)
{
    const string Python = "/usr/bin/python3";

    [SkippableFact]
    public async Task Kafka_python_produces_consumes_and_administers()
    {
        Skip.IfNot(File.Exists(Python) && await SucceedsAsync(Python, "-c", "import kafka"), "kafka-python is not installed (Debian: apt-get install python3-kafka)");
        var said = await Tool.RunAsync(Python, [Tool.Script("kafka-python.py"), broker.BootstrapServers, Tool.UniqueName("python")]);
        AssertSame(
            """
            {"configs": {"max.message.bytes": "500000", "retention.ms": "-1"}, "listed": true, "offsets-None": true, "offsets-gzip": true,
             "content": [true, true], "tombstone": true, "committed": [42, 100, null], "ends": [100, 100, 1], "begins": [0, 0, 0], "by-time": 49,
             "group-state": "Stable", "group-offsets": [[0, 42, "note"], [1, 100, ""]], "groups": true, "goes-on-at": 42,
             "groups-left": false, "topics-left": false}
            """,
            said);
    }

    [SkippableFact]
    public async Task Kafkajs_produces_consumes_transacts_and_administers()
    {
        var start = NodeScript("kafkajs.js", "kafkajs", broker.BootstrapServers, Tool.UniqueName("kafkajs"));
        AssertSame(
            """
            {"created": true, "createdAgain": false, "retention": "-1", "partitions": 3, "brokers": 1, "offsetsInTransaction": "7",
             "content": [true, true], "transactions": ["committed", null], "committed": ["50", "50", "4"], "ends": ["50", "50", "5"], "byTime": "24",
             "group": "Empty", "afterReset": ["48", "49"], "lowAfterDelete": "20", "listed": true, "listedAfterDelete": false, "topicsLeft": false}
            """,
            await Tool.RunAsync(start));
    }

    [SkippableFact]
    public async Task The_registry_client_of_kafkajs_registers_compares_encodes_and_decodes()
    {
        var start = NodeScript(
            "schema-registry.js", "@kafkajs/confluent-schema-registry", broker.BootstrapServers, broker.Registry.GetLeftPart(UriPartial.Authority), Tool.UniqueName("registry"));
        AssertSame(
            """
            {"again": true, "otherLevel": "ConfluentSchemaRegistryCompatibilityError", "incompatible": "ResponseError 409", "ids": [true, true], "bySchema": true,
             "notThere": "ConfluentSchemaRegistryError", "noSubject": "ResponseError 404", "noId": "ResponseError 404",
             "read": [{"door": "12 Elm St"}, {"door": "Añasco 3", "attempts": 7}, {"at": {"zip": "00610"}}]}
            """,
            await Tool.RunAsync(start));
    }

    static ProcessStartInfo NodeScript(string script, string module, params string[] arguments)
    {
        var modules = Path.Combine(RepositoryRoot.Path, "artifacts", "clients", "node_modules");
        Skip.If(Tool.Find("node") is null, "Node.js is not installed");
        Skip.IfNot(Directory.Exists(Path.Combine(modules, module)), $"{module} is not installed (tests/need clients)");
        var start = new ProcessStartInfo("node", [Tool.Script(script), .. arguments]);
        start.Environment["NODE_PATH"] = modules;
        return start;
    }

    static void AssertSame(string expected, string said)
    {
        var (left, right) = (JsonNode.Parse(expected), JsonNode.Parse(said));
        var indented = new JsonSerializerOptions { WriteIndented = true };
        Assert.True(JsonNode.DeepEquals(left, right), $"expected {left!.ToJsonString(indented)}, but it said {right!.ToJsonString(indented)}");
    }

    static async Task<bool> SucceedsAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync();
        return process.ExitCode == 0;
    }
}
