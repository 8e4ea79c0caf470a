using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using StreamSync.Connectors.Runtime;
using StreamSync.Connectors.Tests.Support;
using StreamSync.Connectors.Webhook;
using StreamSync.Contracts.Source;
using StreamSync.Kafka.Clients;
using StreamSync.Kafka.Configuration;

namespace StreamSync.Connectors.Tests.Webhook;

public sealed class WebhookTests : IAsyncLifetime
{
    const string Yaml = """
        org: mi-wtp
        syncs:
          - id: donations
            connector: actblue
            instance: main
            secrets: { username: "${env:PATH}", password: "${env:HOME}" }
        """;

    readonly MemoryCluster _cluster = new();
    readonly ShiftedClock _clock = new();
    readonly CancellationTokenSource _stop = new();
    readonly HttpClient _http = new();
    WebhookListener _listener = null!;
    StreamPlan _plan = null!;
    Task _running = null!;

    public async Task InitializeAsync()
    {
        _listener = new WebhookListener(StreamSyncConfig.Parse(Yaml, "streamsync.yaml"), TimeProvider.System);
        _plan = TestSync.Plan(Yaml, _clock, new WebhookStyle(_listener)).Single();
        _running = new StreamWorker(_plan, _cluster, _cluster.Codecs).RunAsync(_stop.Token);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (_listener.Url is null)
        {
            await Task.Delay(10, patience.Token);
        }

        _http.BaseAddress = _listener.Url;
        _http.DefaultRequestHeaders.Authorization = Basic(Environment.GetEnvironmentVariable("PATH")!, Environment.GetEnvironmentVariable("HOME")!);
    }

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await _listener.DisposeAsync();
        _http.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task A_delivery_is_answered_after_it_was_committed()
    {
        Assert.Equal(HttpStatusCode.OK, await PostAsync(Sample("webhook_contribution_1")));
        var change = Changes().Single();
        Assert.Equal("mi-wtp/actblue/main/lineitem/9001:contribution", Assert.Single(_cluster.All, r => r.Topic == _plan.Topics.Source.Name).Key);
        Assert.Equal("25.0", ((Avro.Generic.GenericRecord)change.After!["lineitem"])["amount"]);
        Assert.Equal("true", ((Avro.Generic.GenericRecord)change.After["contribution"])["isRecurring"]);
        Assert.Equal(new DateTime(2024, 10, 1, 3, 58, 44, DateTimeKind.Utc), change.OccurredAt);
        Assert.Equal("2024-09-30T23:58:44-04:00", change.OccurredAtText);
    }

    [Fact]
    public async Task Forty_six_deliveries_of_one_event_are_one_change()
    {
        // B074, with other events in between and at the same time.
        var same = Sample("webhook_contribution_1_retry");
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => PostAsync(same)));
        await PostAsync(Sample("webhook_contribution_2"));
        await Task.WhenAll(Enumerable.Range(0, 26).Select(_ => PostAsync(same)));
        Assert.Equal(["9001:contribution", "9002:contribution"], Changes().Select(c => string.Join(':', c.Source.IdParts)));
    }

    [Fact]
    public async Task Contribution_refund_and_cancellation_are_three_records()
    {
        foreach (var name in new[] { "webhook_contribution_1", "webhook_refund", "webhook_cancellation", "webhook_recurring_2" })
        {
            Assert.Equal(HttpStatusCode.OK, await PostAsync(Sample(name)));
        }

        Assert.Equal(["9001:contribution", "9001:refund", "9051:cancellation", "9050:contribution"], Changes().Select(c => string.Join(':', c.Source.IdParts)));
        Assert.Equal(new DateTime(2024, 10, 2, 14, 0, 0, DateTimeKind.Utc), Changes()[1].OccurredAt);
        Assert.Empty(_cluster.Quarantine);
    }

    [Fact]
    public async Task A_post_with_two_line_items_is_two_records()
    {
        var two = Sample("webhook_contribution_1").Replace("\"lineitems\": [", "\"lineitems\": [{\"lineitemId\": 77, \"amount\": \"3.0\"},");
        Assert.Equal(HttpStatusCode.OK, await PostAsync(two));
        Assert.Equal(["77:contribution", "9001:contribution"], Changes().Select(c => string.Join(':', c.Source.IdParts)));
    }

    [Fact]
    public async Task What_is_no_json_is_refused_and_kept()
    {
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync("{\"donor\": oops"));
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync("{\"donor\": oops"));
        var entries = _cluster.Quarantine;
        Assert.Single(entries.DistinctBy(e => e.QuarantineId));
        Assert.Equal("not_json", entries[0].ReasonCode);
        Assert.Equal("{\"donor\": oops", Encoding.UTF8.GetString(entries[0].Raw));
    }

    [Fact]
    public async Task Json_that_is_no_contribution_is_kept_and_acknowledged()
    {
        Assert.Equal(HttpStatusCode.OK, await PostAsync("{\"hello\": 1}"));
        Assert.Equal("missing_id", _cluster.Quarantine.Single().ReasonCode);
        Assert.Equal(HttpStatusCode.OK, await PostAsync("[]"));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(Sample("webhook_contribution_1").Replace("\"isMobile\": true", "\"isMobile\": \"maybe\"")));
        Assert.Equal(["missing_id", "wrong_type"], _cluster.Quarantine.Select(q => q.ReasonCode));
        Assert.Empty(Changes());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Basic")]
    [InlineData("Basic !!!")]
    [InlineData("Basic dXNlcjp3cm9uZw==")]
    [InlineData("Bearer x")]
    public async Task Without_the_right_credentials_nothing_is_stored(string? header)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/hooks/donations/contributions") { Content = new StringContent(Sample("webhook_contribution_1")) };
        if (header is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", header);
        }

        using var anonymous = new HttpClient { BaseAddress = _listener.Url };
        var response = await anonymous.SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.DoesNotContain("PATH", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(_cluster.All);
    }

    [Fact]
    public async Task Refused_deliveries_stand_until_good_ones_come_and_none_was_refused_for_an_hour()
    {
        const string Finding = "mi-wtp/donations/contributions/webhook_refused/";
        using var anonymous = new HttpClient { BaseAddress = _listener.Url };
        await anonymous.PostAsync("/hooks/donations/contributions", new StringContent("{}"));
        await PostAsync(Sample("webhook_contribution_1"));
        Assert.Contains(Finding, _cluster.Findings.Keys);
        _clock.Shift = TimeSpan.FromMinutes(59);
        await PostAsync(Sample("webhook_contribution_2"));
        Assert.Contains(Finding, _cluster.Findings.Keys);
        _clock.Shift = TimeSpan.FromMinutes(61);
        await PostAsync(Sample("webhook_refund"));
        Assert.DoesNotContain(Finding, _cluster.Findings.Keys);
    }

    [Fact]
    public async Task Unknown_fields_are_kept_and_named()
    {
        await PostAsync(Sample("webhook_contribution_1").Replace("\"isMobile\": true", "\"isMobile\": true, \"newThing\": {\"a\": 1}"));
        Assert.Equal("""{"contribution.newThing":{"a":1}}""", Changes().Single().Extras!.Replace(" ", string.Empty));
        await PostAsync(Sample("webhook_contribution_2"));
        Assert.Contains("mi-wtp/donations/contributions/unknown_field/contribution.newThing", _cluster.Findings.Keys);
    }

    [Theory]
    [InlineData("<!DOCTYPE html><html><body>Bad gateway</body></html>")]
    [InlineData("")]
    [InlineData("{\"donor\":{\"firstname\":\"An")]
    [InlineData("NaN")]
    public async Task What_proxies_and_broken_tools_post_is_refused_kept_and_stops_nobody(string body)
    {
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(body));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(Sample("webhook_contribution_1")));
        var entry = Assert.Single(_cluster.Quarantine);
        Assert.Equal(("not_json", body), (entry.ReasonCode, Encoding.UTF8.GetString(entry.Raw)));
        Assert.Single(Changes());
    }

    [Theory]
    [InlineData("\"firstname\": \"Ana\"", "\"firstname\": \"\\ud800\"")]
    [InlineData("\"firstname\": \"Ana\"", "\"firstname\": \"\u00e9\"")]
    [InlineData("\"firstname\": \"Ana\"", "\"newThing\": \"\u00e9\"")]
    public async Task A_text_that_is_none_is_refused_kept_and_stops_nobody(string from, string to)
    {
        // In Latin-1, so that é is no UTF-8.
        var body = Encoding.Latin1.GetBytes(Sample("webhook_contribution_1").Replace(from, to, StringComparison.Ordinal));
        using var content = new ByteArrayContent(body);
        Assert.Equal(HttpStatusCode.BadRequest, (await _http.PostAsync("/hooks/donations/contributions", content)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, await PostAsync(Sample("webhook_contribution_2")));
        Assert.Equal(body, Assert.Single(_cluster.Quarantine).Raw);
        Assert.Single(Changes());
    }

    [Fact]
    public async Task A_body_whose_length_is_not_told_is_refused_past_the_limit()
    {
        using var content = new StreamContent(new MemoryStream(new byte[32 << 20]));
        content.Headers.ContentLength = null;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/hooks/donations/contributions") { Content = content };
        request.Headers.TransferEncodingChunked = true;
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await _http.SendAsync(request)).StatusCode);
        Assert.Empty(_cluster.All);
        Assert.Equal(HttpStatusCode.OK, await PostAsync(Sample("webhook_contribution_1")));
    }

    [Fact]
    public async Task A_delivery_that_could_not_be_committed_is_asked_for_again()
    {
        var broken = true;
        _cluster.Fault = step =>
        {
            if (step == "commit" && broken)
            {
                throw new TransactionAbortedException("broken by the test");
            }
        };
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await PostAsync(Sample("webhook_contribution_1")));
        Assert.Empty(Changes());
        broken = false;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await PostAsync(Sample("webhook_contribution_1")) != HttpStatusCode.OK)
        {
            await Task.Delay(50, patience.Token);
        }

        Assert.Single(Changes());
    }

    [Theory]
    [InlineData("/hooks/nobody/contributions", "no sync of that name")]
    [InlineData("/hooks/donations/nothing", "no webhook stream")]
    [InlineData("/hooks/donations", "no webhook stream")]
    [InlineData("/hooks/donations/contributions/more", "no webhook stream")]
    [InlineData("/hooks/", "/hooks/<sync>/<stream>")]
    [InlineData("/", "/hooks/<sync>/<stream>")]
    public async Task An_address_without_a_webhook_is_told_what_is_wrong_with_it(string path, string words)
    {
        var response = await _http.PostAsync(path, new StringContent("{}"));
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains(words, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Null(response.Headers.RetryAfter);
    }

    [Fact]
    public async Task A_stream_that_is_not_read_now_asks_to_come_again()
    {
        _listener.Remove(_plan.Context);
        var response = await _http.PostAsync("/hooks/donations/contributions", new StringContent("{}"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await _http.GetAsync("/hooks/donations/contributions")).StatusCode);
    }

    [Fact]
    public async Task Other_methods_and_sizes_are_refused()
    {
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await _http.GetAsync("/hooks/donations/contributions")).StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await PostAsync(new string(' ', (1024 * 1024) + 1)));
    }

    [Fact]
    public void A_signature_of_the_body_is_checked()
    {
        var how = new WebhookVerification.Hmac("X-Signature", "key", Base64: false, "sha256=");
        var verifier = new WebhookVerifier(how, new Dictionary<string, SecretText> { ["key"] = new("s3cret") });
        var body = "{}"u8.ToArray();
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData("s3cret"u8, body));
        Assert.True(Accepts("sha256=" + signature));
        Assert.True(Accepts("sha256=" + signature.ToUpperInvariant()));
        Assert.False(Accepts(signature));
        Assert.False(Accepts("sha256=" + signature[2..]));
        Assert.False(Accepts("sha256=" + new string('0', 64)));
        Assert.False(Accepts(string.Empty));

        bool Accepts(string header)
        {
            var http = new Microsoft.AspNetCore.Http.DefaultHttpContext();
            http.Request.Headers["X-Signature"] = header;
            return verifier.Accepts(http.Request, body);
        }
    }

    IReadOnlyList<SourceChange> Changes() => [.. _cluster.Changes(_plan.Topics).OfType<SourceChange>()];

    async Task<HttpStatusCode> PostAsync(string body) => (await _http.PostAsync("/hooks/donations/contributions", new StringContent(body, Encoding.UTF8, "application/json"))).StatusCode;

    static AuthenticationHeaderValue Basic(string user, string password) => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));

    /// <summary>The system's clock, so much ahead; its timers take the real time.</summary>
    sealed class ShiftedClock : TimeProvider
    {
        public TimeSpan Shift { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
    }

    static string Sample(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Vendors", "actblue", "samples", name + ".json"));
}
