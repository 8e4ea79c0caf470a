using System.Net.Http.Json;
using System.Text.Json;
using StreamSync.Contracts;

namespace StreamSync.Cli.Instances;

/// <summary>The warehouse of a running instance, asked through its console: only one process can have the file open.</summary>
sealed class RemoteWarehouse(Uri console) : IWarehouse, IDisposable
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
    static readonly Uri Path = new("/api/query", UriKind.Relative);
    readonly ConsoleClient _console = new(console);

    public async Task<QueryResult> QueryAsync(string sql, int maxRows, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _console.SendAsync(HttpMethod.Post, Path, JsonContent.Create(new { sql, max_rows = maxRows }), cancellationToken);
            var reply = answer.Deserialize<Reply>(Json)!;
            return new QueryResult(reply.Columns, reply.Types, [.. reply.Rows.Select(r => (IReadOnlyList<object?>)[.. r.Select(Value)])], reply.Truncated);
        }
        catch (RefusedException e)
        {
            throw new WarehouseQueryException(e.Message, e);
        }
    }

    public void Dispose() => _console.Dispose();

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
