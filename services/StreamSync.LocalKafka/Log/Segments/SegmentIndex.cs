using System.Buffers.Binary;
using System.Runtime.InteropServices;
using StreamSync.LocalKafka.Log.Batches;

namespace StreamSync.LocalKafka.Log.Segments;

/// <summary>A place in a segment.</summary>
/// <param name="RelativeOffset">First offset of the batch there, counted from the segment's first.</param>
/// <param name="Position">Its position in the file.</param>
/// <param name="MaxTimestampBefore">Largest timestamp of the batches in front of it.</param>
[StructLayout(LayoutKind.Sequential)]
readonly record struct IndexEntry(int RelativeOffset, int Position, long MaxTimestampBefore);

/// <summary>
/// Sparse index of one segment by offset and by time. One thread appends, any number look up beside it: an entry is
/// written before the count that shows it.
/// </summary>
sealed class SegmentIndex
{
    IndexEntry[] _entries;
    int _count;

    public SegmentIndex()
        : this([], 0)
    {
    }

    SegmentIndex(IndexEntry[] entries, int count) => (_entries, _count) = (entries, count);

    public int Count => Volatile.Read(ref _count);

    public void Add(IndexEntry entry)
    {
        var count = _count;
        if (count == _entries.Length)
        {
            var larger = new IndexEntry[Math.Max(4, count * 2)];
            _entries.CopyTo(larger, 0);
            Volatile.Write(ref _entries, larger);
        }

        _entries[count] = entry;
        Volatile.Write(ref _count, count + 1);
    }

    /// <summary>Position of a batch at or before an offset.</summary>
    public int FindOffset(long relativeOffset)
    {
        var entries = Entries;
        var (low, high) = (0, entries.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = entries[middle].RelativeOffset <= relativeOffset ? (middle + 1, high) : (low, middle);
        }

        return low == 0 ? 0 : entries[low - 1].Position;
    }

    /// <summary>Position before which every timestamp is smaller than the one sought.</summary>
    public int FindTimestamp(long timestamp)
    {
        var entries = Entries;
        var (low, high) = (0, entries.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = entries[middle].MaxTimestampBefore < timestamp ? (middle + 1, high) : (low, middle);
        }

        return low == 0 ? 0 : entries[low - 1].Position;
    }

    public ReadOnlySpan<IndexEntry> Entries
    {
        get
        {
            var count = Volatile.Read(ref _count);
            return Volatile.Read(ref _entries).AsSpan(0, count);
        }
    }

    public static SegmentIndex Read(ReadOnlySpan<byte> data, int count)
    {
        var entries = new IndexEntry[count];
        for (var i = 0; i < count; i++, data = data[SegmentIndexFile.EntrySize..])
        {
            entries[i] = new IndexEntry(
                BinaryPrimitives.ReadInt32LittleEndian(data),
                BinaryPrimitives.ReadInt32LittleEndian(data[4..]),
                BinaryPrimitives.ReadInt64LittleEndian(data[8..]));
        }

        return new SegmentIndex(entries, count);
    }
}

/// <summary>An aborted transaction, as the index keeps it.</summary>
/// <param name="ProducerId">Whose it was.</param>
/// <param name="FirstOffset">Its first offset.</param>
/// <param name="LastOffset">Offset of its abort marker.</param>
/// <param name="LastStableOffset">Last stable offset once the marker was written: readers below it need look no further.</param>
readonly record struct AbortedEntry(long ProducerId, long FirstOffset, long LastOffset, long LastStableOffset);

/// <summary>What is known of a segment without reading it.</summary>
/// <param name="Size">Bytes that the index covers.</param>
/// <param name="NextOffset">Offset after its last record.</param>
/// <param name="MaxTimestamp">-1 for none.</param>
/// <param name="MaxTimestampOffset">Base offset of the first batch with that timestamp.</param>
/// <param name="FirstTimestamp">Timestamp of the first batch, from which the age of the segment counts; -1 for none.</param>
readonly record struct SegmentSummary(int Size, long NextOffset, long MaxTimestamp, long MaxTimestampOffset, long FirstTimestamp);

/// <summary>
/// The file of an index: a header with summary and two checksums, index entries, aborted transactions. The header can
/// be read alone, so that opening a log of thousands of segments reads a few bytes of each.
/// </summary>
static class SegmentIndexFile
{
    public const int HeaderSize = 68, EntrySize = 16;
    const int AbortedSize = 32, HeaderCrcAt = 60, BodyCrcAt = 64;
    const uint Magic = 0x31585353; // "SSX1"

    public static byte[] Write(long baseOffset, SegmentSummary summary, ReadOnlySpan<IndexEntry> entries, ReadOnlySpan<AbortedEntry> aborted)
    {
        var file = new byte[HeaderSize + entries.Length * EntrySize + aborted.Length * AbortedSize];
        var header = file.AsSpan(0, HeaderSize);
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt64LittleEndian(header[4..], baseOffset);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], summary.Size);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], summary.NextOffset);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], summary.MaxTimestamp);
        BinaryPrimitives.WriteInt64LittleEndian(header[32..], summary.MaxTimestampOffset);
        BinaryPrimitives.WriteInt64LittleEndian(header[40..], summary.FirstTimestamp);
        BinaryPrimitives.WriteInt32LittleEndian(header[48..], entries.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header[52..], aborted.Length);
        var body = file.AsSpan(HeaderSize);
        foreach (var entry in entries)
        {
            BinaryPrimitives.WriteInt32LittleEndian(body, entry.RelativeOffset);
            BinaryPrimitives.WriteInt32LittleEndian(body[4..], entry.Position);
            BinaryPrimitives.WriteInt64LittleEndian(body[8..], entry.MaxTimestampBefore);
            body = body[EntrySize..];
        }

        foreach (var entry in aborted)
        {
            BinaryPrimitives.WriteInt64LittleEndian(body, entry.ProducerId);
            BinaryPrimitives.WriteInt64LittleEndian(body[8..], entry.FirstOffset);
            BinaryPrimitives.WriteInt64LittleEndian(body[16..], entry.LastOffset);
            BinaryPrimitives.WriteInt64LittleEndian(body[24..], entry.LastStableOffset);
            body = body[AbortedSize..];
        }

        BinaryPrimitives.WriteUInt32LittleEndian(header[BodyCrcAt..], Crc32C.Compute(file.AsSpan(HeaderSize)));
        BinaryPrimitives.WriteUInt32LittleEndian(header[HeaderCrcAt..], Crc32C.Compute(header[..HeaderCrcAt]));
        return file;
    }

    /// <summary>Reads the header alone; null for a file that is missing, damaged or another segment's.</summary>
    public static (SegmentSummary Summary, int AbortedCount)? ReadSummary(string path, long baseOffset)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        try
        {
            using var file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
            return RandomAccess.Read(file, header, 0) == HeaderSize ? ParseHeader(header, baseOffset, RandomAccess.GetLength(file)) : null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Reads everything; null for a file that is missing or damaged.</summary>
    public static (SegmentSummary Summary, SegmentIndex Index, List<AbortedEntry> Aborted)? Read(string path, long baseOffset)
    {
        byte[] file;
        try
        {
            file = File.ReadAllBytes(path);
        }
        catch (FileNotFoundException)
        {
            return null;
        }

        if (file.Length < HeaderSize
            || ParseHeader(file, baseOffset, file.Length) is not { } parsed
            || BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(BodyCrcAt)) != Crc32C.Compute(file.AsSpan(HeaderSize)))
        {
            return null;
        }

        var count = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(48));
        var body = file.AsSpan(HeaderSize);
        var index = SegmentIndex.Read(body, count);
        var aborted = new List<AbortedEntry>(parsed.AbortedCount);
        for (body = body[(count * EntrySize)..]; !body.IsEmpty; body = body[AbortedSize..])
        {
            aborted.Add(new AbortedEntry(
                BinaryPrimitives.ReadInt64LittleEndian(body),
                BinaryPrimitives.ReadInt64LittleEndian(body[8..]),
                BinaryPrimitives.ReadInt64LittleEndian(body[16..]),
                BinaryPrimitives.ReadInt64LittleEndian(body[24..])));
        }

        return (parsed.Summary, index, aborted);
    }

    static (SegmentSummary Summary, int AbortedCount)? ParseHeader(ReadOnlySpan<byte> header, long baseOffset, long fileLength)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != Magic
            || BinaryPrimitives.ReadInt64LittleEndian(header[4..]) != baseOffset
            || BinaryPrimitives.ReadUInt32LittleEndian(header[HeaderCrcAt..]) != Crc32C.Compute(header[..HeaderCrcAt]))
        {
            return null;
        }

        var (entries, aborted) = (BinaryPrimitives.ReadInt32LittleEndian(header[48..]), BinaryPrimitives.ReadInt32LittleEndian(header[52..]));
        return fileLength != HeaderSize + (long)entries * EntrySize + (long)aborted * AbortedSize
            ? null
            : (new SegmentSummary(
                BinaryPrimitives.ReadInt32LittleEndian(header[12..]),
                BinaryPrimitives.ReadInt64LittleEndian(header[16..]),
                BinaryPrimitives.ReadInt64LittleEndian(header[24..]),
                BinaryPrimitives.ReadInt64LittleEndian(header[32..]),
                BinaryPrimitives.ReadInt64LittleEndian(header[40..])), aborted);
    }
}
