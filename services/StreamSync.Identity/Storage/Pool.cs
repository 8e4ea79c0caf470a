using System.Numerics;

namespace StreamSync.Identity;

/// <summary>
/// Room for many short lists in few large arrays. The engine holds millions of such lists; were each an array of its own, the garbage collector would
/// move and visit them all, and look through what lies around each one that changes.
/// </summary>
/// <remarks>How much room a list has follows from its length alone: what was taken for a length is given back with the same length.</remarks>
/// <typeparam name="T">What a list holds.</typeparam>
sealed class Pool<T>
    where T : unmanaged
{
    const int BlockBits = 16;
    const int BlockSize = 1 << BlockBits;
    const int FirstBlockSize = 1 << 8;

    readonly List<T[]> _blocks = [];

    // Places that were given back, by the rank of their size.
    readonly Stack<int>?[] _free = new Stack<int>?[64];
    int _open = -1;
    int _used;

    /// <summary>Items that a list of a length has room for: 0, 1, 2, 3, 4, 6, 8, 12, 16 and so on.</summary>
    public static int RoomFor(int length)
    {
        var power = (int)BitOperations.RoundUpToPowerOf2((uint)length);
        return length <= power / 4 * 3 && power >= 4 ? power / 4 * 3 : power;
    }

    /// <summary>Takes room.</summary>
    /// <param name="length">How many items; more than none.</param>
    /// <returns>The place, for <see cref="At"/>; what lies there is undefined.</returns>
    public int Take(int length)
    {
        var room = RoomFor(length);
        if (_free[RankOf(room)] is { } free && free.TryPop(out var place))
        {
            return place;
        }

        if (room > BlockSize)
        {
            _blocks.Add(new T[room]);
            return (_blocks.Count - 1) << BlockBits;
        }

        if (_open < 0 || _used + room > _blocks[_open].Length)
        {
            // Most pools stay small.
            var size = FirstBlockSize << Math.Min(_blocks.Count, BlockBits - 8);
            _blocks.Add(new T[Math.Max(size, room)]);
            (_open, _used) = (_blocks.Count - 1, 0);
        }

        place = (_open << BlockBits) + _used;
        _used += room;
        return place;
    }

    /// <summary>Gives room back that was taken for a length.</summary>
    public void Return(int place, int length)
    {
        if (length > 0)
        {
            (_free[RankOf(RoomFor(length))] ??= []).Push(place);
        }
    }

    /// <summary>Goes over from room for one length to room for another.</summary>
    /// <param name="place">Where the items are.</param>
    /// <param name="from">For how many the room was taken; none when there is none yet.</param>
    /// <param name="to">For how many there is to be room; for none, it is given back.</param>
    /// <returns>Where they are now: as many as both have.</returns>
    public int Resize(int place, int from, int to)
    {
        if (RoomFor(from) == RoomFor(to))
        {
            return place;
        }

        var now = to == 0 ? 0 : Take(to);
        var kept = Math.Min(from, to);
        At(place, kept).CopyTo(At(now, kept));
        Return(place, from);
        return now;
    }

    /// <summary>The items at a place, until the room is given back.</summary>
    public Span<T> At(int place, int length) => length == 0 ? default : _blocks[place >> BlockBits].AsSpan(place & (BlockSize - 1), length);

    /// <summary>Each size has its own: two for each power of two.</summary>
    static int RankOf(int room) => (BitOperations.Log2((uint)room) << 1) | (BitOperations.IsPow2(room) ? 0 : 1);
}
