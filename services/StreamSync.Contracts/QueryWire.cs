using System.Globalization;
using System.Net.Http.Json;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace StreamSync.Contracts;

/// <summary>How a process asks another one's warehouse: <c>POST /api/query</c> with a <see cref="QueryRequest"/>, answered by a <see cref="QueryReply"/> or an <see cref="ErrorReply"/>.</summary>
public static class QueryWire
{
    /// <summary>Path of queries.</summary>
    public const string Path = "/api/query";

    /// <summary>Rows that are read when a request does not say.</summary>
    public const int DefaultMaxRows = 10_000;

    /// <summary>A double may be NaN or infinite, which JSON knows only as text.</summary>
    public static JsonSerializerOptions Json { get; } = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>Runs a request.</summary>
    /// <param name="warehouse">Where.</param>
    /// <param name="body">The body of the request.</param>
    /// <param name="cancellationToken">Stops the statement.</param>
    /// <returns>What to answer: a <see cref="QueryReply"/>, or an <see cref="ErrorReply"/> to a request that is wrong.</returns>
    public static async Task<object> AnswerAsync(IWarehouse warehouse, Stream body, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(warehouse);
        try
        {
            var query = await JsonSerializer.DeserializeAsync<QueryRequest>(body, Json, cancellationToken);
            if (string.IsNullOrWhiteSpace(query?.Sql))
            {
                return new ErrorReply("'sql' is missing");
            }

            var result = await warehouse.QueryAsync(query.Sql, query.MaxRows ?? DefaultMaxRows, cancellationToken);
            return new QueryReply(result.Columns, result.Types, result.Rows, result.Truncated);
        }
        catch (JsonException)
        {
            return new ErrorReply("the body is no JSON object with 'sql'");
        }
        catch (WarehouseQueryException e)
        {
            return new ErrorReply(e.Message);
        }
    }

    /// <summary>The body of a request.</summary>
    /// <param name="sql">The statement.</param>
    /// <param name="maxRows">Rows read at most.</param>
    public static HttpContent Request(string sql, int maxRows) => JsonContent.Create(new QueryRequest(sql, maxRows), options: Json);

    /// <summary>The rows of an answer.</summary>
    /// <param name="answer">A <see cref="QueryReply"/> as JSON.</param>
    public static QueryResult Read(JsonElement answer) => new(
        Texts(answer.GetProperty("columns")),
        Texts(answer.GetProperty("types")),
        [.. answer.GetProperty("rows").EnumerateArray().Select(row => (IReadOnlyList<object?>)[.. row.EnumerateArray().Select(Value)])],
        answer.GetProperty("truncated").GetBoolean());

    static List<string> Texts(JsonElement array) => [.. array.EnumerateArray().Select(text => text.GetString()!)];

    static object? Value(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.String => element.GetString(),
        JsonValueKind.Number when element.TryGetInt64(out var l) => l,
        JsonValueKind.Number when element.GetRawText().AsSpan().IndexOfAny(".eE") < 0 => BigInteger.Parse(element.GetRawText(), CultureInfo.InvariantCulture),
        JsonValueKind.Number => element.TryGetDecimal(out var d) ? d : element.GetDouble(),
        JsonValueKind.Array => element.EnumerateArray().Select(Value).ToList(),
        _ => element.EnumerateObject().ToDictionary(p => p.Name, p => Value(p.Value)),
    };
}

/// <summary>A query.</summary>
/// <param name="Sql">One read-only statement.</param>
/// <param name="MaxRows">Rows read at most; null for <see cref="QueryWire.DefaultMaxRows"/>.</param>
public sealed record QueryRequest([property: JsonPropertyName("sql")] string? Sql, [property: JsonPropertyName("max_rows")] int? MaxRows);

/// <summary>Rows of a query, see <see cref="QueryResult"/>.</summary>
/// <param name="Columns">Column names.</param>
/// <param name="Types">Type names.</param>
/// <param name="Rows">Rows.</param>
/// <param name="Truncated">True when there were more.</param>
public sealed record QueryReply(
    [property: JsonPropertyName("columns")] IReadOnlyList<string> Columns,
    [property: JsonPropertyName("types")] IReadOnlyList<string> Types,
    [property: JsonPropertyName("rows")] IReadOnlyList<IReadOnlyList<object?>> Rows,
    [property: JsonPropertyName("truncated")] bool Truncated);

/// <summary>Why there are no rows.</summary>
/// <param name="Error">In words.</param>
public sealed record ErrorReply([property: JsonPropertyName("error")] string Error);
