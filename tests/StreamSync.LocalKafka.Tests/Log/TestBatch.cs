using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using StreamSync.LocalKafka.Log;
using StreamSync.LocalKafka.Log.Batches;

namespace StreamSync.LocalKafka.Tests.Log;

/// <summary>A record to produce. Null key and value are allowed; headers as name and value.</summary>
sealed record TestRecord(string? Key, string? Value, long TimestampDelta = 0, params (string Name, string? Value)[] Headers);

/// <summary>
/// A batch as a client would send it, with every field open to be set wrong. Encodes by itself, so that tests do not
/// prove the product's writer with the product's writer.
/// </summary>
sealed record TestBatch
{
    public IReadOnlyList<TestRecord> Records { get; init; } = [new("k", "v")];

    public CompressionType Codec { get; init; }

    public long ProducerId { get; init; } = -1;

    public short ProducerEpoch { get; init; } = -1;

    public int BaseSequence { get; init; } = -1;

    public bool Transactional { get; init; }

    public bool Control { get; init; }

    public short ExtraAttributes { get; init; }

    public long? BaseTimestamp { get; init; }

    public long? MaxTimestamp { get; init; }

    public long BaseOffset { get; init; }

    public int? Count { get; init; }

    public int? LastOffsetDelta { get; init; }

    public Func<int, int> OffsetDelta { get; init; } = i => i;

    public sbyte Magic { get; init; } = 2;

    /// <summary>Replaces the encoded records, before compression.</summary>
    public byte[]? Plain { get; init; }

    /// <summary>Replaces what follows the header.</summary>
    public byte[]? Payload { get; init; }

    public bool WrongCrc { get; init; }

    public byte[] Build(long nowMs)
    {
        var plain = Plain ?? EncodeRecords();
        byte[]? pooled = null;
        var payload = Payload ?? BatchWriter.Compress(Codec, plain, ref pooled).ToArray();
        var batch = new byte[BatchHeader.Size + payload.Length];
        payload.CopyTo(batch, BatchHeader.Size);
        var span = batch.AsSpan();
        var count = Count ?? Records.Count;
        BinaryPrimitives.WriteInt64BigEndian(span, BaseOffset);
        BinaryPrimitives.WriteInt32BigEndian(span[8..], batch.Length - 12);
        BinaryPrimitives.WriteInt32BigEndian(span[12..], -1);
        span[16] = (byte)Magic;
        BinaryPrimitives.WriteInt16BigEndian(span[21..], (short)((int)Codec | (Transactional ? 16 : 0) | (Control ? 32 : 0) | (ushort)ExtraAttributes));
        BinaryPrimitives.WriteInt32BigEndian(span[23..], LastOffsetDelta ?? count - 1);
        BinaryPrimitives.WriteInt64BigEndian(span[27..], BaseTimestamp ?? nowMs);
        BinaryPrimitives.WriteInt64BigEndian(
            span[35..], MaxTimestamp ?? (BaseTimestamp ?? nowMs) + Records.Select(r => r.TimestampDelta).DefaultIfEmpty().Max());
        BinaryPrimitives.WriteInt64BigEndian(span[43..], ProducerId);
        BinaryPrimitives.WriteInt16BigEndian(span[51..], ProducerEpoch);
        BinaryPrimitives.WriteInt32BigEndian(span[53..], BaseSequence);
        BinaryPrimitives.WriteInt32BigEndian(span[57..], count);
        BinaryPrimitives.WriteUInt32BigEndian(span[17..], SlowCrc(span[21..]) ^ (WrongCrc ? 1u : 0));
        return batch;
    }

    byte[] EncodeRecords()
    {
        using var output = new MemoryStream();
        for (var i = 0; i < Records.Count; i++)
        {
            var record = Records[i];
            using var body = new MemoryStream();
            body.WriteByte(0);
            Varint(body, record.TimestampDelta);
            Varint(body, OffsetDelta(i));
            Field(body, record.Key);
            Field(body, record.Value);
            Varint(body, record.Headers.Length);
            foreach (var (name, value) in record.Headers)
            {
                Field(body, name);
                Field(body, value);
            }

            Varint(output, body.Length);
            body.WriteTo(output);
        }

        return output.ToArray();
    }

    static void Field(Stream target, string? text)
    {
        if (text is null)
        {
            Varint(target, -1);
            return;
        }

        var bytes = Encoding.UTF8.GetBytes(text);
        Varint(target, bytes.Length);
        target.Write(bytes);
    }

    public static void Varint(Stream target, long value)
    {
        var raw = (ulong)((value << 1) ^ (value >> 63));
        while (raw >= 0x80)
        {
            target.WriteByte((byte)(raw & 0x7F | 0x80));
            raw >>= 7;
        }

        target.WriteByte((byte)raw);
    }

    /// <summary>CRC-32C from its polynomial, without the processor's help.</summary>
    public static uint SlowCrc(ReadOnlySpan<byte> data)
    {
        var crc = 0xFFFFFFFFu;
        foreach (var b in data)
        {
            crc = (crc >> 8) ^ CrcTable[(byte)crc ^ b];
        }

        return ~crc;
    }

    static readonly uint[] CrcTable = [.. Enumerable.Range(0, 256).Select(i =>
    {
        var crc = (uint)i;
        for (var bit = 0; bit < 8; bit++)
        {
            crc = (crc >> 1) ^ ((crc & 1) * 0x82F63B78u);
        }

        return crc;
    })];
}
