using Microsoft.Extensions.Logging;
using StreamSync.LocalKafka.Log.Batches;
using StreamSync.LocalKafka.Log.Producers;
using StreamSync.LocalKafka.Log.Segments;

namespace StreamSync.LocalKafka.Log;

/// <content>Opening after a stop or a crash, and repair of damaged files.</content>
sealed partial class PartitionLog
{
    bool _repaired;

    void Recover()
    {
        if (!Directory.Exists(_directory))
        {
            Directory.CreateDirectory(_directory);
            IsNew = true;
        }

        var state = PartitionState.Read(_statePath);
        var files = FindSegments();
        _logStart = state?.LogStart ?? files.FirstOrDefault().Segment?.BaseOffset ?? 0;
        if (state is null && _logStart > 0)
        {
            // Retention saves the log start before it deletes, so this is either a lost state file or lost segments.
            _logger.LogError(
                "{Partition}: nothing says where the log starts, and its first segment file begins at offset {Offset}. If the records before it were not deleted, they are lost, as their segment files are missing",
                _name,
                _logStart);
            MarkDirty();
        }

        while (files.Count > 1 && files[1].Segment.BaseOffset <= _logStart)
        {
            // Retention was interrupted between moving the log start and deleting.
            files[0].Segment.Delete();
            files.RemoveAt(0);
        }

        if (files.Count == 0)
        {
            files.Add((new Segment(_directory, Math.Max(_logStart, state?.RecoveryOffset ?? 0), _io), 0));
        }

        _segments = [.. files.Select(f => f.Segment)];
        foreach (var segment in _segments)
        {
            segment.WrittenAt = _clock.GetTimestamp();
        }

        _saved = state;
        _cleanedTo = state?.CleanedTo ?? 0;
        state?.RestoreProducers(_producers);
        var (first, position) = RecoveryPoint(files, state);
        var lost = new List<Segment>();
        for (var i = 0; i < first; i++)
        {
            files[i].Segment.TrustedFrom = files[i].Size;
            if (!files[i].Segment.TryLoad(files[i].Size))
            {
                lost.Add(files[i].Segment);
            }
        }

        var nextOffset = _segments[first].BaseOffset;
        var cut = false;
        for (var i = first; i < files.Count; i++)
        {
            var segment = files[i].Segment;
            if (i > first && segment.BaseOffset > nextOffset && !cut && (Options.Cleanup & CleanupPolicy.Compact) == 0)
            {
                TellMissing(nextOffset, segment.BaseOffset);
                _repaired = true;
            }

            var repairedBefore = _repaired;
            if (position > 0 && !(segment.TryLoad(position) && segment.TryLoadIndex()))
            {
                if (!segment.TryLoadPart(position, state!.RecoveryOffset))
                {
                    segment.Reset();
                    lost.Add(segment);
                }

                Scan(segment, position, segment.NextOffset, track: false, isLast: false);
            }
            else if (position == 0)
            {
                segment.Reset();
            }

            segment.TrustedFrom = position = segment.Size;
            nextOffset = Math.Max(nextOffset, segment.NextOffset);
            var size = _repaired ? (int)RandomAccess.GetLength(segment.Handle) : files[i].Size;
            if (size > position)
            {
                _logger.LogDebug("{Partition}: scanning {File} from byte {Position}", _name, segment.LogPath, position);
                Scan(segment, size, nextOffset, track: true, isLast: i == files.Count - 1);
                nextOffset = Math.Max(nextOffset, segment.NextOffset);
                MarkDirty();
            }

            // What a repair cut off at the end of a segment has been told.
            cut = _repaired && !repairedBefore;
            position = 0;
        }

        RebuildLost(lost);
        if (_segments[0].BaseOffset > _logStart)
        {
            TellMissing(_logStart, _segments[0].BaseOffset);
            _logStart = _segments[0].BaseOffset;
        }

        var end = Math.Max(nextOffset, Active.NextOffset);
        if (end < _logStart)
        {
            // The segments that reached the log start are gone.
            _segments = [.. _segments, new Segment(_directory, _logStart, _io)];
            end = _logStart;
        }

        PublishOffsets(end);
        if (state is not null && state.RecoveryOffset > end)
        {
            TellMissing(end, state.RecoveryOffset);
            _repaired = true;
        }

        if (_repaired)
        {
            // A second crash must not judge the repaired place anew.
            TryCheckpoint();
        }
    }

    void TellMissing(long from, long to) => _logger.LogError(
        "{Partition}: the records from offset {From} to {To} are lost, as their segment files are missing", _name, from, to - 1);

    // The segment files in order, after what compaction had finished is completed and what it had not is dropped.
    List<(Segment Segment, int Size)> FindSegments()
    {
        var files = new DirectoryInfo(_directory).GetFiles();
        var replaced = false;
        foreach (var file in files)
        {
            switch (file.Extension)
            {
                case FileNames.Cleaned or FileNames.Temporary:
                    file.Delete();
                    break;
                case FileNames.Swap when FileNames.TryParseSwap(file.Name, out var from, out var to):
                    CompleteSwap(file.FullName, from, to);
                    replaced = true;
                    break;
            }
        }

        var segments = new List<(Segment Segment, int Size)>();
        foreach (var file in replaced ? new DirectoryInfo(_directory).GetFiles() : files)
        {
            if (file.Extension == FileNames.Log && FileNames.TryParse(file.Name, out var offset))
            {
                segments.Add((
                    new Segment(_directory, offset, _io),
                    file.Length <= int.MaxValue ? (int)file.Length : throw new IOException($"{file.Name} is larger than any segment.")));
            }
        }

        segments.Sort((a, b) => a.Segment.BaseOffset.CompareTo(b.Segment.BaseOffset));
        return segments;
    }

    // Where the scan begins: the index of a segment and a position in it.
    (int Index, int Position) RecoveryPoint(List<(Segment Segment, int Size)> files, PartitionState? state)
    {
        if (state is null)
        {
            return (0, 0);
        }

        var index = files.FindIndex(f => f.Segment.BaseOffset == state.RecoverySegment);
        if (index >= 0 && files[index].Size >= state.RecoveryPosition)
        {
            return (index, state.RecoveryPosition);
        }

        if (index >= 0)
        {
            _logger.LogError(
                "{Partition}: {File} has {Size} bytes, but had {Known} when it was last saved; records at its end are lost",
                _name,
                files[index].Segment.LogPath,
                files[index].Size,
                state.RecoveryPosition);
            return (index, 0);
        }

        index = files.FindIndex(f => f.Segment.BaseOffset >= state.RecoveryOffset);
        return (index < 0 ? files.Count - 1 : index, 0);
    }

    // Puts a finished replacement in the place of all segments from one offset up to another.
    void CompleteSwap(string swap, long from, long to)
    {
        foreach (var log in Directory.EnumerateFiles(_directory, "*" + FileNames.Log))
        {
            if (FileNames.TryParse(log, out var offset) && offset >= from && offset < to)
            {
                File.Delete(Path.ChangeExtension(log, FileNames.Index));
                if (offset != from)
                {
                    File.Delete(log);
                }
            }
        }

        _io.Rename(swap, Path.Combine(_directory, FileNames.Offset(from) + FileNames.Log));
    }

    // Tells a segment of every good batch up to a position in its file, and repairs what is not good.
    void Scan(Segment segment, int size, long nextOffset, bool track, bool isLast)
    {
        var now = NowMs();
        while (segment.Size < size)
        {
            int damagedAt;
            using (var walker = new BatchWalker(segment.Handle, segment.BaseOffset, segment.Size, size, nextOffset, verify: true))
            {
                while (true)
                {
                    var expected = walker.NextOffset;
                    if (!walker.MoveNext())
                    {
                        break;
                    }

                    if (walker.Header.BaseOffset > expected && OffsetIsFlipped(walker, expected, isLast))
                    {
                        new SegmentRepair(segment.LogPath, segment.BaseOffset, _io).RestoreOffset(walker.Position, walker.Header, expected);
                        _logger.LogError("{Partition}: restored the damaged base offset {Offset} at byte {Position} of {File}", _name, expected, walker.Position, segment.LogPath);
                        _repaired = true;
                        break;
                    }

                    segment.Added(walker.Header, Options.IndexIntervalBytes);
                    nextOffset = walker.NextOffset;
                    if (track)
                    {
                        Track(segment, walker.Header, walker.Header.IsControl ? walker.Batch().Span : default, now);
                    }
                }

                if (!walker.Damaged)
                {
                    continue;
                }

                damagedAt = walker.Position;
            }

            var repair = new SegmentRepair(segment.LogPath, segment.BaseOffset, _io).Repair(damagedAt, size, nextOffset, isLast);
            Report(segment, repair, nextOffset);
            if (repair.Kind == RepairKind.DamageCutOut)
            {
                segment.Reopen();
            }

            (size, nextOffset) = (repair.Size, repair.NextOffset);
            _repaired |= repair.Kind != RepairKind.TornTailCut;
        }
    }

    // A gap that the next batch closes again, or that nothing follows, is a damaged field and no gap.
    static bool OffsetIsFlipped(BatchWalker walker, long expected, bool isLast)
    {
        var header = walker.Header;
        var (next, ifRight, ifFlipped) = (walker.Position + walker.Size, header.LastOffset + 1, expected + header.LastOffsetDelta + 1);
        return next >= walker.End
            ? isLast
            : walker.IsGoodAt(next, out var follower) && follower.BaseOffset < ifRight && follower.BaseOffset >= ifFlipped;
    }

    void Report(Segment segment, RepairResult repair, long nextOffset)
    {
        switch (repair.Kind)
        {
            case RepairKind.TornTailCut:
                _logger.LogInformation(
                    "{Partition}: cut {Bytes} bytes of an unfinished write off {File}", _name, repair.To - repair.From, segment.LogPath);
                break;
            case RepairKind.HeaderRestored:
                _logger.LogError(
                    "{Partition}: restored a damaged batch header at byte {Position} of {File}; no record is lost", _name, repair.From, segment.LogPath);
                break;
            default:
                _logger.LogError(
                    "{Partition}: {Bytes} bytes from byte {Position} of {File} fail their checksum; the records from offset {Offset} that they held are lost. The bytes are kept beside it in a file ending in {Suffix}",
                    _name,
                    repair.To - repair.From,
                    repair.From,
                    segment.LogPath,
                    nextOffset,
                    FileNames.Damaged);
                break;
        }
    }

    // Indexes that were lost are written anew; their aborted transactions can only be told from the log's start on.
    void RebuildLost(List<Segment> lost)
    {
        if (lost.Count == 0)
        {
            return;
        }

        foreach (var segment in lost)
        {
            _logger.LogWarning("{Partition}: the index of {File} is lost or damaged and is built anew", _name, segment.LogPath);
            if (segment.Size == 0)
            {
                segment.Reset();
                Scan(segment, segment.TrustedFrom, segment.BaseOffset, track: false, isLast: false);
            }
        }

        var history = new ProducerTable();
        foreach (var segment in _segments)
        {
            using var walker = segment.Walk(0);
            var aborted = new List<AbortedEntry>();
            while (walker.MoveNext())
            {
                var header = walker.Header;
                if (header.IsTransactional && !header.IsControl)
                {
                    history.Add(header, 0);
                }
                else if (header is { IsControl: true, Count: > 0 } && BatchWriter.ReadMarker(walker.Batch().Span[BatchHeader.Size..]) is { } marker
                    && history.AddMarker(header, marker.Type, marker.CoordinatorEpoch, 0) is { } entry)
                {
                    aborted.Add(entry);
                }
            }

            if (lost.Contains(segment))
            {
                segment.SetAborted([.. aborted]);
            }
        }

        MarkDirty();
    }

    // Runtime damage: a reader met bytes that are not as they were written, or an index is gone.
    void Repair(SegmentDamagedException damage)
    {
        lock (_maintenance)
        {
            lock (_lock)
            {
                if (_closed || Array.IndexOf(_segments, damage.Segment) < 0)
                {
                    return; // someone else did
                }

                ReplaceSegment(damage.Segment, Rebuild(damage.Segment));
                MarkDirty();
            }

            if (damage.Position is not null)
            {
                Checkpoint();
            }
        }
    }

    bool TryRepair(SegmentDamagedException damage)
    {
        try
        {
            Repair(damage);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _logger.LogError("{Partition}: {File} could not be repaired: {Reason}", _name, damage.Segment.LogPath, e.Message);
            return false;
        }
    }

    // A fresh view of a segment, made by reading all of it. Under _lock.
    Segment Rebuild(Segment old)
    {
        var fresh = new Segment(_directory, old.BaseOffset, _io);
        fresh.Reset();
        Scan(fresh, old.Size, old.BaseOffset, track: false, isLast: false);
        fresh.SetAborted(old.Aborted);
        fresh.MarkFileDirty();
        return fresh;
    }

    void ReplaceSegment(Segment old, Segment fresh)
    {
        var segments = (Segment[])_segments.Clone();
        segments[Array.IndexOf(segments, old)] = fresh;
        Volatile.Write(ref _segments, segments);
        old.Dispose();
    }
}
