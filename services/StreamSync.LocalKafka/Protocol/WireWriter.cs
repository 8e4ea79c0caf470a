using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Text;

namespace StreamSync.LocalKafka.Protocol;

/// <summary>Writes a message into a pooled buffer. Record batches are not copied into it but kept as places where they will be sent.</summary>
sealed class WireWriter : Wire, IDisposable
{
    /// <summary>Records are handed to the socket in pieces of this size, as all that is handed over at once is buffered once more.</summary>
    const int PieceBytes = 64 * 1024;

    byte[] _buffer;
    int _length;
    List<(int At, ReadOnlyMemory<byte> Data)>? _records;
    long _sent;
    long _recordBytes;
    List<(uint Tag, byte[] Data)>? _tags;

    public WireWriter(int capacity = 256) => _buffer = ArrayPool<byte>.Shared.Rent(capacity);

    /// <summary>Bytes of the whole message, record batches included.</summary>
    public long Length => _length + _recordBytes;

    /// <summary>Sets how the fields from here on are laid out.</summary>
    public void Layout(short version, bool flexible)
    {
        Version = version;
        Flexible = flexible;
    }

    public override void Bool(ref bool value) => Grow(1)[0] = value ? (byte)1 : (byte)0;

    public override void Int8(ref sbyte value) => Grow(1)[0] = (byte)value;

    public override void Int16(ref short value) => BinaryPrimitives.WriteInt16BigEndian(Grow(2), value);

    public override void Int32(ref int value) => BinaryPrimitives.WriteInt32BigEndian(Grow(4), value);

    public override void Int64(ref long value) => BinaryPrimitives.WriteInt64BigEndian(Grow(8), value);

    public override void Uuid(ref Guid value) => value.TryWriteBytes(Grow(16), bigEndian: true, out _);

    public override void String(ref string value)
    {
        string? text = value;
        NullableString(ref text);
    }

    public override void NullableString(ref string? value)
    {
        var size = value is null ? -1 : Encoding.UTF8.GetByteCount(value);
        if (Flexible)
        {
            UnsignedVarint((uint)(size + 1));
        }
        else
        {
            BinaryPrimitives.WriteInt16BigEndian(Grow(2), checked((short)size));
        }

        if (size > 0)
        {
            Encoding.UTF8.GetBytes(value, Grow(size));
        }
    }

    public override void Bytes(ref byte[] value)
    {
        Count(value.Length);
        value.CopyTo(Grow(value.Length));
    }

    public override void NullableBytes(ref byte[]? value)
    {
        Count(value?.Length ?? -1);
        if (value is not null)
        {
            value.CopyTo(Grow(value.Length));
        }
    }

    public override void Records(ref ReadOnlyMemory<byte>? value)
    {
        Count(value?.Length ?? -1);
        if (value is { Length: > 0 } data)
        {
            (_records ??= []).Add((_length, data));
            _recordBytes += data.Length;
        }
    }

    public override void NullableArray<T>(ref List<T>? items)
        where T : class
    {
        Count(items?.Count ?? -1);
        foreach (var item in items ?? [])
        {
            Struct(item);
        }
    }

    public override void NullableStrings(ref List<string>? items)
    {
        Count(items?.Count ?? -1);
        foreach (var item in items ?? [])
        {
            var text = item;
            String(ref text);
        }
    }

    public override void NullableInt32s(ref List<int>? items)
    {
        Count(items?.Count ?? -1);
        foreach (var item in items ?? [])
        {
            BinaryPrimitives.WriteInt32BigEndian(Grow(4), item);
        }
    }

    public override void Int64s(ref List<long> items)
    {
        Count(items.Count);
        foreach (var item in items)
        {
            BinaryPrimitives.WriteInt64BigEndian(Grow(8), item);
        }
    }

    public override void Struct<T>(T value)
    {
        var outer = _tags;
        _tags = null;
        value.Visit(this);
        if (_tags is null)
        {
            NoTags();
        }
        else
        {
            WriteTags(_tags);
        }

        _tags = outer;
    }

    public override void TaggedStruct<T>(uint tag, ref T? value)
        where T : class
    {
        if (!Flexible || value is null)
        {
            return;
        }

        using var writer = new WireWriter();
        writer.Layout(Version, Flexible);
        writer.Struct(value);
        (_tags ??= []).Add((tag, writer.ToArray()));
    }

    public override void NullableStruct<T>(ref T? value)
        where T : class
    {
        Grow(1)[0] = value is null ? (byte)0xff : (byte)1;
        if (value is not null)
        {
            Struct(value);
        }
    }

    /// <summary>Ends a structure without tagged fields, if this version has them.</summary>
    public void NoTags()
    {
        if (Flexible)
        {
            Grow(1)[0] = 0;
        }
    }

    /// <summary>Puts a number into four bytes written before, as the frame's length is known only at its end.</summary>
    public void Patch(int at, int value) => BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(at, 4), value);

    /// <summary>Pieces of records handed to the output so far by <see cref="SendAsync"/>: another number shows that the reader reads.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>Sends the message. Returns false when the other side is gone.</summary>
    public async ValueTask<bool> SendAsync(PipeWriter output, CancellationToken cancel)
    {
        var from = 0;
        foreach (var (at, data) in _records ?? [])
        {
            output.Write(_buffer.AsSpan(from, at - from));
            from = at;
            for (var sent = 0; sent < data.Length; sent += PieceBytes)
            {
                Volatile.Write(ref _sent, _sent + 1);
                var result = await output.WriteAsync(data.Slice(sent, Math.Min(PieceBytes, data.Length - sent)), cancel);
                if (result.IsCompleted || result.IsCanceled)
                {
                    return false;
                }
            }
        }

        output.Write(_buffer.AsSpan(from, _length - from));
        var last = await output.FlushAsync(cancel);
        return !last.IsCompleted && !last.IsCanceled;
    }

    /// <summary>The message as one array: for tests and for small messages.</summary>
    public byte[] ToArray()
    {
        var all = new byte[Length];
        int from = 0, to = 0;
        foreach (var (at, data) in _records ?? [])
        {
            _buffer.AsSpan(from, at - from).CopyTo(all.AsSpan(to));
            to += at - from;
            data.Span.CopyTo(all.AsSpan(to));
            to += data.Length;
            from = at;
        }

        _buffer.AsSpan(from, _length - from).CopyTo(all.AsSpan(to));
        return all;
    }

    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
    }

    void WriteTags(List<(uint Tag, byte[] Data)> tags)
    {
        UnsignedVarint((uint)tags.Count);
        foreach (var (tag, data) in tags)
        {
            UnsignedVarint(tag);
            UnsignedVarint((uint)data.Length);
            data.CopyTo(Grow(data.Length));
        }
    }

    void Count(int count)
    {
        if (Flexible)
        {
            UnsignedVarint((uint)(count + 1));
        }
        else
        {
            BinaryPrimitives.WriteInt32BigEndian(Grow(4), count);
        }
    }

    void UnsignedVarint(uint value)
    {
        while (value >= 0x80)
        {
            Grow(1)[0] = (byte)(value | 0x80);
            value >>= 7;
        }

        Grow(1)[0] = (byte)value;
    }

    Span<byte> Grow(int size)
    {
        if (_length + size > _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + size));
            _buffer.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        var span = _buffer.AsSpan(_length, size);
        _length += size;
        return span;
    }
}
