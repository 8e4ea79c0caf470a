using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Avro;
using Avro.IO;
using Avro.Specific;
using StreamSync.Contracts;

namespace StreamSync.Kafka.Serdes;

/// <summary>
/// Values of a generated class in Confluent's wire format: a zero byte, the schema id (4 bytes, big-endian), the Avro binary encoding.
/// Byte-compatible with Confluent's own serdes; safe to share between threads.
/// </summary>
/// <typeparam name="T">Generated class.</typeparam>
public sealed class AvroCodec<T>
    where T : class, ISpecificRecord
{
    /// <summary>The schema that the class was generated from.</summary>
    static readonly RecordSchema ClassSchema = (RecordSchema)((T)RuntimeHelpers.GetUninitializedObject(typeof(T))).Schema;

    readonly SchemaIds _ids;
    readonly string _subject;
    readonly SpecificWriter<T> _writer = new(ClassSchema);
    readonly ConcurrentDictionary<int, SpecificReader<T>> _readers = new();
    int? _id;

    /// <summary>A codec for the values of a topic.</summary>
    /// <param name="ids">Ids of the registry.</param>
    /// <param name="topic">Topic.</param>
    /// <exception cref="ArgumentException">The topic's values are of another class.</exception>
    public AvroCodec(SchemaIds ids, TopicSpec topic)
    {
        if (topic.ValueSchema.Fullname != ClassSchema.Fullname)
        {
            throw new ArgumentException($"{topic.Name} holds {topic.ValueSchema.Fullname}, not {ClassSchema.Fullname}", nameof(topic));
        }

        _ids = ids;
        _subject = topic.ValueSubject;
    }

    /// <summary>The bytes of a value.</summary>
    /// <param name="value">Value.</param>
    /// <exception cref="InvalidDataException">A required field is null; the message names it.</exception>
    public byte[] Encode(T value)
    {
        try
        {
            return WireFormat.Encode(_id ??= _ids.IdOf(_subject, ClassSchema), (Codec: this, Value: value), static (s, encoder) => s.Codec._writer.Write(s.Value, encoder));
        }
        catch (Exception e) when (e is AvroException or NullReferenceException or ArgumentNullException)
        {
            throw new InvalidDataException($"a value of {_subject} can't be written: {MissingField(value) ?? "a field has a wrong value"}", e);
        }
    }

    /// <summary>The value of the bytes, whichever version of the schema wrote them.</summary>
    /// <param name="value">Bytes.</param>
    /// <exception cref="InvalidDataException">The bytes are no value of the schema.</exception>
    public T Decode(ReadOnlySpan<byte> value)
    {
        var reader = _readers.GetOrAdd(WireFormat.IdOf(value), static (id, ids) => new SpecificReader<T>(ids.SchemaOf(id), ClassSchema), _ids);
        return WireFormat.Decode(value, reader, static (reader, decoder) => reader.Read(null!, decoder));
    }

    static string? MissingField(T value) =>
        ClassSchema.Fields.FirstOrDefault(f => f.Schema.Tag is not Schema.Type.Union and not Schema.Type.Null && value.Get(f.Pos) is null) is { } field
            ? $"the required field '{field.Name}' is null"
            : null;
}
