using System.IO.Hashing;
using System.Text;

namespace StreamSync.Identity;

/// <summary>Gives records numbers, which are short and say where what is known of them lies, and knows each by its URN.</summary>
sealed class UrnTable
{
    const int MostOnStack = 256;

    readonly BytePool _bytes = new();
    readonly Blocks<PooledBytes> _urns = new();
    readonly Stack<int> _free = [];
    readonly HashSet<int> _numbers;
    readonly HashSet<int>.AlternateLookup<ReadOnlySpan<byte>> _byUrn;

    public UrnTable()
    {
        _numbers = new HashSet<int>(new ByUrn(this));
        _byUrn = _numbers.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>The number of a record; -1 when it has none.</summary>
    public int NumberOf(string urn)
    {
        var most = Encoding.UTF8.GetMaxByteCount(urn.Length);
        var room = most <= MostOnStack ? stackalloc byte[MostOnStack] : new byte[most];
        return _byUrn.TryGetValue(room[..Encoding.UTF8.GetBytes(urn, room)], out var number) ? number : -1;
    }

    /// <summary>Gives a number to a record that has none.</summary>
    public int Add(string urn)
    {
        if (!_free.TryPop(out var number))
        {
            number = _urns.Count;
            _urns.Add();
        }

        _bytes.Replace(ref _urns[number], Encoding.UTF8.GetBytes(urn));
        _numbers.Add(number);
        return number;
    }

    /// <summary>Takes a record's number back; another gets it.</summary>
    public void Remove(int number)
    {
        _numbers.Remove(number);
        _bytes.Drop(_urns[number]);
        _urns[number] = default;
        _free.Push(number);
    }

    /// <summary>The URN of a number that is given.</summary>
    public string UrnOf(int number) => Encoding.UTF8.GetString(BytesOf(number));

    ReadOnlySpan<byte> BytesOf(int number) => _bytes.At(_urns[number]);

    /// <summary>Numbers by what they stand for.</summary>
    sealed class ByUrn(UrnTable table) : IEqualityComparer<int>, IAlternateEqualityComparer<ReadOnlySpan<byte>, int>
    {
        public bool Equals(int x, int y) => x == y;

        public int GetHashCode(int number) => GetHashCode(table.BytesOf(number));

        public bool Equals(ReadOnlySpan<byte> urn, int number) => urn.SequenceEqual(table.BytesOf(number));

        public int GetHashCode(ReadOnlySpan<byte> urn) => (int)XxHash3.HashToUInt64(urn);

        public int Create(ReadOnlySpan<byte> urn) => throw new NotSupportedException("A number is given before it is added.");
    }
}
