using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace StreamSync.Console.Tests;

public sealed class ApiTests(ConsoleFixture console) : IClassFixture<ConsoleFixture>
{
    [Fact]
    public async Task A_statement_is_answered_with_columns_types_and_rows()
    {
        using var reply = await QueryAsync("SELECT person_id, record_count, vendors, 'nan'::DOUBLE AS odd FROM identity_person");
        var json = await reply.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        Assert.Equal("""["person_id","record_count","vendors","odd"]""", json.GetProperty("columns").GetRawText());
        Assert.Equal("""[["p1",1,["van","mobilize"],"NaN"]]""", json.GetProperty("rows").GetRawText());
        Assert.False(json.GetProperty("truncated").GetBoolean());
    }

    [Theory]
    [InlineData("DELETE FROM identity_person", "only statements that read")]
    [InlineData("SELECT * FROM read_text('/etc/passwd')", "file system operations are disabled")]
    [InlineData("SELECT nothing", "nothing")]
    [InlineData("", "'sql' is missing")]
    public async Task A_wrong_statement_is_refused_in_words(string sql, string message)
    {
        using var reply = await QueryAsync(sql);
        Assert.Equal(HttpStatusCode.BadRequest, reply.StatusCode);
        Assert.Contains(message, (await reply.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_decision_is_recorded_listed_and_taken_back()
    {
        var wanted = new { kind = "must_link", a = "mi/van/c1/person/1", b = "mi/van/c1/person/2", author = "Dana", reason = "one man" };
        using var posted = await console.Http.PostAsJsonAsync("/api/decisions", wanted);
        Assert.Equal(HttpStatusCode.OK, posted.StatusCode);
        var recorded = await posted.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Empty(recorded.GetProperty("contradicts").EnumerateArray());
        var id = recorded.GetProperty("decision").GetProperty("id").GetString()!;
        var listed = Assert.Single((await console.Http.GetFromJsonAsync<JsonElement>("/api/decisions")).EnumerateArray());
        Assert.Equal((id, "Dana", "one man"), (listed.GetProperty("id").GetString()!, listed.GetProperty("author").GetString()!, listed.GetProperty("reason").GetString()!));

        using var wrong = await console.Http.PostAsJsonAsync("/api/decisions", wanted with { reason = "" });
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Contains("reason", (await wrong.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetString(), StringComparison.Ordinal);

        using var silent = await console.Http.PostAsJsonAsync("/api/decisions", wanted with { kind = "withdrawn", reason = "" });
        Assert.Equal(HttpStatusCode.BadRequest, silent.StatusCode);
        using var withdrawn = await console.Http.PostAsJsonAsync("/api/decisions", wanted with { kind = "withdrawn", a = wanted.b, b = wanted.a, author = "Eve", reason = "his father" });
        Assert.Equal(HttpStatusCode.OK, withdrawn.StatusCode);
        Assert.Equal(("Dana", "one man"), Said((await withdrawn.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("replaces")));
        Assert.Empty((await console.Http.GetFromJsonAsync<JsonElement>("/api/decisions")).EnumerateArray());
        await console.Platform.ExpectAsync(1L, $"SELECT count(*) FROM identity_decision WHERE decision_id = '{id}' AND kind = 'withdrawn' AND author = 'Eve' AND reason = 'his father'");

        using var again = await console.Http.PostAsJsonAsync("/api/decisions", wanted with { kind = "withdrawn" });
        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        using var anew = await console.Http.PostAsJsonAsync("/api/decisions", wanted);
        var second = await anew.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(JsonValueKind.Null, second.GetProperty("replaces").ValueKind);
        using var opposite = await console.Http.PostAsJsonAsync("/api/decisions", wanted with { kind = "cannot_link", author = "Eve", reason = "his father" });
        Assert.Equal(("Dana", "one man"), Said((await opposite.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("replaces")));
        using var end = await console.Http.PostAsJsonAsync("/api/decisions", wanted with { kind = "withdrawn" });
        Assert.Equal(HttpStatusCode.OK, end.StatusCode);

        static (string, string) Said(JsonElement decision) => (decision.GetProperty("author").GetString()!, decision.GetProperty("reason").GetString()!);
    }

    [Fact]
    public async Task Other_sites_can_not_query_through_the_user_s_browser()
    {
        using var form = await SendAsync(r => r.Content = new StringContent("{\"sql\":\"select 1\"}", Encoding.UTF8, "text/plain"));
        using var crossSite = await SendAsync(r => r.Headers.Add("Sec-Fetch-Site", "cross-site"));
        using var origin = await SendAsync(r => r.Headers.Add("Origin", "https://evil.example.org"));
        using var rebound = await SendAsync(r => r.Headers.Host = "evil.example.org");
        using var own = await SendAsync(r =>
        {
            r.Headers.Add("Sec-Fetch-Site", "same-origin");
            r.Headers.Add("Origin", console.Http.BaseAddress!.GetLeftPart(UriPartial.Authority));
        });
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, form.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, crossSite.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, origin.StatusCode);
        Assert.Equal(HttpStatusCode.MisdirectedRequest, rebound.StatusCode);
        Assert.Equal(HttpStatusCode.OK, own.StatusCode);
    }

    [Fact]
    public async Task A_link_from_another_site_shows_its_statement_and_does_not_run_it()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/sql?q=" + Uri.EscapeDataString("SELECT display_name FROM identity_person"));
        request.Headers.Add("Sec-Fetch-Site", "cross-site");
        using var reply = await console.Http.SendAsync(request);
        var html = await reply.Content.ReadAsStringAsync();
        Assert.Contains("Press Run", html, StringComparison.Ordinal);
        Assert.DoesNotContain("Ana Ruiz", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_carry_a_policy_that_lets_nothing_foreign_in()
    {
        using var reply = await console.Http.GetAsync("/");
        Assert.StartsWith("default-src 'none'", reply.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal("nosniff", reply.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.True(reply.Headers.CacheControl!.NoStore);
    }

    [Fact]
    public async Task The_status_has_the_state_the_streams_and_the_work_in_progress()
    {
        var json = await console.Http.GetFromJsonAsync<JsonElement>("/api/status");
        Assert.Equal("failing", json.GetProperty("state").GetString());
        Assert.Equal(console.Http.BaseAddress, new Uri(json.GetProperty("console_url").GetString()!));
        var users = json.GetProperty("syncs").EnumerateArray().Single(s => s.GetProperty("stream").GetString() == "users");
        Assert.Equal("late", users.GetProperty("state").GetString());
        Assert.Equal(900, users.GetProperty("promise_seconds").GetInt64());
        Assert.InRange(users.GetProperty("age_seconds").GetInt64(), 10_700, 12_000);
        Assert.Contains(json.GetProperty("progress").EnumerateArray(), p => p.GetProperty("item").GetString() == "activity_touch");
    }

    [Fact]
    public async Task The_probes_answer()
    {
        Assert.Equal("ok", await console.GetAsync("/healthz"));
        Assert.Equal("ready", await console.GetAsync("/readyz"));
    }

    Task<HttpResponseMessage> QueryAsync(string sql) => console.Http.PostAsJsonAsync("/api/query", new { sql });

    async Task<HttpResponseMessage> SendAsync(Action<HttpRequestMessage> change)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/query") { Content = JsonContent.Create(new { sql = "select 1" }) };
        change(request);
        return await console.Http.SendAsync(request);
    }
}
