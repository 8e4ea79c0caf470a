namespace StreamSync.Identity;

/// <summary>
/// A list that grows block by block: to grow copies nothing of what is large, and a reference into it stays good.
/// </summary>
/// <typeparam name="T">What it holds.</typeparam>
sealed class Blocks<T>
    where T : struct
{
    const int BlockBits = 12;
    const int BlockSize = 1 << BlockBits;
    const int FirstSize = 16;

    readonly List<T[]> _blocks = [];

    public int Count { get; private set; }

    /// <summary>An item; the reference is good until the next <see cref="Add"/> while there are few, and from then on for ever.</summary>
    public ref T this[int at] => ref _blocks[at >> BlockBits][at & (BlockSize - 1)];

    /// <summary>Adds an item of default value.</summary>
    public void Add()
    {
        if (Count == _blocks.Count << BlockBits)
        {
            _blocks.Add(new T[Count == 0 ? FirstSize : BlockSize]);
        }
        else if (Count == _blocks[0].Length && _blocks.Count == 1)
        {
            // Most lists stay small.
            var first = _blocks[0];
            Array.Resize(ref first, Count * 2);
            _blocks[0] = first;
        }

        Count++;
    }
}
