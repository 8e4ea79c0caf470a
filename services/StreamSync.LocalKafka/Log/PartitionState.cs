using System.Buffers.Binary;
using StreamSync.LocalKafka.Log.Batches;
using StreamSync.LocalKafka.Log.Producers;

namespace StreamSync.LocalKafka.Log;

/// <summary>
/// What a partition keeps outside its segments: the log start, the point up to which everything is known to be on disk
/// and whole, and the producers as they were at that point. Starting again reads only what lies behind it.
/// </summary>
/// <param name="LogStart">First offset that may be read.</param>
/// <param name="RecoveryOffset">Next offset at the recovery point.</param>
/// <param name="RecoverySegment">First offset of the segment with the recovery point.</param>
/// <param name="RecoveryPosition">Position in that segment.</param>
/// <param name="CleanedTo">Offset up to which the log has been compacted.</param>
/// <param name="Producers">Producers at the recovery point, encoded by <see cref="EncodeProducers"/>.</param>
sealed record PartitionState(
    long LogStart, long RecoveryOffset, long RecoverySegment, int RecoveryPosition, long CleanedTo, byte[] Producers)
{
    const uint Magic = 0x31505353; // "SSP1"
    const int FixedSize = 48, ProducerSize = 46, BatchSize = 32;

    public bool SameAs(PartitionState other) =>
        this with { Producers = other.Producers } == other && Producers.AsSpan().SequenceEqual(other.Producers);

    public byte[] Encode()
    {
        var file = new byte[FixedSize + Producers.Length + sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(file, Magic);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(4), LogStart);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(12), RecoveryOffset);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(20), RecoverySegment);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(28), RecoveryPosition);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(32), CleanedTo);
        Producers.CopyTo(file, FixedSize);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(file.Length - sizeof(uint)), Crc32C.Compute(file.AsSpan(0, file.Length - sizeof(uint))));
        return file;
    }

    /// <summary>Null for a file that is missing or damaged: the log is then scanned from its start.</summary>
    public static PartitionState? Read(string path)
    {
        byte[] file;
        try
        {
            file = File.ReadAllBytes(path);
        }
        catch (FileNotFoundException)
        {
            return null;
        }

        var content = file.Length - sizeof(uint);
        return content < FixedSize
            || BinaryPrimitives.ReadUInt32LittleEndian(file) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(content)) != Crc32C.Compute(file.AsSpan(0, content))
            ? null
            : new PartitionState(
                BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(4)),
                BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(12)),
                BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(20)),
                BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(28)),
                BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(32)),
                file[FixedSize..content]);
    }

    public static byte[] EncodeProducers(ProducerTable producers)
    {
        var data = new byte[producers.All.Sum(p => ProducerSize + p.BatchCount * BatchSize)];
        var rest = data.AsSpan();
        foreach (var producer in producers.All)
        {
            BinaryPrimitives.WriteInt64LittleEndian(rest, producer.ProducerId);
            BinaryPrimitives.WriteInt16LittleEndian(rest[8..], producer.Epoch);
            BinaryPrimitives.WriteInt32LittleEndian(rest[10..], producer.CoordinatorEpoch);
            BinaryPrimitives.WriteInt64LittleEndian(rest[14..], producer.LastTimestamp);
            BinaryPrimitives.WriteInt64LittleEndian(rest[22..], producer.LastSeenMs);
            BinaryPrimitives.WriteInt64LittleEndian(rest[30..], producer.TransactionStart);
            BinaryPrimitives.WriteInt32LittleEndian(rest[38..], producer.BatchCount);
            rest = rest[ProducerSize..];
            for (var i = 0; i < producer.BatchCount; i++, rest = rest[BatchSize..])
            {
                var batch = producer[i];
                BinaryPrimitives.WriteInt32LittleEndian(rest, batch.FirstSequence);
                BinaryPrimitives.WriteInt32LittleEndian(rest[4..], batch.LastSequence);
                BinaryPrimitives.WriteInt64LittleEndian(rest[8..], batch.FirstOffset);
                BinaryPrimitives.WriteInt64LittleEndian(rest[16..], batch.LastOffset);
                BinaryPrimitives.WriteInt64LittleEndian(rest[24..], batch.Timestamp);
            }
        }

        return data;
    }

    public void RestoreProducers(ProducerTable producers)
    {
        Span<StoredBatch> batches = stackalloc StoredBatch[ProducerEntry.RememberedBatches];
        for (var rest = Producers.AsSpan(); !rest.IsEmpty;)
        {
            var entry = new ProducerEntry(BinaryPrimitives.ReadInt64LittleEndian(rest));
            var count = BinaryPrimitives.ReadInt32LittleEndian(rest[38..]);
            var stored = rest[ProducerSize..];
            for (var i = 0; i < count; i++, stored = stored[BatchSize..])
            {
                batches[i] = new StoredBatch(
                    BinaryPrimitives.ReadInt32LittleEndian(stored),
                    BinaryPrimitives.ReadInt32LittleEndian(stored[4..]),
                    BinaryPrimitives.ReadInt64LittleEndian(stored[8..]),
                    BinaryPrimitives.ReadInt64LittleEndian(stored[16..]),
                    BinaryPrimitives.ReadInt64LittleEndian(stored[24..]));
            }

            entry.Restore(
                BinaryPrimitives.ReadInt16LittleEndian(rest[8..]),
                BinaryPrimitives.ReadInt32LittleEndian(rest[10..]),
                BinaryPrimitives.ReadInt64LittleEndian(rest[14..]),
                BinaryPrimitives.ReadInt64LittleEndian(rest[22..]),
                BinaryPrimitives.ReadInt64LittleEndian(rest[30..]),
                batches[..count]);
            producers.Restore(entry);
            rest = stored;
        }
    }
}
