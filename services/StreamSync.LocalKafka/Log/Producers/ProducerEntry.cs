using StreamSync.LocalKafka.Log.Batches;

namespace StreamSync.LocalKafka.Log.Producers;

/// <summary>A stored batch of an idempotent producer, by which its repetition is recognised.</summary>
readonly record struct StoredBatch(int FirstSequence, int LastSequence, long FirstOffset, long LastOffset, long Timestamp);

/// <summary>What a partition knows of one producer: its epoch, its last five batches, its open transaction.</summary>
sealed class ProducerEntry(long producerId)
{
    /// <summary>A producer may have this many requests in flight, so any of so many batches can come again.</summary>
    public const int RememberedBatches = 5;

    public const short NoEpoch = -1;
    public const int NoSequence = -1;
    public const long NoTransaction = -1;

    readonly StoredBatch[] _batches = new StoredBatch[RememberedBatches];
    int _first;

    public long ProducerId { get; } = producerId;

    public short Epoch { get; private set; } = NoEpoch;

    public int CoordinatorEpoch { get; private set; } = -1;

    /// <summary>Timestamp of its last batch or marker.</summary>
    public long LastTimestamp { get; private set; } = -1;

    /// <summary>
    /// When it last wrote by this machine's clock. Timestamps of records can lie years back, so they say nothing about
    /// whether a producer still lives.
    /// </summary>
    public long LastSeenMs { get; private set; }

    /// <summary>First offset of the open transaction, or <see cref="NoTransaction"/>.</summary>
    public long TransactionStart { get; private set; } = NoTransaction;

    public int BatchCount { get; private set; }

    public int LastSequence => BatchCount == 0 ? NoSequence : this[BatchCount - 1].LastSequence;

    /// <summary>Offset of its last data record here, or -1.</summary>
    public long LastDataOffset => BatchCount == 0 ? -1 : this[BatchCount - 1].LastOffset;

    public StoredBatch this[int i] => _batches[(_first + i) % RememberedBatches];

    public StoredBatch? FindDuplicate(BatchHeader header)
    {
        if (header.ProducerEpoch == Epoch)
        {
            var last = header.LastSequence;
            for (var i = 0; i < BatchCount; i++)
            {
                if (this[i].FirstSequence == header.BaseSequence && this[i].LastSequence == last)
                {
                    return this[i];
                }
            }
        }

        return null;
    }

    public void AddBatch(BatchHeader header, long nowMs)
    {
        LastSeenMs = nowMs;
        SetEpoch(header.ProducerEpoch);
        LastTimestamp = header.MaxTimestamp;
        if (header.IsTransactional && TransactionStart == NoTransaction)
        {
            TransactionStart = header.BaseOffset;
        }

        // The broker's own records (offsets committed in a transaction) carry no sequence.
        if (header.BaseSequence != NoSequence)
        {
            AddBatch(new StoredBatch(header.BaseSequence, header.LastSequence, header.BaseOffset, header.LastOffset, header.MaxTimestamp));
        }
    }

    void AddBatch(StoredBatch batch)
    {
        if (BatchCount == RememberedBatches)
        {
            _first = (_first + 1) % RememberedBatches;
            BatchCount--;
        }

        _batches[(_first + BatchCount++) % RememberedBatches] = batch;
    }

    /// <summary>Takes note of a marker; returns where the transaction that it decides began.</summary>
    public long EndTransaction(short epoch, int coordinatorEpoch, long timestamp, long nowMs)
    {
        LastSeenMs = nowMs;
        SetEpoch(epoch);
        CoordinatorEpoch = coordinatorEpoch;
        LastTimestamp = timestamp;
        var start = TransactionStart;
        TransactionStart = NoTransaction;
        return start;
    }

    void SetEpoch(short epoch)
    {
        if (epoch != Epoch)
        {
            Epoch = epoch;
            BatchCount = 0;
        }
    }

    public void Restore(
        short epoch, int coordinatorEpoch, long lastTimestamp, long lastSeenMs, long transactionStart, ReadOnlySpan<StoredBatch> batches)
    {
        (Epoch, CoordinatorEpoch, LastTimestamp) = (epoch, coordinatorEpoch, lastTimestamp);
        (LastSeenMs, TransactionStart, BatchCount) = (lastSeenMs, transactionStart, 0);
        foreach (var batch in batches)
        {
            AddBatch(batch);
        }
    }
}
