using System.Text.Json;
using System.Text.Json.Serialization;
using Confluent.Kafka;
using StreamSync.Contracts;
using StreamSync.Contracts.Identity;

namespace StreamSync.Console.Api;

/// <summary>
/// The stewards' decisions: <c>GET /api/decisions</c> those that hold, <c>POST</c> one more; one of kind <c>withdrawn</c> takes another back.
/// </summary>
static class DecisionsApi
{
    public static void Map(WebApplication app, IServiceProvider services)
    {
        var decisions = services.GetRequiredService<IDecisions>();
        app.MapGet("/api/decisions", (CancellationToken cancellationToken) => AnswerAsync(async () =>
            Results.Json((await decisions.ReadAsync(cancellationToken)).Select(DecisionReply.Of))));
        app.MapPost("/api/decisions", (HttpRequest request, CancellationToken cancellationToken) => AnswerAsync(() => RecordAsync(request, decisions, cancellationToken)));
    }

    static async Task<IResult> RecordAsync(HttpRequest request, IDecisions decisions, CancellationToken cancellationToken)
    {
        // A form of another site can post text, not JSON: with this the browser asks first, and is refused.
        if (!request.HasJsonContentType())
        {
            return Error("send JSON: {\"kind\": \"must_link\", \"a\": URN, \"b\": URN, \"author\": ..., \"reason\": ...}", StatusCodes.Status415UnsupportedMediaType);
        }

        DecisionRequest? wanted;
        try
        {
            wanted = await request.ReadFromJsonAsync<DecisionRequest>(cancellationToken);
        }
        catch (JsonException)
        {
            return Error("the body is no JSON object with 'kind', 'a', 'b', 'author' and 'reason'", StatusCodes.Status400BadRequest);
        }

        var decision = new NewDecision(wanted?.Kind ?? "", wanted?.A ?? "", wanted?.B ?? "", wanted?.Author ?? "", wanted?.Reason ?? "");
        if (decision.WhatIsWrong() is { } wrong)
        {
            return Error(wrong, StatusCodes.Status400BadRequest);
        }

        var recorded = await decisions.RecordAsync(decision, cancellationToken);
        return Results.Json(new RecordedReply(DecisionReply.Of(recorded.Decision), recorded.Replaces is { } former ? DecisionReply.Of(former) : null, [.. recorded.Contradicts.Select(DecisionReply.Of)]));
    }

    static async Task<IResult> AnswerAsync(Func<Task<IResult>> answer)
    {
        try
        {
            return await answer();
        }
        catch (NothingDecidedException e)
        {
            return Error(e.Message, StatusCodes.Status409Conflict);
        }
        catch (KafkaException e)
        {
            return Error($"the broker does not answer: {e.Error.Reason}", StatusCodes.Status503ServiceUnavailable);
        }
    }

    static IResult Error(string message, int status) => Results.Json(new { error = message }, statusCode: status);

    sealed record DecisionRequest(
        [property: JsonPropertyName("kind")] string? Kind,
        [property: JsonPropertyName("a")] string? A,
        [property: JsonPropertyName("b")] string? B,
        [property: JsonPropertyName("author")] string? Author,
        [property: JsonPropertyName("reason")] string? Reason);

    sealed record RecordedReply(
        [property: JsonPropertyName("decision")] DecisionReply Decision,
        [property: JsonPropertyName("replaces")] DecisionReply? Replaces,
        [property: JsonPropertyName("contradicts")] IReadOnlyList<DecisionReply> Contradicts);

    sealed record DecisionReply(
        [property: JsonPropertyName("id")] string Id,
        [property: JsonPropertyName("org")] string Org,
        [property: JsonPropertyName("kind")] string Kind,
        [property: JsonPropertyName("a")] string A,
        [property: JsonPropertyName("b")] string B,
        [property: JsonPropertyName("author")] string Author,
        [property: JsonPropertyName("reason")] string Reason,
        [property: JsonPropertyName("at")] DateTime At)
    {
        public static DecisionReply Of(IdentityDecision d) => new(d.DecisionId, d.Org, d.Kind, d.AUrn, d.BUrn, d.Author, d.Reason, DateTime.SpecifyKind(d.At, DateTimeKind.Utc));
    }
}
