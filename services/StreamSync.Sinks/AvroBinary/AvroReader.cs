using System.Buffers.Binary;
using System.Text.Unicode;

namespace StreamSync.Sinks.AvroBinary;

/// <summary>
/// Reads Avro's binary encoding (Avro specification 1.12, "Binary encoding") in place, without objects, and refuses every
/// length that leaves the record.
/// </summary>
ref struct AvroReader(ReadOnlySpan<byte> data)
{
    readonly ReadOnlySpan<byte> _data = data;
    int _position;

    public readonly bool AtEnd => _position == _data.Length;

    public readonly int Remaining => _data.Length - _position;

    /// <summary>A zig-zag variable-length integer.</summary>
    public long ReadLong()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (_position >= _data.Length)
            {
                throw MalformedRecordException.Short();
            }

            var b = _data[_position++];
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
            {
                return (long)(value >> 1) ^ -(long)(value & 1);
            }
        }

        throw new MalformedRecordException("an integer is longer than ten bytes");
    }

    public int ReadInt()
    {
        var value = ReadLong();
        return value is >= int.MinValue and <= int.MaxValue ? (int)value : throw new MalformedRecordException("an integer does not fit 32 bits");
    }

    public bool ReadBoolean() => ReadFixed(1)[0] switch
    {
        0 => false,
        1 => true,
        _ => throw new MalformedRecordException("a boolean is neither 0 nor 1"),
    };

    public float ReadFloat() => BinaryPrimitives.ReadSingleLittleEndian(ReadFixed(4));

    public double ReadDouble() => BinaryPrimitives.ReadDoubleLittleEndian(ReadFixed(8));

    public ReadOnlySpan<byte> ReadBytes()
    {
        var length = ReadLong();
        return length >= 0 && length <= Remaining ? ReadFixed((int)length) : throw MalformedRecordException.Short();
    }

    /// <summary>A string, checked to be UTF-8.</summary>
    public ReadOnlySpan<byte> ReadString()
    {
        var bytes = ReadBytes();
        return Utf8.IsValid(bytes) ? bytes : throw new MalformedRecordException("a string is not UTF-8");
    }

    public ReadOnlySpan<byte> ReadFixed(int length)
    {
        if (length > Remaining)
        {
            throw MalformedRecordException.Short();
        }

        var bytes = _data.Slice(_position, length);
        _position += length;
        return bytes;
    }

    /// <summary>The number of items in the next block of an array or map; 0 ends it.</summary>
    public int ReadBlockCount()
    {
        var count = ReadLong();
        if (count < 0)
        {
            // A negative count is followed by the block's size in bytes, which only readers that skip need.
            count = -count;
            ReadLong();
        }

        // No schema here has items of zero bytes, so more items than bytes can only be a damaged count.
        return count >= 0 && count <= Remaining ? (int)count : throw new MalformedRecordException("an array or map has more items than the record has bytes");
    }
}
