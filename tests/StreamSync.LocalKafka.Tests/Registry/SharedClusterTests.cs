using System.Net.Http.Json;
using System.Text.Json.Nodes;
using StreamSync.LocalKafka.Registry;

namespace StreamSync.LocalKafka.Tests.Registry;

/// <summary>Two registries that keep their schemas in one topic.</summary>
[Collection(RegistryCollection.Name)]
public sealed class SharedClusterTests(RegistryBroker broker)
{
    [Fact]
    public async Task Two_registries_that_register_at_once_give_out_no_id_and_no_version_twice()
    {
        const int Subjects = 3;
        const int Rounds = 6;
        var options = broker.NewRegistry();
        await using var one = await SchemaRegistryServer.StartAsync(options);
        await using var two = await SchemaRegistryServer.StartAsync(options);
        using var clients = new Clients(one, two);

        var answers = await Task.WhenAll(clients.Select((client, writer) => Task.Run(async () =>
        {
            var registered = new List<(string Subject, int Version, int Id, string Name)>();
            for (var round = 0; round < Rounds; round++)
            {
                var name = $"Field{writer}_{round}";
                var subject = $"subject-{round % Subjects}";
                registered.Add(await RegisterAsync(client, subject, name));
            }
            return registered;
        })));

        var all = answers.SelectMany(list => list).ToArray();
        Assert.Equal(all.Length, all.Select(one => one.Id).Distinct().Count());
        Assert.Equal(all.Length, all.Select(one => (one.Subject, one.Version)).Distinct().Count());
        // A registry that starts now reads the log alone, so it must come to what both have answered.
        await using var three = await SchemaRegistryServer.StartAsync(options);
        using var reader = new HttpClient { BaseAddress = three.Url };
        foreach (var (subject, version, id, name) in all)
        {
            var stored = JsonNode.Parse(await reader.GetStringAsync($"/subjects/{subject}/versions/{version}"))!;
            Assert.Equal(id, (int)stored["id"]!);
            Assert.Contains(name, (string)stored["schema"]!, StringComparison.Ordinal);
        }
        Assert.Equal(all.Length, JsonNode.Parse(await reader.GetStringAsync("/schemas"))!.AsArray().Count);
    }

    [Fact]
    public async Task One_schema_registered_at_both_registries_gets_one_id_and_one_version()
    {
        var options = broker.NewRegistry();
        await using var one = await SchemaRegistryServer.StartAsync(options);
        await using var two = await SchemaRegistryServer.StartAsync(options);
        using var clients = new Clients(one, two);
        var answers = await Task.WhenAll(clients.Select(client => RegisterAsync(client, "same-value", "Same")));
        Assert.Equal(answers[0], answers[1]);
    }

    [Fact]
    public async Task A_registry_decides_on_what_the_other_one_wrote_last()
    {
        var options = broker.NewRegistry();
        await using var one = await SchemaRegistryServer.StartAsync(options);
        await using var two = await SchemaRegistryServer.StartAsync(options);
        using var clients = new Clients(one, two);

        // Each turn is a race between one registry's word and the other's hearing of it.
        for (var turn = 0; turn < 10; turn++)
        {
            var subject = $"turns-{turn}-value";
            await RegisterAsync(clients[0], subject, "A");
            Assert.Equal(2, (await RegisterAsync(clients[1], subject, "B")).Version);
            using var none = await clients[0].PutAsJsonAsync($"/config/{subject}", new { compatibility = "NONE" });
            none.EnsureSuccessStatusCode();
            using var incompatible = await clients[1].PostAsJsonAsync($"/subjects/{subject}/versions", new { schema = "\"int\"" });
            Assert.True(incompatible.IsSuccessStatusCode, await incompatible.Content.ReadAsStringAsync());
            using var deleted = await clients[0].DeleteAsync($"/subjects/{subject}");
            Assert.Equal("[1,2,3]", await deleted.Content.ReadAsStringAsync());
            using var again = await clients[1].DeleteAsync($"/subjects/{subject}");
            Assert.Equal(40404, (int)JsonNode.Parse(await again.Content.ReadAsStringAsync())!["error_code"]!);
        }
    }

    static async Task<(string Subject, int Version, int Id, string Name)> RegisterAsync(HttpClient client, string subject, string name)
    {
        var schema = $$"""{"type":"record","name":"Shared","fields":[{"name":"{{name}}","type":"int","default":0}]}""";
        using var response = await client.PostAsJsonAsync($"/subjects/{subject}/versions", new { schema });
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        var answer = JsonNode.Parse(text)!;
        return (subject, (int)answer["version"]!, (int)answer["id"]!, name);
    }

    sealed class Clients(params SchemaRegistryServer[] registries) : List<HttpClient>(registries.Select(one => new HttpClient { BaseAddress = one.Url })), IDisposable
    {
        public void Dispose() => ForEach(client => client.Dispose());
    }
}
