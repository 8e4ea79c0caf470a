using StreamSync.LocalKafka.Log.Batches;
using StreamSync.LocalKafka.Log.Segments;

namespace StreamSync.LocalKafka.Log.Compaction;

/// <summary>One pass of compaction over the closed segments of a partition.</summary>
/// <param name="segments">All closed segments below the first undecided transaction, oldest first.</param>
/// <param name="options">Settings of the partition.</param>
/// <param name="nowMs">The time of the pass.</param>
/// <param name="isLastOfProducer">Whether a batch holds the last sequence number of a producer that is still known.</param>
/// <param name="isStopping">Whether to give up.</param>
sealed class Compactor(
    IReadOnlyList<Segment> segments, LogOptions options, long nowMs, Func<BatchHeader, bool> isLastOfProducer, Func<bool> isStopping)
{
    readonly OffsetMap _map = new();

    /// <summary>Offset up to which the log is clean after the pass; set by <see cref="BuildMap"/>.</summary>
    public long CleanTo { get; private set; }

    /// <summary>Reads the dirty part of the log, as much of it as the map holds.</summary>
    /// <param name="dirtyFrom">First offset that no pass has seen.</param>
    /// <exception cref="SegmentDamagedException">A batch fails its checksum.</exception>
    public void BuildMap(long dirtyFrom)
    {
        var transactions = Transactions(dirtyFrom);
        CleanTo = dirtyFrom;
        foreach (var segment in segments.SkipWhile(s => s.NextOffset <= dirtyFrom))
        {
            using var walker = segment.Walk(0, verify: true);
            while (walker.MoveNext())
            {
                ThrowIfStopping();
                var header = walker.Header;
                if (header.LastOffset < dirtyFrom || header.Count == 0)
                {
                    continue;
                }

                // A batch that does not fit is left to the next pass; a lone one is taken whatever its size.
                if (_map.Count > 0 && _map.Count + header.Count > OffsetMap.MaxKeys)
                {
                    CleanTo = header.BaseOffset;
                    return;
                }

                Map(walker, header, dirtyFrom, transactions);
            }

            ThrowIfDamaged(walker, segment);
            CleanTo = Math.Max(CleanTo, segment.NextOffset);
        }
    }

    void Map(BatchWalker walker, BatchHeader header, long dirtyFrom, TransactionFilter transactions)
    {
        var batch = walker.Batch();
        if (header.IsControl)
        {
            transactions.IsIdle(header, BatchWriter.ReadMarker(batch.Span[BatchHeader.Size..])?.Type);
            return;
        }

        if (transactions.IsAborted(header))
        {
            return;
        }

        using var payload = BatchPayload.Unpack(batch, header.Codec);
        var reader = new RecordReader(payload.Records.Span);
        while (reader.Next())
        {
            var offset = header.BaseOffset + reader.OffsetDelta;
            if (reader.HasKey && offset >= dirtyFrom)
            {
                _map.Put(reader.Key, offset);
            }
        }
    }

    /// <summary>Neighbouring segments that fit into one, in order. Called after <see cref="BuildMap"/>.</summary>
    public IEnumerable<IReadOnlyList<Segment>> Groups()
    {
        var group = new List<Segment>();
        var size = 0L;
        foreach (var segment in segments.TakeWhile(s => s.BaseOffset < CleanTo))
        {
            if (group.Count > 0 && (size + segment.Size > options.SegmentBytes || segment.NextOffset - group[0].BaseOffset > int.MaxValue))
            {
                yield return group;
                group = [];
                size = 0;
            }

            group.Add(segment);
            size += segment.Size;
        }

        if (group.Count > 0)
        {
            yield return group;
        }
    }

    /// <summary>What all groups of a pass share: transactions run across segments.</summary>
    public (BatchFilter Filter, TransactionFilter Transactions) Start()
    {
        var transactions = Transactions(from: 0);
        return (new BatchFilter(_map, CleanTo, transactions, isLastOfProducer, nowMs, options.DeleteRetentionMs), transactions);
    }

    /// <summary>Writes what stays of a group into <paramref name="target"/>, which is told of each batch.</summary>
    /// <exception cref="SegmentDamagedException">A batch fails its checksum.</exception>
    public void Clean(IReadOnlyList<Segment> group, BatchFilter filter, Segment target)
    {
        foreach (var segment in group)
        {
            using var walker = segment.Walk(0, verify: true);
            while (walker.MoveNext())
            {
                ThrowIfStopping();
                var kept = filter.Filter(walker.Batch(), walker.Header);
                if (!kept.IsEmpty)
                {
                    target.Write(kept.Span, flush: false);
                    target.Added(BatchHeader.Parse(kept.Span), options.IndexIntervalBytes);
                }
            }

            ThrowIfDamaged(walker, segment);
        }
    }

    TransactionFilter Transactions(long from) => new(segments.SelectMany(s => s.Aborted).Where(a => a.LastOffset >= from));

    void ThrowIfStopping()
    {
        if (isStopping())
        {
            throw new OperationCanceledException("The partition is closing.");
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
