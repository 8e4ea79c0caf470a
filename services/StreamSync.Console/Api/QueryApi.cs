using StreamSync.Contracts;

namespace StreamSync.Console.Api;

/// <summary><c>POST /api/query</c>: one read-only statement against the warehouse.</summary>
static class QueryApi
{
    public static void Map(WebApplication app, IServiceProvider services) => app.MapPost(QueryWire.Path, (HttpRequest request, CancellationToken cancellationToken) => RunAsync(request, services, cancellationToken));

    static async Task<IResult> RunAsync(HttpRequest request, IServiceProvider services, CancellationToken cancellationToken)
    {
        // A form of another site can post text, not JSON: with this the browser asks first, and is refused.
        if (!request.HasJsonContentType())
        {
            return Results.Json(new ErrorReply("send JSON: {\"sql\": \"select ...\"}"), statusCode: StatusCodes.Status415UnsupportedMediaType);
        }

        if (services.GetService<IWarehouse>() is not { } warehouse)
        {
            return Results.Json(new ErrorReply("this console runs without a warehouse: set 'warehouse: { url: ... }' to where the sink answers queries"), statusCode: StatusCodes.Status503ServiceUnavailable);
        }

        var answer = await QueryWire.AnswerAsync(warehouse, request.Body, cancellationToken);
        return Results.Json(answer, QueryWire.Json, statusCode: answer is ErrorReply ? StatusCodes.Status400BadRequest : StatusCodes.Status200OK);
    }
}
