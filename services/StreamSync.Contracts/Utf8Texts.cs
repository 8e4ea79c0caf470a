using System.IO.Hashing;
using System.Text;

namespace StreamSync.Contracts;

/// <summary>
/// Texts of UTF-8 bytes, where the same short text that came before is the same object: records repeat organizations, vendors, cities,
/// results and first names without end, and each would be kept once a record otherwise. The store is of fixed size: a newer text takes the
/// place of an older one with the same hash. Safe for threads in parallel.
/// </summary>
public static class Utf8Texts
{
    /// <summary>Longer texts hardly repeat: URNs, addresses, messages.</summary>
    const int LongestKept = 24;

    const int Slots = 1 << 14;

    static readonly string?[] Kept = new string?[Slots];

    /// <summary>The text of bytes.</summary>
    /// <param name="utf8">UTF-8; what is no UTF-8 becomes U+FFFD.</param>
    public static string Of(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty)
        {
            return string.Empty;
        }

        if (utf8.Length > LongestKept)
        {
            return Encoding.UTF8.GetString(utf8);
        }

        ref var slot = ref Kept[XxHash3.HashToUInt64(utf8) % Slots];
        if (slot is { } kept && Ascii.Equals(utf8, kept))
        {
            return kept;
        }

        // A text that is not ASCII is never found again; it is kept all the same, since telling costs more.
        return slot = Encoding.UTF8.GetString(utf8);
    }
}
