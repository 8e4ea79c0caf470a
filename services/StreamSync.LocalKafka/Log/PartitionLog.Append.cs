using StreamSync.LocalKafka.Log.Batches;
using StreamSync.LocalKafka.Log.Segments;
using StreamSync.LocalKafka.Protocol;

namespace StreamSync.LocalKafka.Log;

/// <content>Appending.</content>
sealed partial class PartitionLog
{
    long _lastAppendTime = -1;

    // The disk refused the last write. Under _lock.
    bool _refusing;

    /// <summary>Appends one batch as a Produce request carries it, after checking all that is in it.</summary>
    /// <param name="records">The batch; its offset, epoch and (where the topic asks for it) timestamp fields are patched in place.</param>
    /// <param name="transactionVerified">The coordinator says that this partition is in the ongoing transaction of the batch's producer.</param>
    public AppendResult Append(Memory<byte> records, bool transactionVerified)
    {
        var options = Options;
        var validated = BatchValidator.Validate(records, _name, options, NowMs());
        if (validated.Error != ErrorCode.None)
        {
            return new AppendResult(
                validated.Error, validated.Message, -1, -1, validated.BeforeContent ? -1 : LogStartOffset, validated.RecordErrors);
        }

        AppendResult result;
        lock (_lock)
        {
            var header = validated.Header;
            if (header.HasProducerId)
            {
                if (_producers.Find(header.ProducerId)?.FindDuplicate(header) is { } stored)
                {
                    return new AppendResult(ErrorCode.None, null, stored.FirstOffset, stored.Timestamp, _logStart);
                }

                if (header.IsTransactional && !transactionVerified && !_producers.IsTransactionOngoing(header.ProducerId, header.ProducerEpoch))
                {
                    return new AppendResult(
                        ErrorCode.InvalidTxnState, $"{_name} is not part of an ongoing transaction of producer {header.ProducerId}.", -1, -1, _logStart);
                }

                if (_producers.Check(header, fromClient: true) is { Error: not ErrorCode.None } refused)
                {
                    return new AppendResult(refused.Error, refused.Message, -1, -1, _logStart);
                }
            }

            var appendTime = -1L;
            if (options.Timestamps == TimestampType.LogAppendTime)
            {
                // A clock that is set back must not make append times run backwards.
                appendTime = _lastAppendTime = Math.Max(_lastAppendTime, NowMs());
                BatchHeader.SetMaxTimestamp(validated.Batch.Span, TimestampType.LogAppendTime, appendTime);
            }

            var failure = Store(validated.Batch.Span, options, out header);
            result = failure is null
                ? new AppendResult(ErrorCode.None, null, header.BaseOffset, appendTime, _logStart)
                : new AppendResult(ErrorCode.KafkaStorageError, failure, -1, -1, -1);
        }

        if (result.Error == ErrorCode.None)
        {
            Notify();
        }

        return result;
    }

    /// <summary>Writes a transaction marker, which decides the producer's open transaction here (if any).</summary>
    /// <returns>The marker's offset.</returns>
    /// <exception cref="LogAppendException">A fenced epoch, or the disk refused the write.</exception>
    public long AppendControl(long producerId, short producerEpoch, bool commit, int coordinatorEpoch)
    {
        BatchHeader header;
        lock (_lock)
        {
            ThrowIfRefused(_producers.CheckMarker(producerId, producerEpoch, coordinatorEpoch));
            var type = commit ? ControlType.Commit : ControlType.Abort;
            ThrowIfFailed(Store(BatchWriter.Marker(producerId, producerEpoch, type, coordinatorEpoch, NowMs()), Options, out header));
        }

        Notify();
        return header.BaseOffset;
    }

    /// <summary>Appends records of the broker itself as one batch, without sequence numbers.</summary>
    /// <param name="records">At least one.</param>
    /// <param name="timestampMs">Null for now.</param>
    /// <param name="producerId">Producer in whose transaction they are (offsets committed in a transaction), else -1.</param>
    /// <param name="producerEpoch">Its epoch, else -1.</param>
    /// <param name="transactional">Whether they become valid only with that producer's commit marker.</param>
    /// <returns>Offset of the first.</returns>
    /// <exception cref="LogAppendException">The disk refused the write, or the epoch is fenced.</exception>
    public long AppendInternal(
        IReadOnlyList<InternalRecord> records,
        long? timestampMs = null,
        long producerId = -1,
        short producerEpoch = -1,
        bool transactional = false)
    {
        ArgumentOutOfRangeException.ThrowIfZero(records.Count);
        var batch = BatchWriter.Internal(records, timestampMs ?? NowMs(), producerId, producerEpoch, transactional);
        BatchHeader header;
        lock (_lock)
        {
            if (producerId >= 0)
            {
                ThrowIfRefused(_producers.Check(BatchHeader.Parse(batch), fromClient: false));
            }

            ThrowIfFailed(Store(batch, Options, out header));
        }

        Notify();
        return header.BaseOffset;
    }

    static void ThrowIfRefused((ErrorCode Error, string? Message) verdict)
    {
        if (verdict.Error != ErrorCode.None)
        {
            throw new LogAppendException(verdict.Error, verdict.Message!);
        }
    }

    static void ThrowIfFailed(string? failure)
    {
        if (failure is not null)
        {
            throw new LogAppendException(ErrorCode.KafkaStorageError, failure);
        }
    }

    // Writes a batch at the end and takes note of it. Returns what went wrong; then nothing has changed.
    string? Store(Span<byte> batch, LogOptions options, out BatchHeader header)
    {
        BatchHeader.Assign(batch, _logEnd, LeaderEpoch);
        header = BatchHeader.Parse(batch);
        if (_closed)
        {
            return $"{_name} is closed.";
        }

        try
        {
            if (MustRoll(Active, header, options))
            {
                Roll();
            }

            LoadActiveIndex();
            Active.Write(batch, options.Fsync == FsyncPolicy.PerBatch);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var failure = $"{_name} could not be written, nothing was stored: {e.Message} Once the disk has space and takes writes, produce again.";
            if (!_refusing)
            {
                // Clients go on trying; one line says why.
                _logger.LogError("{Failure}", failure);
                _refusing = true;
            }

            return failure;
        }

        if (_refusing)
        {
            _logger.LogWarning("{Partition} can be written again", _name);
            _refusing = false;
        }

        Active.Added(header, options.IndexIntervalBytes);
        Track(Active, header, batch, NowMs());
        PublishOffsets(header.LastOffset + 1);
        MarkDirty();
        Active.WrittenAt = _lastAppend = _clock.GetTimestamp();
        return null;
    }

    // Lets the producer state follow a batch that is stored.
    void Track(Segment segment, BatchHeader header, ReadOnlySpan<byte> batch, long nowMs)
    {
        if (!header.HasProducerId)
        {
            return;
        }

        if (!header.IsControl)
        {
            _producers.Add(header, nowMs);
        }
        else if (header.Count > 0 && BatchWriter.ReadMarker(batch[BatchHeader.Size..]) is { } marker
            && _producers.AddMarker(header, marker.Type, marker.CoordinatorEpoch, nowMs) is { } aborted)
        {
            segment.AddAborted(aborted);
        }
    }

    static bool MustRoll(Segment active, BatchHeader header, LogOptions options)
    {
        if (active.Size == 0)
        {
            // An empty segment takes any batch, unless offsets have run too far ahead of its name.
            return header.LastOffset - active.BaseOffset > int.MaxValue;
        }

        var age = active.FirstTimestamp >= 0 && header.MaxTimestamp >= 0 ? header.MaxTimestamp - active.FirstTimestamp : 0;
        return active.Size + header.TotalSize > options.SegmentBytes
            || age > ((options.Cleanup & CleanupPolicy.Compact) != 0 ? Math.Min(options.SegmentMs, options.MaxCompactionLagMs) : options.SegmentMs)
            || header.LastOffset - active.BaseOffset > int.MaxValue;
    }

    void LoadActiveIndex()
    {
        try
        {
            Active.LoadIndex();
        }
        catch (SegmentDamagedException)
        {
            ReplaceSegment(Active, Rebuild(Active));
            Active.LoadIndex();
        }
    }
}
