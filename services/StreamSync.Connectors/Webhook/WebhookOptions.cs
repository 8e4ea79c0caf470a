using StreamSync.Connectors.Sdk;

namespace StreamSync.Connectors.Webhook;

/// <summary>Block <c>webhook:</c> of a stream.</summary>
sealed record WebhookOptions
{
    /// <summary>How deliveries prove who they come from; null takes all.</summary>
    public WebhookVerification? Verify { get; init; }

    /// <summary>Array of the body whose items each make a record; null makes one of the whole body.</summary>
    public (string Path, string As)? Each { get; init; }

    /// <summary>Fields that are made of others: the first rule that holds gives the value.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<SetRule>> Set { get; init; } = new Dictionary<string, IReadOnlyList<SetRule>>();

    /// <summary>Path of the vendor's own id of the event, when it has one.</summary>
    public string? ChangeId { get; init; }

    /// <summary>Largest body, bytes.</summary>
    public int MaxBody { get; init; } = 1024 * 1024;
}

/// <summary>A rule for a field.</summary>
/// <param name="When">Path that must have a value; null always holds.</param>
/// <param name="Value">A constant; null takes <paramref name="Path"/>.</param>
/// <param name="Path">Path whose value is taken, when it has one.</param>
sealed record SetRule(string? When, string? Value, string? Path);

/// <summary>How a delivery is verified; secrets are named, not given.</summary>
abstract record WebhookVerification
{
    /// <summary>Names of the secrets that it needs.</summary>
    public abstract IEnumerable<string> Secrets { get; }

    /// <summary>HTTP basic authentication.</summary>
    public sealed record Basic(string Username, string Password) : WebhookVerification
    {
        public override IEnumerable<string> Secrets => [Username, Password];
    }

    /// <summary>A secret text in a header or in the query.</summary>
    public sealed record Token(string? Header, string? Query, string Secret) : WebhookVerification
    {
        public override IEnumerable<string> Secrets => [Secret];
    }

    /// <summary>HMAC-SHA-256 of the body in a header, as hex or base64, maybe behind a prefix such as <c>sha256=</c>.</summary>
    public sealed record Hmac(string Header, string Secret, bool Base64, string Prefix) : WebhookVerification
    {
        public override IEnumerable<string> Secrets => [Secret];
    }

    /// <summary>Reads the block <c>verify:</c>.</summary>
    public static WebhookVerification? Read(BlockReader? block)
    {
        if (block is null)
        {
            return null;
        }

        WebhookVerification? result = null;
        if (block.Map("basic") is { } basic)
        {
            result = new Basic(basic.Text("username", required: true) ?? string.Empty, basic.Text("password", required: true) ?? string.Empty);
            basic.Done();
        }
        else if (block.Map("token") is { } token)
        {
            var (header, query) = (token.Text("header"), token.Text("query"));
            if (header is null == query is null)
            {
                token.Error("a token is in a header or in the query", "name one of 'header' and 'query'");
            }

            result = new Token(header, query, token.Text("secret", required: true) ?? string.Empty);
            token.Done();
        }
        else if (block.Map("hmac") is { } hmac)
        {
            result = new Hmac(
                hmac.Text("header", required: true) ?? string.Empty,
                hmac.Text("secret", required: true) ?? string.Empty,
                hmac.Word("encoding", "hex", "base64") == "base64",
                hmac.Text("prefix") ?? string.Empty);
            hmac.Done();
        }
        else
        {
            block.Error("'verify' names no way to verify", "use one of: basic, token, hmac");
        }

        block.Done();
        return result;
    }
}
