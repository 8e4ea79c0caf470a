using System.Buffers;
using StreamSync.LocalKafka.Log.Batches;

namespace StreamSync.LocalKafka.Log.Compaction;

/// <summary>
/// Decides record by record what of a batch stays, and writes what does. A batch keeps its offsets and its producer's
/// sequence numbers, so that neither consumers nor idempotent producers notice. Tombstones and idle markers get a delete
/// horizon when a pass first meets them and go with the first pass after it (KIP-534).
/// </summary>
/// <param name="map">Latest offset of each key, from the dirty part of the log.</param>
/// <param name="mapEnd">Offset up to which the map knows the log.</param>
/// <param name="transactions">Transactions from the start of the log on.</param>
/// <param name="isLastOfProducer">Whether a batch holds the last sequence number of a producer that is still known.</param>
/// <param name="nowMs">The time of the pass.</param>
/// <param name="deleteRetentionMs">How long tombstones and markers stay from now on.</param>
sealed class BatchFilter(
    OffsetMap map, long mapEnd, TransactionFilter transactions, Func<BatchHeader, bool> isLastOfProducer, long nowMs, long deleteRetentionMs)
{
    readonly ArrayBufferWriter<byte> _kept = new();

    /// <returns>The batch to write: the old one itself, a smaller one, or an empty one to throw away.</returns>
    /// <exception cref="InvalidDataException">The batch cannot be decoded.</exception>
    public ReadOnlyMemory<byte> Filter(ReadOnlyMemory<byte> batch, BatchHeader header)
    {
        if (header.Count == 0)
        {
            return isLastOfProducer(header) ? batch : default;
        }

        using var payload = BatchPayload.Unpack(batch, header.Codec);
        var horizonPassed = header.DeleteHorizon is { } horizon && horizon <= nowMs;
        if (header.IsControl)
        {
            var idle = transactions.IsIdle(header, BatchWriter.ReadMarker(payload.Records.Span)?.Type);
            return !idle ? batch
                : header.DeleteHorizon is null ? Rewrite(header, payload.Records.Span, keepAll: true, setHorizon: true)
                : horizonPassed ? Emptied(header)
                : batch;
        }

        if (transactions.IsAborted(header))
        {
            return Emptied(header);
        }

        var (kept, tombstones) = CountKept(payload.Records.Span, header, horizonPassed);
        if (kept == 0)
        {
            return Emptied(header);
        }

        var setHorizon = tombstones && header.DeleteHorizon is null;
        return kept == header.Count && !setHorizon ? batch : Rewrite(header, payload.Records.Span, keepAll: false, setHorizon);
    }

    (int Kept, bool Tombstones) CountKept(ReadOnlySpan<byte> records, BatchHeader header, bool horizonPassed)
    {
        var (kept, tombstones) = (0, false);
        var reader = new RecordReader(records);
        while (reader.Next())
        {
            if (IsKept(reader, header, horizonPassed))
            {
                kept++;
                tombstones |= !reader.HasValue;
            }
        }

        return (kept, tombstones);
    }

    bool IsKept(scoped RecordReader reader, BatchHeader header, bool horizonPassed)
    {
        var offset = header.BaseOffset + reader.OffsetDelta;
        return offset >= mapEnd
            || (reader.HasKey && offset >= map.Find(reader.Key) && (reader.HasValue || !horizonPassed));
    }

    // Only the producer's sequence number is worth keeping.
    ReadOnlyMemory<byte> Emptied(BatchHeader header) => isLastOfProducer(header)
        ? BatchWriter.Rewrite(
            header, CompressionType.None, default, header.MaxTimestamp, header.MaxTimestamp, 0, deleteHorizon: false, header.IsLogAppendTime)
        : default;

    byte[] Rewrite(BatchHeader header, ReadOnlySpan<byte> records, bool keepAll, bool setHorizon)
    {
        _kept.ResetWrittenCount();
        var horizonPassed = header.DeleteHorizon is { } old && old <= nowMs;
        var horizon = nowMs > long.MaxValue - deleteRetentionMs ? long.MaxValue : nowMs + deleteRetentionMs;
        var (count, maxTimestamp) = (0, -1L);
        var reader = new RecordReader(records);
        while (reader.Next())
        {
            if (!keepAll && !IsKept(reader, header, horizonPassed))
            {
                continue;
            }

            count++;
            var timestamp = header.BaseTimestamp + reader.TimestampDelta;
            maxTimestamp = Math.Max(maxTimestamp, timestamp);
            if (setHorizon)
            {
                // The horizon takes the place of the base timestamp, so every delta changes.
                BatchWriter.WriteRecord(
                    _kept, timestamp - horizon, reader.OffsetDelta, reader.HasKey, reader.Key, reader.HasValue, reader.Value, reader.RawHeaders);
            }
            else
            {
                _kept.Write(reader.Raw);
            }
        }

        return BatchWriter.Rewrite(
            header,
            header.Codec,
            _kept.WrittenSpan,
            setHorizon ? horizon : header.BaseTimestamp,
            header.IsLogAppendTime ? header.MaxTimestamp : maxTimestamp,
            count,
            setHorizon || header.DeleteHorizon is not null,
            header.IsLogAppendTime);
    }
}
