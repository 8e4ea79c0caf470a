using Microsoft.Extensions.Logging;
using StreamSync.LocalKafka.Protocol;

namespace StreamSync.LocalKafka.Log;

#pragma warning disable CA1822, CA1801, IDE0060 // bodies follow
/// <summary>
/// The log of one partition: append-only segment files of record batches. All members may be called from any thread;
/// appends to one partition are serialised, reads run beside them.
/// </summary>
sealed class PartitionLog : IDisposable
{
    /// <summary>Special timestamps of <see cref="OffsetForTimestamp"/> (ListOffsets).</summary>
    public const long LatestTimestamp = -1, EarliestTimestamp = -2, MaxTimestamp = -3, EarliestLocalTimestamp = -4;

    /// <summary>A single node never changes leaders: every batch carries this epoch.</summary>
    public const int LeaderEpoch = 0;

    /// <summary>Opens or creates the log in <paramref name="directory"/> and repairs what a crash left.</summary>
    /// <exception cref="IOException">The directory cannot be read or written; the message names it and the remedy.</exception>
    public static PartitionLog Open(
        string directory, string topic, int partition, LogOptions options, TimeProvider clock, ILogger logger) => throw new NotImplementedException();

    public string Topic => throw new NotImplementedException();

    public int Partition => throw new NotImplementedException();

    public LogOptions Options => throw new NotImplementedException();

    public long LogStartOffset => throw new NotImplementedException();

    public long LogEndOffset => throw new NotImplementedException();

    /// <summary>On a single node every stored record is replicated.</summary>
    public long HighWatermark => LogEndOffset;

    /// <summary>Offset below which every transaction is decided.</summary>
    public long LastStableOffset => throw new NotImplementedException();

    public long SizeBytes => throw new NotImplementedException();

    /// <summary>Appends one batch as a Produce request carries it, after checking all that is in it.</summary>
    /// <param name="records">The batch; its offset, epoch and (where the topic asks for it) timestamp fields are patched in place.</param>
    /// <param name="transactionVerified">The coordinator says that this partition is in the ongoing transaction of the batch's producer.</param>
    public AppendResult Append(Memory<byte> records, bool transactionVerified) => throw new NotImplementedException();

    /// <summary>Writes a transaction marker, which decides the producer's open transaction here (if any).</summary>
    /// <returns>The marker's offset.</returns>
    /// <exception cref="LogAppendException">A fenced epoch, or the disk refused the write.</exception>
    public long AppendControl(long producerId, short producerEpoch, bool commit, int coordinatorEpoch) => throw new NotImplementedException();

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
        bool transactional = false) => throw new NotImplementedException();

    /// <summary>Reads whole batches from the one that holds <paramref name="offset"/> on.</summary>
    /// <param name="offset">First offset wanted; the first batch may start before it.</param>
    /// <param name="maxBytes">Most bytes to return.</param>
    /// <param name="readCommitted">Stop at the last stable offset and list aborted transactions.</param>
    /// <param name="minOneBatch">Return the first batch even if it is larger than <paramref name="maxBytes"/>.</param>
    public ReadResult Read(long offset, int maxBytes, bool readCommitted, bool minOneBatch) => throw new NotImplementedException();

    /// <summary>Bytes that a read from <paramref name="offset"/> could return now (for min_bytes of a long poll), without reading them.</summary>
    public long AvailableBytes(long offset, bool readCommitted) => throw new NotImplementedException();

    /// <summary>The first record at or after a timestamp, or one of the special places.</summary>
    public OffsetAndTimestamp OffsetForTimestamp(long timestampMs, bool readCommitted) => throw new NotImplementedException();

    /// <summary>Makes <paramref name="offset"/> (-1: the high watermark) the first offset of the log.</summary>
    /// <returns>OffsetOutOfRange beyond the high watermark, PolicyViolation where records may not be deleted.</returns>
    public ErrorCode DeleteRecordsBefore(long offset, out long newLogStart) => throw new NotImplementedException();

    /// <summary>Decodes every record from an offset to the current end, markers included.</summary>
    public IEnumerable<LogRecord> ReadRecords(long fromOffset) => throw new NotImplementedException();

    public void UpdateOptions(LogOptions options) => throw new NotImplementedException();

    public bool IsTransactionOngoing(long producerId, short epoch) => throw new NotImplementedException();

    public IReadOnlyList<ProducerStateSnapshot> ActiveProducers() => throw new NotImplementedException();

    /// <summary>Calls back after each append and each move of the last stable offset, until disposed. The callback must be quick and not throw.</summary>
    public IDisposable OnAppend(Action callback) => throw new NotImplementedException();

    /// <summary>Deletes segments by age, size and log start. Called by <see cref="LogStore"/> from time to time.</summary>
    public void RunRetention() => throw new NotImplementedException();

    /// <summary>Compacts if the policy asks for it and enough is dirty.</summary>
    public void RunCompaction() => throw new NotImplementedException();

    /// <summary>Forces everything appended so far to the disk.</summary>
    public void Flush() => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}
