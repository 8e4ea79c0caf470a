using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamSync.Identity;

/// <summary>String similarities used in comparison levels.</summary>
static class StringDistance
{
    /// <summary>Jaro–Winkler similarity, 0 to 1 (Winkler 1990: prefix scale 0.1, at most 4 characters).</summary>
    public static double JaroWinkler(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        if (a.SequenceEqual(b))
        {
            return 1;
        }

        if (a.Length == 0 || b.Length == 0 || a.Length > 64 || b.Length > 64)
        {
            return 0;
        }

        Span<char> room = stackalloc char[64];
        b.CopyTo(room);
        var window = Math.Max(0, (Math.Max(a.Length, b.Length) / 2) - 1);
        ulong matchedB = 0;
        Span<char> matchesA = stackalloc char[64];
        var matches = 0;
        for (var i = 0; i < a.Length; i++)
        {
            // The letters of b from i - window to i + window.
            var from = Math.Max(0, i - window);
            var near = (ulong.MaxValue >> Math.Max(0, 63 - i - window)) & (ulong.MaxValue << from);
            var free = Places(room, b.Length, a[i]) & near & ~matchedB;
            if (free != 0)
            {
                matchedB |= free & (~free + 1);
                matchesA[matches++] = a[i];
            }
        }

        if (matches == 0)
        {
            return 0;
        }

        var halfTranspositions = 0;
        var k = 0;
        for (var left = matchedB; left != 0; left &= left - 1)
        {
            if (b[BitOperations.TrailingZeroCount(left)] != matchesA[k++])
            {
                halfTranspositions++;
            }
        }

        double m = matches;
        var jaro = ((m / a.Length) + (m / b.Length) + ((m - (halfTranspositions / 2)) / m)) / 3;
        var prefix = 0;
        while (prefix < 4 && prefix < a.Length && prefix < b.Length && a[prefix] == b[prefix])
        {
            prefix++;
        }

        return jaro + (prefix * 0.1 * (1 - jaro));
    }

    /// <summary>
    /// Edits (insert, delete, replace, swap of neighbours; optimal string alignment) between two strings, or
    /// <paramref name="limit"/> + 1 when there are more.
    /// </summary>
    public static int Damerau(ReadOnlySpan<char> a, ReadOnlySpan<char> b, int limit)
    {
        if (Math.Abs(a.Length - b.Length) > limit || a.Length > 63 || b.Length > 63)
        {
            return limit + 1;
        }

        var same = a.CommonPrefixLength(b);
        a = a[same..];
        b = b[same..];
        while (a.Length > 0 && b.Length > 0 && a[^1] == b[^1])
        {
            a = a[..^1];
            b = b[..^1];
        }

        if (a.Length == 0 || b.Length == 0)
        {
            return a.Length + b.Length;
        }

        if (limit == 1)
        {
            // Both ends differ: one edit is a replaced letter or two that changed places.
            return (a.Length == 1 && b.Length == 1) || (a.Length == 2 && b.Length == 2 && a[0] == b[1] && a[1] == b[0]) ? 1 : 2;
        }

        return Aligned(a, b, limit);
    }

    /// <summary>
    /// Optimal string alignment, a column of the matrix in the bits of a word: Hyyrö 2003, "A bit-vector algorithm for computing Levenshtein and
    /// Damerau edit distances".
    /// </summary>
    static int Aligned(ReadOnlySpan<char> a, ReadOnlySpan<char> b, int limit)
    {
        Span<char> pattern = stackalloc char[64];
        a.CopyTo(pattern);
        var (up, down, diagonal, before) = (ulong.MaxValue, 0UL, 0UL, 0UL);
        var last = 1UL << (a.Length - 1);
        var distance = a.Length;
        for (var j = 0; j < b.Length; j++)
        {
            var equal = Places(pattern, a.Length, b[j]);
            var swapped = ((~diagonal & equal) << 1) & before;
            diagonal = (((equal & up) + up) ^ up) | equal | down | swapped;
            var right = down | ~(diagonal | up);
            var left = diagonal & up;
            distance += ((right & last) != 0 ? 1 : 0) - ((left & last) != 0 ? 1 : 0);
            if (distance - (b.Length - 1 - j) > limit)
            {
                return limit + 1;
            }

            right = (right << 1) | 1;
            left <<= 1;
            up = left | ~(diagonal | right);
            down = right & diagonal;
            before = equal;
        }

        return distance;
    }

    /// <summary>Where a letter stands in a text of at most 64, which lies in room for 64.</summary>
    static ulong Places(ReadOnlySpan<char> room, int length, char letter)
    {
        var letters = MemoryMarshal.Cast<char, ushort>(room);
        var wanted = Vector128.Create((ushort)letter);
        ulong places = 0;
        for (var i = 0; i < length; i += Vector128<ushort>.Count)
        {
            places |= (ulong)Vector128.Equals(Vector128.Create(letters[i..]), wanted).ExtractMostSignificantBits() << i;
        }

        return places;
    }
}
