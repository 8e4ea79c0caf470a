using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace StreamSync.Identity;

/// <summary>The members of one match key, by their numbers. Most keys have one member, which then takes no room in the pool.</summary>
struct KeyGroup
{
    // The only member, or the place of all.
    int _first;
    byte _sizeBits;

    public int Count { get; private set; }

    readonly int Size => _sizeBits == 0 ? 0 : 1 << _sizeBits;

    [UnscopedRef]
    public readonly ReadOnlySpan<int> Members(NumberPool pool) => _sizeBits == 0 ? new ReadOnlySpan<int>(in _first)[..Count] : pool.At(_first, Count);

    public void Add(int member, NumberPool pool)
    {
        if (Count == 0 && _sizeBits == 0)
        {
            (_first, Count) = (member, 1);
            return;
        }

        if (Count >= Size)
        {
            var size = (int)BitOperations.RoundUpToPowerOf2((uint)Count + 1);
            var place = pool.Take(size);
            Members(pool).CopyTo(pool.At(place, Count));
            Free(pool);
            (_first, _sizeBits) = (place, (byte)BitOperations.Log2((uint)size));
        }

        pool.At(_first, Size)[Count++] = member;
    }

    /// <summary>Takes a member out; a group without members has no room in the pool.</summary>
    public void Remove(int member, NumberPool pool)
    {
        var at = Members(pool).IndexOf(member);
        if (at < 0)
        {
            return;
        }

        Count--;
        if (_sizeBits > 0)
        {
            var all = pool.At(_first, Count + 1);
            all[at] = all[Count];
        }

        if (Count == 0)
        {
            Free(pool);
        }
    }

    void Free(NumberPool pool)
    {
        if (_sizeBits > 0)
        {
            pool.Return(_first, Size);
            (_first, _sizeBits) = (0, 0);
        }
    }
}
