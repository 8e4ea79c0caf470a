using StreamSync.LocalKafka.Protocol;
using StreamSync.LocalKafka.Protocol.Messages;

namespace StreamSync.LocalKafka.Server;

/// <summary>One API that is served: its versions and what answers it.</summary>
/// <param name="Key">Number of the API.</param>
/// <param name="Min">Oldest version served.</param>
/// <param name="Max">Newest version served.</param>
/// <param name="Read">Reads a body.</param>
/// <param name="Handle">Answers it; null sends nothing (produce with acks=0).</param>
sealed record Api(
    ApiKey Key,
    short Min,
    short Max,
    Func<WireReader, IFields> Read,
    Func<RequestContext, IFields, ValueTask<IFields?>> Handle);

/// <summary>All APIs that are served. What is advertised is exactly what is registered here.</summary>
sealed class ApiTable
{
    readonly Dictionary<ApiKey, Api> _apis = [];

    public ApiTable() => Add<ApiVersionsRequest>(ApiKey.ApiVersions, 0, 4, (c, r) => Versions(c, r));

    public IEnumerable<Api> All => _apis.Values.OrderBy(a => a.Key);

    public bool TryGet(ApiKey key, out Api? api) => _apis.TryGetValue(key, out api);

    public void Add<T>(ApiKey key, short min, short max, Func<RequestContext, T, IFields> handle)
        where T : class, IFields, new() =>
        _apis.Add(key, new Api(key, min, max, r => r.Body<T>(), (c, body) => new ValueTask<IFields?>(handle(c, (T)body))));

    public void AddAsync<T>(ApiKey key, short min, short max, Func<RequestContext, T, ValueTask<IFields?>> handle)
        where T : class, IFields, new() =>
        _apis.Add(key, new Api(key, min, max, r => r.Body<T>(), (c, body) => handle(c, (T)body)));

    /// <summary>Whether a text may be the name or the version of a client's software (KIP-511).</summary>
    static bool IsSoftwareName(string text) =>
        text.Length > 0 && char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1])
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.');

    ApiVersionsResponse Versions(RequestContext context, ApiVersionsRequest request) =>
        context.Version >= 3 && !(IsSoftwareName(request.ClientSoftwareName) && IsSoftwareName(request.ClientSoftwareVersion))
            ? new ApiVersionsResponse { Error = ErrorCode.InvalidRequest }
            : Versions();

    ApiVersionsResponse Versions() => new()
    {
        Apis =
        [
            .. All.Select(a => new ApiVersionsResponse.Api
            {
                Key = (short)a.Key,

                // Apache Kafka says 0 here and still refuses 0 to 2 (KAFKA-18659): librdkafka would else switch compression off.
                MinVersion = a.Key == ApiKey.Produce ? (short)0 : a.Min,
                MaxVersion = a.Max,
            }),
        ],
    };
}
