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

        if (Count == 1)
        {
            var place = pool.Take(2);
            pool.At(place, 1)[0] = _first;
            _first = place;
        }
        else
        {
            _first = pool.Resize(_first, Count, Count + 1);
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

        if (Count > 1)
        {
            var all = pool.At(_first, Count);
            all[at] = all[^1];
            if (Count == 2)
            {
                var last = all[0];
                pool.Return(_first, 2);
                _first = last;
            }
            else
            {
                _first = pool.Resize(_first, Count, Count - 1);
            }
        }

        Count--;
    }
}
