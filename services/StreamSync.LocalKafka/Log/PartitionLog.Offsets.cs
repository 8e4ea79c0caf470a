using StreamSync.LocalKafka.Log.Batches;
using StreamSync.LocalKafka.Log.Segments;

namespace StreamSync.LocalKafka.Log;

/// <content>Offsets by timestamp.</content>
sealed partial class PartitionLog
{
    static readonly OffsetAndTimestamp NotFound = new(-1, -1, -1);

    /// <summary>The first record at or after a timestamp, or one of the special places.</summary>
    /// <param name="timestampMs">Milliseconds since 1970, or a constant of this class.</param>
    /// <param name="readCommitted">Whether the log ends at the last stable offset.</param>
    public OffsetAndTimestamp OffsetForTimestamp(long timestampMs, bool readCommitted) => timestampMs switch
    {
        LatestTimestamp => new OffsetAndTimestamp(readCommitted ? LastStableOffset : HighWatermark, -1, LeaderEpoch),
        EarliestTimestamp or EarliestLocalTimestamp => new OffsetAndTimestamp(LogStartOffset, -1, LeaderEpoch),
        MaxTimestamp => Below(Retry(true, static (log, _) => log.FindMaxTimestamp(), NotFound), readCommitted),
        < 0 => NotFound,
        _ => Below(Retry(timestampMs, static (log, timestamp) => log.FindTimestamp(timestamp), NotFound), readCommitted),
    };

    OffsetAndTimestamp Below(OffsetAndTimestamp found, bool readCommitted) =>
        found.Offset < (readCommitted ? LastStableOffset : HighWatermark) ? found : NotFound;

    OffsetAndTimestamp FindTimestamp(long timestamp)
    {
        foreach (var segment in Volatile.Read(ref _segments))
        {
            if (segment.MaxTimestamp < timestamp)
            {
                continue;
            }

            using var walker = segment.Walk(segment.Index.FindTimestamp(timestamp), chunk: LocateChunk);
            while (walker.MoveNext())
            {
                if (walker.Header.MaxTimestamp >= timestamp && walker.Header.LastOffset >= LogStartOffset
                    && FirstIn(walker, timestamp, LogStartOffset) is { } found)
                {
                    return found;
                }
            }

            ThrowIfDamaged(walker, segment);
        }

        return NotFound;
    }

    // A record that was deleted counts as long as its segment is there, as in Apache Kafka: the last segment always is.
    OffsetAndTimestamp FindMaxTimestamp()
    {
        Segment? newest = null;
        var segments = Volatile.Read(ref _segments);
        foreach (var segment in segments)
        {
            if (segment.MaxTimestamp > (newest?.MaxTimestamp ?? -1) && (segment.NextOffset > LogStartOffset || segment == segments[^1]))
            {
                newest = segment;
            }
        }

        if (newest is null)
        {
            return NotFound;
        }

        using var walker = newest.Walk(newest.Index.FindOffset(newest.MaxTimestampOffset - newest.BaseOffset), chunk: LocateChunk);
        while (walker.MoveNext())
        {
            if (walker.Header.LastOffset >= newest.MaxTimestampOffset && FirstIn(walker, newest.MaxTimestamp, 0) is { } found)
            {
                return found;
            }
        }

        ThrowIfDamaged(walker, newest);
        return NotFound;
    }

    // First record of the current batch at or after a timestamp and an offset.
    static OffsetAndTimestamp? FirstIn(BatchWalker walker, long timestamp, long from)
    {
        var header = walker.Header;
        if (header.Count == 0)
        {
            return null;
        }

        // Looked through without unpacking it as a whole: a small batch may unfold to a thousand times its size.
        var scanner = new RecordScanner(walker.Batch()[BatchHeader.Size..], header.Codec);
        try
        {
            for (var i = 0; i < header.Count; i++)
            {
                var record = scanner.Next();
                var offset = header.BaseOffset + record.OffsetDelta;
                var own = header.IsLogAppendTime ? header.MaxTimestamp : header.BaseTimestamp + record.TimestampDelta;
                if (own >= timestamp && offset >= from)
                {
                    return new OffsetAndTimestamp(offset, own, LeaderEpoch);
                }
            }

            return null;
        }
        finally
        {
            scanner.Dispose();
        }
    }

    static void ThrowIfDamaged(BatchWalker walker, Segment segment)
    {
        if (walker.Damaged)
        {
            throw new SegmentDamagedException(segment, walker.Position);
        }
    }
}
