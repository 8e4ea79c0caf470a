using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using StreamSync.LocalKafka.Registry;

namespace StreamSync.LocalKafka.Tests.Registry;

/// <summary>Requests beyond the recorded ones: odd bodies, headers and names, and settings that are kept.</summary>
[Collection(RegistryCollection.Name)]
public sealed class RegistryRequestTests(RegistryBroker broker) : IAsyncLifetime
{
    SchemaRegistryServer _registry = null!;
    HttpClient _client = null!;

    public async Task InitializeAsync()
    {
        _registry = await SchemaRegistryServer.StartAsync(broker.NewRegistry());
        _client = new HttpClient { BaseAddress = _registry.Url };
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _registry.DisposeAsync();
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told_with_its_use_and_a_remedy()
    {
        var refused = await Assert.ThrowsAsync<IOException>(() => SchemaRegistryServer.StartAsync(new SchemaRegistryOptions { BootstrapServers = broker.BootstrapServers, Port = _registry.Port }));
        Assert.Contains($"Port {_registry.Port} on 127.0.0.1, meant for the schema registry, is taken", refused.Message, StringComparison.Ordinal);
        Assert.Contains("choose another port", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]", 400)]
    [InlineData("\"x\"", 400)]
    [InlineData("null", 422)]
    [InlineData("""{"schema":"\"int\"","version":"two"}""", 400)]
    [InlineData("""{"schema":"\"int\"","references":{}}""", 400)]
    [InlineData("""{"schema":"\"int\"","references":[1]}""", 400)]
    [InlineData("""{"schema":"\"int\"","references":[{"name":"A"}]}""", 422)]
    [InlineData("""{"schema":5}""", 422)]
    [InlineData("""{"schema":"\"int\"","id":null,"version":"1","schemaType":null}""", 200)]
    public async Task A_body_of_an_odd_shape_is_taken_or_refused_as_Confluent_does(string body, int status)
    {
        using var response = await SendAsync(HttpMethod.Post, "/subjects/odd-value/versions", body);
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("text/html, */*;q=0.1", "application/vnd.schemaregistry.v1+json")]
    [InlineData("application/vnd.schemaregistry+json", "application/vnd.schemaregistry+json")]
    [InlineData("application/*", "application/vnd.schemaregistry.v1+json")]
    [InlineData("application/json;q=0.5, application/vnd.schemaregistry+json;q=0.7", "application/vnd.schemaregistry+json")]
    [InlineData("*/*, application/vnd.schemaregistry.v1+json;q=0", "application/vnd.schemaregistry+json")]
    public async Task The_answer_has_the_media_type_that_the_client_likes_best(string accept, string expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/subjects");
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await _client.SendAsync(request);
        Assert.Equal(expected, response.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task A_method_that_is_not_offered_is_told_which_are()
    {
        using var response = await SendAsync(HttpMethod.Patch, "/subjects", null);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Contains("GET", response.Content.Headers.Allow);
    }

    [Fact]
    public async Task A_request_for_the_head_alone_gets_no_body()
    {
        using var response = await SendAsync(HttpMethod.Head, "/subjects", null);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_body_without_end_is_refused()
    {
        using var response = await SendAsync(HttpMethod.Post, "/subjects/large-value/versions", $$"""{"schema":"{{new string(' ', 11 * 1024 * 1024)}}"}""");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task A_schema_larger_than_a_message_is_told_apart_from_a_failure_and_the_registry_goes_on()
    {
        var doc = new string('x', 2 * 1024 * 1024);
        using var refused = await SendAsync(HttpMethod.Post, "/subjects/wide-value/versions", $$"""{"schema":"{\"type\":\"record\",\"name\":\"Wide\",\"doc\":\"{{doc}}\",\"fields\":[]}"}""");
        Assert.Equal(42209, await CodeAsync(refused));
        using var taken = await SendAsync(HttpMethod.Post, "/subjects/wide-value/versions", """{"schema":"\"int\""}""");
        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
    }

    [Theory]
    [InlineData("/subjects/%3A.other%3Aname/versions", 42208)]
    [InlineData("/subjects/a%0Ab/versions", 42208)]
    [InlineData("/subjects/%3A.%3Aplain/versions", null)]
    public async Task Names_of_other_contexts_and_control_characters_are_refused(string path, int? code)
    {
        using var response = await SendAsync(HttpMethod.Post, path, """{"schema":"\"int\""}""");
        if (code is null)
        {
            Assert.Equal("[1]", await _client.GetStringAsync("/subjects/plain/versions"));
        }
        else
        {
            Assert.Equal(code, await CodeAsync(response));
        }
    }

    [Fact]
    public async Task Settings_that_would_have_no_effect_here_are_refused_and_others_kept()
    {
        using var refused = await SendAsync(HttpMethod.Put, "/config/set-value", """{"alias":"other"}""");
        Assert.Equal(422, (int)refused.StatusCode);
        using var harmless = await SendAsync(HttpMethod.Put, "/config/set-value", """{"normalize":true,"compatibilityPolicy":"STRICT","validateFields":false}""");
        Assert.Equal("""{"normalize":true}""", await harmless.Content.ReadAsStringAsync());
        Assert.Equal("""{"normalize":true,"compatibilityLevel":"BACKWARD"}""", await _client.GetStringAsync("/config/set-value"));
        using var registered = await SendAsync(HttpMethod.Post, "/subjects/set-value/versions", """{"schema":"{\"type\":\"string\",\"b\":1,\"a\":2}"}""");
        Assert.Equal("""{"type":"string","a":2,"b":1}""", await _client.GetStringAsync("/subjects/set-value/versions/1/schema"));
    }

    [Fact]
    public async Task In_forward_mode_schemas_bring_their_ids_beside_those_that_are_there()
    {
        const string Schema = """{"schema":"\"int\""}""";
        using var before = await SendAsync(HttpMethod.Post, "/subjects/before-value/versions", Schema);
        Assert.Equal(200, (int)before.StatusCode);
        using var ofSubject = await SendAsync(HttpMethod.Put, "/mode/one-value", """{"mode":"FORWARD"}""");
        Assert.Equal(42204, await CodeAsync(ofSubject));
        using var set = await SendAsync(HttpMethod.Put, "/mode", """{"mode":"forward"}""");
        Assert.Equal(200, (int)set.StatusCode);
        Assert.Equal("""{"mode":"FORWARD"}""", await _client.GetStringAsync("/mode"));
        using var without = await SendAsync(HttpMethod.Post, "/subjects/one-value/versions", """{"schema":"\"long\""}""");
        Assert.Equal(42205, await CodeAsync(without));
        using var with = await SendAsync(HttpMethod.Post, "/subjects/one-value/versions", """{"schema":"\"long\"","id":700,"version":3}""");
        Assert.Equal(200, (int)with.StatusCode);
        Assert.Equal("[3]", await _client.GetStringAsync("/subjects/one-value/versions"));
        using var back = await SendAsync(HttpMethod.Put, "/mode", """{"mode":"READWRITE"}""");
        using var after = await SendAsync(HttpMethod.Post, "/subjects/one-value/versions", """{"schema":"\"double\""}""");
        var registered = JsonNode.Parse(await after.Content.ReadAsStringAsync())!;
        Assert.Equal((701, 4), ((int)registered["id"]!, (int)registered["version"]!));
    }

    [Fact]
    public async Task Metadata_is_kept_inherited_and_found()
    {
        using var first = await SendAsync(HttpMethod.Post, "/subjects/meta-value/versions", """{"schema":"\"int\"","metadata":{"properties":{"owner":"data"}}}""");
        using var second = await SendAsync(HttpMethod.Post, "/subjects/meta-value/versions", """{"schema":"\"long\""}""");
        using var again = await SendAsync(HttpMethod.Post, "/subjects/meta-value/versions", """{"schema":"\"long\""}""");
        Assert.Equal("[1,2]", await _client.GetStringAsync("/subjects/meta-value/versions"));
        var found = JsonNode.Parse(await _client.GetStringAsync("/subjects/meta-value/metadata?key=owner&value=data"))!;
        Assert.Equal((2, "data"), ((int)found["version"]!, (string)found["metadata"]!["properties"]!["owner"]!));
    }

    [Fact]
    public async Task A_schema_is_found_by_its_guid_and_whole_with_what_it_refers_to()
    {
        using var inner = await SendAsync(HttpMethod.Post, "/subjects/inner/versions", """{"schema":"{\"type\":\"enum\",\"name\":\"Side\",\"symbols\":[\"ODD\"]}"}""");
        using var outer = await SendAsync(HttpMethod.Post, "/subjects/outer/versions",
            """{"schema":"{\"type\":\"record\",\"name\":\"Door\",\"fields\":[{\"name\":\"side\",\"type\":\"Side\"}]}","references":[{"name":"Side","subject":"inner","version":-1}]}""");
        var answer = JsonNode.Parse(await outer.Content.ReadAsStringAsync())!;
        Assert.Equal(1, (int)answer["references"]![0]!["version"]!);
        var byGuid = JsonNode.Parse(await _client.GetStringAsync($"/schemas/guids/{answer["guid"]}"))!;
        Assert.Equal((string)answer["schema"]!, (string)byGuid["schema"]!);
        Assert.Equal(
            """{"type":"record","name":"Door","fields":[{"name":"side","type":{"type":"enum","name":"Side","symbols":["ODD"]}}]}""",
            await _client.GetStringAsync($"/schemas/ids/{answer["id"]}/schema?format=resolved"));
        // The same schema sent whole is the one that is there.
        using var whole = await SendAsync(HttpMethod.Post, "/subjects/outer/versions",
            """{"schema":"{\"type\":\"record\",\"name\":\"Door\",\"fields\":[{\"name\":\"side\",\"type\":{\"type\":\"enum\",\"name\":\"Side\",\"symbols\":[\"ODD\"]}}]}"}""");
        Assert.Equal((int)answer["id"]!, (int)JsonNode.Parse(await whole.Content.ReadAsStringAsync())!["id"]!);
    }

    async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? body)
    {
        var options = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        Assert.True(Uri.TryCreate(_registry.Url.GetLeftPart(UriPartial.Authority) + path, in options, out var uri));
        using var request = new HttpRequestMessage(method, uri);
        // Asks before it sends, so that a refusal does not meet a half-sent body.
        request.Headers.ExpectContinue = body is not null;
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/vnd.schemaregistry.v1+json");
        }
        return await _client.SendAsync(request);
    }

    static async Task<int> CodeAsync(HttpResponseMessage response) => (int)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error_code"]!;
}
