using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace StreamSync.Identity;

/// <summary>String similarities used in comparison levels.</summary>
static class StringDistance
{
    // A word has a bit for each letter.
    const int Longest = 64;

    /// <summary>Jaro–Winkler similarity, 0 to 1 (Winkler 1990: prefix scale 0.1, at most 4 characters).</summary>
    public static double JaroWinkler(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        if (a.SequenceEqual(b))
        {
            return 1;
        }

        if (a.Length == 0 || b.Length == 0 || a.Length > Longest || b.Length > Longest)
        {
            return 0;
        }

        var letters = new Letters(b, stackalloc byte[Longest], stackalloc char[Longest]);
        var window = Math.Max(0, (Math.Max(a.Length, b.Length) / 2) - 1);
        ulong matchedB = 0;
        Span<char> matchesA = stackalloc char[Longest];
        var matches = 0;
        for (var i = 0; i < a.Length; i++)
        {
            // The letters of b from i - window to i + window.
            var from = Math.Max(0, i - window);
            var near = (ulong.MaxValue >> Math.Max(0, 63 - i - window)) & (ulong.MaxValue << from);
            var free = letters.PlacesOf(a[i]) & near & ~matchedB;
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
        var pattern = new Letters(a, stackalloc byte[Longest], stackalloc char[Longest]);
        var (up, down, diagonal, before) = (ulong.MaxValue, 0UL, 0UL, 0UL);
        var last = 1UL << (a.Length - 1);
        var distance = a.Length;
        for (var j = 0; j < b.Length; j++)
        {
            var equal = pattern.PlacesOf(b[j]);
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

    /// <summary>A text of at most <see cref="Longest"/> letters, to look for letters in; as bytes where it is ASCII, which most are.</summary>
    readonly ref struct Letters
    {
        readonly ReadOnlySpan<byte> _ascii;
        readonly ReadOnlySpan<ushort> _wide;
        readonly int _length;

        public Letters(ReadOnlySpan<char> text, Span<byte> narrowRoom, Span<char> wideRoom)
        {
            _length = text.Length;
            if (Ascii.FromUtf16(text, narrowRoom, out _) == OperationStatus.Done)
            {
                _ascii = narrowRoom;
            }
            else
            {
                text.CopyTo(wideRoom);
                _wide = MemoryMarshal.Cast<char, ushort>(wideRoom);
            }
        }

        /// <summary>Where a letter stands, as bits.</summary>
        public ulong PlacesOf(char letter)
        {
            ulong places = 0;
            if (_wide.IsEmpty)
            {
                // No byte of an ASCII text is above 127.
                var wanted = Vector256.Create(letter < 128 ? (byte)letter : byte.MaxValue);
                for (var i = 0; i < _length; i += Vector256<byte>.Count)
                {
                    places |= (ulong)Vector256.Equals(Vector256.Create(_ascii[i..]), wanted).ExtractMostSignificantBits() << i;
                }
            }
            else
            {
                var wanted = Vector256.Create((ushort)letter);
                for (var i = 0; i < _length; i += Vector256<ushort>.Count)
                {
                    places |= (ulong)Vector256.Equals(Vector256.Create(_wide[i..]), wanted).ExtractMostSignificantBits() << i;
                }
            }

            return _length == Longest ? places : places & ((1UL << _length) - 1);
        }
    }
}
