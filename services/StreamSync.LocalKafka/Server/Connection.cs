using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using StreamSync.LocalKafka.Protocol;
using StreamSync.LocalKafka.Protocol.Messages;

namespace StreamSync.LocalKafka.Server;

/// <summary>
/// Serves one client connection: one request after the other, in the order they came, as Apache Kafka does. So a long poll delays only
/// what the same client sent behind it on the same connection.
/// </summary>
sealed class Connection(ConnectionContext transport, ApiTable apis, FrameMemory memory, TimeProvider clock, ILogger logger)
{
    /// <summary>Largest request (<c>socket.request.max.bytes</c> of Apache Kafka).</summary>
    public const int MaxRequestBytes = 100 * 1024 * 1024;

    /// <summary>What is made of a request may take this much without being counted: all that clients send in the ordinary way.</summary>
    const int FreeCost = 64 * 1024;

    /// <summary>How long a client may leave an answer lying while others wait for the memory that it takes.</summary>
    static readonly TimeSpan ReadingPatience = TimeSpan.FromSeconds(2);

    readonly string _clientHost = "/" + ((transport.RemoteEndPoint as IPEndPoint)?.Address.ToString() ?? "127.0.0.1");
    string _clientId = "";
    long _idleSince = clock.GetTimestamp();

    /// <summary>When the client connected or its last request was answered; <see cref="long.MaxValue"/> while one is being served.</summary>
    public long IdleSince => Volatile.Read(ref _idleSince);

    /// <summary>Whether the client has ever sent a whole request.</summary>
    public bool HasAsked { get; private set; }

    /// <summary>Ends the connection.</summary>
    public void Abort(string why)
    {
        Volatile.Write(ref _idleSince, long.MaxValue);
        transport.Abort(new ConnectionAbortedException(why));
    }

    /// <summary>Serves until the client leaves, sends what is no Kafka request, or <paramref name="stopping"/>.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(transport.ConnectionClosed, stopping);
        var input = transport.Transport.Input;
        var output = transport.Transport.Output;
        try
        {
            while (!gone.IsCancellationRequested)
            {
                using var frame = await Frame.ReadAsync(input, memory, MaxRequestBytes, clock, gone.Token);
                HasAsked = frame is not null;
                Volatile.Write(ref _idleSince, long.MaxValue);
                if (frame is null || !await ServeAsync(frame, output, gone.Token))
                {
                    return;
                }

                Volatile.Write(ref _idleSince, clock.GetTimestamp());
            }
        }
        catch (ProtocolException e)
        {
            logger.LogWarning("Closing the connection of client '{ClientId}' at {Host}: {Reason}", _clientId, _clientHost, e.Message);
        }
        catch (OperationCanceledException)
        {
            // The client left or the broker stops.
        }
        catch (Exception e) when (e is ConnectionResetException or ConnectionAbortedException or IOException)
        {
            logger.LogDebug("Client '{ClientId}' at {Host} went away: {Reason}", _clientId, _clientHost, e.Message);
        }
#pragma warning disable CA1031 // whatever a handler throws must not take other connections down
        catch (Exception e)
#pragma warning restore CA1031
        {
            logger.LogError(e, "Closing the connection of client '{ClientId}' at {Host} after an internal error", _clientId, _clientHost);
        }
    }

    async ValueTask<bool> ServeAsync(Frame frame, PipeWriter output, CancellationToken gone)
    {
        var reader = new WireReader(frame.Memory);
        reader.Layout(0, flexible: false);
        short number = 0, version = 0;
        var correlation = 0;
        string? clientId = null;
        reader.Int16(ref number);
        reader.Int16(ref version);
        reader.Int32(ref correlation);
        reader.NullableString(ref clientId);
        _clientId = clientId ?? "";
        var key = (ApiKey)number;
        if (!apis.TryGet(key, out var api) || version < api!.Min || version > api.Max)
        {
            if (api?.Key == ApiKey.ApiVersions)
            {
                return await SendAsync(output, api, 0, correlation, UnsupportedApiVersions(api), gone);
            }

            throw new ProtocolException($"it asked for version {version} of API {number} ({key}), which this broker does not serve");
        }

        if (key.IsFlexible(version))
        {
            reader.Layout(version, flexible: true);
            reader.SkipTags();
        }
        else
        {
            reader.Layout(version, flexible: false);
        }

        IFields body;
        try
        {
            body = api.Read(reader);
        }
        catch (ProtocolException e)
        {
            throw new ProtocolException($"its {key} request (version {version}) cannot be read: {e.Message}");
        }

        using var context = new RequestContext(key, version, _clientId, _clientHost, gone);
        if (reader.Cost > FreeCost)
        {
            await TakeAsync(context, reader.Cost, gone);
        }

        var response = await api.Handle(context, body);
        return response is null || await SendAsync(output, api, version, correlation, response, gone);
    }

    /// <summary>Counts what a large request is made into, until it is answered.</summary>
    async ValueTask TakeAsync(RequestContext context, long bytes, CancellationToken gone)
    {
        using var patience = new CancellationTokenSource(Frame.Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(gone, patience.Token);
        try
        {
            await memory.Large.TakeAsync(bytes, either.Token);
            context.Keep(new Taken(memory.Large, bytes));
        }
        catch (OperationCanceledException) when (!gone.IsCancellationRequested)
        {
            throw new ProtocolException($"its {context.Key} request needs {bytes} bytes of memory, which other requests hold");
        }
    }

    static ApiVersionsResponse UnsupportedApiVersions(Api api) => new()
    {
        Error = ErrorCode.UnsupportedVersion,
        Apis = [new() { Key = (short)api.Key, MinVersion = api.Min, MaxVersion = api.Max }],
    };

    async ValueTask<bool> SendAsync(
        PipeWriter output, Api api, short version, int correlation, IFields response, CancellationToken gone)
    {
        using var writer = new WireWriter();
        var unknown = 0;
        writer.Int32(ref unknown);
        writer.Int32(ref correlation);
        writer.Layout(version, api.Key.IsFlexible(version));
        if (api.Key != ApiKey.ApiVersions)
        {
            // A client reads the answer to ApiVersions before it knows what the broker speaks, so its header never changes.
            writer.NoTags();
        }

        writer.Struct(response);
        writer.Patch(0, checked((int)(writer.Length - 4)));
        var sending = writer.SendAsync(output, gone);
        return sending.IsCompleted ? await sending : await WatchAsync(sending.AsTask(), writer);
    }

    /// <summary>Sees an answer off. A reader who does not read keeps it in memory, which is its right until others are in need of it.</summary>
    async Task<bool> WatchAsync(Task<bool> sending, WireWriter writer)
    {
        for (long seen = -1, sent; ; seen = sent)
        {
            sent = writer.Sent;
            try
            {
                return await sending.WaitAsync(ReadingPatience, clock);
            }
            catch (TimeoutException) when (!sending.IsCompleted)
            {
                if (sent == seen && sent == writer.Sent && (memory.Large.IsWanted || memory.Small.IsWanted))
                {
                    logger.LogWarning(
                        "Closing the connection of client '{ClientId}' at {Host}: it does not read an answer whose memory others wait for", _clientId, _clientHost);
                    Abort("it does not read");
                    return await sending;
                }
            }
        }
    }

    sealed class Taken(MemoryBudget budget, long bytes) : IDisposable
    {
        public void Dispose() => budget.Return(bytes);
    }
}
