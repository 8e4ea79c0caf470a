using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using Snappier;
using ZstdSharp;

namespace StreamSync.LocalKafka.Log.Batches;

/// <summary>Composes batches: the broker's own records, markers, and batches that compaction or a topic's codec rewrites.</summary>
static class BatchWriter
{
    const int XerialBlock = 32 * 1024;
    const int ZstdLevel = 3;

    /// <summary>The empty header list that ends a record.</summary>
    static ReadOnlySpan<byte> NoHeaders => [0];

    /// <summary>Appends one record.</summary>
    /// <param name="output">Uncompressed records of a batch.</param>
    /// <param name="timestampDelta">To the batch's base timestamp.</param>
    /// <param name="offsetDelta">To its base offset.</param>
    /// <param name="hasKey">False writes a null key.</param>
    /// <param name="key">The key.</param>
    /// <param name="hasValue">False writes a null value.</param>
    /// <param name="value">The value.</param>
    /// <param name="rawHeaders">Count and headers, encoded.</param>
    public static void WriteRecord(
        ArrayBufferWriter<byte> output,
        long timestampDelta,
        int offsetDelta,
        bool hasKey,
        ReadOnlySpan<byte> key,
        bool hasValue,
        ReadOnlySpan<byte> value,
        ReadOnlySpan<byte> rawHeaders)
    {
        var length = 1 + Varint.SizeOf(timestampDelta) + Varint.SizeOf(offsetDelta) + FieldSize(hasKey, key) + FieldSize(hasValue, value) + rawHeaders.Length;
        var target = output.GetSpan(length + Varint.MaxBytes);
        var at = Varint.Write(target, length);
        target[at++] = 0;
        at += Varint.Write(target[at..], timestampDelta);
        at += Varint.Write(target[at..], offsetDelta);
        at += WriteField(target[at..], hasKey, key);
        at += WriteField(target[at..], hasValue, value);
        rawHeaders.CopyTo(target[at..]);
        output.Advance(at + rawHeaders.Length);
    }

    /// <summary>One uncompressed batch of the broker's own records, all with the same timestamp.</summary>
    public static byte[] Internal(
        IReadOnlyList<InternalRecord> records, long timestamp, long producerId, short producerEpoch, bool transactional)
    {
        var body = new ArrayBufferWriter<byte>(256);
        for (var i = 0; i < records.Count; i++)
        {
            var (key, value) = records[i];
            WriteRecord(body, 0, i, key is not null, key, value is not null, value, NoHeaders);
        }

        var attributes = BatchHeader.MakeAttributes(CompressionType.None, logAppendTime: false, transactional, control: false, deleteHorizon: false);
        return Compose(body.WrittenSpan, attributes, 0, records.Count - 1, timestamp, timestamp, producerId, producerEpoch, -1, records.Count);
    }

    /// <summary>A transaction marker: key (version, type), value (version, coordinator epoch).</summary>
    public static byte[] Marker(long producerId, short producerEpoch, ControlType type, int coordinatorEpoch, long timestamp)
    {
        Span<byte> key = stackalloc byte[4];
        BinaryPrimitives.WriteInt16BigEndian(key, 0);
        BinaryPrimitives.WriteInt16BigEndian(key[2..], (short)type);
        Span<byte> value = stackalloc byte[6];
        BinaryPrimitives.WriteInt16BigEndian(value, 0);
        BinaryPrimitives.WriteInt32BigEndian(value[2..], coordinatorEpoch);
        var body = new ArrayBufferWriter<byte>(32);
        WriteRecord(body, 0, 0, true, key, true, value, NoHeaders);
        var attributes = BatchHeader.MakeAttributes(CompressionType.None, logAppendTime: false, transactional: true, control: true, deleteHorizon: false);
        return Compose(body.WrittenSpan, attributes, 0, 0, timestamp, timestamp, producerId, producerEpoch, -1, 1);
    }

    /// <summary>Reads a marker's type from the records of a control batch; null for one that is unknown.</summary>
    public static (ControlType Type, int CoordinatorEpoch)? ReadMarker(ReadOnlySpan<byte> records)
    {
        var reader = new RecordReader(records);
        if (!reader.Next() || reader.Key.Length < 4 || reader.Value.Length < 6)
        {
            return null;
        }

        var type = (ControlType)BinaryPrimitives.ReadInt16BigEndian(reader.Key[2..]);
        return type is ControlType.Abort or ControlType.Commit ? (type, BinaryPrimitives.ReadInt32BigEndian(reader.Value[2..])) : null;
    }

    /// <summary>The same batch in another codec.</summary>
    public static byte[] Recompress(ReadOnlyMemory<byte> batch, BatchHeader header, CompressionType codec, long maxTimestamp)
    {
        using var payload = BatchPayload.Unpack(batch, header.Codec);
        return Rewrite(header, codec, payload.Records.Span, header.BaseTimestamp, maxTimestamp, header.Count, header.DeleteHorizon is not null, logAppendTime: false);
    }

    /// <summary>A batch with the identity (offsets, producer, sequence) of an old one but other records.</summary>
    /// <param name="old">Header of the old one.</param>
    /// <param name="codec">Codec of the new one.</param>
    /// <param name="records">Uncompressed records of the new one.</param>
    /// <param name="baseTimestamp">What its timestamp deltas refer to: the delete horizon, if it has one.</param>
    /// <param name="maxTimestamp">Its largest timestamp.</param>
    /// <param name="count">How many records.</param>
    /// <param name="deleteHorizon">Whether <paramref name="baseTimestamp"/> is a delete horizon.</param>
    /// <param name="logAppendTime">Whether its timestamp is the broker's.</param>
    public static byte[] Rewrite(
        BatchHeader old,
        CompressionType codec,
        ReadOnlySpan<byte> records,
        long baseTimestamp,
        long maxTimestamp,
        int count,
        bool deleteHorizon,
        bool logAppendTime)
    {
        var attributes = BatchHeader.MakeAttributes(codec, logAppendTime, old.IsTransactional, old.IsControl, deleteHorizon);
        byte[]? pooled = null;
        try
        {
            return Compose(
                records.IsEmpty ? default : Compress(codec, records, ref pooled),
                attributes,
                old.BaseOffset,
                old.LastOffsetDelta,
                baseTimestamp,
                maxTimestamp,
                old.ProducerId,
                old.ProducerEpoch,
                old.BaseSequence,
                count);
        }
        finally
        {
            if (pooled is not null)
            {
                ArrayPool<byte>.Shared.Return(pooled);
            }
        }
    }

    /// <summary>Compresses records into a pooled array, which the caller returns.</summary>
    public static ReadOnlySpan<byte> Compress(CompressionType codec, ReadOnlySpan<byte> records, ref byte[]? pooled)
    {
        switch (codec)
        {
            case CompressionType.None:
                return records;
            case CompressionType.Gzip:
                using (var stream = new MemoryStream())
                {
                    using (var gzip = new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true))
                    {
                        gzip.Write(records);
                    }

                    return stream.GetBuffer().AsSpan(0, (int)stream.Length);
                }

            case CompressionType.Snappy:
                pooled = ArrayPool<byte>.Shared.Rent(16 + (records.Length / XerialBlock + 1) * (4 + Snappy.GetMaxCompressedLength(XerialBlock)));
                return pooled.AsSpan(0, CompressXerial(records, pooled));
            case CompressionType.Lz4:
                pooled = ArrayPool<byte>.Shared.Rent(Lz4Frame.MaxSize(records.Length));
                return pooled.AsSpan(0, Lz4Frame.Encode(records, pooled));
            case CompressionType.Zstd:
                pooled = ArrayPool<byte>.Shared.Rent(Compressor.GetCompressBound(records.Length));
                using (var compressor = new Compressor(ZstdLevel))
                {
                    return pooled.AsSpan(0, compressor.Wrap(records, pooled));
                }

            default:
                throw new ArgumentOutOfRangeException(nameof(codec), codec, "No such codec.");
        }
    }

    static int CompressXerial(ReadOnlySpan<byte> records, Span<byte> target)
    {
        SnappyDecoder.Magic.CopyTo(target);
        BinaryPrimitives.WriteInt32BigEndian(target[8..], 1);
        BinaryPrimitives.WriteInt32BigEndian(target[12..], 1);
        var at = 16;
        for (; !records.IsEmpty; records = records[Math.Min(XerialBlock, records.Length)..])
        {
            var n = Snappy.Compress(records[..Math.Min(XerialBlock, records.Length)], target[(at + 4)..]);
            BinaryPrimitives.WriteInt32BigEndian(target[at..], n);
            at += 4 + n;
        }

        return at;
    }

    static byte[] Compose(
        ReadOnlySpan<byte> body,
        short attributes,
        long baseOffset,
        int lastOffsetDelta,
        long baseTimestamp,
        long maxTimestamp,
        long producerId,
        short producerEpoch,
        int baseSequence,
        int count)
    {
        var batch = GC.AllocateUninitializedArray<byte>(BatchHeader.Size + body.Length);
        body.CopyTo(batch.AsSpan(BatchHeader.Size));
        BatchHeader.Write(batch, baseOffset, attributes, lastOffsetDelta, baseTimestamp, maxTimestamp, producerId, producerEpoch, baseSequence, count);
        return batch;
    }

    static int FieldSize(bool present, ReadOnlySpan<byte> field) => present ? Varint.SizeOf(field.Length) + field.Length : 1;

    static int WriteField(Span<byte> target, bool present, ReadOnlySpan<byte> field)
    {
        var at = Varint.Write(target, present ? field.Length : -1);
        field.CopyTo(target[at..]);
        return at + field.Length;
    }
}
