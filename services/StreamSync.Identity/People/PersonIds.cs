using System.Security.Cryptography;
using System.Text;

namespace StreamSync.Identity;

/// <summary>Person ids: a function of the person's oldest record, so that any order of events gives the same ids.</summary>
static class PersonIds
{
    public static string For(string org, string oldestUrn)
    {
        Span<byte> hash = stackalloc byte[32];
        Span<byte> start = stackalloc byte[256];
        var length = Encoding.UTF8.GetMaxByteCount(org.Length + 1 + oldestUrn.Length);
        var text = length <= start.Length ? start : new byte[length];
        var written = Encoding.UTF8.GetBytes(org, text);
        text[written++] = (byte)'\n';
        written += Encoding.UTF8.GetBytes(oldestUrn, text[written..]);
        SHA256.HashData(text[..written], hash);
        return Convert.ToHexStringLower(hash[..16]);
    }
}
