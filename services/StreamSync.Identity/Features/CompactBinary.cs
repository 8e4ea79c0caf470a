using System.Buffers;
using System.Text;

namespace StreamSync.Identity;

/// <summary>Writes variable-length integers and UTF-8 text: the binary form of everything the engine keeps in stores.</summary>
sealed class CompactWriter
{
    [ThreadStatic]
    static CompactWriter? _own;

    readonly ArrayBufferWriter<byte> _buffer = new(1024);

    /// <summary>The thread's writer, empty; for one record at a time.</summary>
    public static CompactWriter Own
    {
        get
        {
            var writer = _own ??= new CompactWriter();
            writer._buffer.ResetWrittenCount();
            return writer;
        }
    }

    public int Length => _buffer.WrittenCount;

    /// <summary>What was written; until the next write.</summary>
    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

    public byte[] ToArray() => _buffer.WrittenSpan.ToArray();

    public void Byte(byte value)
    {
        _buffer.GetSpan(1)[0] = value;
        _buffer.Advance(1);
    }

    public void Count(int value) => Unsigned((uint)value);

    public void Number(long value) => Unsigned(((ulong)value << 1) ^ (ulong)(value >> 63));

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Count(value.Length);
        _buffer.Write(value);
    }

    public void Text(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        Count(length);
        Encoding.UTF8.GetBytes(value, _buffer.GetSpan(length));
        _buffer.Advance(length);
    }

    public void Texts(EquatableArray<string> values)
    {
        Count(values.Length);
        foreach (var value in values)
        {
            Text(value);
        }
    }

    void Unsigned(ulong value)
    {
        var span = _buffer.GetSpan(10);
        var length = 0;
        while (value >= 0x80)
        {
            span[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[length++] = (byte)value;
        _buffer.Advance(length);
    }
}

/// <summary>Reads what <see cref="CompactWriter"/> wrote.</summary>
ref struct CompactReader(ReadOnlySpan<byte> bytes)
{
    ReadOnlySpan<byte> _rest = bytes;

    public readonly bool AtEnd => _rest.IsEmpty;

    public byte Byte()
    {
        Need(1);
        var value = _rest[0];
        _rest = _rest[1..];
        return value;
    }

    public int Count() => (int)Unsigned();

    public long Number()
    {
        var value = Unsigned();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public ReadOnlySpan<byte> Bytes()
    {
        var length = Count();
        Need(length);
        var value = _rest[..length];
        _rest = _rest[length..];
        return value;
    }

    public string Text() => Encoding.UTF8.GetString(Bytes());

    public string[] Texts()
    {
        var count = Count();
        Need(count);
        var values = count == 0 ? [] : new string[count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Text();
        }

        return values;
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

        throw new InvalidDataException("A stored identity state is corrupt; rebuild the store from entity.person.");
    }

    readonly void Need(int count)
    {
        if (count < 0 || _rest.Length < count)
        {
            throw new InvalidDataException("A stored identity state is cut short; rebuild the store from entity.person.");
        }
    }
}
