using System.IO.Hashing;
using System.Numerics;

namespace StreamSync.Processors.Streaming;

/// <summary>
/// State as a table of bytes: for stages that read and write one entry a record. Keys and values lie one after the other in a few large blocks,
/// so that millions of entries are few objects for the garbage collector; an entry has a slot of 8 bytes, of which up to three in four are taken.
/// </summary>
sealed class PackedTable : IStageState
{
    /// <summary>A place is a block's number and an offset in it, beside the highest bits of the key's hash.</summary>
    const int OffsetBits = 20;
    const int PlaceBits = 44;
    const int BlockSize = 1 << OffsetBits;
    const int FirstBlockSize = 1 << 12;
    const ulong PlaceMask = (1UL << PlaceBits) - 1;

    /// <summary>What a slot holds without an entry: nothing yet, or one that was removed. No entry begins at these places.</summary>
    const ulong Empty = 0;
    const ulong Removed = 1;
    const int FirstOffset = 2;

    const int FirstSlots = 64;

    readonly HashSet<byte[]> _changed = new(ByteArrayComparer.Instance);
    List<byte[]> _blocks = [];
    ulong[] _slots = new ulong[FirstSlots];
    int _taken;
    int _offset;
    long _used;
    long _waste;

    /// <summary>Number of entries.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes that entries take, with those of former ones.</summary>
    public long UsedBytes => _used;

    /// <summary>Copies of all keys.</summary>
    public IReadOnlyList<byte[]> Keys()
    {
        var keys = new List<byte[]>(Count);
        foreach (var slot in _slots)
        {
            if (slot is not (Empty or Removed))
            {
                keys.Add(KeyAt(slot).ToArray());
            }
        }

        return keys;
    }

    /// <summary>Finds an entry.</summary>
    /// <param name="key">Key.</param>
    /// <param name="value">Its value, to be read before the table changes.</param>
    /// <returns>False when there is none.</returns>
    public bool TryGet(ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        var slot = Find(key);
        value = slot < 0 ? default : ValueAt(_slots[slot]);
        return slot >= 0;
    }

    /// <summary>Keeps an entry.</summary>
    public void Put(byte[] key, ReadOnlySpan<byte> value)
    {
        Set(key, value);
        _changed.Add(key);
    }

    /// <summary>Forgets an entry.</summary>
    public void Delete(byte[] key)
    {
        if (Remove(key))
        {
            _changed.Add(key);
        }
    }

    public void Restore(byte[] key, byte[]? value)
    {
        if (value is null)
        {
            Remove(key);
        }
        else
        {
            Set(key, value);
        }
    }

    public void WriteChanges(Action<byte[], byte[]?> write)
    {
        foreach (var key in _changed)
        {
            write(key, TryGet(key, out var value) ? value.ToArray() : null);
        }

        _changed.Clear();
    }

    void Set(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var slot = Find(key);
        if (slot < 0)
        {
            if ((_taken + 1) * 4L > _slots.Length * 3L)
            {
                Resize();
            }

            var hash = HashOf(key);
            Insert(_slots, hash, Store(key, value));
            _taken++;
            Count++;
            return;
        }

        var known = ValueAt(_slots[slot]);
        if (known.Length == value.Length)
        {
            value.CopyTo(Writable(_slots[slot])[^value.Length..]);
            return;
        }

        _waste += Entry(_slots[slot]).Length;
        _slots[slot] = Slot(HashOf(key), Store(key, value));
        CompactIfWasteful();
    }

    bool Remove(ReadOnlySpan<byte> key)
    {
        var slot = Find(key);
        if (slot < 0)
        {
            return false;
        }

        _waste += Entry(_slots[slot]).Length;
        _slots[slot] = Removed;
        Count--;
        CompactIfWasteful();
        return true;
    }

    int Find(ReadOnlySpan<byte> key)
    {
        var hash = HashOf(key);
        var mask = _slots.Length - 1;
        for (var i = (int)hash & mask; ; i = (i + 1) & mask)
        {
            var slot = _slots[i];
            if (slot == Empty)
            {
                return -1;
            }

            if (slot != Removed && slot >> PlaceBits == hash >> PlaceBits && KeyAt(slot).SequenceEqual(key))
            {
                return i;
            }
        }
    }

    static void Insert(ulong[] slots, ulong hash, ulong place)
    {
        var mask = slots.Length - 1;
        var i = (int)hash & mask;
        while (slots[i] != Empty)
        {
            i = (i + 1) & mask;
        }

        slots[i] = Slot(hash, place);
    }

    /// <summary>Makes room for twice the entries; slots of removed ones are free again.</summary>
    void Resize()
    {
        var slots = new ulong[Math.Max(FirstSlots, (int)BitOperations.RoundUpToPowerOf2((uint)Count * 2 + 2))];
        foreach (var slot in _slots)
        {
            if (slot is not (Empty or Removed))
            {
                Insert(slots, HashOf(KeyAt(slot)), slot & PlaceMask);
            }
        }

        _slots = slots;
        _taken = Count;
    }

    /// <summary>Copies what is still used once half of the blocks is not.</summary>
    void CompactIfWasteful()
    {
        if (_waste < BlockSize || _waste * 2 < _used)
        {
            return;
        }

        var blocks = _blocks;
        (_blocks, _offset, _used, _waste) = ([], 0, 0, 0);
        for (var i = 0; i < _slots.Length; i++)
        {
            if (_slots[i] is not (Empty or Removed))
            {
                var entry = Entry(blocks, _slots[i]);
                var place = Take(entry.Length);
                entry.CopyTo(Writable(place, entry.Length));
                _slots[i] = (_slots[i] & ~PlaceMask) | place;
            }
        }
    }

    /// <summary>Writes an entry: both lengths, the key, the value.</summary>
    ulong Store(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var length = Size(key.Length) + Size(value.Length) + key.Length + value.Length;
        var place = Take(length);
        var room = Writable(place, length);
        room = WriteLength(WriteLength(room, key.Length), value.Length);
        key.CopyTo(room);
        value.CopyTo(room[key.Length..]);
        return place;
    }

    ulong Take(int length)
    {
        if (_blocks.Count == 0 || length > _blocks[^1].Length - _offset)
        {
            // Most tables stay small; what is larger than a block gets one of its own.
            var size = FirstBlockSize << Math.Min(_blocks.Count, 8);
            _blocks.Add(GC.AllocateUninitializedArray<byte>(Math.Max(Math.Min(size, BlockSize), length + FirstOffset)));
            _offset = FirstOffset;
        }

        var place = ((ulong)(_blocks.Count - 1) << OffsetBits) | (uint)_offset;
        _offset += length;
        _used += length;
        return place;
    }

    static ulong HashOf(ReadOnlySpan<byte> key) => XxHash3.HashToUInt64(key);

    static ulong Slot(ulong hash, ulong place) => (hash & ~PlaceMask) | place;

    static ReadOnlySpan<byte> Block(List<byte[]> blocks, ulong slot) => blocks[(int)((slot & PlaceMask) >> OffsetBits)].AsSpan((int)(slot & (BlockSize - 1)));

    ReadOnlySpan<byte> KeyAt(ulong slot)
    {
        var rest = ReadLength(ReadLength(Block(_blocks, slot), out var key), out _);
        return rest[..key];
    }

    ReadOnlySpan<byte> ValueAt(ulong slot)
    {
        var rest = ReadLength(ReadLength(Block(_blocks, slot), out var key), out var value);
        return rest.Slice(key, value);
    }

    ReadOnlySpan<byte> Entry(ulong slot) => Entry(_blocks, slot);

    static ReadOnlySpan<byte> Entry(List<byte[]> blocks, ulong slot)
    {
        var all = Block(blocks, slot);
        var rest = ReadLength(ReadLength(all, out var key), out var value);
        return all[..(all.Length - rest.Length + key + value)];
    }

    Span<byte> Writable(ulong slot) => Writable(slot, Entry(slot).Length);

    Span<byte> Writable(ulong slot, int length) => _blocks[(int)((slot & PlaceMask) >> OffsetBits)].AsSpan((int)(slot & (BlockSize - 1)), length);

    /// <summary>Bytes of a length: seven bits each.</summary>
    static int Size(int length) => (BitOperations.Log2((uint)length | 1) / 7) + 1;

    static Span<byte> WriteLength(Span<byte> room, int length)
    {
        var i = 0;
        for (; length >= 0x80; length >>= 7)
        {
            room[i++] = (byte)(length | 0x80);
        }

        room[i++] = (byte)length;
        return room[i..];
    }

    static ReadOnlySpan<byte> ReadLength(ReadOnlySpan<byte> from, out int length)
    {
        length = 0;
        var i = 0;
        for (var shift = 0; ; shift += 7)
        {
            var part = from[i++];
            length |= (part & 0x7F) << shift;
            if (part < 0x80)
            {
                return from[i..];
            }
        }
    }
}
