using System.Globalization;
using System.Net;
using System.Text.Json;
using Polly;
using Polly.Retry;
using StreamSync.Connectors.Sdk;

namespace StreamSync.Connectors.Rest;

/// <summary>
/// Asks a vendor for one page: within the credential's budget, with retries for what passes by itself (429, 5xx, broken connections),
/// honouring Retry-After. Errors name the page without query, so that neither keys nor people stand in them.
/// </summary>
internal sealed class RestClient : IDisposable
{
    const int MaxRetries = 4;
    const long MaxBodyBytes = 64L << 20;
    static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(2);

    /// <summary>A vendor may ask for longer; it is asked again after so long.</summary>
    static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    readonly StreamContext _context;
    readonly HttpClient _http;
    readonly ResiliencePipeline<HttpResponseMessage> _retries;
    readonly Uri _base;
    readonly TimeSpan _timeout;

    public RestClient(StreamContext context, RestOptions options, HttpMessageHandler? handler)
    {
        _context = context;
        _base = new Uri(options.BaseUrl.Expand(context).TrimEnd('/') + "/");
        _http = handler is null
            ? new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.All, PooledConnectionLifetime = TimeSpan.FromMinutes(5), AllowAutoRedirect = false })
            : new HttpClient(handler, disposeHandler: false);
        _http.MaxResponseContentBufferSize = MaxBodyBytes;
        _http.Timeout = Timeout.InfiniteTimeSpan;
        _timeout = options.Timeout;
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("StreamSync/" + typeof(RestClient).Assembly.GetName().Version?.ToString(2));
        _http.DefaultRequestHeaders.Accept.ParseAdd("application/json");
        foreach (var (name, value) in options.Headers)
        {
            _http.DefaultRequestHeaders.TryAddWithoutValidation(name, value.Expand(context));
        }

        _retries = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = context.Clock }
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = MaxRetries,
                BackoffType = DelayBackoffType.Exponential,
                Delay = TimeSpan.FromMilliseconds(500),
                MaxDelay = LongestWait,
                UseJitter = true,
                ShouldHandle = args => ValueTask.FromResult(args.Outcome.Result is { } r ? Passes(r.StatusCode) : args.Outcome.Exception is HttpRequestException { HttpRequestError: not HttpRequestError.ConfigurationLimitExceeded } or IOException),
                DelayGenerator = args => ValueTask.FromResult(PauseAsked(args.Outcome.Result)),
                OnRetry = args =>
                {
                    args.Outcome.Result?.Dispose();
                    return ValueTask.CompletedTask;
                },
            })
            .Build();
    }

    /// <summary>The first page of a list.</summary>
    public Uri FirstPage(RestList list, string? cursorValue)
    {
        var query = list.Query.Select(p => (p.Key, Value: p.Value.Expand(_context))).ToList();
        if (list.Next?.PageParameter is { } page)
        {
            query.Add((page, "1"));
        }

        if (list.Cursor is { } cursor && cursorValue is not null)
        {
            query.Add((cursor.Query, cursor.Template.Replace("{value}", cursorValue, StringComparison.Ordinal)));
        }

        var text = string.Join('&', query.Select(q => $"{Uri.EscapeDataString(q.Key)}={Uri.EscapeDataString(q.Value)}"));
        return new Uri(_base, list.Path.Expand(_context).TrimStart('/') + (text.Length > 0 ? "?" + text : string.Empty));
    }

    /// <summary>A link that the vendor gave; the credential is sent nowhere else.</summary>
    /// <exception cref="SourceException">The link leaves the vendor's host.</exception>
    public Uri Follow(Uri from, string link)
    {
        if (!Uri.TryCreate(from, link, out var next))
        {
            throw new SourceException($"the next page of {Place(from)} is no address", "report it to the vendor; the walk starts again at the next try");
        }

        // Behind a proxy many vendors name themselves http.
        if (next.Scheme == Uri.UriSchemeHttp && _base.Scheme == Uri.UriSchemeHttps && next.Host == _base.Host && next.IsDefaultPort)
        {
            next = new UriBuilder(next) { Scheme = Uri.UriSchemeHttps, Port = _base.Port }.Uri;
        }

        return Owns(next.AbsoluteUri)
            ? next
            : throw new SourceException($"the next page of {Place(from)} is elsewhere, at {next.GetLeftPart(UriPartial.Authority)}", "check base_url; the credential is sent to that address only");
    }

    /// <summary>Whether an address is the vendor's.</summary>
    public bool Owns(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var url) && url.Host == _base.Host && url.Scheme == _base.Scheme && url.Port == _base.Port;

    /// <summary>Reads a page.</summary>
    /// <param name="url">Its address.</param>
    /// <param name="mayBeGone">True for an old link: when the vendor knows it no longer, the result is null.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="SourceException">The vendor refuses, or does not answer after retries.</exception>
    public async Task<RestPage?> GetAsync(Uri url, bool mayBeGone, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await _retries.ExecuteAsync(
                async token =>
                {
                    await _context.Budget.AcquireAsync(token);
                    return await AskAsync(url, token);
                },
                cancellationToken);
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            throw new SourceException($"{Place(url)} answers with more than {MaxBodyBytes >> 20} MB, too much for a page", "ask for fewer items a page ('query' in connector.yaml), or report it to the vendor", innerException: e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new SourceException($"{Place(url)} does not answer: {e.Message}", "check base_url and the network; it is asked again", innerException: e);
        }

        using (response)
        {
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            var type = response.Content.Headers.ContentType?.MediaType;
            if (response.IsSuccessStatusCode)
            {
                return new RestPage(body, type, response.Headers.Date);
            }

            if (mayBeGone && response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.Gone or HttpStatusCode.UnprocessableEntity)
            {
                return null;
            }

            throw response.StatusCode switch
            {
                HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new SourceException(
                    $"{Place(url)} refuses the credential ({(int)response.StatusCode})",
                    $"check the secrets of the sync '{_context.Sync.Id}' at {_context.Sync.Place}: is the key right, not expired, and allowed to read this?"),
                _ when Passes(response.StatusCode) => new SourceException(
                    $"{Place(url)} answers {(int)response.StatusCode} again and again",
                    "the vendor is overloaded or down; it is asked again",
                    PauseAsked(response)),
                _ => new SourceException($"{Place(url)} answers {(int)response.StatusCode}", "check base_url and the settings of the sync; the vendor's status page may tell more"),
            };
        }
    }

    async Task<HttpResponseMessage> AskAsync(Uri url, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(_timeout, _context.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            return await _http.GetAsync(url, HttpCompletionOption.ResponseContentRead, either.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException(string.Create(CultureInfo.InvariantCulture, $"the page was not there after {_timeout.TotalSeconds:0.#} s"));
        }
    }

    /// <summary>Names a page for messages: without query.</summary>
    public static string Place(Uri url) => url.GetLeftPart(UriPartial.Path);

    public void Dispose() => _http.Dispose();

    static bool Passes(HttpStatusCode status) => status == HttpStatusCode.TooManyRequests || status == HttpStatusCode.RequestTimeout || (int)status >= 500;

    TimeSpan? PauseAsked(HttpResponseMessage? response)
    {
        // A date is meant by the vendor's clock, which stands in the same answer.
        var asked = response?.Headers.RetryAfter is { } after
            ? after.Delta ?? (after.Date is { } date ? date - (response.Headers.Date ?? _context.Clock.GetUtcNow()) : null)
            : null;
        if (asked is not { } pause || pause <= TimeSpan.Zero)
        {
            return null;
        }

        // Everyone with this credential waits, not only this stream.
        _context.Budget.PauseFor(pause < LongestPause ? pause : LongestPause);
        return pause < LongestWait ? pause : LongestWait;
    }
}

/// <summary>A page as it came.</summary>
/// <param name="Body">The bytes.</param>
/// <param name="ContentType">Media type, when told.</param>
/// <param name="VendorTime">The vendor's clock, when told.</param>
internal sealed record RestPage(byte[] Body, string? ContentType, DateTimeOffset? VendorTime)
{
    /// <summary>Parses the body; null when it is no JSON.</summary>
    public JsonDocument? TryParse()
    {
        try
        {
            return JsonDocument.Parse(Body);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>What the body is instead of JSON, in words.</summary>
    public string Kind() => ContentType is { } type && type.Contains("html", StringComparison.OrdinalIgnoreCase)
        ? "an HTML page"
        : string.Create(CultureInfo.InvariantCulture, $"{Body.Length} bytes that are no JSON");
}
