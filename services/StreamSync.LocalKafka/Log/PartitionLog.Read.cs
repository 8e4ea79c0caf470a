using System.Buffers;
using StreamSync.LocalKafka.Log.Batches;
using StreamSync.LocalKafka.Log.Segments;
using StreamSync.LocalKafka.Protocol;

namespace StreamSync.LocalKafka.Log;

/// <content>Reading by offset.</content>
sealed partial class PartitionLog
{
    // A read starts anew when its segment was replaced under it or had to be repaired.
    const int MaxAttempts = 20;
    const int LocateChunk = 16 * 1024;
    const int ReadRecordsChunk = 1024 * 1024;

    // Where the last readers stopped: the next read of each goes on there without a look into the index.
    readonly Bookmark?[] _bookmarks = new Bookmark?[8];
    uint _nextBookmark;

    sealed record Bookmark(Segment Segment, long Offset, int Position);

    /// <summary>Reads whole batches from the one that holds <paramref name="offset"/> on.</summary>
    /// <param name="offset">First offset wanted; the first batch may start before it.</param>
    /// <param name="maxBytes">Most bytes to return.</param>
    /// <param name="readCommitted">Stop at the last stable offset and list aborted transactions.</param>
    /// <param name="minOneBatch">Return the first batch even if it is larger than <paramref name="maxBytes"/>.</param>
    public ReadResult Read(long offset, int maxBytes, bool readCommitted, bool minOneBatch) =>
        Retry<(long Offset, int MaxBytes, bool ReadCommitted, bool MinOne), ReadResult?>(
            (offset, maxBytes, readCommitted, minOneBatch),
            static (log, a) => log.ReadOnce(a.Offset, a.MaxBytes, a.ReadCommitted, a.MinOne),
            null)
        ?? new ReadResult(ErrorCode.KafkaStorageError, null, 0, HighWatermark, LastStableOffset, LogStartOffset, null);

    ReadResult ReadOnce(long offset, int maxBytes, bool readCommitted, bool minOneBatch)
    {
        // In this order: retention moves the log start before it takes segments away.
        var segments = Volatile.Read(ref _segments);
        var (stable, end, start) = (LastStableOffset, LogEndOffset, LogStartOffset);
        if (offset < start || offset > end)
        {
            return new ReadResult(ErrorCode.OffsetOutOfRange, null, 0, end, stable, start, null);
        }

        var limit = readCommitted ? stable : end;
        for (var i = FindSegment(segments, offset); offset < limit && i < segments.Length && segments[i].BaseOffset < limit; i++)
        {
            if (Locate(segments[i], offset) is not { } position)
            {
                continue;
            }

            var (buffer, length, next, tooLarge) = ReadBatches(segments[i], position, limit, maxBytes, minOneBatch);
            var aborted = readCommitted ? CollectAborted(segments, i, offset, next) : null;
            return new ReadResult(ErrorCode.None, buffer, length, end, stable, start, aborted, tooLarge);
        }

        return new ReadResult(ErrorCode.None, null, 0, end, stable, start, readCommitted ? [] : null);
    }

    /// <summary>
    /// Bytes that a read from <paramref name="offset"/> could return at most now (for min_bytes of a long poll), without reading
    /// them. Those of undecided transactions count too.
    /// </summary>
    public long AvailableBytes(long offset, bool readCommitted) => Retry(
        (offset, readCommitted),
        static (log, a) =>
        {
            var segments = Volatile.Read(ref log._segments);
            var limit = a.readCommitted ? log.LastStableOffset : log.LogEndOffset;
            if (a.offset >= limit || a.offset < log.LogStartOffset)
            {
                return 0;
            }

            var i = FindSegment(segments, a.offset);
            var bytes = -(long)(log.Locate(segments[i], a.offset) ?? segments[i].Size);
            for (; i < segments.Length && segments[i].BaseOffset < limit; i++)
            {
                bytes += segments[i].Size;
            }

            return bytes;
        },
        0L);

    /// <summary>Decodes every record from an offset to the current end, markers included.</summary>
    /// <exception cref="IOException">The disk cannot be read.</exception>
    public IEnumerable<LogRecord> ReadRecords(long fromOffset)
    {
        var end = LogEndOffset;
        for (var next = Math.Max(fromOffset, LogStartOffset); next < end;)
        {
            using var chunk = Read(next, ReadRecordsChunk, readCommitted: false, minOneBatch: true);
            if (chunk.Error == ErrorCode.OffsetOutOfRange && LogStartOffset > next)
            {
                next = LogStartOffset;
                continue;
            }

            if (chunk.Error != ErrorCode.None)
            {
                throw new IOException($"{_name} cannot be read at offset {next} ({chunk.Error}).");
            }

            if (chunk.Records.IsEmpty)
            {
                yield break;
            }

            for (var rest = chunk.Records; !rest.IsEmpty;)
            {
                var header = BatchHeader.Parse(rest.Span);
                foreach (var record in Decode(rest[..(int)header.TotalSize], header))
                {
                    if (record.Offset >= next && record.Offset < end)
                    {
                        yield return record;
                    }
                }

                rest = rest[(int)header.TotalSize..];
                next = header.LastOffset + 1;
            }
        }
    }

    static List<LogRecord> Decode(ReadOnlyMemory<byte> batch, BatchHeader header)
    {
        var records = new List<LogRecord>(header.Count);
        if (header.Count == 0)
        {
            return records;
        }

        using var payload = BatchPayload.Unpack(batch, header.Codec);
        ControlType? control = header.IsControl ? BatchWriter.ReadMarker(payload.Records.Span)?.Type : null;
        var reader = new RecordReader(payload.Records.Span);
        while (reader.Next())
        {
            records.Add(new LogRecord(
                header.BaseOffset + reader.OffsetDelta,
                header.IsLogAppendTime ? header.MaxTimestamp : header.BaseTimestamp + reader.TimestampDelta,
                reader.HasKey ? reader.Key.ToArray() : null,
                reader.HasValue ? reader.Value.ToArray() : null,
                header.ProducerId,
                header.ProducerEpoch,
                header.IsTransactional,
                control));
        }

        return records;
    }

    T Retry<TArguments, T>(TArguments arguments, Func<PartitionLog, TArguments, T> read, T otherwise)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            try
            {
                return read(this, arguments);
            }
            catch (ObjectDisposedException) when (!_closed)
            {
                // The segment was deleted or compacted away: look again.
            }
            catch (ObjectDisposedException)
            {
                return otherwise;
            }
            catch (SegmentDamagedException e) when (TryRepair(e))
            {
                // Now it can be read.
            }
            catch (IOException e)
            {
                _logger.LogError("{Partition} cannot be read: {Reason}", _name, e.Message);
                return otherwise;
            }
        }

        return otherwise;
    }

    static int FindSegment(Segment[] segments, long offset)
    {
        var (low, high) = (0, segments.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = segments[middle].BaseOffset <= offset ? (middle + 1, high) : (low, middle);
        }

        return Math.Max(0, low - 1);
    }

    // Position of the first batch that ends at or after an offset; null if the segment has none.
    int? Locate(Segment segment, long offset)
    {
        foreach (var bookmark in _bookmarks)
        {
            if (bookmark is not null && bookmark.Offset == offset && bookmark.Segment == segment)
            {
                return bookmark.Position < segment.Size ? bookmark.Position : null;
            }
        }

        using var walker = segment.Walk(segment.Index.FindOffset(offset - segment.BaseOffset), chunk: LocateChunk);
        while (walker.MoveNext())
        {
            if (walker.Header.LastOffset >= offset)
            {
                return walker.Position;
            }
        }

        return walker.Damaged ? throw new SegmentDamagedException(segment, walker.Position) : null;
    }

    (byte[]? Buffer, int Length, long NextOffset, int TooLarge) ReadBatches(Segment segment, int position, long limit, int maxBytes, bool minOne)
    {
        var available = segment.Size - position;
        var length = Math.Min(available, Math.Max(maxBytes, BatchHeader.Size));
        var buffer = Fill(segment, position, length);
        try
        {
            var first = BatchHeader.Parse(buffer);
            if (!first.IsPlausible || first.TotalSize > available)
            {
                throw new SegmentDamagedException(segment, position);
            }

            if (first.TotalSize > maxBytes)
            {
                if (!minOne)
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                    return (null, 0, first.BaseOffset, (int)first.TotalSize);
                }

                length = (int)first.TotalSize;
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = [];
                buffer = Fill(segment, position, length);
            }

            var (end, next) = (0, first.BaseOffset);
            while (length - end >= BatchHeader.Size)
            {
                var header = BatchHeader.Parse(buffer.AsSpan(end));
                if (!header.IsPlausible || header.BaseOffset < next || header.LastOffset >= segment.NextOffset || header.TotalSize > available - end)
                {
                    throw new SegmentDamagedException(segment, position + end);
                }

                if (header.BaseOffset >= limit || header.TotalSize > length - end)
                {
                    break;
                }

                var size = (int)header.TotalSize;
                if (position + end < segment.TrustedFrom && BatchHeader.ComputeCrc(buffer.AsSpan(end, size)) != header.Crc)
                {
                    throw new SegmentDamagedException(segment, position + end);
                }

                end += size;
                next = header.LastOffset + 1;
            }

            Mark(segment, next, position + end);
            return (buffer, end, next, 0);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    static byte[] Fill(Segment segment, int position, int length)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        for (var filled = 0; filled < length;)
        {
            var n = RandomAccess.Read(segment.Handle, buffer.AsSpan(filled, length - filled), position + filled);
            if (n == 0)
            {
                ArrayPool<byte>.Shared.Return(buffer);
                throw new SegmentDamagedException(segment, position + filled);
            }

            filled += n;
        }

        return buffer;
    }

    void Mark(Segment segment, long offset, int position)
    {
        foreach (var bookmark in _bookmarks)
        {
            if (bookmark is not null && bookmark.Offset == offset && bookmark.Segment == segment)
            {
                return;
            }
        }

        _bookmarks[Interlocked.Increment(ref _nextBookmark) % (uint)_bookmarks.Length] = new Bookmark(segment, offset, position);
    }

    static List<AbortedTxn> CollectAborted(Segment[] segments, int from, long offset, long next)
    {
        var found = new List<AbortedTxn>();
        for (var i = from; i < segments.Length; i++)
        {
            foreach (var entry in segments[i].Aborted)
            {
                if (entry.LastOffset >= offset && entry.FirstOffset < next)
                {
                    found.Add(new AbortedTxn(entry.ProducerId, entry.FirstOffset));
                }

                if (entry.LastStableOffset >= next)
                {
                    return found;
                }
            }
        }

        return found;
    }
}
