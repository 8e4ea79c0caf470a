using System.Text.Json;
using System.Text.Json.Serialization;
using StreamSync.Contracts;

namespace StreamSync.Console.Api;

/// <summary><c>POST /api/evidence</c>: what identity resolution goes by for the records of a person.</summary>
static class EvidenceApi
{
    static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static void Map(WebApplication app, IServiceProvider services) =>
        app.MapPost("/api/evidence", (HttpRequest request, CancellationToken cancellationToken) => AnswerAsync(request, services.GetService<IIdentityEvidence>(), cancellationToken));

    static async Task<IResult> AnswerAsync(HttpRequest request, IIdentityEvidence? evidence, CancellationToken cancellationToken)
    {
        // A form of another site can post text, not JSON: with this the browser asks first, and is refused.
        if (!request.HasJsonContentType())
        {
            return Error("send JSON: {\"org\": ..., \"urns\": [...]}", StatusCodes.Status415UnsupportedMediaType);
        }

        try
        {
            var asked = await request.ReadFromJsonAsync<EvidenceRequest>(cancellationToken);
            return asked is not { Org: { } org, Urns: { } urns } ? Error("'org' or 'urns' is missing", StatusCodes.Status400BadRequest)
                : evidence is null ? Error("this console runs without identity resolution; ask where the processors run", StatusCodes.Status503ServiceUnavailable)
                : Results.Json(await evidence.OfAsync(org, urns, cancellationToken), Json);
        }
        catch (JsonException)
        {
            return Error("the body is no JSON object with 'org' and 'urns'", StatusCodes.Status400BadRequest);
        }
        catch (EvidenceUnavailableException e)
        {
            if (e.IsStarting)
            {
                // The question has waited here already: the next may come at once.
                request.HttpContext.Response.Headers.RetryAfter = "0";
            }

            return Error(e.Message, StatusCodes.Status503ServiceUnavailable);
        }
    }

    static IResult Error(string message, int status) => Results.Json(new { error = message }, statusCode: status);

    sealed record EvidenceRequest([property: JsonPropertyName("org")] string? Org, [property: JsonPropertyName("urns")] IReadOnlyList<string>? Urns);
}
