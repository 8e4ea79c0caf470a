using StreamSync.LocalKafka.Log.Batches;
using StreamSync.LocalKafka.Log.Segments;

namespace StreamSync.LocalKafka.Log.Compaction;

/// <summary>
/// Follows transactions through a walk over the log: which data batches were aborted, and which markers decide nothing
/// any more because all data of their transaction is gone.
/// </summary>
sealed class TransactionFilter
{
    readonly Queue<AbortedEntry> _ahead;
    readonly Dictionary<long, AbortedProgress> _aborted = [];
    readonly HashSet<long> _committed = [];

    sealed class AbortedProgress(AbortedEntry entry)
    {
        public AbortedEntry Entry { get; } = entry;

        public bool HasData { get; set; }
    }

    /// <param name="aborted">Aborted transactions with data in the range that is walked.</param>
    public TransactionFilter(IEnumerable<AbortedEntry> aborted) => _ahead = new(aborted.OrderBy(a => a.FirstOffset));

    /// <summary>Entries whose abort marker has to stay.</summary>
    public List<AbortedEntry> Retained { get; } = [];

    /// <summary>Takes note of a data batch; true if it was aborted.</summary>
    public bool IsAborted(BatchHeader header)
    {
        Advance(header.LastOffset);
        if (!header.IsTransactional)
        {
            return false;
        }

        if (_aborted.TryGetValue(header.ProducerId, out var progress) && progress.Entry.LastOffset > header.LastOffset)
        {
            progress.HasData = true;
            return true;
        }

        _committed.Add(header.ProducerId);
        return false;
    }

    /// <summary>Takes note of a marker; true if no data of its transaction was met.</summary>
    public bool IsIdle(BatchHeader header, ControlType? type)
    {
        Advance(header.LastOffset);
        switch (type)
        {
            case ControlType.Commit:
                return !_committed.Remove(header.ProducerId);
            case ControlType.Abort when _aborted.Remove(header.ProducerId, out var progress) && progress.HasData:
                Retained.Add(progress.Entry);
                return false;
            default:
                return true;
        }
    }

    void Advance(long offset)
    {
        while (_ahead.TryPeek(out var entry) && entry.FirstOffset <= offset)
        {
            _ahead.Dequeue();
            _aborted[entry.ProducerId] = new AbortedProgress(entry);
        }
    }
}
