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
        _place = pool.Resize(_place, Count, Count + 1);
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
        _place = pool.Resize(_place, Count, Count - 1);
        Count--;
    }

    /// <summary>Puts other items in place of all.</summary>
    public void Set(ReadOnlySpan<T> items, Pool<T> pool)
    {
        _place = pool.Resize(_place, Count, items.Length);
        Count = items.Length;
        items.CopyTo(Items(pool));
    }
}
