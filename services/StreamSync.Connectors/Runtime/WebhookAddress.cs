using StreamSync.Connectors.Webhook;

namespace StreamSync.Connectors.Runtime;

/// <summary>Where this process takes webhooks.</summary>
public sealed class WebhookAddress
{
    readonly WebhookListener _listener;

    internal WebhookAddress(WebhookListener listener) => _listener = listener;

    /// <summary>Base of the addresses <c>/hooks/&lt;sync&gt;/&lt;stream&gt;</c>; null while no webhook stream is read.</summary>
    public Uri? Url => _listener.Url;
}
