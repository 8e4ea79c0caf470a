using System.Net;
using StreamSync.Contracts;
using StreamSync.Kafka.Configuration;

namespace StreamSync.Sinks;

/// <summary>
/// Answers the queries of a console that runs in another process: only one process can have the warehouse's file open. It knows no users, so
/// that only the console should reach its port.
/// </summary>
sealed class QueryListener(StreamSyncConfig config, IWarehouse warehouse, ILogger<QueryListener> logger) : IHostedService, IAsyncDisposable
{
    WebApplication? _app;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (config.Warehouse.Port is not { } port)
        {
            return;
        }

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Parse(config.Warehouse.Address), port);
            kestrel.AddServerHeader = false;
        });
        _app = builder.Build();
        _app.MapGet("/healthz", () => Results.Text("ok"));
        _app.MapPost(QueryWire.Path, AnswerAsync);
        try
        {
            await _app.StartAsync(cancellationToken);
        }
        catch (IOException e)
        {
            throw new IOException($"the warehouse can't answer queries on port {port}: {e.Message}; set another one at {config.PlaceOf("warehouse", "port")}, and at the console's 'warehouse: {{ url }}'", e);
        }

        logger.LogInformation("Answering queries at {Urls}", string.Join(", ", _app.Urls));
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_app is not null)
        {
            await _app.StopAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }
    }

    async Task<IResult> AnswerAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        // A browser on the same machine can be made to send text to any port, not JSON.
        if (!request.HasJsonContentType())
        {
            return Results.Json(new ErrorReply("send JSON: {\"sql\": \"select ...\"}"), statusCode: StatusCodes.Status415UnsupportedMediaType);
        }

        var answer = await QueryWire.AnswerAsync(warehouse, request.Body, cancellationToken);
        return Results.Json(answer, QueryWire.Json, statusCode: answer is ErrorReply ? StatusCodes.Status400BadRequest : StatusCodes.Status200OK);
    }
}
