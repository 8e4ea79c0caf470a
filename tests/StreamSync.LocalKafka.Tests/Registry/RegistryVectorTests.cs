using System.Text.Json.Nodes;
using StreamSync.LocalKafka.Registry;

namespace StreamSync.LocalKafka.Tests.Registry;

/// <summary>Everything that was recorded of Confluent's registry, against ours.</summary>
[Collection(RegistryCollection.Name)]
public sealed class RegistryVectorTests(RegistryBroker broker)
{
    static readonly string[] Names =
        [.. Vector.Registry.GetProperty("scenarios").EnumerateArray().Select(scenario => scenario.Text("scenario"))];

    public static TheoryData<string> Scenarios => [.. Names];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task A_scenario_alone_on_an_empty_registry_is_answered_as_recorded(string scenario)
    {
        await using var registry = await SchemaRegistryServer.StartAsync(broker.NewRegistry());
        using var client = new HttpClient { BaseAddress = registry.Url };
        await RunAsync(client, scenario);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task All_scenarios_on_one_registry_are_answered_as_recorded_and_a_restart_changes_nothing(bool reversed)
    {
        var options = broker.NewRegistry();
        string before;
        await using (var registry = await SchemaRegistryServer.StartAsync(options))
        {
            using var client = new HttpClient { BaseAddress = registry.Url };
            foreach (var scenario in reversed ? Names.AsEnumerable().Reverse() : Names)
            {
                await RunAsync(client, scenario);
            }
            before = await DumpAsync(client);
        }
        await using var restarted = await SchemaRegistryServer.StartAsync(options);
        using var again = new HttpClient { BaseAddress = restarted.Url };
        Assert.Equal(before, await DumpAsync(again));
    }

    static async Task RunAsync(HttpClient client, string scenario)
    {
        var run = new VectorRun(client);
        foreach (var step in VectorRun.StepsOf(scenario))
        {
            await run.StepAsync(step);
        }
    }

    /// <summary>All that a registry tells about its subjects.</summary>
    static async Task<string> DumpAsync(HttpClient client)
    {
        var dump = new List<string> { await client.GetStringAsync("/schemas?deleted=true") };
        foreach (var subject in JsonNode.Parse(await client.GetStringAsync("/subjects?deleted=true"))!.AsArray().Select(name => (string)name!))
        {
            var escaped = Uri.EscapeDataString(subject);
            dump.Add(await client.GetStringAsync($"/subjects/{escaped}/versions?deletedAsNegative=true&deleted=true"));
            dump.Add(await client.GetStringAsync($"/config/{escaped}?defaultToGlobal=true"));
            dump.Add(await client.GetStringAsync($"/mode/{escaped}?defaultToGlobal=true"));
        }
        return string.Join('\n', dump);
    }
}
