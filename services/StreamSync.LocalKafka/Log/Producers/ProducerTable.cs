using StreamSync.LocalKafka.Log.Batches;
using StreamSync.LocalKafka.Log.Segments;
using StreamSync.LocalKafka.Protocol;

namespace StreamSync.LocalKafka.Log.Producers;

/// <summary>
/// All producers that write to one partition with a producer id: judges sequence and epoch of a batch before it is
/// stored, and keeps the open transactions that hold the last stable offset. The partition serialises calls. Rules: KIP-98,
/// and its amendments KIP-360 (a forgotten producer may go on at any sequence).
/// </summary>
sealed class ProducerTable
{
    readonly Dictionary<long, ProducerEntry> _producers = [];

    // Starts of open transactions; offsets are unique, so the smallest is the first unstable offset.
    readonly SortedSet<long> _open = [];

    public IReadOnlyCollection<ProducerEntry> All => _producers.Values;

    public int Count => _producers.Count;

    /// <summary>Start of the oldest open transaction, or null.</summary>
    public long? FirstUnstableOffset => _open.Count == 0 ? null : _open.Min;

    public ProducerEntry? Find(long producerId) => _producers.GetValueOrDefault(producerId);

    public bool IsTransactionOngoing(long producerId, short epoch) =>
        Find(producerId) is { } entry && entry.Epoch == epoch && entry.TransactionStart != ProducerEntry.NoTransaction;

    /// <summary>Judges a data batch.</summary>
    /// <param name="header">Its header.</param>
    /// <param name="fromClient">Whether sequence numbers count; the broker's own batches have none.</param>
    /// <returns>None and no message, or the error.</returns>
    public (ErrorCode Error, string? Message) Check(BatchHeader header, bool fromClient)
    {
        var entry = Find(header.ProducerId);
        if (entry is null)
        {
            return default;
        }

        if (header.ProducerEpoch < entry.Epoch)
        {
            return (ErrorCode.InvalidProducerEpoch, $"Producer {header.ProducerId} has epoch {header.ProducerEpoch}; epoch {entry.Epoch} was seen here.");
        }

        if (fromClient && entry.Epoch != ProducerEntry.NoEpoch)
        {
            var expected = header.ProducerEpoch != entry.Epoch ? 0 : BatchHeader.AddSequence(entry.LastSequence, 1);
            if (header.BaseSequence != expected)
            {
                return (
                    ErrorCode.OutOfOrderSequenceNumber,
                    $"Producer {header.ProducerId} (epoch {header.ProducerEpoch}) sent sequence {header.BaseSequence}, {expected} is next.");
            }
        }

        return entry.TransactionStart != ProducerEntry.NoTransaction && !header.IsTransactional
            ? (ErrorCode.InvalidTxnState, $"Producer {header.ProducerId} has an open transaction here and sent a batch outside it.")
            : default;
    }

    /// <summary>Judges a marker.</summary>
    public (ErrorCode Error, string? Message) CheckMarker(long producerId, short epoch, int coordinatorEpoch)
    {
        var entry = Find(producerId);
        return entry switch
        {
            null => default,
            _ when epoch < entry.Epoch =>
                (ErrorCode.InvalidProducerEpoch, $"A marker of producer {producerId} has epoch {epoch}; epoch {entry.Epoch} was seen here."),
            _ when coordinatorEpoch < entry.CoordinatorEpoch =>
                (ErrorCode.TransactionCoordinatorFenced, $"A marker comes from coordinator epoch {coordinatorEpoch}; {entry.CoordinatorEpoch} was seen here."),
            _ => default,
        };
    }

    /// <summary>Takes note of a stored data batch.</summary>
    public void Add(BatchHeader header, long nowMs)
    {
        var entry = FindOrAdd(header.ProducerId);
        entry.AddBatch(header, nowMs);
        if (header.IsTransactional)
        {
            _open.Add(entry.TransactionStart);
        }
    }

    /// <summary>Takes note of a stored marker.</summary>
    /// <returns>The transaction that it aborted, or null.</returns>
    public AbortedEntry? AddMarker(BatchHeader header, ControlType type, int coordinatorEpoch, long nowMs)
    {
        var start = FindOrAdd(header.ProducerId).EndTransaction(header.ProducerEpoch, coordinatorEpoch, header.MaxTimestamp, nowMs);
        if (start == ProducerEntry.NoTransaction)
        {
            return null;
        }

        _open.Remove(start);
        return type == ControlType.Abort
            ? new AbortedEntry(header.ProducerId, start, header.LastOffset, FirstUnstableOffset ?? header.LastOffset + 1)
            : null;
    }

    public void Restore(ProducerEntry entry)
    {
        _producers[entry.ProducerId] = entry;
        if (entry.TransactionStart != ProducerEntry.NoTransaction)
        {
            _open.Add(entry.TransactionStart);
        }
    }

    /// <summary>Forgets producers that wrote nothing for longer than allowed and have no open transaction.</summary>
    public void Expire(long olderThanMs)
    {
        foreach (var (id, entry) in _producers)
        {
            if (entry.TransactionStart == ProducerEntry.NoTransaction && entry.LastSeenMs < olderThanMs)
            {
                _producers.Remove(id);
            }
        }
    }

    public void Clear()
    {
        _producers.Clear();
        _open.Clear();
    }

    ProducerEntry FindOrAdd(long producerId)
    {
        if (!_producers.TryGetValue(producerId, out var entry))
        {
            _producers.Add(producerId, entry = new ProducerEntry(producerId));
        }

        return entry;
    }
}
