using System.Runtime.InteropServices;

namespace StreamSync.Identity;

/// <summary>Bytes in a pool.</summary>
/// <param name="Place">Where they lie.</param>
/// <param name="Length">How many they are.</param>
readonly record struct PooledBytes(int Place, int Length)
{
    public bool IsEmpty => Length == 0;
}

/// <summary>Room for many short runs of bytes in few large arrays.</summary>
sealed class BytePool
{
    const int UnitSize = 16;

    // Places are numbers of 32 bits: in such units they reach through 32 GB.
    readonly Pool<Unit> _units = new();

    /// <summary>Keeps a copy of bytes in place of others, which may be none.</summary>
    /// <param name="kept">The place of the others, and then of these.</param>
    /// <param name="bytes">The bytes.</param>
    /// <param name="more">What is to lie behind them.</param>
    public void Replace(ref PooledBytes kept, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> more = default)
    {
        var length = bytes.Length + more.Length;
        kept = new PooledBytes(_units.Resize(kept.Place, Units(kept.Length), Units(length)), length);
        bytes.CopyTo(Writable(kept));
        more.CopyTo(Writable(kept)[bytes.Length..]);
    }

    /// <summary>Forgets bytes.</summary>
    public void Drop(PooledBytes kept) => _units.Return(kept.Place, Units(kept.Length));

    /// <summary>The bytes, until they are replaced or dropped.</summary>
    public ReadOnlySpan<byte> At(PooledBytes kept) => Writable(kept);

    Span<byte> Writable(PooledBytes kept) => MemoryMarshal.AsBytes(_units.At(kept.Place, Units(kept.Length)))[..kept.Length];

    static int Units(int length) => (length + UnitSize - 1) / UnitSize;

    readonly record struct Unit(ulong First, ulong Second);
}
