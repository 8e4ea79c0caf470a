using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using StreamSync.Kafka.Configuration;

namespace StreamSync.Connectors.Webhook;

/// <summary>Tells whether a delivery comes from who it should. Compares in constant time, and never says what was wrong.</summary>
sealed class WebhookVerifier
{
    readonly WebhookVerification? _how;
    readonly Dictionary<string, byte[]> _secrets;

    public WebhookVerifier(WebhookVerification? how, IReadOnlyDictionary<string, SecretText> secrets)
    {
        // Secrets that are optional and not given switch the verification off: the README says so.
        _how = how is not null && how.Secrets.All(secrets.ContainsKey) ? how : null;
        _secrets = (_how?.Secrets ?? []).ToDictionary(n => n, n => Encoding.UTF8.GetBytes(secrets[n].Reveal()));
    }

    /// <summary>Scheme for the WWW-Authenticate header; null when there is none.</summary>
    public string? Challenge => _how is WebhookVerification.Basic ? "Basic realm=\"streamsync\"" : null;

    public bool Accepts(HttpRequest request, ReadOnlySpan<byte> body) => _how switch
    {
        null => true,
        WebhookVerification.Basic basic => AcceptsBasic(request.Headers.Authorization.ToString(), basic),
        WebhookVerification.Token token => Same(Encoding.UTF8.GetBytes((token.Header is { } h ? request.Headers[h] : request.Query[token.Query!]).ToString()), _secrets[token.Secret]),
        WebhookVerification.Hmac hmac => AcceptsHmac(request.Headers[hmac.Header].ToString(), body, hmac),
        _ => false,
    };

    bool AcceptsBasic(string header, WebhookVerification.Basic basic)
    {
        const string Scheme = "Basic ";
        var buffer = new byte[header.Length];
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || !Convert.TryFromBase64String(header[Scheme.Length..].Trim(), buffer, out var length))
        {
            return false;
        }

        byte[] expected = [.. _secrets[basic.Username], (byte)':', .. _secrets[basic.Password]];
        return Same(buffer.AsSpan(0, length), expected);
    }

    bool AcceptsHmac(string header, ReadOnlySpan<byte> body, WebhookVerification.Hmac hmac)
    {
        if (!header.StartsWith(hmac.Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_secrets[hmac.Secret], body, expected);
        var text = header[hmac.Prefix.Length..].Trim();
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        int length;
        if (hmac.Base64)
        {
            if (!Convert.TryFromBase64String(text, given, out length))
            {
                return false;
            }
        }
        else if (text.Length != given.Length * 2 || Convert.FromHexString(text, given, out _, out length) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }

        return CryptographicOperations.FixedTimeEquals(given[..length], expected);
    }

    /// <summary>Compares digests, so that not even the length of the secret shows in the time.</summary>
    static bool Same(ReadOnlySpan<byte> given, ReadOnlySpan<byte> expected)
    {
        Span<byte> a = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> b = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(given, a);
        SHA256.HashData(expected, b);
        return CryptographicOperations.FixedTimeEquals(a, b);
    }
}
