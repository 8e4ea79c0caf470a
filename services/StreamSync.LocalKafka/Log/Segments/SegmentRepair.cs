using Microsoft.Win32.SafeHandles;
using StreamSync.LocalKafka.Log.Batches;

namespace StreamSync.LocalKafka.Log.Segments;

/// <summary>What was done about bad bytes in a segment file.</summary>
enum RepairKind
{
    /// <summary>Fields outside the checksum were set right; no record is lost.</summary>
    HeaderRestored,

    /// <summary>An unfinished write at the end was cut off: it was never acknowledged.</summary>
    TornTailCut,

    /// <summary>Bytes that fail their checksum were moved into a file of their own; what follows is kept.</summary>
    DamageCutOut,
}

/// <param name="Kind">What was done.</param>
/// <param name="From">Position of the bad bytes.</param>
/// <param name="To">Position after them, before they were removed.</param>
/// <param name="Size">Size of the segment now.</param>
/// <param name="NextOffset">Offset expected at <paramref name="From"/> now.</param>
readonly record struct RepairResult(RepairKind Kind, int From, int To, int Size, long NextOffset);

/// <summary>
/// Deals with bytes in a segment that are no good batch. Apache Kafka cuts the log off there and loses every later record;
/// a flipped bit should cost one batch at most, so this looks for the next good batch and keeps all that follows.
/// </summary>
sealed class SegmentRepair(string path, long baseOffset, LogIo io)
{
    // Leader epoch 0 and format 2: the bytes in every header that are always the same.
    static ReadOnlySpan<byte> Landmark => [0, 0, 0, 0, BatchHeader.CurrentMagic];

    const int LandmarkAt = 12;
    const int SearchChunk = 256 * 1024;

    /// <summary>Repairs the file so that a walk can go on at <paramref name="position"/>.</summary>
    /// <param name="position">Where the walk stopped.</param>
    /// <param name="size">Size of the file.</param>
    /// <param name="nextOffset">Offset expected there.</param>
    /// <param name="isLast">Whether writes can have been cut off here by a crash.</param>
    /// <exception cref="IOException">The disk refused.</exception>
    public RepairResult Repair(int position, int size, long nextOffset, bool isLast)
    {
        using var file = io.Open(path, FileMode.Open);
        using var walker = new BatchWalker(file, baseOffset, position, size, nextOffset, verify: true);
        var claimed = size - position >= BatchHeader.Size ? BatchHeader.Parse(walker.Load(position, BatchHeader.Size)) : default;
        var cutOff = claimed.Length <= 0 || claimed.TotalSize > size - position;
        var next = FindNext(walker, position, size, nextOffset, claimed);
        if (size - position >= BatchHeader.Size && walker.Checksum(position + BatchHeader.CrcCoversFrom, next) == claimed.Crc && claimed.LastOffsetDelta >= 0)
        {
            RestoreHeader(file, walker, position, next, nextOffset, claimed);
            return new RepairResult(RepairKind.HeaderRestored, position, next, size, nextOffset);
        }

        if (isLast && (cutOff || next == size))
        {
            // What looks like a batch inside an unfinished write is somebody's payload, not a batch of this log.
            if (!cutOff)
            {
                Keep(walker, position, size);
            }

            io.SetLength(file, position);
            io.Flush(file);
            return new RepairResult(cutOff ? RepairKind.TornTailCut : RepairKind.DamageCutOut, position, size, position, nextOffset);
        }

        Keep(walker, position, next);
        if (next < size)
        {
            // The gap is meant.
            nextOffset = BatchHeader.Parse(walker.Load(next, BatchHeader.Size)).BaseOffset;
        }

        CutOut(file, position, next, size);
        return new RepairResult(RepairKind.DamageCutOut, position, next, size - (next - position), nextOffset);
    }

    static int FindNext(BatchWalker walker, int position, int size, long nextOffset, BatchHeader claimed)
    {
        if (claimed.Length >= BatchHeader.Size - BatchHeader.LengthOverhead && claimed.TotalSize <= size - position)
        {
            var end = position + (int)claimed.TotalSize;
            if (end == size || (walker.IsGoodAt(end, out var follower) && follower.BaseOffset >= nextOffset))
            {
                return end;
            }
        }

        for (var at = position + 1; at <= size - BatchHeader.Size;)
        {
            var chunk = walker.Load(at + LandmarkAt, Math.Min(SearchChunk, size - at - LandmarkAt));
            var hit = chunk.IndexOf(Landmark);
            if (hit < 0)
            {
                at += Math.Max(1, chunk.Length - Landmark.Length + 1);
                continue;
            }

            at += hit;
            if (walker.IsGoodAt(at, out var header) && header.BaseOffset >= nextOffset)
            {
                return at;
            }

            at++;
        }

        return size;
    }

    static void RestoreHeader(SafeFileHandle file, BatchWalker walker, int position, int next, long nextOffset, BatchHeader claimed)
    {
        var follower = next + BatchHeader.Size <= walker.End ? BatchHeader.Parse(walker.Load(next, BatchHeader.Size)).BaseOffset : long.MaxValue;
        var offsetIsPossible = claimed.BaseOffset >= nextOffset && claimed.LastOffset < follower && follower != long.MaxValue;
        Span<byte> header = stackalloc byte[BatchHeader.SizeUpToMagic];
        BatchHeader.WriteUnchecked(header, offsetIsPossible ? claimed.BaseOffset : nextOffset, next - position - BatchHeader.LengthOverhead);
        RandomAccess.Write(file, header, position);
    }

    /// <summary>Sets the base offset of a batch whose checksum is right.</summary>
    public void RestoreOffset(int position, BatchHeader header, long offset)
    {
        using var file = io.Open(path, FileMode.Open);
        Span<byte> fields = stackalloc byte[BatchHeader.SizeUpToMagic];
        BatchHeader.WriteUnchecked(fields, offset, header.Length);
        io.Write(file, fields, position);
    }

    void Keep(BatchWalker walker, int from, int to)
    {
        using var kept = io.Open($"{Path.ChangeExtension(path, null)}-{from}{FileNames.Damaged}", FileMode.Create);
        for (var at = from; at < to;)
        {
            var piece = walker.Load(at, Math.Min(SearchChunk, to - at));
            piece = piece[..Math.Min(piece.Length, to - at)];
            io.Write(kept, piece, at - from);
            at += piece.Length;
        }

        io.Flush(kept);
    }

    void CutOut(SafeFileHandle file, int from, int to, int size)
    {
        var cleaned = Path.ChangeExtension(path, FileNames.Cleaned);
        using (var target = io.Open(cleaned, FileMode.Create))
        {
            var buffer = new byte[SearchChunk];
            Copy(file, target, 0, from, 0, buffer);
            Copy(file, target, to, size, from, buffer);
            io.Flush(target);
        }

        io.Rename(cleaned, path);
    }

    void Copy(SafeFileHandle source, SafeFileHandle target, int from, int to, int at, byte[] buffer)
    {
        while (from < to)
        {
            var n = RandomAccess.Read(source, buffer.AsSpan(0, Math.Min(buffer.Length, to - from)), from);
            if (n == 0)
            {
                throw new EndOfStreamException($"{path} ends at {from}.");
            }

            io.Write(target, buffer.AsSpan(0, n), at);
            from += n;
            at += n;
        }
    }
}
