using StreamSync.Connectors.Webhook;

namespace StreamSync.Connectors.Runtime;

/// <summary>Where this process takes webhooks.</summary>
public sealed class WebhookAddress
{
    readonly WebhookListener _listener;

    internal WebhookAddress(WebhookListener listener, bool expected)
    {
        _listener = listener;
        Expected = expected;
    }

    /// <summary>True when the configuration reads a webhook stream, so that there will be an address.</summary>
    public bool Expected { get; }

    /// <summary>Base of the addresses <c>/hooks/&lt;sync&gt;/&lt;stream&gt;</c>; null while no webhook stream is read.</summary>
    public Uri? Url => _listener.Url;

    /// <summary>Ends with the address once it takes webhooks; never when none is <see cref="Expected"/>.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<Uri> WaitAsync(CancellationToken cancellationToken) => _listener.Listening.WaitAsync(cancellationToken);
}
