using System.Diagnostics.CodeAnalysis;

namespace StreamSync.Identity;

/// <summary>The members of one match key, by their numbers. Most keys have one member, which then takes no room in the pool.</summary>
struct KeyGroup
{
    // The only member, or the place of all.
    int _first;

    public int Count { get; private set; }

    [UnscopedRef]
    public readonly ReadOnlySpan<int> Members(Pool<int> pool) => Count <= 1 ? new ReadOnlySpan<int>(in _first)[..Count] : pool.At(_first, Count);

    public void Add(int member, Pool<int> pool)
    {
        if (Count == 0)
        {
            (_first, Count) = (member, 1);
            return;
        }

        if (Count == 1 || Pool<int>.RoomFor(Count) != Pool<int>.RoomFor(Count + 1))
        {
            var place = pool.Take(Count + 1);
            Members(pool).CopyTo(pool.At(place, Count));
            Free(Count, pool);
            _first = place;
        }

        Count++;
        pool.At(_first, Count)[^1] = member;
    }

    /// <summary>Takes a member out; one that is left alone has no room in the pool.</summary>
    public void Remove(int member, Pool<int> pool)
    {
        var at = Members(pool).IndexOf(member);
        if (at < 0)
        {
            return;
        }

        var former = Count;
        if (former > 1)
        {
            var all = pool.At(_first, former);
            all[at] = all[^1];
            var left = all[..^1];
            if (left.Length == 1)
            {
                var last = left[0];
                Free(former, pool);
                _first = last;
            }
            else if (Pool<int>.RoomFor(left.Length) != Pool<int>.RoomFor(former))
            {
                var place = pool.Take(left.Length);
                left.CopyTo(pool.At(place, left.Length));
                Free(former, pool);
                _first = place;
            }
        }

        Count--;
    }

    readonly void Free(int count, Pool<int> pool)
    {
        if (count > 1)
        {
            pool.Return(_first, count);
        }
    }
}
