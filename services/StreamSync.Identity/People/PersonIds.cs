using System.Security.Cryptography;
using System.Text;

namespace StreamSync.Identity;

/// <summary>Person ids: a function of the person's oldest record, so that any order of events gives the same ids.</summary>
static class PersonIds
{
    public static string For(string org, string oldestUrn)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{org}\n{oldestUrn}"), hash);
        return Convert.ToHexStringLower(hash[..16]);
    }
}
