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

    [ThreadStatic]
    static AvroWriteBuffer? _writeBuffer;

    [ThreadStatic]
    static AvroReadBuffer? _readBuffer;

    public static byte[] Encode<TState>(int id, TState state, Action<TState, Encoder> write)
    {
        var buffer = _writeBuffer ??= new AvroWriteBuffer();
        var header = buffer.Begin(HeaderLength);
        header[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(header[1..], id);
        write(state, buffer);
        return buffer.ToArray();
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
    public static TResult Decode<TState, TResult>(ReadOnlySpan<byte> value, TState state, Func<TState, Decoder, TResult> read)
    {
        var buffer = _readBuffer ??= new AvroReadBuffer();
        buffer.Begin(value[HeaderLength..]);
        TResult result;
        try
        {
            result = read(state, buffer);
        }
        catch (Exception e) when (e is Avro.AvroException or InvalidDataException or FormatException or OverflowException or ArgumentException or InvalidCastException or IndexOutOfRangeException or NullReferenceException)
        {
            throw new InvalidDataException($"the value does not fit its schema (id {IdOf(value)}, {value.Length} bytes){(e is InvalidDataException ? ": " + e.Message : "")}", e);
        }

        return buffer.Remaining == 0 ? result : throw new InvalidDataException($"{buffer.Remaining} bytes are left after the value (schema id {IdOf(value)})");
    }
}
