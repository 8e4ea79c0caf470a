using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using StreamSync.LocalKafka.Registry;

namespace StreamSync.LocalKafka.Tests.Registry;

/// <summary>Every route with every answer it can give, as <c>Vectors/routes.txt</c> lists them.</summary>
[Collection(RegistryCollection.Name)]
public sealed partial class RegistryRouteTests(RegistryBroker broker)
{
    const string Start = "= ";

    static readonly string[] Lines = [.. ReadLines().Where(line => line.Length > 0 && line[0] != '#')];

    public static TheoryData<string> Scenarios => [.. Lines.Where(line => line.StartsWith(Start, StringComparison.Ordinal)).Select(line => line[Start.Length..])];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task A_route_answers_as_Confluents(string scenario)
    {
        await using var registry = await SchemaRegistryServer.StartAsync(broker.NewRegistry());
        using var client = new HttpClient { BaseAddress = registry.Url };
        var schemas = Lines.Where(line => line[0] == '$').ToDictionary(line => line[..2], line => line[3..], StringComparer.Ordinal);
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.BootstrapServers }).Build();
        var cluster = (await admin.DescribeClusterAsync(new DescribeClusterOptions())).ClusterId;
        foreach (var line in Lines.SkipWhile(line => line != Start + scenario).Skip(1).TakeWhile(line => !line.StartsWith(Start, StringComparison.Ordinal)))
        {
            var step = Step().Match(line);
            Assert.True(step.Success, $"no step: {line}");
            using var request = new HttpRequestMessage(new HttpMethod(step.Groups["method"].Value), step.Groups["path"].Value);
            if (step.Groups["body"].Success)
            {
                request.Content = new StringContent(Fill(step.Groups["body"].Value), Encoding.UTF8, "application/vnd.schemaregistry.v1+json");
            }
            using var response = await client.SendAsync(request);
            var expect = step.Groups["expect"].Value;
            var answer = await response.Content.ReadAsStringAsync();
            Assert.True(step.Groups["status"].Value == $"{(int)response.StatusCode}", $"{line}\nbut it answered {(int)response.StatusCode} {answer}");
            Assert.True(Agrees(Fill(expect), answer, response.IsSuccessStatusCode, isText: expect[0] == '$'), $"{line}\nbut it answered {answer}");
        }

        // Inside of a JSON text a schema is escaped, alone it is not.
        string Fill(string text) => SchemaName().Replace(text.Replace("$cluster", cluster, StringComparison.Ordinal), match =>
            match.Value[0] == '"' ? JsonValue.Create(schemas[match.Value[1..^1]]).ToJsonString() : schemas[match.Value]);
    }

    static bool Agrees(string expected, string answer, bool succeeded, bool isText)
    {
        if (!succeeded)
        {
            var error = JsonNode.Parse(answer)!;
            return $"{error["error_code"]}" == expected && !string.IsNullOrEmpty((string?)error["message"]);
        }
        return JsonNode.Parse(expected) is JsonObject members && !isText
            ? members.All(member => JsonNode.DeepEquals(member.Value, JsonNode.Parse(answer)![member.Key]))
            : expected == answer;
    }

    static string[] ReadLines()
    {
        using var reader = new StreamReader(typeof(RegistryRouteTests).Assembly.GetManifestResourceStream("routes.txt")!);
        return reader.ReadToEnd().ReplaceLineEndings("\n").Split('\n');
    }

    [GeneratedRegex("""^(?<method>[A-Z]+) (?<path>/\S*)( (?<body>\S.*))? => (?<status>\d{3}) (?<expect>.+)$""")]
    private static partial Regex Step();

    [GeneratedRegex("""("\$[a-z]"|\$[a-z])""")]
    private static partial Regex SchemaName();
}
