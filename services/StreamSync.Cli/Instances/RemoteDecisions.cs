using System.Net.Http.Json;
using System.Text.Json;
using StreamSync.Contracts;
using StreamSync.Contracts.Identity;

namespace StreamSync.Cli.Instances;

/// <summary>The decisions of a running instance, through its console: it knows the cluster and its credentials.</summary>
sealed class RemoteDecisions(ConsoleClient console) : IDecisions
{
    static readonly Uri Path = new("/api/decisions", UriKind.Relative);

    public async Task<IReadOnlyList<IdentityDecision>> ReadAsync(CancellationToken cancellationToken)
    {
        using var reply = await console.SendAsync(HttpMethod.Get, Path, null, cancellationToken);
        return [.. reply.RootElement.EnumerateArray().Select(Of)];
    }

    public async Task<RecordedDecision> RecordAsync(NewDecision wanted, CancellationToken cancellationToken)
    {
        var body = JsonContent.Create(new { kind = wanted.Kind, a = wanted.One, b = wanted.Other, author = wanted.Author, reason = wanted.Reason });
        using var reply = await console.SendAsync(HttpMethod.Post, Path, body, cancellationToken);
        var replaces = reply.RootElement.GetProperty("replaces");
        return new RecordedDecision(Of(reply.RootElement.GetProperty("decision")), replaces.ValueKind == JsonValueKind.Null ? null : Of(replaces), [.. reply.RootElement.GetProperty("contradicts").EnumerateArray().Select(Of)]);
    }

    static IdentityDecision Of(JsonElement element) => new()
    {
        DecisionId = element.GetProperty("id").GetString()!,
        Org = element.GetProperty("org").GetString()!,
        Kind = element.GetProperty("kind").GetString()!,
        AUrn = element.GetProperty("a").GetString()!,
        BUrn = element.GetProperty("b").GetString()!,
        Author = element.GetProperty("author").GetString()!,
        Reason = element.GetProperty("reason").GetString()!,
        At = element.GetProperty("at").GetDateTime(),
    };
}
