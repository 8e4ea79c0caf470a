using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using StreamSync.LocalKafka.Protocol;
using StreamSync.LocalKafka.Tests.Wire;

namespace StreamSync.LocalKafka.Tests.Conformance;

/// <summary>Plays one scenario to a broker and compares its answers.</summary>
sealed partial class TranscriptRun(BrokerUnderTest broker, bool isLocal) : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>What depends on the machine or the moment.</summary>
    static readonly HashSet<string> Volatile =
    [
        "host", "port", "clusterId", "logAppendTimeMs", "transactionStartTimeMs", "lastTimestamp", "usableBytes", "totalBytes", "documentation",
        "logDir", "partitionSize", "clientHost",
    ];

    /// <summary>Left out of comparisons: an explanation is in each broker's own words, and given where it helps.</summary>
    static readonly HashSet<string> Uncompared = ["throttleTimeMs", "errorMessage", "batchIndexErrorMessage"];

    /// <summary>Answers that say "not yet": an Apache broker gives them while it is at something that it began by itself.</summary>
    static readonly HashSet<ErrorCode> NotYet =
    [
        ErrorCode.NotLeaderOrFollower, ErrorCode.CoordinatorLoadInProgress, ErrorCode.CoordinatorNotAvailable, ErrorCode.NotCoordinator,
        ErrorCode.ConcurrentTransactions,

        // What a producer of before version 11 is told when its transaction could not be looked up at once.
        ErrorCode.NotEnoughReplicas,
    ];

    /// <summary>What changes topics or settings.</summary>
    static readonly HashSet<string> Changes =
    [
        "CreateTopics", "DeleteTopics", "CreatePartitions", "AlterConfigs", "IncrementalAlterConfigs", "AlterPartitionReassignments", "ElectLeaders",
    ];

    readonly Dictionary<string, JsonClient> _connections = [];
    readonly Dictionary<string, string> _texts = [];
    readonly Dictionary<string, long> _numbers = [];
    readonly HashSet<string> _hidden = [];
    JsonObject _last = [];

    public async Task PlayAsync(Transcript transcript)
    {
        await FindCoordinatorsAsync();
        foreach (var step in transcript.Steps)
        {
            await PlayAsync(step);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections.Values)
        {
            await connection.DisposeAsync();
        }
    }

    async Task PlayAsync(TranscriptStep step)
    {
        if (TopicLine().Match(step.Text) is { Success: true } topic)
        {
            await CreateAsync(topic.Groups[1].Value, topic.Groups[2].Value, topic.Groups[3].Value);
        }
        else if (step.Text.StartsWith("hide ", StringComparison.Ordinal))
        {
            _hidden.UnionWith(step.Text[5..].Split(' '));
        }
        else if (SaveLine().Match(step.Text) is { Success: true } save)
        {
            Save(save.Groups[1].Value, save.Groups[2].Value);
        }
        else if (step.Text.StartsWith("closed @", StringComparison.Ordinal))
        {
            _connections.Remove(step.Text[8..], out var connection);
            await using (connection)
            {
                Assert.True(await connection!.IsClosedByBrokerAsync(), $"{step.Text}: it is open");
            }
        }
        else if (step.Text.StartsWith("recv @", StringComparison.Ordinal))
        {
            Compare(step, 0, await ReceiveAsync(step.Text[6..]));
        }
        else if (Transcript.Request(step.Text) is { } request)
        {
            await PlayAsync(step, request);
        }
        else
        {
            Assert.Fail($"cannot read the line: {step.Text}");
        }
    }

    async Task PlayAsync(TranscriptStep step, TranscriptRequest request)
    {
        var api = ApiDefinition.All[request.Api];
        for (var version = request.From; version <= request.To; version++)
        {
            var body = Fill(JsonNode.Parse(request.Body))!.AsObject();
            var connection = await ConnectionAsync(request.Connection);
            switch (request.Kind)
            {
                case "send":
                    await connection.SendAsync(api, version, body, isAnswered: body["acks"]?.ToString() != "0");
                    break;
                case "until":
                    await AskUntilAsync(request.Connection, api, version, body, shown => shown == Expected(step, version));
                    Compare(step, version, Show(api, _last));
                    break;
                default:
                    Compare(
                        step, version,
                        await AskUntilAsync(request.Connection, api, version, body, shown => !IsNotYet(_last) || shown == Expected(step, version)));
                    break;
            }

            if (Changes.Contains(request.Api))
            {
                await broker.SettleAsync();
            }
        }
    }

    async Task<string> AskUntilAsync(string name, ApiDefinition api, int version, JsonObject body, Func<string, bool> isEnough)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var connection = await ConnectionAsync(name);
            await connection.SendAsync(api, version, body);
            var shown = await ReceiveAsync(name);
            if (isEnough(shown) || TimeProvider.System.GetElapsedTime(start) > Patience)
            {
                return shown;
            }

            await Task.Delay(Pause);
        }
    }

    async Task<string> ReceiveAsync(string name)
    {
        if (await _connections[name].ReceiveAsync() is var (api, answer))
        {
            _last = answer;
            return Show(api, answer);
        }

        await _connections[name].DisposeAsync();
        _connections.Remove(name);
        _last = [];
        return "closed";
    }

    async Task<JsonClient> ConnectionAsync(string name)
    {
        if (!_connections.TryGetValue(name, out var connection))
        {
            _connections[name] = connection = await JsonClient.ConnectAsync(broker.BootstrapServers!);
        }

        return connection;
    }

    /// <summary>An Apache broker makes the topics of its coordinators when the first client asks for one.</summary>
    async Task FindCoordinatorsAsync()
    {
        foreach (var type in new[] { 0, 1 })
        {
            await AskUntilAsync(
                "main", ApiDefinition.All["FindCoordinator"], 4, new JsonObject { ["keyType"] = type, ["coordinatorKeys"] = new JsonArray("any") },
                _ => !IsNotYet(_last));
        }

        // The first id of all is 0, which in an answer looks like none at all.
        await AskUntilAsync("main", ApiDefinition.All["InitProducerId"], 4, new JsonObject { ["transactionalId"] = null }, _ => !IsNotYet(_last));
    }

    async Task CreateAsync(string variable, string partitions, string configs)
    {
        var wanted = configs.Length == 0 ? [] : JsonNode.Parse(configs)!.AsObject();
        if (!wanted.ContainsKey("retention.ms"))
        {
            // Tests use fixed timestamps of the past, which retention by time would take away under their hands.
            wanted["retention.ms"] = "-1";
        }

        var count = partitions.Length == 0 ? 1 : int.Parse(partitions, CultureInfo.InvariantCulture);
        var name = Name(variable);
        await AskUntilAsync(
            "main", ApiDefinition.All["CreateTopics"], 7,
            new JsonObject
            {
                ["timeoutMs"] = 30_000,
                ["topics"] = new JsonArray(new JsonObject
                {
                    ["name"] = name,
                    ["numPartitions"] = count,
                    ["replicationFactor"] = 1,
                    ["configs"] = new JsonArray([.. wanted.Select(c => new JsonObject { ["name"] = c.Key, ["value"] = c.Value!.DeepClone() })]),
                }),
            },
            _ => true);
        var made = _last["topics"]![0]!;
        Assert.True(made["errorCode"]!.GetValue<long>() == 0, made.ToJsonString());
        _texts[variable + ".id"] = made["topicId"]!.GetValue<string>();
        await broker.SettleAsync();
    }

    void Save(string variable, string path)
    {
        JsonNode? found = _last;
        foreach (var part in path.Split('.'))
        {
            found = int.TryParse(part, CultureInfo.InvariantCulture, out var index) ? found![index] : found![part];
        }

        if (found!.GetValueKind() == JsonValueKind.Number)
        {
            _numbers[variable] = found.GetValue<long>();
        }
        else
        {
            _texts[variable] = found.GetValue<string>();
        }
    }

    string Name(string variable)
    {
        if (!_texts.TryGetValue(variable, out var name))
        {
            _texts[variable] = name = $"{variable[1..]}-{Guid.NewGuid():N}"[..(variable.Length + 8)];
        }

        return name;
    }

    /// <summary>Puts this run's names and ids into a request.</summary>
    JsonNode? Fill(JsonNode? node) => node switch
    {
        JsonObject o => new JsonObject(o.Select(p => KeyValuePair.Create(p.Key, Fill(p.Value)))),
        JsonArray a => new JsonArray([.. a.Select(Fill)]),
        JsonValue v when v.GetValueKind() == JsonValueKind.String => Variable().Replace(
            v.GetValue<string>(), m => _numbers.TryGetValue(m.Value, out var number) ? number.ToString(CultureInfo.InvariantCulture) : Name(m.Value)),
        _ => node?.DeepClone(),
    };

    static bool IsNotYet(JsonNode? answer) => answer switch
    {
        JsonObject o => o.Any(p => p.Key == "errorCode" ? NotYet.Contains((ErrorCode)p.Value!.GetValue<long>()) : IsNotYet(p.Value)),
        JsonArray a => a.Any(IsNotYet),
        _ => false,
    };

    void Compare(TranscriptStep step, int version, string shown)
    {
        var expected = Expected(step, version);
        Assert.True(shown == expected, $"{step.Text}\nversion  {version}\nexpected {expected}\nbut was  {shown}");
    }

    string Expected(TranscriptStep step, int version)
    {
        foreach (var line in isLocal && step.Local.Count > 0 ? step.Local : step.Apache)
        {
            var match = VersionedAnswer().Match(line);
            if (!match.Success)
            {
                return line == "closed" ? line : Canonical(JsonNode.Parse(line));
            }

            var range = Versions.Parse(match.Groups[1].Value);
            if (range.Contains(version))
            {
                return match.Groups[2].Value is "closed" and var closed ? closed : Canonical(JsonNode.Parse(match.Groups[2].Value));
            }
        }

        return "nothing is written down";
    }

    string Show(ApiDefinition api, JsonObject answer) => Canonical(Show(answer, api.Response.Fields, ""));

    JsonNode? Show(JsonNode? node, IReadOnlyList<FieldDefinition> fields, string name)
    {
        switch (node)
        {
            case JsonObject o:
                var shown = new JsonObject();
                foreach (var field in fields)
                {
                    if (o.TryGetPropertyValue(field.Name, out var value) && !Uncompared.Contains(field.Name) && !IsDefault(field, value))
                    {
                        shown[field.Name] = Show(value, field.Fields, field.Name);
                    }
                }

                return shown;
            case var _ when _hidden.Contains(name) || Volatile.Contains(name):
                return "*";
            case null:
                return null;
            case JsonArray a:
                return new JsonArray([.. a.Select(i => Show(i, fields, name))]);
            case JsonValue v when v.GetValueKind() == JsonValueKind.String:
                return Mask(v.GetValue<string>(), name);
            case JsonValue v when v.GetValueKind() == JsonValueKind.Number:
                return Mask(v.GetValue<long>(), name);
            default:
                return node.DeepClone();
        }
    }

    static bool IsDefault(FieldDefinition field, JsonNode? value) =>
        JsonNode.DeepEquals(value, field.DefaultValue) || (field.Type == "records" && value is JsonArray { Count: 0 });

    JsonNode Mask(string text, string name)
    {
        foreach (var (variable, value) in _texts.OrderByDescending(t => t.Value.Length))
        {
            text = value.Length == 0 ? text : text.Replace(value, variable, StringComparison.Ordinal);
        }

        return Guid.TryParse(text, out _) || (name is "memberId" or "leader" && text.Length > 0 && text != "nobody" && !IsVariable().IsMatch(text)) ? "*" : text;
    }

    JsonNode Mask(long number, string name)
    {
        if (name == "producerId" && number >= 0)
        {
            return _numbers.FirstOrDefault(n => n.Value == number).Key ?? "*";
        }

        // Times of this century, not those which a test has made up.
        return name == "timestamp" && number > 1_000_000_000_000 ? "*" : number;
    }

    /// <summary>A form in which equal answers are equal texts: the order of most arrays means nothing.</summary>
    static string Canonical(JsonNode? node, string name = "") => node switch
    {
        JsonObject o => "{" + string.Join(",", o.Select(p => $"\"{p.Key}\":{Canonical(p.Value, p.Key)}")) + "}",
        JsonArray a when name is "records" => "[" + string.Join(",", a.Select(i => Canonical(i))) + "]",
        JsonArray a => "[" + string.Join(",", a.Select(i => Canonical(i)).Order(StringComparer.Ordinal)) + "]",
        null => "null",
        _ => node.ToJsonString(),
    };

    [GeneratedRegex(@"^topic (\$\w+)(?: (\d+))?(?: (\{.*\}))?$")]
    private static partial Regex TopicLine();

    [GeneratedRegex(@"^save (\$\w+) = (\S+)$")]
    private static partial Regex SaveLine();

    [GeneratedRegex(@"^(\d+(?:-\d+)?) (\{.*\}|closed)$")]
    private static partial Regex VersionedAnswer();

    [GeneratedRegex(@"\$\w+(?:\.id)?")]
    private static partial Regex Variable();

    [GeneratedRegex(@"^\$\w+$")]
    private static partial Regex IsVariable();
}
