using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace StreamSync.LocalKafka.Log.Compaction;

/// <summary>
/// Latest offset of each key, by 128 bits of its SHA-256: 24 bytes a key whatever its length, and no key that an
/// adversary could choose to hide another.
/// </summary>
sealed class OffsetMap
{
    /// <summary>Keys of one pass over the log (48 MB); a log with more is compacted in several.</summary>
    public const int MaxKeys = 1 << 20;

    struct Slot
    {
        public ulong High, Low;

        // Plus one, so that a fresh slot is empty.
        public long OffsetPlusOne;
    }

    Slot[] _slots = new Slot[1024];

    public int Count { get; private set; }

    public void Put(ReadOnlySpan<byte> key, long offset)
    {
        if (Count * 2 >= _slots.Length)
        {
            Grow();
        }

        var (high, low) = Hash(key);
        ref var slot = ref Find(_slots, high, low);
        if (slot.OffsetPlusOne == 0)
        {
            Count++;
        }

        slot = new Slot { High = high, Low = low, OffsetPlusOne = offset + 1 };
    }

    /// <summary>-1 for a key that is not in the map.</summary>
    public long Find(ReadOnlySpan<byte> key)
    {
        var (high, low) = Hash(key);
        return Find(_slots, high, low).OffsetPlusOne - 1;
    }

    static (ulong High, ulong Low) Hash(ReadOnlySpan<byte> key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(key, hash);
        var words = MemoryMarshal.Cast<byte, ulong>(hash);
        return (words[0], words[1]);
    }

    static ref Slot Find(Slot[] slots, ulong high, ulong low)
    {
        var mask = (uint)slots.Length - 1;
        for (var i = (uint)low & mask; ; i = (i + 1) & mask)
        {
            ref var slot = ref slots[i];
            if (slot.OffsetPlusOne == 0 || (slot.High == high && slot.Low == low))
            {
                return ref slot;
            }
        }
    }

    void Grow()
    {
        var larger = new Slot[_slots.Length * 2];
        foreach (var slot in _slots)
        {
            if (slot.OffsetPlusOne != 0)
            {
                Find(larger, slot.High, slot.Low) = slot;
            }
        }

        _slots = larger;
    }
}
