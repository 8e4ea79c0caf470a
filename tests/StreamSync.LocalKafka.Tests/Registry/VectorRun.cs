using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace StreamSync.LocalKafka.Tests.Registry;

/// <summary>Sends the recorded requests of one scenario and holds the answers to the recorded ones, by the rules told in the file.</summary>
sealed class VectorRun(HttpClient client)
{
    const string VendorType = "application/vnd.schemaregistry.v1+json";

    readonly Dictionary<string, long> _ids = new(StringComparer.Ordinal);

    public static IEnumerable<JsonElement> StepsOf(string scenario) =>
        Vector.Registry.GetProperty("steps").EnumerateArray().Where(step => step.Text("scenario") == scenario);

    public async Task StepAsync(JsonElement step)
    {
        using var request = Build(step);
        using var response = await client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        try
        {
            Check(step.GetProperty("expect"), response, text);
        }
        catch (Exception problem) when (problem is Xunit.Sdk.XunitException or JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new Xunit.Sdk.XunitException(
                $"{step.Text("method")} {request.RequestUri} ({step.Member("note")?.GetString()})\n answered {(int)response.StatusCode} {text}\n"
                + $" where {step.GetProperty("expect")} was recorded:\n {problem.Message}");
        }
    }

    HttpRequestMessage Build(JsonElement step)
    {
        var path = step.Text("path");
        foreach (var (name, id) in _ids.OrderByDescending(pair => pair.Key.Length))
        {
            path = path.Replace(name, id.ToString(), StringComparison.Ordinal);
        }
        // The path is sent as it is escaped in the file.
        var options = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        Assert.True(Uri.TryCreate(client.BaseAddress!.GetLeftPart(UriPartial.Authority) + path, in options, out var uri));
        var request = new HttpRequestMessage(new HttpMethod(step.Text("method")), uri);
        var body = step.Member("request_text")?.GetString() ?? step.Member("request_body")?.GetRawText();
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(VendorType);
        }
        request.Headers.TryAddWithoutValidation("Accept", "*/*");
        foreach (var header in step.Member("request_headers")?.EnumerateObject() ?? default)
        {
            if (header.Name == "Content-Type")
            {
                request.Content!.Headers.ContentType = MediaTypeHeaderValue.Parse(header.Value.GetString()!);
            }
            else
            {
                request.Headers.Remove(header.Name);
                request.Headers.TryAddWithoutValidation(header.Name, header.Value.GetString());
            }
        }
        return request;
    }

    void Check(JsonElement expect, HttpResponseMessage response, string text)
    {
        Assert.Contains((long)response.StatusCode, OneOrMany(expect.GetProperty("status")));
        if (expect.Member("content_type") is { } type)
        {
            Assert.Equal(type.GetString(), response.Content.Headers.ContentType?.MediaType);
        }
        if (expect.EnumerateObject().All(member => member.Name is "status" or "content_type"))
        {
            return;
        }
        var answer = JsonNode.Parse(text);
        foreach (var member in expect.EnumerateObject())
        {
            switch (member.Name)
            {
                case "error_code":
                    Assert.Contains((long)answer!["error_code"]!, OneOrMany(member.Value));
                    Assert.Equal(JsonValueKind.String, answer["message"]!.GetValueKind());
                    break;
                case "body":
                    AssertEqual(member.Value, answer, expect.Member("unordered")?.GetBoolean() == true);
                    break;
                case "body_subset":
                    AssertSubset(member.Value, answer);
                    break;
                case "body_items":
                    Assert.Equal(member.Value.GetArrayLength(), answer!.AsArray().Count);
                    foreach (var (item, given) in member.Value.EnumerateArray().Zip(answer.AsArray()))
                    {
                        AssertSubset(item, given);
                    }
                    break;
                case "schema_json":
                    AssertEqual(member.Value, JsonNode.Parse((string)answer!["schema"]!), unordered: false);
                    break;
                case "schema_text":
                    Assert.Equal(member.Value.GetString(), answer is JsonObject wrapped && wrapped["schema"] is { } inner ? (string)inner! : text);
                    break;
                case "contains":
                    Assert.All(member.Value.EnumerateArray(), item => Assert.Contains(item.GetString(), Texts(answer!)));
                    break;
                case "lacks":
                    Assert.All(member.Value.EnumerateArray(), item => Assert.DoesNotContain(item.GetString(), Texts(answer!)));
                    break;
                case "messages_contain":
                    Assert.All(member.Value.EnumerateArray(), part =>
                        Assert.Contains(Texts(answer!["messages"]!), message => message!.Contains(part.GetString()!, StringComparison.Ordinal)));
                    break;
                case "status" or "content_type" or "unordered":
                    break;
                default:
                    Assert.Fail($"the test does not know what \"{member.Name}\" means");
                    break;
            }
        }
    }

    void AssertSubset(JsonElement wanted, JsonNode? given)
    {
        var members = given!.AsObject();
        foreach (var member in wanted.EnumerateObject())
        {
            Assert.True(members.ContainsKey(member.Name), $"there is no member {member.Name}");
            AssertEqual(member.Value, members[member.Name], unordered: false);
        }
    }

    void AssertEqual(JsonElement wanted, JsonNode? given, bool unordered)
    {
        if (wanted.ValueKind == JsonValueKind.Array && given is JsonArray list)
        {
            var items = wanted.EnumerateArray().ToList();
            var answers = list.ToList();
            if (unordered)
            {
                items = [.. items.OrderBy(item => item.GetRawText(), StringComparer.Ordinal)];
                answers = [.. answers.OrderBy(item => item!.ToJsonString(), StringComparer.Ordinal)];
            }
            Assert.Equal(items.Count, answers.Count);
            foreach (var (item, answer) in items.Zip(answers))
            {
                AssertEqual(item, answer, unordered: false);
            }
        }
        else if (wanted.ValueKind == JsonValueKind.Object && given is JsonObject members)
        {
            Assert.Equal(wanted.EnumerateObject().Select(member => member.Name).Order(), members.Select(member => member.Key).Order());
            AssertSubset(wanted, members);
        }
        else if (wanted.ValueKind == JsonValueKind.String && wanted.GetString()!.StartsWith('$'))
        {
            Bind(wanted.GetString()!, (long)given!);
        }
        else
        {
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(wanted.GetRawText()), given), $"{given?.ToJsonString() ?? "null"} is not {wanted}");
        }
    }

    void Bind(string name, long id)
    {
        if (_ids.TryGetValue(name, out var bound))
        {
            Assert.Equal(bound, id);
        }
        else
        {
            Assert.DoesNotContain(id, _ids.Values);
            _ids[name] = id;
        }
    }

    static IEnumerable<long> OneOrMany(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(item => item.GetInt64()) : [value.GetInt64()];

    static IEnumerable<string?> Texts(JsonNode list) => list.AsArray().Select(item => (string?)item);
}
