using System.Text.Json;
using System.Text.Json.Serialization;
using StreamSync.Contracts;

namespace StreamSync.Console.Api;

/// <summary><c>POST /api/query</c>: one read-only statement against the warehouse.</summary>
static class QueryApi
{
    const int DefaultMaxRows = 10_000;

    /// <summary>A double may be NaN or infinite, which JSON knows only as text.</summary>
    static readonly JsonSerializerOptions Json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public static void Map(WebApplication app, IServiceProvider services) => app.MapPost("/api/query", (HttpRequest request, CancellationToken cancellationToken) => RunAsync(request, services, cancellationToken));

    static async Task<IResult> RunAsync(HttpRequest request, IServiceProvider services, CancellationToken cancellationToken)
    {
        // A form of another site can post text, not JSON: with this the browser asks first, and is refused.
        if (!request.HasJsonContentType())
        {
            return Results.Json(new ErrorReply("send JSON: {\"sql\": \"select ...\"}"), statusCode: StatusCodes.Status415UnsupportedMediaType);
        }

        if (services.GetService<IWarehouse>() is not { } warehouse)
        {
            return Results.Json(new ErrorReply("this console runs without a warehouse; query it where the sink runs"), statusCode: StatusCodes.Status503ServiceUnavailable);
        }

        try
        {
            var query = await request.ReadFromJsonAsync<QueryRequest>(cancellationToken);
            if (string.IsNullOrWhiteSpace(query?.Sql))
            {
                return Results.Json(new ErrorReply("'sql' is missing"), statusCode: StatusCodes.Status400BadRequest);
            }

            var result = await warehouse.QueryAsync(query.Sql, query.MaxRows ?? DefaultMaxRows, cancellationToken);
            return Results.Json(new QueryReply(result.Columns, result.Types, result.Rows, result.Truncated), Json);
        }
        catch (JsonException)
        {
            return Results.Json(new ErrorReply("the body is no JSON object with 'sql'"), statusCode: StatusCodes.Status400BadRequest);
        }
        catch (WarehouseQueryException e)
        {
            return Results.Json(new ErrorReply(e.Message), statusCode: StatusCodes.Status400BadRequest);
        }
    }

    sealed record QueryRequest([property: JsonPropertyName("sql")] string? Sql, [property: JsonPropertyName("max_rows")] int? MaxRows);

    sealed record QueryReply(
        [property: JsonPropertyName("columns")] IReadOnlyList<string> Columns,
        [property: JsonPropertyName("types")] IReadOnlyList<string> Types,
        [property: JsonPropertyName("rows")] IReadOnlyList<IReadOnlyList<object?>> Rows,
        [property: JsonPropertyName("truncated")] bool Truncated);

    sealed record ErrorReply([property: JsonPropertyName("error")] string Error);
}
