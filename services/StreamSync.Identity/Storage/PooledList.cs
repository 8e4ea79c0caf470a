namespace StreamSync.Identity;

/// <summary>A list in a pool.</summary>
/// <typeparam name="T">What it holds.</typeparam>
struct PooledList<T>
    where T : unmanaged
{
    int _place;

    public int Count { get; private set; }

    /// <summary>The items, until the list changes.</summary>
    public readonly Span<T> Items(Pool<T> pool) => pool.At(_place, Count);

    /// <summary>Puts an item at a place; those from there on move up.</summary>
    public void Insert(int at, T item, Pool<T> pool)
    {
        if (Count == 0 || Pool<T>.RoomFor(Count + 1) != Pool<T>.RoomFor(Count))
        {
            Move(Count + 1, pool);
        }

        Count++;
        var items = Items(pool);
        items[at..^1].CopyTo(items[(at + 1)..]);
        items[at] = item;
    }

    /// <summary>Takes an item out; those behind it move down.</summary>
    public void RemoveAt(int at, Pool<T> pool)
    {
        var items = Items(pool);
        items[(at + 1)..].CopyTo(items[at..]);
        var room = Pool<T>.RoomFor(Count);
        Count--;
        if (Count == 0)
        {
            pool.Return(_place, 1);
        }
        else if (Pool<T>.RoomFor(Count) != room)
        {
            Shrink(room, pool);
        }
    }

    /// <summary>Puts other items in place of all.</summary>
    public void Set(ReadOnlySpan<T> items, Pool<T> pool)
    {
        pool.Return(_place, Count);
        Count = items.Length;
        if (Count > 0)
        {
            _place = pool.Take(Count);
            items.CopyTo(Items(pool));
        }
    }

    void Move(int length, Pool<T> pool)
    {
        var place = pool.Take(length);
        Items(pool).CopyTo(pool.At(place, Count));
        pool.Return(_place, Count);
        _place = place;
    }

    void Shrink(int former, Pool<T> pool)
    {
        var place = pool.Take(Count);
        Items(pool).CopyTo(pool.At(place, Count));
        pool.Return(_place, former);
        _place = place;
    }
}
