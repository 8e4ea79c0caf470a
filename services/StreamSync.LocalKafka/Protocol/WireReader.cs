using System.Buffers.Binary;
using System.Text;

namespace StreamSync.LocalKafka.Protocol;

/// <summary>Reads a message from a frame. Every length is checked against what is left before anything is allocated for it.</summary>
sealed class WireReader : Wire
{
    /// <summary>
    /// Most array elements one message may hold. An element of two bytes on the wire costs a hundred times as much in memory, so the
    /// frame's size alone does not bound what a hostile request can make us allocate.
    /// </summary>
    public const int MaxElements = 100_000;

    /// <summary>
    /// Most bytes of memory that one array element costs besides its texts: the largest element is a partition of a Fetch request with its
    /// place in a list. A test holds every message to it.
    /// </summary>
    public const int ElementBytes = 256;

    static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    readonly ReadOnlyMemory<byte> _frame;
    int _position;
    int _elements;
    long _copied;

    public WireReader(ReadOnlyMemory<byte> frame) => _frame = frame;

    public int Remaining => _frame.Length - _position;

    /// <summary>Upper bound of the memory that what has been read so far takes, in bytes, without the frame.</summary>
    public long Cost => (long)_elements * ElementBytes + _copied;

    /// <summary>Sets how the fields from here on are laid out.</summary>
    public void Layout(short version, bool flexible)
    {
        Version = version;
        Flexible = flexible;
    }

    /// <summary>
    /// Reads a whole body: its fields and its tagged fields. Bytes after them are ignored, as Apache Kafka does: librdkafka 2.16 leaves three
    /// behind when it asks for the metadata of all topics.
    /// </summary>
    public T Body<T>()
        where T : class, IFields, new()
    {
        var body = new T();
        Struct(body);
        return body;
    }

    public override void Bool(ref bool value) => value = Take(1)[0] != 0;

    public override void Int8(ref sbyte value) => value = (sbyte)Take(1)[0];

    public override void Int16(ref short value) => value = BinaryPrimitives.ReadInt16BigEndian(Take(2));

    public override void Int32(ref int value) => value = BinaryPrimitives.ReadInt32BigEndian(Take(4));

    public override void Int64(ref long value) => value = BinaryPrimitives.ReadInt64BigEndian(Take(8));

    public override void Uuid(ref Guid value) => value = new Guid(Take(16), bigEndian: true);

    public override void String(ref string value)
    {
        string? text = null;
        NullableString(ref text);
        value = text ?? throw new ProtocolException("a text that must be there is null");
    }

    public override void NullableString(ref string? value)
    {
        var length = Flexible ? CompactLength() : ShortLength();
        if (length < 0)
        {
            value = null;
            return;
        }

        if (length > short.MaxValue)
        {
            throw new ProtocolException($"a text of {length} bytes is longer than {short.MaxValue}");
        }

        try
        {
            _copied += sizeof(char) * (long)length;
            value = Utf8.GetString(Take(length));
        }
        catch (DecoderFallbackException)
        {
            throw new ProtocolException("a text is not valid UTF-8");
        }
    }

    public override void Bytes(ref byte[] value)
    {
        byte[]? bytes = null;
        NullableBytes(ref bytes);
        value = bytes ?? throw new ProtocolException("bytes that must be there are null");
    }

    public override void NullableBytes(ref byte[]? value)
    {
        var length = Length();
        _copied += Math.Max(0, length);
        value = length < 0 ? null : Take(length).ToArray();
    }

    public override void Records(ref ReadOnlyMemory<byte>? value)
    {
        var length = Length();
        if (length < 0)
        {
            value = null;
            return;
        }

        var start = _position;
        Take(length);
        value = _frame.Slice(start, length);
    }

    public override void NullableArray<T>(ref List<T>? items)
        where T : class
    {
        var count = Count(1);
        if (count < 0)
        {
            items = null;
            return;
        }

        items = new List<T>(Math.Min(count, 1024));
        for (var i = 0; i < count; i++)
        {
            var item = new T();
            Struct(item);
            items.Add(item);
        }
    }

    public override void NullableStrings(ref List<string>? items)
    {
        var count = Count(Flexible ? 1 : 2);
        items = count < 0 ? null : new List<string>(Math.Min(count, 1024));
        for (var i = 0; i < count; i++)
        {
            var item = "";
            String(ref item);
            items!.Add(item);
        }
    }

    public override void NullableInt32s(ref List<int>? items)
    {
        var count = Count(4);
        items = count < 0 ? null : new List<int>(count);
        for (var i = 0; i < count; i++)
        {
            var item = 0;
            Int32(ref item);
            items!.Add(item);
        }
    }

    public override void Int64s(ref List<long> items)
    {
        var count = Count(8);
        items = [];
        for (var i = 0; i < count; i++)
        {
            var item = 0L;
            Int64(ref item);
            items.Add(item);
        }
    }

    public override void Struct<T>(T value)
    {
        value.Visit(this);
        SkipTags();
    }

    public override void NullableStruct<T>(ref T? value)
        where T : class
    {
        sbyte mark = 0;
        Int8(ref mark);
        value = mark < 0 ? null : new T();
        if (value is not null)
        {
            Struct(value);
        }
    }

    public override void TaggedStruct<T>(uint tag, ref T? value)
        where T : class
    {
        // Only answers have such fields, and they are read by clients.
    }

    /// <summary>Skips the tagged fields at the end of a structure, if this version has them.</summary>
    public void SkipTags()
    {
        if (!Flexible)
        {
            return;
        }

        for (var left = UnsignedVarint(); left > 0; left--)
        {
            UnsignedVarint();
            var size = UnsignedVarint();
            if (size > Remaining)
            {
                throw new ProtocolException($"a tagged field of {size} bytes does not fit into the {Remaining} that are left");
            }

            _position += (int)size;
        }
    }

    int ShortLength() => BinaryPrimitives.ReadInt16BigEndian(Take(2));

    int CompactLength()
    {
        var value = (long)UnsignedVarint() - 1;
        return value > Remaining ? throw TooLong(value) : (int)value;
    }

    int Length()
    {
        if (Flexible)
        {
            return CompactLength();
        }

        var length = BinaryPrimitives.ReadInt32BigEndian(Take(4));
        return length > Remaining ? throw TooLong(length) : length < -1 ? throw new ProtocolException($"length {length}") : length;
    }

    int Count(int leastElementSize)
    {
        var count = Length();
        if ((long)count * leastElementSize > Remaining)
        {
            throw new ProtocolException($"{count} elements do not fit into the {Remaining} bytes that are left");
        }

        _elements += Math.Max(0, count);
        return _elements > MaxElements
            ? throw new ProtocolException($"more than {MaxElements} array elements in one message")
            : count;
    }

    ProtocolException TooLong(long length) => new($"length {length} is more than the {Remaining} bytes that are left");

    uint UnsignedVarint()
    {
        var result = 0u;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var b = Take(1)[0];
            if (shift == 28 && b > 0x0f)
            {
                break;
            }

            result |= (uint)(b & 0x7f) << shift;
            if (b < 0x80)
            {
                return result;
            }
        }

        throw new ProtocolException("a varint is longer than 32 bits");
    }

    ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > Remaining)
        {
            throw new ProtocolException($"{count} bytes wanted, {Remaining} are left");
        }

        var span = _frame.Span.Slice(_position, count);
        _position += count;
        return span;
    }
}
