using System.Buffers.Binary;
using System.Text;
using StreamSync.Contracts;

namespace StreamSync.Processors.Streaming;

/// <summary>Writes the compact binary form of state and of records between stages: variable-length integers, UTF-8 text. Reused from record to record.</summary>
sealed class PackWriter
{
    byte[] _bytes = new byte[512];
    int _length;

    public void Clear() => _length = 0;

    public byte[] ToArray() => _bytes.AsSpan(0, _length).ToArray();

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    public void Byte(byte value)
    {
        Room(1)[0] = value;
        _length++;
    }

    public void Count(int value) => Unsigned((uint)value);

    /// <summary>A signed number; small ones take little room.</summary>
    public void Number(long value) => Unsigned(((ulong)value << 1) ^ (ulong)(value >> 63));

    /// <summary>Eight bytes, for hashes.</summary>
    public void Fixed(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Room(8), value);
        _length += 8;
    }

    public void Raw(ReadOnlySpan<byte> value)
    {
        value.CopyTo(Room(value.Length));
        _length += value.Length;
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Count(value.Length);
        Raw(value);
    }

    public void Text(ReadOnlySpan<char> value)
    {
        Count(Encoding.UTF8.GetByteCount(value));
        Utf8(value);
    }

    /// <summary>A text without its length.</summary>
    public void Utf8(ReadOnlySpan<char> value) => _length += Encoding.UTF8.GetBytes(value, Room(Encoding.UTF8.GetMaxByteCount(value.Length)));

    /// <summary>A text that may be missing.</summary>
    public void Optional(string? value)
    {
        Byte(value is null ? (byte)0 : (byte)1);
        if (value is not null)
        {
            Text(value);
        }
    }

    void Unsigned(ulong value)
    {
        var span = Room(10);
        var length = 0;
        while (value >= 0x80)
        {
            span[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[length++] = (byte)value;
        _length += length;
    }

    Span<byte> Room(int size)
    {
        if (_bytes.Length - _length < size)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + size));
        }

        return _bytes.AsSpan(_length);
    }
}

/// <summary>Reads what <see cref="PackWriter"/> wrote.</summary>
/// <param name="bytes">The bytes.</param>
/// <exception cref="InvalidDataException">From any method: the bytes are cut short or no packed form.</exception>
ref struct PackReader(ReadOnlySpan<byte> bytes)
{
    ReadOnlySpan<byte> _rest = bytes;

    public readonly bool AtEnd => _rest.IsEmpty;

    public readonly ReadOnlySpan<byte> Rest => _rest;

    public byte Byte() => Take(1)[0];

    public int Count() => checked((int)Unsigned());

    public long Number()
    {
        var value = Unsigned();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public ulong Fixed() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public ReadOnlySpan<byte> Bytes() => Take(Count());

    public string Text() => Utf8Texts.Of(Bytes());

    public string? Optional() => Byte() == 0 ? null : Text();

    ReadOnlySpan<byte> Take(int length)
    {
        if ((uint)length > (uint)_rest.Length)
        {
            throw new InvalidDataException("a packed record is cut short");
        }

        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    ulong Unsigned()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var part = Byte();
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("a packed record holds a number without end");
    }
}
