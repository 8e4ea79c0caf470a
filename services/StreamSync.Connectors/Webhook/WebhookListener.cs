using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StreamSync.Connectors.Sdk;
using StreamSync.Kafka.Configuration;

namespace StreamSync.Connectors.Webhook;

/// <summary>The HTTP listener for all webhook streams of the process: <c>POST /hooks/&lt;sync&gt;/&lt;stream&gt;</c>.</summary>
sealed class WebhookListener(StreamSyncConfig config, TimeProvider clock) : IAsyncDisposable
{
    /// <summary>A sender waits so long for the broker; then it is asked to come again.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    readonly ConcurrentDictionary<string, bool> _paths = new();
    readonly ConcurrentDictionary<string, WebhookReader> _readers = new();
    readonly SemaphoreSlim _starting = new(1);
    readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    WebApplication? _app;

    /// <summary>Where it listens; null before the first stream is read.</summary>
    public Uri? Url { get; private set; }

    /// <summary>Ends with <see cref="Url"/> once it listens.</summary>
    public Task<Uri> Listening => _listening.Task;

    /// <summary>Makes a stream's address known: until it is read, and while it is read anew, a delivery is told to come again.</summary>
    public void Expect(StreamContext context) => _paths[PathOf(context)] = true;

    /// <summary>Takes deliveries for a stream; starts listening with the first one.</summary>
    /// <returns>The stream's address.</returns>
    /// <exception cref="SourceException">The port can't be used.</exception>
    public async Task<Uri> AddAsync(StreamContext context, WebhookReader reader, CancellationToken cancellationToken)
    {
        Expect(context);
        _readers[PathOf(context)] = reader;
        await _starting.WaitAsync(cancellationToken);
        try
        {
            if (_app is null)
            {
                await StartAsync(context.Logger, cancellationToken);
            }
        }
        finally
        {
            _starting.Release();
        }

        return new Uri(Url!, PathOf(context));
    }

    /// <summary>Answers "try again" from now on.</summary>
    public void Remove(StreamContext context) => _readers.TryRemove(PathOf(context), out _);

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        _starting.Dispose();
    }

    async Task StartAsync(ILogger logger, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Parse(config.Webhooks.Address), config.Webhooks.Port);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
        });
        var app = builder.Build();
        app.Run(AnswerAsync);
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException e)
        {
            await app.DisposeAsync();
            throw new SourceException(
                string.Create(CultureInfo.InvariantCulture, $"the webhook listener can't use port {config.Webhooks.Port}: {e.Message}"),
                $"set another one at {config.PlaceOf("webhooks", "port")}, or 0 for a free one",
                innerException: e);
        }

        _app = app;
        Url = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        _listening.TrySetResult(Url);
        logger.LogInformation("Taking webhooks at {Url}hooks/<sync>/<stream>", Url);
    }

    async Task AnswerAsync(HttpContext http)
    {
        var (status, words) = await HandleAsync(http);
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain; charset=utf-8";
        if (status == StatusCodes.Status503ServiceUnavailable)
        {
            http.Response.Headers.RetryAfter = "5";
        }

        await http.Response.WriteAsync(words + "\n", http.RequestAborted);
    }

    async Task<(int Status, string Words)> HandleAsync(HttpContext http)
    {
        var path = http.Request.Path.Value ?? string.Empty;
        if (!_paths.ContainsKey(path))
        {
            return (StatusCodes.Status404NotFound, WhyUnknown(path));
        }

        if (!HttpMethods.IsPost(http.Request.Method))
        {
            http.Response.Headers.Allow = "POST";
            return (StatusCodes.Status405MethodNotAllowed, "POST only");
        }

        if (!_readers.TryGetValue(path, out var reader))
        {
            // About to start, or to start again.
            return (StatusCodes.Status503ServiceUnavailable, "not ready, try again");
        }

        var body = await ReadBodyAsync(http.Request, reader.MaxBody, http.RequestAborted);
        if (body is null)
        {
            return (StatusCodes.Status413PayloadTooLarge, string.Create(CultureInfo.InvariantCulture, $"at most {reader.MaxBody} bytes"));
        }

        if (!reader.Verifier.Accepts(http.Request, body))
        {
            reader.CountRefused();
            if (reader.Verifier.Challenge is { } challenge)
            {
                http.Response.Headers.WWWAuthenticate = challenge;
            }

            return (StatusCodes.Status401Unauthorized, "wrong or missing credentials");
        }

        using var patience = new CancellationTokenSource(Patience, clock);
        try
        {
            return await reader.StoreAsync(body, http.Request.ContentType, patience.Token) switch
            {
                DeliveryOutcome.Stored => (StatusCodes.Status200OK, "stored"),
                DeliveryOutcome.NotJson => (StatusCodes.Status400BadRequest, "the body is no JSON object"),
                _ => (StatusCodes.Status503ServiceUnavailable, "could not be stored now, try again"),
            };
        }
        catch (OperationCanceledException)
        {
            return (StatusCodes.Status503ServiceUnavailable, "could not be stored in time, try again");
        }
    }

    /// <summary>What is wrong with an address, without telling a stranger which ones there are.</summary>
    string WhyUnknown(string path)
    {
        const string Right = "webhooks are taken at /hooks/<sync>/<stream>: the id of a sync in the configuration, and a webhook stream of its connector";
        var parts = path.Split('/');
        return parts is not ["", "hooks", { Length: > 0 } sync, ..] ? $"no webhook here; {Right}"
            : config.Syncs.All(s => s.Id != sync) ? $"no sync of that name; {Right}"
            : $"the sync has no webhook stream at this address; {Right}. 'streamsync status --json' shows the address behind 'waiting_for'";
    }

    /// <summary>The whole body; null when it is larger than allowed.</summary>
    static async Task<byte[]?> ReadBodyAsync(HttpRequest request, int limit, CancellationToken cancellationToken)
    {
        if (request.ContentLength > limit)
        {
            return null;
        }

        using var body = new MemoryStream((int)(request.ContentLength ?? 4096));
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (body.Length + read > limit)
            {
                return null;
            }

            body.Write(buffer, 0, read);
        }

        return body.ToArray();
    }

    static string PathOf(StreamContext context) => $"/hooks/{context.Sync.Id}/{context.Stream.Name}";
}
