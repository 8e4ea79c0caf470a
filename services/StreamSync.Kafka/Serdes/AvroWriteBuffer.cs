using System.Buffers.Binary;
using System.Text;

namespace StreamSync.Kafka.Serdes;

/// <summary>Avro's binary encoding into a growing buffer (https://avro.apache.org/docs/1.12.0/specification/#binary-encoding).</summary>
sealed class AvroWriteBuffer : Avro.IO.Encoder
{
    /// <summary>A buffer that a huge value left behind is not kept.</summary>
    const int KeptBytes = 1 << 20;

    const int InitialBytes = 1024;
    const int MaxVarintBytes = 10;

    byte[] _buffer = new byte[InitialBytes];
    int _length;

    /// <summary>Starts a value over with room for a head.</summary>
    public Span<byte> Begin(int headBytes)
    {
        if (_buffer.Length > KeptBytes)
        {
            _buffer = new byte[InitialBytes];
        }

        _length = headBytes;
        return _buffer.AsSpan(0, headBytes);
    }

    public byte[] ToArray() => _buffer.AsSpan(0, _length).ToArray();

    public void WriteNull()
    {
    }

    public void WriteBoolean(bool value)
    {
        Room(1)[0] = value ? (byte)1 : (byte)0;
        _length++;
    }

    public void WriteInt(int value) => WriteLong(value);

    public void WriteLong(long value)
    {
        var room = Room(MaxVarintBytes);
        var zigzag = (ulong)((value << 1) ^ (value >> 63));
        var at = 0;
        for (; zigzag >= 0x80; zigzag >>= 7)
        {
            room[at++] = (byte)(zigzag | 0x80);
        }

        room[at++] = (byte)zigzag;
        _length += at;
    }

    public void WriteFloat(float value)
    {
        BinaryPrimitives.WriteSingleLittleEndian(Room(sizeof(float)), value);
        _length += sizeof(float);
    }

    public void WriteDouble(double value)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(Room(sizeof(double)), value);
        _length += sizeof(double);
    }

    public void WriteBytes(byte[] value) => WriteBytes(value, 0, value.Length);

    public void WriteBytes(byte[] value, int offset, int length)
    {
        WriteLong(length);
        WriteFixed(value, offset, length);
    }

    public void WriteString(string value)
    {
        WriteLong(Encoding.UTF8.GetByteCount(value));
        _length += Encoding.UTF8.GetBytes(value, Room(Encoding.UTF8.GetMaxByteCount(value.Length)));
    }

    public void WriteEnum(int value) => WriteLong(value);

    public void SetItemCount(long value)
    {
        if (value > 0)
        {
            WriteLong(value);
        }
    }

    public void StartItem()
    {
    }

    public void WriteArrayStart()
    {
    }

    public void WriteArrayEnd() => WriteLong(0);

    public void WriteMapStart()
    {
    }

    public void WriteMapEnd() => WriteLong(0);

    public void WriteUnionIndex(int value) => WriteLong(value);

    public void WriteFixed(byte[] data) => WriteFixed(data, 0, data.Length);

    public void WriteFixed(byte[] data, int start, int len)
    {
        data.AsSpan(start, len).CopyTo(Room(len));
        _length += len;
    }

    public void Flush()
    {
    }

    Span<byte> Room(int bytes)
    {
        if (_buffer.Length - _length < bytes)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, checked(_length + bytes)));
        }

        return _buffer.AsSpan(_length);
    }
}
