using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace StreamSync.LocalKafka.Tests.Wire;

/// <summary>Builds and reads record batches of magic 2 without any of the broker's code, so that both cannot be wrong in the same way.</summary>
sealed record TestBatch
{
    public long ProducerId { get; init; } = -1;

    public short ProducerEpoch { get; init; } = -1;

    public int BaseSequence { get; init; } = -1;

    public bool Transactional { get; init; }

    public long Timestamp { get; init; } = 1_700_000_000_000;

    public string?[] Values { get; init; } = ["value"];

    public string? Key { get; init; }

    public byte[] ToBytes()
    {
        var records = new MemoryStream();
        for (var i = 0; i < Values.Length; i++)
        {
            var body = new MemoryStream();
            body.WriteByte(0);
            Varint(body, 0);
            Varint(body, i);
            Field(body, Key);
            Field(body, Values[i]);
            Varint(body, 0);
            Varint(records, body.Length);
            body.WriteTo(records);
        }

        var batch = new byte[61 + records.Length];
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(8), batch.Length - 12);
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(12), -1);
        batch[16] = 2;
        BinaryPrimitives.WriteInt16BigEndian(batch.AsSpan(21), Transactional ? (short)0x10 : (short)0);
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(23), Values.Length - 1);
        BinaryPrimitives.WriteInt64BigEndian(batch.AsSpan(27), Timestamp);
        BinaryPrimitives.WriteInt64BigEndian(batch.AsSpan(35), Timestamp);
        BinaryPrimitives.WriteInt64BigEndian(batch.AsSpan(43), ProducerId);
        BinaryPrimitives.WriteInt16BigEndian(batch.AsSpan(51), ProducerEpoch);
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(53), BaseSequence);
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(57), Values.Length);
        records.ToArray().CopyTo(batch, 61);
        SetCrc(batch);
        return batch;
    }

    /// <summary>Makes a batch's checksum right again after it was changed.</summary>
    public static void SetCrc(byte[] batch)
    {
        var crc = uint.MaxValue;
        foreach (var b in batch.AsSpan(21))
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        BinaryPrimitives.WriteUInt32BigEndian(batch.AsSpan(17), ~crc);
    }

    /// <summary>Values of all records in uncompressed batches, with their offsets; control batches are named <c>ABORT</c> and <c>COMMIT</c>.</summary>
    public static List<(long Offset, string? Value)> Read(ReadOnlySpan<byte> batches) => [.. ReadAll(batches).Select(r => (r.Offset, r.Value))];

    /// <summary>The same with keys.</summary>
    public static List<(long Offset, string? Key, string? Value)> ReadAll(ReadOnlySpan<byte> batches)
    {
        var found = new List<(long, string?, string?)>();
        while (batches.Length > 0)
        {
            var size = 12 + BinaryPrimitives.ReadInt32BigEndian(batches[8..]);
            var batch = batches[..size];
            var offset = BinaryPrimitives.ReadInt64BigEndian(batch);
            var control = (BinaryPrimitives.ReadInt16BigEndian(batch[21..]) & 0x20) != 0;
            var count = BinaryPrimitives.ReadInt32BigEndian(batch[57..]);
            var at = 61;
            for (var i = 0; i < count; i++)
            {
                Varint(batch, ref at);
                at++;
                Varint(batch, ref at);
                var delta = Varint(batch, ref at);
                var key = Field(batch, ref at);
                var value = Field(batch, ref at);
                Assert.Equal(0, Varint(batch, ref at));
                found.Add(control
                    ? (offset + delta, null, key![3] == 1 ? "COMMIT" : "ABORT")
                    : (offset + delta, Text(key), Text(value)));
            }

            Assert.Equal(size, at);
            batches = batches[size..];
        }

        return found;
    }

    static string? Text(byte[]? bytes) => bytes is null ? null : Encoding.UTF8.GetString(bytes);

    public static void Field(MemoryStream to, string? text)
    {
        if (text is null)
        {
            Varint(to, -1);
            return;
        }

        var bytes = Encoding.UTF8.GetBytes(text);
        Varint(to, bytes.Length);
        to.Write(bytes);
    }

    static byte[]? Field(ReadOnlySpan<byte> from, ref int at)
    {
        var length = (int)Varint(from, ref at);
        if (length < 0)
        {
            return null;
        }

        at += length;
        return from.Slice(at - length, length).ToArray();
    }

    public static void Varint(MemoryStream to, long value)
    {
        var zigzag = (ulong)((value << 1) ^ (value >> 63));
        for (; zigzag >= 0x80; zigzag >>= 7)
        {
            to.WriteByte((byte)(zigzag | 0x80));
        }

        to.WriteByte((byte)zigzag);
    }

    static long Varint(ReadOnlySpan<byte> from, ref int at)
    {
        ulong zigzag = 0;
        for (var shift = 0; ; shift += 7)
        {
            var b = from[at++];
            zigzag |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
            {
                return (long)(zigzag >> 1) ^ -(long)(zigzag & 1);
            }
        }
    }
}
