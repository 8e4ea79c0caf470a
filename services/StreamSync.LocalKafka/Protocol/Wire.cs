namespace StreamSync.LocalKafka.Protocol;

/// <summary>A request, a response or a part of one, which shows its fields to a <see cref="Wire"/> in the order of the protocol.</summary>
interface IFields
{
    /// <summary>Visits every field that exists in <see cref="Wire.Version"/>. The same list serves reading and writing.</summary>
    void Visit(Wire w);
}

/// <summary>
/// One side of the Kafka wire format: <see cref="WireReader"/> fills the fields that a message shows, <see cref="WireWriter"/> writes
/// them. So a message states its layout once, and broker and tests speak from the same page.
/// </summary>
/// <remarks>
/// In "flexible" versions (KIP-482) lengths are varints and every structure ends with tagged fields; none of those that clients send
/// matters to a single node, so they are skipped when read.
/// </remarks>
abstract class Wire
{
    /// <summary>Version of the API that the message belongs to.</summary>
    public short Version { get; protected set; }

    /// <summary>Whether this version uses compact lengths and tagged fields.</summary>
    public bool Flexible { get; protected set; }

    public abstract void Bool(ref bool value);

    public abstract void Int8(ref sbyte value);

    public abstract void Int16(ref short value);

    public abstract void Int32(ref int value);

    public abstract void Int64(ref long value);

    public abstract void Uuid(ref Guid value);

    public abstract void String(ref string value);

    public abstract void NullableString(ref string? value);

    public abstract void Bytes(ref byte[] value);

    public abstract void NullableBytes(ref byte[]? value);

    /// <summary>Record batches, not copied: what is read points into the frame, what is written is sent from where it lies.</summary>
    public abstract void Records(ref ReadOnlyMemory<byte>? value);

    /// <summary>An array that may be null on the wire.</summary>
    public abstract void NullableArray<T>(ref List<T>? items)
        where T : class, IFields, new();

    public abstract void NullableStrings(ref List<string>? items);

    public abstract void NullableInt32s(ref List<int>? items);

    public abstract void Int64s(ref List<long> items);

    /// <summary>One nested structure, which in flexible versions ends with tagged fields of its own.</summary>
    public abstract void Struct<T>(T value)
        where T : class, IFields;

    /// <summary>A structure that may be absent, marked by a leading byte (-1 absent, 1 present).</summary>
    public abstract void NullableStruct<T>(ref T? value)
        where T : class, IFields, new();

    /// <summary>A structure among the tagged fields of the structure that is being visited; absent when null.</summary>
    public abstract void TaggedStruct<T>(uint tag, ref T? value)
        where T : class, IFields, new();

    public void Error(ref ErrorCode value)
    {
        var code = (short)value;
        Int16(ref code);
        value = (ErrorCode)code;
    }

    public void Array<T>(ref List<T> items)
        where T : class, IFields, new()
    {
        List<T>? list = items;
        NullableArray(ref list);
        items = list ?? [];
    }

    public void Strings(ref List<string> items)
    {
        List<string>? list = items;
        NullableStrings(ref list);
        items = list ?? [];
    }

    public void Int32s(ref List<int> items)
    {
        List<int>? list = items;
        NullableInt32s(ref list);
        items = list ?? [];
    }
}
