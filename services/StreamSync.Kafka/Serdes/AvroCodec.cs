using Avro.Specific;
using StreamSync.Contracts;

namespace StreamSync.Kafka.Serdes;

/// <summary>Values of a generated class in Confluent's wire format: a zero byte, the schema id (4 bytes, big-endian), the Avro binary encoding.</summary>
/// <typeparam name="T">Generated class.</typeparam>
public sealed class AvroCodec<T>
    where T : class, ISpecificRecord
{
    /// <summary>A codec for the values of a topic.</summary>
    /// <param name="ids">Ids of the registry.</param>
    /// <param name="topic">Topic.</param>
    public AvroCodec(SchemaIds ids, TopicSpec topic)
    {
    }

    /// <summary>The bytes of a value.</summary>
    /// <param name="value">Value.</param>
    /// <exception cref="InvalidDataException">A required field is null; the message names it.</exception>
    public byte[] Encode(T value) => throw new NotImplementedException();

    /// <summary>The value of the bytes, whichever version of the schema wrote them.</summary>
    /// <param name="value">Bytes.</param>
    /// <exception cref="InvalidDataException">The bytes are no value of the schema.</exception>
    public T Decode(ReadOnlySpan<byte> value) => throw new NotImplementedException();
}
