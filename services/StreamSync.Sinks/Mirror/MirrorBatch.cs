using System.Buffers;

namespace StreamSync.Sinks.Mirror;

/// <summary>Bytes of a record inside its batch; <see cref="Length"/> -1 stands for null.</summary>
readonly record struct Slice(int Start, int Length)
{
    public static readonly Slice Null = new(0, -1);

    public bool IsNull => Length < 0;
}

/// <summary>One record of a mirrored topic.</summary>
/// <param name="Partition">Partition.</param>
/// <param name="Offset">Offset.</param>
/// <param name="TimestampMs">The record's time in milliseconds since 1970 (UTC).</param>
/// <param name="Key">Key bytes in the batch.</param>
/// <param name="Value">Value bytes in the batch; null for a tombstone.</param>
readonly record struct MirrorRecord(int Partition, long Offset, long TimestampMs, Slice Key, Slice Value);

/// <summary>
/// Records of several topics that a warehouse takes in one transaction, together with the offsets that follow them. The
/// bytes lie in one buffer that is used again for the next batch.
/// </summary>
sealed class MirrorBatch : IDisposable
{
    readonly Dictionary<string, List<MirrorRecord>> _records = [];
    readonly Dictionary<(string Topic, int Partition), long> _next = [];
    byte[] _bytes = ArrayPool<byte>.Shared.Rent(64 * 1024);
    int _used;

    /// <summary>Records by topic, each list in the order of its partitions' offsets.</summary>
    public IReadOnlyDictionary<string, List<MirrorRecord>> Records => _records;

    /// <summary>For each partition the offset to read next once the batch is kept.</summary>
    public IReadOnlyDictionary<(string Topic, int Partition), long> NextOffsets => _next;

    /// <summary>Number of records.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of keys and values.</summary>
    public int ByteCount => _used;

    /// <summary>True when there is nothing to write, not even an offset.</summary>
    public bool IsEmpty => _next.Count == 0;

    /// <summary>Copies bytes into the batch.</summary>
    public Slice Copy(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _bytes.Length - _used)
        {
            Grow(bytes.Length);
        }

        bytes.CopyTo(_bytes.AsSpan(_used));
        var slice = new Slice(_used, bytes.Length);
        _used += bytes.Length;
        return slice;
    }

    /// <summary>Adds a record whose bytes were copied before.</summary>
    public void Add(string topic, MirrorRecord record)
    {
        if (!_records.TryGetValue(topic, out var list))
        {
            _records[topic] = list = [];
        }

        list.Add(record);
        _next[(topic, record.Partition)] = record.Offset + 1;
        Count++;
    }

    /// <summary>Says that nothing but transaction marks lies between the last record and this offset.</summary>
    public void Advance(string topic, int partition, long nextOffset) => _next[(topic, partition)] = nextOffset;

    /// <summary>
    /// Takes back a topic's records from an offset of a partition on: its table has stopped there, and they are read again later.
    /// </summary>
    public void Cut(string topic, int partition, long offset)
    {
        Count -= _records[topic].RemoveAll(r => r.Partition == partition && r.Offset >= offset);
        if (_next.TryGetValue((topic, partition), out var next) && next > offset)
        {
            _next[(topic, partition)] = offset;
        }
    }

    /// <summary>The bytes of a slice.</summary>
    public ReadOnlySpan<byte> this[Slice slice] => slice.IsNull ? default : _bytes.AsSpan(slice.Start, slice.Length);

    /// <summary>Empties the batch and keeps its buffers.</summary>
    public void Clear()
    {
        foreach (var list in _records.Values)
        {
            list.Clear();
        }

        _next.Clear();
        _used = 0;
        Count = 0;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }

    void Grow(int more)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(checked(Math.Max(_used + more, _bytes.Length * 2)));
        _bytes.AsSpan(0, _used).CopyTo(bytes);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = bytes;
    }
}
