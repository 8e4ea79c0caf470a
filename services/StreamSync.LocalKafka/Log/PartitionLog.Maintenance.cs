using Microsoft.Extensions.Logging;
using StreamSync.LocalKafka.Log.Segments;
using StreamSync.LocalKafka.Protocol;

namespace StreamSync.LocalKafka.Log;

/// <content>Rolling, recovery points, retention and deletion of records.</content>
sealed partial class PartitionLog
{
    // More than this behind the recovery point is forced to disk in the background, so that a restart reads little.
    const long CheckpointBytes = 64L * 1024 * 1024;

    // No time at which something not yet saved was written.
    const long Clean = long.MinValue;

    static readonly TimeSpan QuietTime = TimeSpan.FromSeconds(10);

    // Apache Kafka looks for old records every five minutes and first 30 s after its start, so records of the past can be read before they
    // go. Here the same is sure.
    static readonly TimeSpan LeastStay = TimeSpan.FromSeconds(30);

    readonly string _statePath;
    PartitionState? _saved;
    long _cleanedTo;
    long _dirtySince = Clean;
    long _lastAppend;
    volatile bool _stopping;

    // Under _lock.
    void Roll()
    {
        var next = new Segment(_directory, _logEnd, _io);
        next.Create();
        Volatile.Write(ref _segments, [.. _segments, next]);
    }

    /// <summary>Forces everything appended so far to the disk.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public void Flush()
    {
        lock (_maintenance)
        {
            if (!_closed)
            {
                Checkpoint();
            }
        }
    }

    // Forces all files to disk and remembers that: what was appended until now is never scanned again. Under _maintenance.
    void Checkpoint()
    {
        PartitionState state;
        Segment[] segments;
        List<(Segment Segment, int Size, byte[] Image)> images = [];
        lock (_lock)
        {
            segments = _segments;
            foreach (var segment in segments)
            {
                if (segment.IndexDirty)
                {
                    images.Add((segment, segment.Size, segment.IndexImage()));
                }
            }

            state = new PartitionState(_logStart, _logEnd, Active.BaseOffset, Active.Size, _cleanedTo, PartitionState.EncodeProducers(_producers));
            if (images.Count == 0 && _saved is { } saved && state.SameAs(saved))
            {
                Volatile.Write(ref _dirtySince, Clean);
                return;
            }

            Volatile.Write(ref _dirtySince, Clean);
        }

        try
        {
            foreach (var segment in segments)
            {
                segment.Flush();
            }

            foreach (var (segment, _, image) in images)
            {
                _io.Replace(segment.IndexPath, image, flush: false);
            }

            _io.Replace(_statePath, state.Encode(), flush: true);
        }
        catch (IOException)
        {
            MarkDirty();
            throw;
        }

        _saved = state;
        lock (_lock)
        {
            foreach (var (segment, size, _) in images)
            {
                segment.IndexSaved(size, keepInMemory: segment == Active && !IsQuiet);
            }
        }
    }

    void MarkDirty() => Interlocked.CompareExchange(ref _dirtySince, _clock.GetTimestamp(), Clean);

    bool IsQuiet => _clock.GetElapsedTime(_lastAppend) >= QuietTime;

    /// <summary>What the store does from time to time: recovery points, retention, compaction, forgetting idle producers and files.</summary>
    public void Maintain()
    {
        // Retention first: on a full disk it makes the space that the others need.
        Attempt(RunRetention);
        if (NeedsCheckpoint())
        {
            Attempt(Flush);
        }

        Attempt(RunCompaction);
        lock (_maintenance)
        {
            lock (_lock)
            {
                _producers.Expire(NowMs() - Options.ProducerIdExpirationMs);
                foreach (var segment in _segments)
                {
                    segment.CloseIfIdle();
                }
            }
        }
    }

    void Attempt(Action work)
    {
        try
        {
            work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _logger.LogWarning("{Partition}: {Work} failed and will be tried again: {Reason}", _name, work.Method.Name, e.Message);
        }
        catch (InvalidDataException e)
        {
            _logger.LogError("{Partition}: {Work} met a batch that cannot be decoded: {Reason}", _name, work.Method.Name, e.Message);
        }
    }

    bool NeedsCheckpoint()
    {
        var since = Volatile.Read(ref _dirtySince);
        if (since == Clean)
        {
            return false;
        }

        var options = Options;
        if (options.Fsync == FsyncPolicy.Interval && _clock.GetElapsedTime(since).TotalMilliseconds >= options.FsyncIntervalMs)
        {
            return true;
        }

        var segments = Volatile.Read(ref _segments);
        var unsaved = (long)segments[^1].Size;
        if (_saved is { } saved)
        {
            unsaved = segments.Where(s => s.BaseOffset >= saved.RecoverySegment).Sum(s => (long)s.Size) - saved.RecoveryPosition;
        }

        return IsQuiet || unsaved >= CheckpointBytes || (segments.Length > 1 && segments[^2].IndexDirty);
    }

    /// <summary>Deletes segments by age, size and log start.</summary>
    public void RunRetention()
    {
        lock (_maintenance)
        {
            var options = Options;
            var segments = Volatile.Read(ref _segments);
            var count = 0;
            if ((options.Cleanup & CleanupPolicy.Delete) != 0 && !_closed)
            {
                count = Math.Max(CountExpired(segments, options), CountOversize(segments, options));
            }

            while (count < segments.Length - 1 && segments[count + 1].BaseOffset <= LogStartOffset)
            {
                count++;
            }

            if (count > 0 && !_closed)
            {
                DeleteOldest(count);
            }
        }
    }

    int CountExpired(Segment[] segments, LogOptions options)
    {
        var oldest = options.RetentionMs < 0 ? long.MinValue : NowMs() - options.RetentionMs;
        var stay = TimeSpan.FromMilliseconds(Math.Clamp(options.RetentionMs, 0, LeastStay.TotalMilliseconds));
        var count = 0;
        while (count < segments.Length && IsExpired(segments[count]))
        {
            count++;
        }

        // A lone empty segment at the end has nothing to delete.
        return count == segments.Length && segments[^1].Size == 0 ? count - 1 : count;

        bool IsExpired(Segment segment) =>
            segment.Size == 0
                ? count < segments.Length
                : (segment.MaxTimestamp >= 0 ? segment.MaxTimestamp : segment.LastModifiedMs) < oldest && _clock.GetElapsedTime(segment.WrittenAt) >= stay;
    }

    static int CountOversize(Segment[] segments, LogOptions options)
    {
        if (options.RetentionBytes < 0)
        {
            return 0;
        }

        var excess = segments.Sum(s => (long)s.Size) - options.RetentionBytes;
        var count = 0;
        while (count < segments.Length - 1 && excess - segments[count].Size >= 0)
        {
            excess -= segments[count++].Size;
        }

        return count;
    }

    // Moves the log start on disk first, then deletes: a crash between the two leaves files that the next start deletes.
    void DeleteOldest(int count)
    {
        Segment[] deleted;
        lock (_lock)
        {
            if (count == _segments.Length)
            {
                Roll();
            }

            deleted = _segments[..count];
            _logStart = Math.Max(_logStart, _segments[count].BaseOffset);
            PublishOffsets(_logEnd);
        }

        var saved = TryCheckpoint();
        lock (_lock)
        {
            Volatile.Write(ref _segments, _segments[count..]);
        }

        foreach (var segment in deleted)
        {
            segment.Delete();
        }

        _logger.LogDebug("{Partition}: deleted {Count} segments, the log starts at {Offset}", _name, count, LogStartOffset);
        if (!saved)
        {
            // The space that was missing may be there now.
            Checkpoint();
        }
    }

    bool TryCheckpoint()
    {
        try
        {
            Checkpoint();
            return true;
        }
        catch (IOException e)
        {
            _logger.LogWarning("{Partition}: the recovery point could not be saved: {Reason}", _name, e.Message);
            return false;
        }
    }

    /// <summary>Makes <paramref name="offset"/> (-1: the high watermark) the first offset of the log.</summary>
    /// <returns>OffsetOutOfRange beyond the high watermark, PolicyViolation where records may not be deleted.</returns>
    public ErrorCode DeleteRecordsBefore(long offset, out long newLogStart)
    {
        newLogStart = -1;
        lock (_maintenance)
        {
            if ((Options.Cleanup & CleanupPolicy.Delete) == 0)
            {
                return ErrorCode.PolicyViolation;
            }

            if (_closed)
            {
                return ErrorCode.NotLeaderOrFollower;
            }

            lock (_lock)
            {
                offset = offset == -1 ? _logEnd : offset;
                if (offset < 0 || offset > _logEnd)
                {
                    return ErrorCode.OffsetOutOfRange;
                }

                newLogStart = Math.Max(_logStart, offset);
                if (newLogStart == _logStart)
                {
                    return ErrorCode.None;
                }

                _logStart = newLogStart;
                PublishOffsets(_logEnd);
            }

            var saved = TryCheckpoint();
            try
            {
                RunRetention();
                if (!saved)
                {
                    Checkpoint();
                }
            }
            catch (IOException e)
            {
                _logger.LogWarning("{Partition}: records before {Offset} could not be deleted from disk yet: {Reason}", _name, newLogStart, e.Message);
                return saved ? ErrorCode.None : ErrorCode.KafkaStorageError;
            }
        }

        Notify();
        return ErrorCode.None;
    }
}
