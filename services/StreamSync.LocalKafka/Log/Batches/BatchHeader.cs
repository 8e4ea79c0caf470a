using System.Buffers.Binary;

namespace StreamSync.LocalKafka.Log.Batches;

/// <summary>
/// Header of a record batch of format version 2, the only one that is stored. Layout: "Record Batch" in Apache Kafka's
/// documentation of the message format.
/// </summary>
readonly record struct BatchHeader
{
    /// <summary>Bytes before the records.</summary>
    public const int Size = 61;

    /// <summary>Bytes that the length field does not count: the base offset and the field itself.</summary>
    public const int LengthOverhead = 12;

    /// <summary>Bytes up to and with the format version, which tell whether the rest can be read.</summary>
    public const int SizeUpToMagic = 17;

    public const byte CurrentMagic = 2;

    const int LengthAt = 8, EpochAt = 12, MagicAt = 16, CrcAt = 17, AttributesAt = 21, LastOffsetDeltaAt = 23, BaseTimestampAt = 27,
        MaxTimestampAt = 35, ProducerIdAt = 43, ProducerEpochAt = 51, BaseSequenceAt = 53, CountAt = 57;

    const short CodecMask = 7, LogAppendTimeBit = 8, TransactionalBit = 16, ControlBit = 32, DeleteHorizonBit = 64;

    public long BaseOffset { get; private init; }

    public int Length { get; private init; }

    public int LeaderEpoch { get; private init; }

    public sbyte Magic { get; private init; }

    public uint Crc { get; private init; }

    public short Attributes { get; private init; }

    public int LastOffsetDelta { get; private init; }

    public long BaseTimestamp { get; private init; }

    public long MaxTimestamp { get; private init; }

    public long ProducerId { get; private init; }

    public short ProducerEpoch { get; private init; }

    public int BaseSequence { get; private init; }

    public int Count { get; private init; }

    /// <summary>Bytes of the whole batch.</summary>
    public long TotalSize => (long)Length + LengthOverhead;

    public long LastOffset => BaseOffset + LastOffsetDelta;

    public CompressionType Codec => (CompressionType)(Attributes & CodecMask);

    public bool IsLogAppendTime => (Attributes & LogAppendTimeBit) != 0;

    public bool IsTransactional => (Attributes & TransactionalBit) != 0;

    public bool IsControl => (Attributes & ControlBit) != 0;

    /// <summary>When compaction may drop the batch's tombstones or marker (KIP-534), or null while no pass has seen them.</summary>
    public long? DeleteHorizon => (Attributes & DeleteHorizonBit) != 0 ? BaseTimestamp : null;

    public bool HasProducerId => ProducerId > -1;

    /// <summary>Sequence number of the last record; numbers go on from 0 after 2^31-1.</summary>
    public int LastSequence => BaseSequence < 0 ? BaseSequence : AddSequence(BaseSequence, LastOffsetDelta);

    public static int AddSequence(int sequence, int delta) =>
        sequence > int.MaxValue - delta ? delta - (int.MaxValue - sequence) - 1 : sequence + delta;

    /// <summary>Reads the fields without judging them.</summary>
    /// <param name="data">At least <see cref="Size"/> bytes.</param>
    public static BatchHeader Parse(ReadOnlySpan<byte> data)
    {
        data = data[..Size];
        return new BatchHeader
        {
            BaseOffset = BinaryPrimitives.ReadInt64BigEndian(data),
            Length = BinaryPrimitives.ReadInt32BigEndian(data[LengthAt..]),
            LeaderEpoch = BinaryPrimitives.ReadInt32BigEndian(data[EpochAt..]),
            Magic = (sbyte)data[MagicAt],
            Crc = BinaryPrimitives.ReadUInt32BigEndian(data[CrcAt..]),
            Attributes = BinaryPrimitives.ReadInt16BigEndian(data[AttributesAt..]),
            LastOffsetDelta = BinaryPrimitives.ReadInt32BigEndian(data[LastOffsetDeltaAt..]),
            BaseTimestamp = BinaryPrimitives.ReadInt64BigEndian(data[BaseTimestampAt..]),
            MaxTimestamp = BinaryPrimitives.ReadInt64BigEndian(data[MaxTimestampAt..]),
            ProducerId = BinaryPrimitives.ReadInt64BigEndian(data[ProducerIdAt..]),
            ProducerEpoch = BinaryPrimitives.ReadInt16BigEndian(data[ProducerEpochAt..]),
            BaseSequence = BinaryPrimitives.ReadInt32BigEndian(data[BaseSequenceAt..]),
            Count = BinaryPrimitives.ReadInt32BigEndian(data[CountAt..]),
        };
    }

    /// <summary>The length field alone.</summary>
    public static int ReadLength(ReadOnlySpan<byte> data) => BinaryPrimitives.ReadInt32BigEndian(data[LengthAt..]);

    /// <summary>The format version alone.</summary>
    public static sbyte ReadMagic(ReadOnlySpan<byte> data) => (sbyte)data[MagicAt];

    /// <summary>Computes the checksum of a whole batch, which covers everything from the attributes on.</summary>
    public static uint ComputeCrc(ReadOnlySpan<byte> batch) => Crc32C.Compute(batch[AttributesAt..]);

    /// <summary>First byte that the checksum covers.</summary>
    public const int CrcCoversFrom = AttributesAt;

    /// <summary>Whether the header alone could belong to a stored batch. The checksum is a separate question.</summary>
    public bool IsPlausible => Magic == CurrentMagic
        && Length >= Size - LengthOverhead
        && LastOffsetDelta >= 0
        && Count >= 0
        && LeaderEpoch == PartitionLog.LeaderEpoch;

    /// <summary>Sets the fields outside the checksum, which the broker assigns.</summary>
    public static void Assign(Span<byte> batch, long baseOffset, int leaderEpoch)
    {
        BinaryPrimitives.WriteInt64BigEndian(batch, baseOffset);
        BinaryPrimitives.WriteInt32BigEndian(batch[EpochAt..], leaderEpoch);
    }

    /// <summary>Sets the timestamp fields as the topic's timestamp type asks, and the checksum anew.</summary>
    public static void SetMaxTimestamp(Span<byte> batch, TimestampType type, long maxTimestamp)
    {
        var attributes = BinaryPrimitives.ReadInt16BigEndian(batch[AttributesAt..]);
        attributes = (short)(type == TimestampType.LogAppendTime ? attributes | LogAppendTimeBit : attributes & ~LogAppendTimeBit);
        BinaryPrimitives.WriteInt16BigEndian(batch[AttributesAt..], attributes);
        BinaryPrimitives.WriteInt64BigEndian(batch[MaxTimestampAt..], maxTimestamp);
        BinaryPrimitives.WriteUInt32BigEndian(batch[CrcAt..], ComputeCrc(batch));
    }

    /// <summary>Attributes of a batch.</summary>
    public static short MakeAttributes(CompressionType codec, bool logAppendTime, bool transactional, bool control, bool deleteHorizon) => (short)(
        (int)codec
        | (logAppendTime ? LogAppendTimeBit : 0)
        | (transactional ? TransactionalBit : 0)
        | (control ? ControlBit : 0)
        | (deleteHorizon ? DeleteHorizonBit : 0));

    /// <summary>Writes all fields in front of the records of <paramref name="batch"/>, with length, version and checksum computed.</summary>
    public static void Write(
        Span<byte> batch,
        long baseOffset,
        short attributes,
        int lastOffsetDelta,
        long baseTimestamp,
        long maxTimestamp,
        long producerId,
        short producerEpoch,
        int baseSequence,
        int count)
    {
        Assign(batch, baseOffset, PartitionLog.LeaderEpoch);
        BinaryPrimitives.WriteInt32BigEndian(batch[LengthAt..], batch.Length - LengthOverhead);
        batch[MagicAt] = CurrentMagic;
        BinaryPrimitives.WriteInt16BigEndian(batch[AttributesAt..], attributes);
        BinaryPrimitives.WriteInt32BigEndian(batch[LastOffsetDeltaAt..], lastOffsetDelta);
        BinaryPrimitives.WriteInt64BigEndian(batch[BaseTimestampAt..], baseTimestamp);
        BinaryPrimitives.WriteInt64BigEndian(batch[MaxTimestampAt..], maxTimestamp);
        BinaryPrimitives.WriteInt64BigEndian(batch[ProducerIdAt..], producerId);
        BinaryPrimitives.WriteInt16BigEndian(batch[ProducerEpochAt..], producerEpoch);
        BinaryPrimitives.WriteInt32BigEndian(batch[BaseSequenceAt..], baseSequence);
        BinaryPrimitives.WriteInt32BigEndian(batch[CountAt..], count);
        BinaryPrimitives.WriteUInt32BigEndian(batch[CrcAt..], ComputeCrc(batch));
    }

    /// <summary>Repairs the fields outside the checksum after damage on disk.</summary>
    public static void WriteUnchecked(Span<byte> header, long baseOffset, int length)
    {
        Assign(header, baseOffset, PartitionLog.LeaderEpoch);
        BinaryPrimitives.WriteInt32BigEndian(header[LengthAt..], length);
        header[MagicAt] = CurrentMagic;
    }
}
