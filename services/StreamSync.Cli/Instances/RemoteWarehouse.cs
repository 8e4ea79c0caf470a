using System.Net.Http.Json;
using System.Text.Json;
using StreamSync.Contracts;

namespace StreamSync.Cli.Instances;

/// <summary>The warehouse of a running instance, asked through its console: only one process can have the file open.</summary>
sealed class RemoteWarehouse(Uri console) : IWarehouse, IAsyncDisposable
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
    readonly HttpClient _http = new() { BaseAddress = console, Timeout = Timeout.InfiniteTimeSpan };

    public async Task<QueryResult> QueryAsync(string sql, int maxRows, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await _http.PostAsJsonAsync("/api/query", new { sql, max_rows = maxRows }, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw new CommandException($"StreamSync runs but its console at {_http.BaseAddress} does not answer ({e.Message}); look at its output");
        }

        using (response)
        {
            var body = await response.Content.ReadAsStringAsync(cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                throw new WarehouseQueryException(ErrorOf(body) ?? $"the console answered {(int)response.StatusCode}");
            }

            var reply = JsonSerializer.Deserialize<Reply>(body, Json)!;
            return new QueryResult(reply.Columns, reply.Types, [.. reply.Rows.Select(r => (IReadOnlyList<object?>)[.. r.Select(Value)])], reply.Truncated);
        }
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    static string? ErrorOf(string body)
    {
        try
        {
            return JsonDocument.Parse(body).RootElement.TryGetProperty("error", out var error) ? error.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    static object? Value(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.String => element.GetString(),
        JsonValueKind.Number when element.TryGetInt64(out var l) => l,
        JsonValueKind.Number when element.GetRawText().AsSpan().IndexOfAny(".eE") < 0 => System.Numerics.BigInteger.Parse(element.GetRawText(), System.Globalization.CultureInfo.InvariantCulture),
        JsonValueKind.Number => element.TryGetDecimal(out var d) ? d : element.GetDouble(),
        JsonValueKind.Array => element.EnumerateArray().Select(Value).ToList(),
        _ => element.EnumerateObject().ToDictionary(p => p.Name, p => Value(p.Value)),
    };

    sealed record Reply(IReadOnlyList<string> Columns, IReadOnlyList<string> Types, IReadOnlyList<IReadOnlyList<JsonElement>> Rows, bool Truncated);
}
