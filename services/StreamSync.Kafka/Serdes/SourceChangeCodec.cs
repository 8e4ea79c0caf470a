using StreamSync.Contracts;
using StreamSync.Contracts.Source;

namespace StreamSync.Kafka.Serdes;

/// <summary>Values of a <c>source.*</c> topic: the envelope with the vendor's own record inside, in Confluent's wire format.</summary>
public sealed class SourceChangeCodec
{
    /// <summary>A codec for a stream's topic.</summary>
    /// <param name="ids">Ids of the registry.</param>
    /// <param name="topic">Topic of the stream, with its composed schema.</param>
    public SourceChangeCodec(SchemaIds ids, TopicSpec topic)
    {
    }

    /// <summary>The bytes of a change.</summary>
    /// <param name="change">Change.</param>
    /// <exception cref="InvalidDataException">A required field is null or of another type; the message names it.</exception>
    public byte[] Encode(SourceChange change) => throw new NotImplementedException();

    /// <summary>The change of the bytes, whichever version of the schema wrote them.</summary>
    /// <param name="value">Bytes.</param>
    /// <exception cref="InvalidDataException">The bytes are no change of this stream.</exception>
    public SourceChange Decode(ReadOnlySpan<byte> value) => throw new NotImplementedException();
}
