using System.Buffers.Binary;
using System.Text;

namespace StreamSync.LocalKafka.Registry.Avro.Binary;

/// <summary>The primitives of Avro's binary encoding. Trusts no length: nothing is allocated that the bytes do not hold.</summary>
ref struct BinaryInput(ReadOnlySpan<byte> bytes)
{
    const int LongestInt = 5;
    const int LongestLong = 10;

    ReadOnlySpan<byte> _rest = bytes;

    public readonly int Remaining => _rest.Length;

    public bool ReadBoolean() => Take(1)[0] == 1;

    public int ReadInt()
    {
        // As in Java, bits beyond the 32nd of a fifth byte are dropped.
        var zigzag = (uint)ReadVarint(LongestInt);
        return (int)(zigzag >> 1) ^ -(int)(zigzag & 1);
    }

    public long ReadLong()
    {
        var zigzag = ReadVarint(LongestLong);
        return (long)(zigzag >> 1) ^ -(long)(zigzag & 1);
    }

    public float ReadFloat() => BinaryPrimitives.ReadSingleLittleEndian(Take(sizeof(float)));

    public double ReadDouble() => BinaryPrimitives.ReadDoubleLittleEndian(Take(sizeof(double)));

    public ReadOnlySpan<byte> ReadBytes() => Take(ReadLength());

    public string ReadString() => Encoding.UTF8.GetString(ReadBytes());

    public ReadOnlySpan<byte> ReadFixed(int size) => Take(size);

    /// <summary>An index into a union's branches or an enum's symbols.</summary>
    public int ReadIndex(int count)
    {
        var index = ReadInt();
        return index >= 0 && index < count ? index : throw new AvroDataException(AvroDataProblem.BadIndex, $"index {index} of {count}");
    }

    /// <summary>The head of a block of an array or map.</summary>
    /// <returns>How many items follow (0 at the end), and how many bytes they take if that is told, else -1.</returns>
    public (long Count, long Bytes) ReadBlock()
    {
        var count = ReadLong();
        if (count >= 0)
        {
            return (count, -1);
        }
        var length = ReadLong();
        return count != long.MinValue && length >= 0 ? (-count, length) : throw new AvroDataException(AvroDataProblem.BadLength, "a block of negative length");
    }

    public void Skip(long length)
    {
        if (length > _rest.Length)
        {
            throw Truncated();
        }
        _rest = _rest[(int)length..];
    }

    int ReadLength()
    {
        var length = ReadLong();
        if (length is < 0 or > int.MaxValue)
        {
            throw new AvroDataException(AvroDataProblem.BadLength, $"a length of {length} bytes");
        }
        return (int)length;
    }

    ulong ReadVarint(int longest)
    {
        ulong value = 0;
        for (var i = 0; i < longest; i++)
        {
            var octet = Take(1)[0];
            value |= (ulong)(octet & 0x7f) << (7 * i);
            if (octet < 0x80)
            {
                return value;
            }
        }
        throw new AvroDataException(AvroDataProblem.BadVarint, $"a number of more than {longest} bytes");
    }

    ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length)
        {
            throw Truncated();
        }
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    static AvroDataException Truncated() => new(AvroDataProblem.Truncated, "the bytes end in the middle of a value");
}
