using StreamSync.LocalKafka.Protocol;

namespace StreamSync.LocalKafka.Server;

/// <summary>Who asks, and what a handler needs to know about the request besides its body.</summary>
sealed class RequestContext(ApiKey key, short version, string clientId, string clientHost, CancellationToken gone) : IDisposable
{
    List<IDisposable>? _kept;

    public ApiKey Key => key;

    public short Version => version;

    public string ClientId => clientId;

    /// <summary>Address of the client in the form that Apache Kafka reports, such as <c>/127.0.0.1</c>.</summary>
    public string ClientHost => clientHost;

    /// <summary>Cancelled when the client has gone or the broker stops.</summary>
    public CancellationToken Gone => gone;

    /// <summary>Keeps a pooled buffer until the response is sent.</summary>
    public void Keep(IDisposable buffer) => (_kept ??= []).Add(buffer);

    public void Dispose()
    {
        foreach (var buffer in _kept ?? [])
        {
            buffer.Dispose();
        }

        _kept = null;
    }
}
