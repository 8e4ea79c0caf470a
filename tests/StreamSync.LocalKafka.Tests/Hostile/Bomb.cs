using System.Buffers.Binary;
using System.IO.Compression;
using StreamSync.LocalKafka.Log;
using StreamSync.LocalKafka.Log.Batches;
using StreamSync.LocalKafka.Tests.Wire;

namespace StreamSync.LocalKafka.Tests.Hostile;

/// <summary>Batches of one valid record whose value is all zeros: small as they are sent, huge when they are unfolded.</summary>
static class Bomb
{
    const int Piece = 64 * 1024;

    /// <param name="codec">How it is compressed.</param>
    /// <param name="unfolded">Length of the value in bytes.</param>
    public static byte[] Build(CompressionType codec, int unfolded)
    {
        var head = new MemoryStream();
        head.WriteByte(0); // attributes
        TestBatch.Varint(head, 0); // timestamp
        TestBatch.Varint(head, 0); // offset
        TestBatch.Varint(head, 1); // key
        head.WriteByte((byte)'k');
        TestBatch.Varint(head, unfolded);
        var record = new MemoryStream();
        TestBatch.Varint(record, head.Length + unfolded + 1);
        head.WriteTo(record);

        // After the value, a count of headers of 0, which is a zero more.
        return Batch(codec, Compress(codec, record.ToArray(), unfolded + 1));
    }

    /// <summary>A whole batch of one record around compressed bytes.</summary>
    static byte[] Batch(CompressionType codec, byte[] payload)
    {
        var plain = new TestBatch { Values = [""] }.ToBytes().AsSpan(0, BatchHeader.Size);
        byte[] batch = [.. plain, .. payload];
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(8), batch.Length - 12);
        BinaryPrimitives.WriteInt16BigEndian(batch.AsSpan(21), (short)codec);
        TestBatch.SetCrc(batch);
        return batch;
    }

    static byte[] Compress(CompressionType codec, byte[] head, long zeros)
    {
        var output = new MemoryStream();
        switch (codec)
        {
            case CompressionType.Gzip:
                Pour(new GZipStream(output, CompressionLevel.Optimal, leaveOpen: true), head, zeros);
                break;
            case CompressionType.Zstd:
                Pour(new ZstdSharp.CompressionStream(output, 3, leaveOpen: true), head, zeros);
                break;
            case CompressionType.Lz4:
                // The frame of one block, whose block of zeros can be repeated as blocks stand for themselves.
                var zeroBlock = Lz4Block(new byte[Piece]);
                output.Write(Lz4Frame(head).AsSpan(0, 7));
                output.Write(Lz4Block(head));
                for (; zeros >= Piece; zeros -= Piece)
                {
                    output.Write(zeroBlock);
                }

                output.Write(zeros > 0 ? Lz4Block(new byte[zeros]) : []);
                output.Write(new byte[4]);
                break;
            case CompressionType.Snappy:
                // The framing of snappy-java: magic, two versions, and blocks behind their lengths.
                output.Write([0x82, (byte)'S', (byte)'N', (byte)'A', (byte)'P', (byte)'P', (byte)'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1]);
                var snappyBlock = SnappyBlock(new byte[Piece]);
                output.Write(SnappyBlock(head));
                for (; zeros >= Piece; zeros -= Piece)
                {
                    output.Write(snappyBlock);
                }

                output.Write(zeros > 0 ? SnappyBlock(new byte[zeros]) : []);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(codec));
        }

        return output.ToArray();
    }

    static void Pour(Stream compressor, byte[] head, long zeros)
    {
        using (compressor)
        {
            compressor.Write(head);
            var piece = new byte[1 << 20];
            for (; zeros > 0; zeros -= piece.Length)
            {
                compressor.Write(piece, 0, (int)Math.Min(zeros, piece.Length));
            }
        }
    }

    static byte[] Lz4Frame(byte[] data)
    {
        byte[]? pooled = null;
        return BatchWriter.Compress(CompressionType.Lz4, data, ref pooled).ToArray();
    }

    /// <summary>The one block of a frame: what lies between its descriptor of seven bytes and its end mark.</summary>
    static byte[] Lz4Block(byte[] data)
    {
        var frame = Lz4Frame(data);
        var size = BinaryPrimitives.ReadInt32LittleEndian(frame.AsSpan(7)) & int.MaxValue;
        return frame[7..(11 + size)];
    }

    static byte[] SnappyBlock(byte[] data)
    {
        byte[]? pooled = null;
        var framed = BatchWriter.Compress(CompressionType.Snappy, data, ref pooled);
        return framed[16..].ToArray();
    }
}
