using System.Net.Http.Json;
using System.Text.Json;
using StreamSync.Contracts;
using StreamSync.Kafka.Configuration;

namespace StreamSync.Console;

/// <summary>The warehouse of a sink that runs in another process.</summary>
/// <param name="url">Where it answers.</param>
/// <param name="place">Where this is configured, for messages.</param>
sealed class SinkWarehouse(Uri url, ConfigPlace place) : IWarehouse, IDisposable
{
    readonly HttpClient _http = new() { BaseAddress = url, Timeout = TimeSpan.FromSeconds(90) };

    public async Task<QueryResult> QueryAsync(string sql, int maxRows, CancellationToken cancellationToken)
    {
        try
        {
            using var content = QueryWire.Request(sql, maxRows);
            using var answer = await _http.PostAsync(new Uri(QueryWire.Path, UriKind.Relative), content, cancellationToken);
            var body = await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
            return answer.IsSuccessStatusCode
                ? QueryWire.Read(body)
                : throw new WarehouseQueryException(body.TryGetProperty("error", out var error) ? error.ToString() : $"the sink at {url} answered {(int)answer.StatusCode}");
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or InvalidOperationException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new WarehouseQueryException($"no sink answers queries at {url} ({place}): {e.Message}; check that it runs, with 'warehouse: {{ port: {url.Port} }}'", e);
        }
    }

    public void Dispose() => _http.Dispose();
}
