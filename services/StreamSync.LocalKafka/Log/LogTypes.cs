using StreamSync.LocalKafka.Protocol;

namespace StreamSync.LocalKafka.Log;

/// <summary>One record that made its batch unacceptable, as Produce responses from version 8 report it.</summary>
/// <param name="BatchIndex">Index of the record within the batch.</param>
/// <param name="Message">What is wrong with it.</param>
readonly record struct RecordError(int BatchIndex, string Message);

/// <summary>Outcome of an append. With an error nothing at all was stored.</summary>
/// <param name="Error">Code for the client; <see cref="ErrorCode.None"/> also for a duplicate of a batch stored before.</param>
/// <param name="Message">Explanation, or null.</param>
/// <param name="BaseOffset">Offset of the first record (of the original batch for a duplicate), -1 with an error.</param>
/// <param name="LogAppendTimeMs">Timestamp that the broker gave, in ms since 1970, or -1 where the producer's is kept.</param>
/// <param name="LogStartOffset">First offset of the log, -1 with an error.</param>
/// <param name="RecordErrors">The records at fault, where single ones can be named.</param>
readonly record struct AppendResult(
    ErrorCode Error,
    string? Message,
    long BaseOffset,
    long LogAppendTimeMs,
    long LogStartOffset,
    IReadOnlyList<RecordError>? RecordErrors = null);

/// <summary>A transaction that was aborted: its records from <paramref name="FirstOffset"/> to its abort marker are void.</summary>
readonly record struct AbortedTxn(long ProducerId, long FirstOffset);

/// <summary>A key and value to append to a broker-internal topic. A null value is a tombstone.</summary>
readonly record struct InternalRecord(byte[]? Key, byte[]? Value);

/// <summary>What a partition knows about one producer (DescribeProducers).</summary>
readonly record struct ProducerStateSnapshot(
    long ProducerId,
    short ProducerEpoch,
    int LastSequence,
    long LastTimestamp,
    int CoordinatorEpoch,
    long CurrentTransactionStartOffset);

/// <summary>A place found by timestamp. Offset -1: none.</summary>
readonly record struct OffsetAndTimestamp(long Offset, long Timestamp, int LeaderEpoch);

/// <summary>Name of a partition.</summary>
readonly record struct TopicPartition(string Topic, int Partition)
{
    public override string ToString() => $"{Topic}-{Partition}";
}

/// <summary>One decoded record.</summary>
/// <param name="Offset">Its offset.</param>
/// <param name="Timestamp">Milliseconds since 1970, -1 for none.</param>
/// <param name="Key">Null for none.</param>
/// <param name="Value">Null for a tombstone.</param>
/// <param name="ProducerId">-1 for a batch without producer id.</param>
/// <param name="ProducerEpoch">-1 for a batch without producer id.</param>
/// <param name="IsTransactional">Whether it belongs to a transaction: valid only once that producer's commit marker follows.</param>
/// <param name="Control">Abort or commit when the record is a transaction marker, else null.</param>
sealed record LogRecord(
    long Offset,
    long Timestamp,
    byte[]? Key,
    byte[]? Value,
    long ProducerId,
    short ProducerEpoch,
    bool IsTransactional,
    ControlType? Control);

/// <summary>Kind of a transaction marker; the numeric value is the one in the marker's key.</summary>
enum ControlType : short
{
    Abort = 0,
    Commit = 1,
}

/// <summary>An append by the broker itself (marker, internal record) that could not be done; nothing was stored.</summary>
sealed class LogAppendException(ErrorCode error, string message) : Exception(message)
{
    /// <summary>Code for the client on whose behalf the append was made.</summary>
    public ErrorCode Error { get; } = error;
}
