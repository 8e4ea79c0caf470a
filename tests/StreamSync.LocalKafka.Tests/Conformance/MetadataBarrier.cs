using System.Globalization;
using System.Text.Json.Nodes;
using StreamSync.LocalKafka.Tests.Wire;

namespace StreamSync.LocalKafka.Tests.Conformance;

/// <summary>
/// Waits until an Apache broker has taken in what its controller wrote down before: the controller answers a change of topics or settings
/// as soon as it is in its log, which the broker reads by itself a moment later.
/// </summary>
/// <remarks>
/// The broker reads that log in order, so who sees a later change there has the earlier ones behind him. The later change is a setting of a
/// topic that nobody else uses. It is made twice: the first may have come in one piece with what is waited for, and be seen while that piece
/// is still at work; the second comes in a piece of its own.
/// </remarks>
sealed class MetadataBarrier(string bootstrap)
{
    const string Setting = "retention.ms";
    const long TopicResource = 2;
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    readonly string _topic = $"barrier-{Guid.NewGuid():N}";
    int _changes;

    public async Task PassAsync()
    {
        await using var client = await JsonClient.ConnectAsync(bootstrap);
        if (_changes == 0)
        {
            var created = await AskAsync(
                client, "CreateTopics", 7,
                new JsonObject
                {
                    ["timeoutMs"] = 30_000,
                    ["topics"] = new JsonArray(new JsonObject { ["name"] = _topic, ["numPartitions"] = 1, ["replicationFactor"] = 1 }),
                });
            Succeeded(created["topics"]);
        }

        for (var i = 0; i < 2; i++)
        {
            await ChangeAsync(client, (++_changes).ToString(CultureInfo.InvariantCulture));
        }
    }

    async Task ChangeAsync(JsonClient client, string value)
    {
        var changed = await AskAsync(
            client, "IncrementalAlterConfigs", 1,
            new JsonObject
            {
                ["resources"] = new JsonArray(new JsonObject
                {
                    ["resourceType"] = TopicResource,
                    ["resourceName"] = _topic,
                    ["configs"] = new JsonArray(new JsonObject { ["name"] = Setting, ["configOperation"] = 0, ["value"] = value }),
                }),
            });
        Succeeded(changed["responses"]);
        var start = TimeProvider.System.GetTimestamp();
        while (await ValueAsync(client) != value)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Patience, $"the broker did not hear of {_topic}'s {Setting}={value} within {Patience.TotalSeconds:0} s");

            // Kafka has no event for it.
            await Task.Delay(Pause);
        }
    }

    async Task<string?> ValueAsync(JsonClient client)
    {
        var described = await AskAsync(
            client, "DescribeConfigs", 4,
            new JsonObject
            {
                ["resources"] = new JsonArray(new JsonObject
                {
                    ["resourceType"] = TopicResource,
                    ["resourceName"] = _topic,
                    ["configurationKeys"] = new JsonArray(Setting),
                }),
            });
        return described["results"]![0]!["configs"]!.AsArray().SingleOrDefault()?["value"]?.GetValue<string>();
    }

    static async Task<JsonObject> AskAsync(JsonClient client, string api, int version, JsonObject body)
    {
        await client.SendAsync(ApiDefinition.All[api], version, body);
        return (await client.ReceiveAsync())!.Value.Answer;
    }

    static void Succeeded(JsonNode? answers) => Assert.All(answers!.AsArray(), a => Assert.True(a!["errorCode"]!.GetValue<long>() == 0, a.ToJsonString()));
}
