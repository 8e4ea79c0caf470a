using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace StreamSync.Simulators;

/// <summary>
/// A vendor's HTTP API on a loopback port, as the vendor's public documentation describes it: authentication, paging, filters,
/// rate limits and errors. Tests script faults; the demo basket runs it as it is.
/// </summary>
public abstract class VendorSimulator : IAsyncDisposable
{
    readonly WebApplication _app;
    readonly ConcurrentQueue<Fault?> _faults = new();
    readonly ConcurrentQueue<RequestNote> _log = new();
    readonly RequestWindow _window;

    /// <summary>Prepares the listener.</summary>
    /// <param name="requestsPerSecond">The vendor's rate limit; more are answered 429 with Retry-After.</param>
    /// <param name="clock">Clock of the rate limit.</param>
    protected VendorSimulator(int requestsPerSecond, TimeProvider? clock = null)
    {
        Clock = clock ?? TimeProvider.System;
        _window = new RequestWindow(requestsPerSecond, Clock);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(o => o.Listen(System.Net.IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Use(Guard);
    }

    /// <summary>Base URL without a trailing slash, once started.</summary>
    public string BaseUrl { get; private set; } = string.Empty;

    /// <summary>Requests served, faults included.</summary>
    public int Requests { get; private set; }

    /// <summary>Every request, in order.</summary>
    public IReadOnlyList<RequestNote> Log => [.. _log];

    /// <summary>Called before a request is answered, with its number from 1: for what happens in the tool between two pages.</summary>
    public Action<int>? Asked { get; set; }

    /// <summary>How far the vendor's clock is ahead of <see cref="Clock"/>, as the header Date shows it.</summary>
    public TimeSpan Ahead { get; set; }

    /// <summary>Requests refused for coming too fast.</summary>
    public int Throttled { get; private set; }

    /// <summary>The simulator's clock.</summary>
    protected TimeProvider Clock { get; }

    /// <summary>Starts listening.</summary>
    /// <param name="cancellationToken">Stops the start.</param>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        Map(_app);
        await _app.StartAsync(cancellationToken);
        BaseUrl = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single().TrimEnd('/');
    }

    /// <summary>Answers one of the next requests with a fault instead.</summary>
    /// <param name="fault">The fault; faults are served in the order given, one a request. Null lets a request pass.</param>
    public void Script(Fault? fault) => _faults.Enqueue(fault);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Adds the vendor's routes.</summary>
    /// <param name="app">The application.</param>
    protected abstract void Map(WebApplication app);

    /// <summary>Says whether a request carries the credential, and how the vendor refuses one that does not.</summary>
    /// <param name="request">The request.</param>
    /// <returns>Null when it may pass, else the answer.</returns>
    protected abstract IResult? Refuse(HttpRequest request);

    async Task Guard(HttpContext context, RequestDelegate next)
    {
        var number = ++Requests;
        _log.Enqueue(new RequestNote(context.Request.Path + Uri.UnescapeDataString(context.Request.QueryString.Value ?? string.Empty), Clock.GetUtcNow()));
        Asked?.Invoke(number);
        context.Response.Headers.Date = (Clock.GetUtcNow() + Ahead).ToString("r", CultureInfo.InvariantCulture);
        if (_faults.TryDequeue(out var fault) && fault is not null)
        {
            await fault.AnswerAsync(context);
            return;
        }

        if (!_window.TryTake(out var retryAfter))
        {
            Throttled++;
            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            context.Response.Headers.RetryAfter = retryAfter.ToString(CultureInfo.InvariantCulture);
            await context.Response.WriteAsync("{\"error\":\"rate limit exceeded\"}");
            return;
        }

        if (Refuse(context.Request) is { } refusal)
        {
            await refusal.ExecuteAsync(context);
            return;
        }

        await next(context);
    }

    /// <summary>Counts requests of the running second.</summary>
    sealed class RequestWindow(int limit, TimeProvider clock)
    {
        readonly Lock _gate = new();
        readonly Queue<long> _times = new();

        public bool TryTake(out int retryAfterSeconds)
        {
            retryAfterSeconds = 1;
            lock (_gate)
            {
                var now = clock.GetTimestamp();
                while (_times.TryPeek(out var oldest) && clock.GetElapsedTime(oldest, now) >= TimeSpan.FromSeconds(1))
                {
                    _times.Dequeue();
                }

                if (_times.Count >= limit)
                {
                    return false;
                }

                _times.Enqueue(now);
                return true;
            }
        }
    }
}

/// <summary>A request as it came.</summary>
/// <param name="Target">Path and query, unescaped.</param>
/// <param name="At">When, by the simulator's clock.</param>
public sealed record RequestNote(string Target, DateTimeOffset At);
