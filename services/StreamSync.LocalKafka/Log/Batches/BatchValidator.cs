using StreamSync.LocalKafka.Protocol;

namespace StreamSync.LocalKafka.Log.Batches;

/// <summary>A batch that may be stored, or the reason why not.</summary>
/// <param name="Error">None if it may be stored.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Batch">The bytes to store: the producer's own, or rewritten ones.</param>
/// <param name="Header">Header of <paramref name="Batch"/>.</param>
/// <param name="RecordErrors">The records at fault.</param>
/// <param name="BeforeContent">Whether the batch was refused before its records were looked at; Apache Kafka then tells no log start.</param>
readonly record struct ValidatedBatch(
    ErrorCode Error,
    string? Message,
    Memory<byte> Batch,
    BatchHeader Header,
    IReadOnlyList<RecordError>? RecordErrors = null,
    bool BeforeContent = false);

/// <summary>
/// Decides whether the records of a Produce request may be stored. A right checksum does not make a good batch: a wrong
/// count or a damaged compressed record would stop every reader of the partition for ever. Codes and order of the checks
/// are those of Apache Kafka 4.3, found by sending it each of these batches; where Apache stores a poison batch (offset deltas
/// that skip or repeat), this answers INVALID_RECORD.
/// </summary>
static class BatchValidator
{
    // Apache Kafka refuses shorter ones as the overhead of its oldest format.
    const int MinLength = 14;

    // All errors are counted, but not all are listed: one small compressed batch can hold millions of bad records.
    const int MaxListedErrors = 1000;

    // Batches that unfold to this much are recompressed one after the other, so that many at once hold no more memory than one.
    const long LargeBytes = 4L << 20;

    static readonly Lock Large = new();

    public static ValidatedBatch Validate(Memory<byte> records, TopicPartition partition, LogOptions options, long nowMs)
    {
        var frame = Frame(records.Span, out var size);
        if (frame is { } refused)
        {
            return refused;
        }

        var batch = records[..size];
        var header = size >= BatchHeader.Size ? BatchHeader.Parse(batch.Span) : default;
        if (size < BatchHeader.Size)
        {
            return Early(ErrorCode.CorruptMessage, $"A record batch of {size} bytes is shorter than its header.");
        }

        if (header.BaseOffset != 0)
        {
            return Fail(ErrorCode.InvalidRecord, $"The base offset of a produced batch is 0, not {header.BaseOffset}.");
        }

        if (size > options.MaxMessageBytes)
        {
            return Early(ErrorCode.MessageTooLarge, $"The batch has {size} bytes; {partition} takes at most {options.MaxMessageBytes} (max.message.bytes).");
        }

        if (header.Crc != BatchHeader.ComputeCrc(batch.Span))
        {
            return Early(ErrorCode.CorruptMessage, $"The batch for {partition} fails its checksum.");
        }

        if (CheckHeader(header) is { } problem)
        {
            return Fail(ErrorCode.InvalidRecord, $"{problem} ({partition})");
        }

        ValidatedBatch result;
        try
        {
            result = CheckRecords(batch, header, partition, options, nowMs);
        }
        catch (UndecodableException e)
        {
            return Fail(ErrorCode.UnknownServerError, $"The batch for {partition} cannot be decompressed: {e.Message}.");
        }
        catch (InvalidDataException e)
        {
            return Fail(ErrorCode.InvalidRecord, $"The batch for {partition} cannot be read: {e.Message}.");
        }

        if (result.Error == ErrorCode.None && result.Batch.Length > options.MaxMessageBytes)
        {
            return Early(
                ErrorCode.MessageTooLarge,
                $"Recompressed as {options.Compression} the batch has {result.Batch.Length} bytes; {partition} takes at most {options.MaxMessageBytes} (max.message.bytes).");
        }

        return result.Error == ErrorCode.None && result.Batch.Length > options.SegmentBytes
            ? Early(ErrorCode.RecordListTooLarge, $"The batch has {result.Batch.Length} bytes, a segment of {partition} {options.SegmentBytes} (segment.bytes).")
            : result;
    }

    // What can be told without trusting a single field: exactly one whole batch of the current format.
    static ValidatedBatch? Frame(ReadOnlySpan<byte> records, out int size)
    {
        size = 0;
        for (var batches = 0; ; batches++)
        {
            if (records.Length < BatchHeader.LengthOverhead)
            {
                return batches == 1 ? null : NoBatch();
            }

            var length = BatchHeader.ReadLength(records);
            if (length < MinLength)
            {
                return Early(ErrorCode.CorruptMessage, $"A batch length of {length} is impossible.");
            }

            if (records.Length < BatchHeader.SizeUpToMagic)
            {
                return batches == 1 ? null : NoBatch();
            }

            var magic = BatchHeader.ReadMagic(records);
            if (magic is < 0 or > (sbyte)BatchHeader.CurrentMagic)
            {
                return Early(ErrorCode.CorruptMessage, $"Message format {magic} does not exist.");
            }

            if (length > records.Length - BatchHeader.LengthOverhead)
            {
                return batches == 1 ? null : NoBatch();
            }

            if (batches == 1)
            {
                return Early(ErrorCode.InvalidRecord, "A Produce request holds exactly one batch for each partition.");
            }

            if (magic != BatchHeader.CurrentMagic)
            {
                return Early(ErrorCode.InvalidRecord, $"Message format {magic} is no longer accepted; produce with format 2 (clients since Kafka 0.11).");
            }

            size = length + BatchHeader.LengthOverhead;
            records = records[size..];
        }
    }

    static ValidatedBatch NoBatch() => Early(ErrorCode.InvalidRecord, "A Produce request holds exactly one whole batch for each partition.");

    static string? CheckHeader(BatchHeader header) => header switch
    {
        { LastOffsetDelta: < 0 } => $"A last offset delta of {header.LastOffsetDelta} is impossible",
        { Count: <= 0 } => $"A record count of {header.Count} is impossible",
        _ when header.LastOffsetDelta != header.Count - 1L =>
            $"A count of {header.Count} contradicts a last offset delta of {header.LastOffsetDelta}",
        { IsControl: true } => "Clients may not write control records",
        { HasProducerId: true, BaseSequence: < 0 } => $"A batch with a producer id cannot have sequence number {header.BaseSequence}",
        { IsTransactional: true, HasProducerId: false } => "A transactional batch needs a producer id",
        _ => null,
    };

    static ValidatedBatch CheckRecords(Memory<byte> batch, BatchHeader header, TopicPartition partition, LogOptions options, long nowMs)
    {
        List<RecordError>? errors = null;
        var errorCount = 0;
        var badTimestamp = false;
        var compacted = (options.Cleanup & CleanupPolicy.Compact) != 0;
        var createTime = options.Timestamps == TimestampType.CreateTime;
        var earliest = nowMs - options.TimestampBeforeMaxMs;
        var latest = options.TimestampAfterMaxMs > long.MaxValue - nowMs ? long.MaxValue : nowMs + options.TimestampAfterMaxMs;
        var maxTimestamp = -1L;
        var recompress = options.Compression != CompressionType.Producer && options.Compression != header.Codec;
        long unfolded;
        var scanner = new RecordScanner(batch[BatchHeader.Size..], header.Codec, compacted || recompress ? BatchPayload.MaxHeldBytes : BatchPayload.MaxUnpackedBytes);
        try
        {
            for (var i = 0; i < header.Count; i++)
            {
                var record = scanner.Next();
                if (record.OffsetDelta != i)
                {
                    throw new InvalidDataException($"record {i} has offset delta {record.OffsetDelta}");
                }

                // With the append-time attribute a record's timestamp is that of its batch.
                var timestamp = header.IsLogAppendTime ? header.MaxTimestamp : header.BaseTimestamp + record.TimestampDelta;
                if (compacted && !record.HasKey)
                {
                    AddError(i, $"Compacted topic cannot accept message without key in topic partition {partition}");
                }
                else if (createTime && timestamp != -1 && (timestamp < earliest || timestamp > latest))
                {
                    badTimestamp = true;
                    AddError(
                        i,
                        $"Timestamp {timestamp} of message with offset {i} is out of range. The timestamp should be within [{earliest}, {latest}]");
                }
                else if ((!createTime || timestamp == -1) && header.IsLogAppendTime)
                {
                    badTimestamp = true;
                    AddError(i, $"Invalid timestamp type: a producer does not set timestamp type LogAppendTime");
                }

                maxTimestamp = Math.Max(maxTimestamp, timestamp);
            }

            if (!scanner.AtEnd())
            {
                throw new InvalidDataException($"more bytes follow the {header.Count} records");
            }

            unfolded = scanner.Offset;
        }
        finally
        {
            scanner.Dispose();
        }

        if (errors is not null)
        {
            return badTimestamp
                ? Fail(ErrorCode.InvalidTimestamp, "One or more records have been rejected due to invalid timestamp", errors)
                : Fail(
                    ErrorCode.InvalidRecord,
                    $"One or more records have been rejected due to {errorCount} record errors in total; the first: {errors[0].Message}",
                    errors);
        }

        var stored = batch;
        if (recompress)
        {
            stored = Recompress(batch, header, options.Compression, maxTimestamp, unfolded);
        }
        else if (createTime && (header.MaxTimestamp != maxTimestamp || header.IsLogAppendTime))
        {
            BatchHeader.SetMaxTimestamp(batch.Span, TimestampType.CreateTime, maxTimestamp);
        }

        return new ValidatedBatch(ErrorCode.None, null, stored, BatchHeader.Parse(stored.Span));

        void AddError(int index, FormattableString message)
        {
            if (errorCount++ < MaxListedErrors)
            {
                (errors ??= []).Add(new RecordError(index, FormattableString.Invariant(message)));
            }
        }
    }

    static byte[] Recompress(ReadOnlyMemory<byte> batch, BatchHeader header, CompressionType codec, long maxTimestamp, long unfolded)
    {
        if (unfolded < LargeBytes)
        {
            return BatchWriter.Recompress(batch, header, codec, maxTimestamp);
        }

        lock (Large)
        {
            return BatchWriter.Recompress(batch, header, codec, maxTimestamp);
        }
    }

    static ValidatedBatch Fail(ErrorCode error, string message, IReadOnlyList<RecordError>? records = null) =>
        new(error, message, default, default, records);

    static ValidatedBatch Early(ErrorCode error, string message) => new(error, message, default, default, null, BeforeContent: true);
}
