using System.Buffers.Binary;
using Avro.IO;

namespace StreamSync.Kafka.Serdes;

/// <summary>
/// Confluent's wire format: a zero byte, the schema id (4 bytes, big-endian), the Avro binary encoding. The buffers are one a thread:
/// no codec is re-entered on a thread.
/// </summary>
static class WireFormat
{
    public const int HeaderLength = 5;

    /// <summary>A buffer that a huge value left behind is not kept.</summary>
    const int KeptBytes = 1 << 20;

    [ThreadStatic]
    static Scratch? _threadWriter;

    [ThreadStatic]
    static Scratch? _threadReader;

    public static byte[] Encode<TState>(int id, TState state, Action<TState, BinaryEncoder> write)
    {
        var scratch = _threadWriter ??= new Scratch();
        scratch.Stream.SetLength(0);
        Span<byte> header = stackalloc byte[HeaderLength];
        BinaryPrimitives.WriteInt32BigEndian(header[1..], id);
        scratch.Stream.Write(header);
        write(state, scratch.Encoder);
        var result = scratch.Stream.ToArray();
        if (scratch.Stream.Capacity > KeptBytes)
        {
            _threadWriter = null;
        }

        return result;
    }

    /// <exception cref="InvalidDataException">No header.</exception>
    public static int IdOf(ReadOnlySpan<byte> value)
    {
        if (value.Length < HeaderLength || value[0] != 0)
        {
            throw new InvalidDataException($"the value has no schema id: {value.Length} bytes{(value.IsEmpty ? "" : $", the first is {value[0]} instead of 0")}");
        }

        return BinaryPrimitives.ReadInt32BigEndian(value[1..]);
    }

    /// <exception cref="InvalidDataException">The bytes do not fit the schema.</exception>
    public static TResult Decode<TState, TResult>(ReadOnlySpan<byte> value, TState state, Func<TState, BinaryDecoder, TResult> read)
    {
        var scratch = _threadReader ??= new Scratch();
        scratch.Stream.SetLength(0);
        scratch.Stream.Write(value[HeaderLength..]);
        scratch.Stream.Position = 0;
        TResult result;
        try
        {
            result = read(state, scratch.Decoder);
        }
        catch (Exception e) when (e is Avro.AvroException or IOException or OverflowException or ArgumentException or InvalidCastException or IndexOutOfRangeException or NullReferenceException)
        {
            throw new InvalidDataException($"the value does not fit its schema (id {IdOf(value)}, {value.Length} bytes)", e);
        }

        var left = scratch.Stream.Length - scratch.Stream.Position;
        if (scratch.Stream.Capacity > KeptBytes)
        {
            _threadReader = null;
        }

        return left == 0 ? result : throw new InvalidDataException($"{left} bytes are left after the value (schema id {IdOf(value)})");
    }

    sealed class Scratch
    {
        public Scratch()
        {
            Encoder = new BinaryEncoder(Stream);
            Decoder = new BinaryDecoder(Stream);
        }

        public MemoryStream Stream { get; } = new();

        public BinaryEncoder Encoder { get; }

        public BinaryDecoder Decoder { get; }
    }
}
