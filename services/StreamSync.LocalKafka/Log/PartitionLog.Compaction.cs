using Microsoft.Extensions.Logging;
using StreamSync.LocalKafka.Log.Batches;
using StreamSync.LocalKafka.Log.Compaction;
using StreamSync.LocalKafka.Log.Producers;
using StreamSync.LocalKafka.Log.Segments;

namespace StreamSync.LocalKafka.Log;

/// <content>Compaction.</content>
sealed partial class PartitionLog
{
    /// <summary>Compacts if the policy asks for it and enough is dirty.</summary>
    /// <exception cref="IOException">The disk refused; the log is as it was.</exception>
    public void RunCompaction()
    {
        var options = Options;
        if ((options.Cleanup & CleanupPolicy.Compact) == 0 || _stopping)
        {
            return;
        }

        lock (_maintenance)
        {
            var closed = Compactable(options);
            var dirtyFrom = Math.Max(_cleanedTo, LogStartOffset);
            var dirty = closed.Where(s => s.NextOffset > dirtyFrom).ToList();
            var (dirtyBytes, allBytes) = (dirty.Sum(s => (long)s.Size), closed.Sum(s => (long)s.Size));
            if (_closed || dirtyBytes == 0
                || ((double)dirtyBytes / allBytes <= options.MinCleanableRatio && !IsOverdue(dirty[0], options)))
            {
                return;
            }

            try
            {
                Compact(closed, dirtyFrom, options);
            }
            catch (SegmentDamagedException e)
            {
                Repair(e); // and the next pass compacts
            }
            catch (OperationCanceledException)
            {
                // Closing: what was done so far stays, the rest is done after the next start.
            }
        }
    }

    // Closed segments that are decided and old enough.
    List<Segment> Compactable(LogOptions options)
    {
        var stable = LastStableOffset;
        var youngest = options.MinCompactionLagMs > 0 ? NowMs() - options.MinCompactionLagMs : long.MaxValue;
        var segments = Volatile.Read(ref _segments);
        return [.. segments[..^1].TakeWhile(s => s.NextOffset <= stable && s.MaxTimestamp <= youngest)];
    }

    bool IsOverdue(Segment oldestDirty, LogOptions options) =>
        oldestDirty.FirstTimestamp >= 0 && NowMs() - oldestDirty.FirstTimestamp > options.MaxCompactionLagMs;

    void Compact(List<Segment> closed, long dirtyFrom, LogOptions options)
    {
        // The recovery point moves into the active segment, which compaction never touches.
        Checkpoint();
        var lastOfProducers = LastOfProducers();
        var compactor = new Compactor(closed, options, NowMs(), lastOfProducers, () => _stopping);
        compactor.BuildMap(dirtyFrom);
        var (filter, transactions) = compactor.Start();
        var before = closed.Sum(s => (long)s.Size);
        foreach (var group in compactor.Groups())
        {
            transactions.Retained.Clear();
            var target = Segment.CreateCleaned(_directory, group[0].BaseOffset, _io);
            try
            {
                compactor.Clean(group, filter, target);
                target.Flush();
            }
            catch
            {
                target.Dispose();
                File.Delete(target.CleanedPath);
                throw;
            }

            target.SetAborted([.. transactions.Retained]);
            Replace(group, target);
        }

        _cleanedTo = compactor.CleanTo;
        Checkpoint();
        _logger.LogDebug(
            "{Partition}: compacted {Before} bytes to {After}", _name, before, Volatile.Read(ref _segments).TakeWhile(s => s.BaseOffset < _cleanedTo).Sum(s => (long)s.Size));
    }

    // Puts a finished segment in the place of a group. A crash at any point leaves the old ones or the new one.
    void Replace(IReadOnlyList<Segment> group, Segment target)
    {
        var end = _segments[Array.IndexOf(_segments, group[^1]) + 1].BaseOffset;
        var swap = Path.Combine(_directory, FileNames.SwapName(target.BaseOffset, end));
        _io.Rename(target.CleanedPath, swap);
        lock (_lock)
        {
            var first = Array.IndexOf(_segments, group[0]);
            Volatile.Write(ref _segments, [.. _segments[..first], target, .. _segments[(first + group.Count)..]]);
        }

        // Only now: a reader that still holds one of them finds it closed and looks again.
        foreach (var segment in group)
        {
            segment.Dispose();
        }

        CompleteSwap(swap, target.BaseOffset, end);
    }

    // A producer that is still known must be able to go on after the log alone was read again.
    Func<BatchHeader, bool> LastOfProducers()
    {
        Dictionary<long, (long LastDataOffset, short Epoch)> last;
        lock (_lock)
        {
            last = _producers.All.ToDictionary(p => p.ProducerId, p => (p.LastDataOffset, p.Epoch));
        }

        return header => header.HasProducerId && last.TryGetValue(header.ProducerId, out var producer)
            && (producer.LastDataOffset >= 0
                ? header.LastOffset == producer.LastDataOffset
                : header.IsControl && header.ProducerEpoch == producer.Epoch);
    }
}
