using System.Numerics;

namespace StreamSync.Identity;

/// <summary>
/// Room for many short lists of numbers in few large arrays. A partition has hundreds of thousands of such lists; were each an array of its own, the
/// garbage collector would move and visit them all.
/// </summary>
sealed class NumberPool
{
    const int BlockBits = 16;
    const int BlockSize = 1 << BlockBits;

    readonly List<int[]> _blocks = [];

    // Places that were given back, by the logarithm of their size.
    readonly Stack<int>?[] _free = new Stack<int>?[32];
    int _open = -1;
    int _used = BlockSize;

    /// <summary>Takes room.</summary>
    /// <param name="size">How many numbers; a power of two.</param>
    /// <returns>The place, for <see cref="At"/>; what lies there is undefined.</returns>
    public int Take(int size)
    {
        if (_free[BitOperations.Log2((uint)size)] is { } free && free.TryPop(out var place))
        {
            return place;
        }

        if (size > BlockSize)
        {
            _blocks.Add(new int[size]);
            return (_blocks.Count - 1) << BlockBits;
        }

        if (_used + size > BlockSize)
        {
            _blocks.Add(new int[BlockSize]);
            (_open, _used) = (_blocks.Count - 1, 0);
        }

        place = (_open << BlockBits) + _used;
        _used += size;
        return place;
    }

    /// <summary>Gives room back.</summary>
    public void Return(int place, int size) => (_free[BitOperations.Log2((uint)size)] ??= []).Push(place);

    /// <summary>The numbers at a place.</summary>
    public Span<int> At(int place, int length) => _blocks[place >> BlockBits].AsSpan(place & (BlockSize - 1), length);
}
