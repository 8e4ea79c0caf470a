using System.IO.Hashing;
using System.Security.Cryptography;

namespace StreamSync.LocalKafka.Log.Compaction;

/// <summary>
/// Latest offset of each key, by a hash of 128 bits (XXH3): 24 bytes a key whatever its length. Each map hashes by a random seed of its own, so
/// that nobody can choose a key that hides another.
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

    readonly long _seed = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));
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

    (ulong High, ulong Low) Hash(ReadOnlySpan<byte> key)
    {
        var hash = XxHash128.HashToUInt128(key, _seed);
        return ((ulong)(hash >> 64), (ulong)hash);
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
