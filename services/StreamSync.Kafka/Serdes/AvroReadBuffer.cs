using System.Buffers.Binary;
using StreamSync.Contracts;

namespace StreamSync.Kafka.Serdes;

/// <summary>
/// Avro's binary decoding from a buffer (https://avro.apache.org/docs/1.12.0/specification/#binary-encoding). Every length is held against
/// what is there before anything is allocated for it, so that a corrupt value costs an error and no memory.
/// </summary>
sealed class AvroReadBuffer : Avro.IO.Decoder
{
    /// <summary>A buffer that a huge value left behind is not kept.</summary>
    const int KeptBytes = 1 << 20;

    const int MaxVarintBits = 70;

    byte[] _buffer = [];
    int _length;
    int _at;

    /// <summary>Bytes not read yet.</summary>
    public int Remaining => _length - _at;

    /// <summary>Starts over with other bytes, copied: the caller's span may go before the reader is done.</summary>
    public void Begin(ReadOnlySpan<byte> bytes)
    {
        if (_buffer.Length < bytes.Length || (_buffer.Length > KeptBytes && bytes.Length <= KeptBytes))
        {
            _buffer = new byte[Math.Max(bytes.Length, 1024)];
        }

        bytes.CopyTo(_buffer);
        (_length, _at) = (bytes.Length, 0);
    }

    public void ReadNull()
    {
    }

    public bool ReadBoolean() => Take(1)[0] switch
    {
        0 => false,
        1 => true,
        var other => throw new InvalidDataException($"a boolean is {other}"),
    };

    public int ReadInt()
    {
        var value = ReadLong();
        return value is >= int.MinValue and <= int.MaxValue ? (int)value : throw new InvalidDataException("an int needs more than 32 bits");
    }

    public long ReadLong()
    {
        ulong value = 0;
        for (var shift = 0; shift < MaxVarintBits; shift += 7)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return (long)(value >> 1) ^ -(long)(value & 1);
            }
        }

        throw new InvalidDataException("a number has no end");
    }

    public float ReadFloat() => BinaryPrimitives.ReadSingleLittleEndian(Take(sizeof(float)));

    public double ReadDouble() => BinaryPrimitives.ReadDoubleLittleEndian(Take(sizeof(double)));

    public byte[] ReadBytes() => Take(Length()).ToArray();

    public string ReadString() => Utf8Texts.Of(Take(Length()));

    public int ReadEnum() => ReadInt();

    public long ReadArrayStart() => Items();

    public long ReadArrayNext() => Items();

    public long ReadMapStart() => Items();

    public long ReadMapNext() => Items();

    public int ReadUnionIndex() => ReadInt();

    public void ReadFixed(byte[] buffer) => ReadFixed(buffer, 0, buffer.Length);

    public void ReadFixed(byte[] buffer, int start, int length) => Take(length).CopyTo(buffer.AsSpan(start));

    public void SkipNull()
    {
    }

    public void SkipBoolean() => Take(1);

    public void SkipInt() => ReadLong();

    public void SkipLong() => ReadLong();

    public void SkipFloat() => Take(sizeof(float));

    public void SkipDouble() => Take(sizeof(double));

    public void SkipBytes() => Take(Length());

    public void SkipString() => Take(Length());

    public void SkipEnum() => ReadLong();

    public void SkipUnionIndex() => ReadLong();

    public void SkipFixed(int len) => Take(len);

    int Length()
    {
        var length = ReadLong();
        return length >= 0 && length <= Remaining ? (int)length : throw new InvalidDataException($"a length is {length} where {Remaining} bytes are left");
    }

    /// <summary>Items of the next block; a negative number is followed by the block's length in bytes. No item of ours takes less than a byte.</summary>
    long Items()
    {
        var count = ReadLong();
        if (count < 0)
        {
            ReadLong();
            count = count == long.MinValue ? long.MaxValue : -count;
        }

        return count <= Remaining ? count : throw new InvalidDataException($"a block claims {count} items where {Remaining} bytes are left");
    }

    ReadOnlySpan<byte> Take(int bytes)
    {
        if (bytes > Remaining)
        {
            throw new InvalidDataException($"the bytes end {bytes - Remaining} too early");
        }

        var taken = _buffer.AsSpan(_at, bytes);
        _at += bytes;
        return taken;
    }
}
