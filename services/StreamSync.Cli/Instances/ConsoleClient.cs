using System.Text.Json;
using StreamSync.Kafka.Hosting;

namespace StreamSync.Cli.Instances;

/// <summary>Asks the console of a running instance.</summary>
sealed class ConsoleClient(Uri console) : IDisposable
{
    /// <summary>How long a healthy console may take to say that it is.</summary>
    static readonly TimeSpan HealthTimeout = TimeSpan.FromSeconds(2);

    static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    readonly HttpClient _http = new() { BaseAddress = console, Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Sends a request and reads the JSON answer; an empty answer is JSON's null.</summary>
    /// <exception cref="RefusedException">The console refuses; its own words say why.</exception>
    /// <exception cref="CommandException">The console does not answer.</exception>
    public async Task<JsonDocument> SendAsync(HttpMethod method, Uri path, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw new CommandException($"StreamSync runs but its console at {_http.BaseAddress} does not answer ({e.Message}); look at its output");
        }

        using (response)
        {
            var body = await response.Content.ReadAsStringAsync(cancellationToken);
            return response.IsSuccessStatusCode
                ? JsonDocument.Parse(body.Length == 0 ? "null" : body)
                : throw new RefusedException(ErrorOf(body) ?? $"the console answered {(int)response.StatusCode} to {path}") { MayPass = response.Headers.RetryAfter is not null };
        }
    }

    /// <summary>How far the rooms of the instance are.</summary>
    /// <param name="cancellationToken">Stops asking.</param>
    /// <exception cref="CommandException">The console does not answer.</exception>
    public async Task<IReadOnlyList<ProgressRoom>> ProgressAsync(CancellationToken cancellationToken)
    {
        using var status = await SendAsync(HttpMethod.Get, new Uri("/api/status", UriKind.Relative), null, cancellationToken);
        return status.RootElement.GetProperty("progress").Deserialize<IReadOnlyList<ProgressRoom>>(Json)!;
    }

    public void Dispose() => _http.Dispose();

    /// <summary>True when the console of an instance answers: its process is there and is not about to go.</summary>
    /// <param name="instance">The instance.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    public static async Task<bool> AnswersAsync(InstanceInfo instance, CancellationToken cancellationToken)
    {
        if (instance.ConsoleUrl is not { } console)
        {
            return false;
        }

        using var http = new HttpClient { BaseAddress = new Uri(console), Timeout = HealthTimeout };
        try
        {
            using var response = await http.GetAsync(new Uri("/healthz", UriKind.Relative), cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    static string? ErrorOf(string body)
    {
        try
        {
            using var parsed = JsonDocument.Parse(body);
            return parsed.RootElement.TryGetProperty("error", out var error) ? error.GetString() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}

/// <summary>How far a room of a running instance is with one thing.</summary>
/// <param name="Room">Room.</param>
/// <param name="Item">What of it.</param>
/// <param name="Lag">Records still to do; null when unknown.</param>
/// <param name="WaitingFor">What it waits for; null when it works.</param>
sealed record ProgressRoom(string Room, string Item, long? Lag, string? WaitingFor)
{
    /// <summary>A source that is waited for is the sync's state; a room that stands still is everybody's.</summary>
    public const string Connectors = "connectors";
}

/// <summary>What the console of a running instance refused to do.</summary>
sealed class RefusedException(string message) : CommandException(message)
{
    /// <summary>True when it asks to be asked again.</summary>
    public bool MayPass { get; init; }
}
