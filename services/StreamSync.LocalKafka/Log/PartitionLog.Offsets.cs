using StreamSync.LocalKafka.Log.Batches;
using StreamSync.LocalKafka.Log.Segments;

namespace StreamSync.LocalKafka.Log;

/// <content>Offsets by timestamp.</content>
sealed partial class PartitionLog
{
    static readonly OffsetAndTimestamp NotFound = new(-1, -1, LeaderEpoch);

    /// <summary>The first record at or after a timestamp, or one of the special places.</summary>
    /// <param name="timestampMs">Milliseconds since 1970, or a constant of this class.</param>
    /// <param name="readCommitted">Whether the log ends at the last stable offset.</param>
    public OffsetAndTimestamp OffsetForTimestamp(long timestampMs, bool readCommitted) => timestampMs switch
    {
        LatestTimestamp => new OffsetAndTimestamp(readCommitted ? LastStableOffset : HighWatermark, -1, LeaderEpoch),
        EarliestTimestamp or EarliestLocalTimestamp => new OffsetAndTimestamp(LogStartOffset, -1, LeaderEpoch),
        MaxTimestamp => Retry(true, static (log, _) => log.FindMaxTimestamp(), NotFound),
        < 0 => NotFound,
        _ => Retry(timestampMs, static (log, timestamp) => log.FindTimestamp(timestamp), NotFound) is var found
            && found.Offset < (readCommitted ? LastStableOffset : HighWatermark) ? found : NotFound,
    };

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
                    && FirstIn(walker, timestamp) is { } found)
                {
                    return found;
                }
            }

            ThrowIfDamaged(walker, segment);
        }

        return NotFound;
    }

    OffsetAndTimestamp FindMaxTimestamp()
    {
        Segment? newest = null;
        foreach (var segment in Volatile.Read(ref _segments))
        {
            if (segment.MaxTimestamp > (newest?.MaxTimestamp ?? -1) && segment.NextOffset > LogStartOffset)
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
            if (walker.Header.LastOffset >= newest.MaxTimestampOffset && FirstIn(walker, newest.MaxTimestamp) is { } found)
            {
                return found;
            }
        }

        ThrowIfDamaged(walker, newest);
        return NotFound;
    }

    // First record of the current batch at or after a timestamp and the log start.
    OffsetAndTimestamp? FirstIn(BatchWalker walker, long timestamp)
    {
        var header = walker.Header;
        if (header.Count == 0)
        {
            return null;
        }

        using var payload = BatchPayload.Unpack(walker.Batch(), header.Codec);
        var reader = new RecordReader(payload.Records.Span);
        while (reader.Next())
        {
            var offset = header.BaseOffset + reader.OffsetDelta;
            var own = header.IsLogAppendTime ? header.MaxTimestamp : header.BaseTimestamp + reader.TimestampDelta;
            if (own >= timestamp && offset >= LogStartOffset)
            {
                return new OffsetAndTimestamp(offset, own, LeaderEpoch);
            }
        }

        return null;
    }

    static void ThrowIfDamaged(BatchWalker walker, Segment segment)
    {
        if (walker.Damaged)
        {
            throw new SegmentDamagedException(segment, walker.Position);
        }
    }
}
