using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace StreamSync.LocalKafka.Registry.Avro.Binary;

/// <summary>
/// Messages as Confluent's serializers write them: a zero byte, the schema's id in four bytes (most significant first), and the value
/// in Avro's binary encoding. Made for looking into topics and for tests; hot paths use generated classes.
/// </summary>
public static class AvroMessage
{
    const int HeaderLength = 1 + sizeof(int);

    /// <summary>Writes a message.</summary>
    /// <param name="schemaId">The id under which a registry holds the schema.</param>
    /// <param name="schema">The schema's text.</param>
    /// <param name="json">The value in Avro's JSON encoding.</param>
    /// <returns>The message; null, which is a tombstone, for null as a value of the schema "null".</returns>
    /// <exception cref="AvroDataException">The value is not of the schema's type, or one of the two is not readable.</exception>
    public static byte[]? FromJson(int schemaId, string schema, string json)
    {
        var parsed = Parse(schema);
        var value = ParseJson(json);
        if (parsed.Type == AvroType.Null && value.Kind == JsonKind.Null)
        {
            return null;
        }
        var buffer = new ArrayBufferWriter<byte>();
        buffer.GetSpan(1)[0] = 0;
        buffer.Advance(1);
        BinaryPrimitives.WriteInt32BigEndian(buffer.GetSpan(sizeof(int)), schemaId);
        buffer.Advance(sizeof(int));
        if (IsBareBytes(parsed))
        {
            buffer.Write(value.IsText ? Encoding.Latin1.GetBytes(value.Text!) : throw new AvroDataException(AvroDataProblem.DoesNotFit, "the value is no bytes"));
        }
        else
        {
            new BinaryOutput(buffer).Write(parsed, value);
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="schemaById">Gives the text of the schema with an id, or null where there is none.</param>
    /// <param name="readerSchema">The schema to read it as; the one it was written with if null.</param>
    /// <returns>The value in Avro's JSON encoding.</returns>
    /// <exception cref="AvroDataException">The message is damaged, or the reader's schema does not take the value.</exception>
    public static string ToJson(ReadOnlySpan<byte> message, Func<int, string?> schemaById, string? readerSchema = null)
    {
        ArgumentNullException.ThrowIfNull(schemaById);
        if (message.Length < HeaderLength || message[0] != 0)
        {
            throw new AvroDataException(AvroDataProblem.BadFrame, "the message does not start with a zero byte and a schema id");
        }
        var id = BinaryPrimitives.ReadInt32BigEndian(message[1..]);
        var writer = Parse(schemaById(id) ?? throw new AvroDataException(AvroDataProblem.BadFrame, $"no schema has the id {id}"));
        var reader = readerSchema is null ? writer : Parse(readerSchema);
        var payload = message[HeaderLength..];
        // Confluent's serializer leaves out the length of bytes that are the whole value.
        return IsBareBytes(writer) && IsBareBytes(reader)
            ? JsonValue.FromText(Encoding.Latin1.GetString(payload)).ToString()
            : new ResolvingReader(writer, reader).Read(payload).ToString();
    }

    static bool IsBareBytes(AvroSchema schema) => schema.Type == AvroType.Bytes;

    static AvroSchema Parse(string schema)
    {
        try
        {
            return AvroSchemaParser.Parse(schema, [], isNew: false);
        }
        catch (AvroSchemaException problem)
        {
            throw new AvroDataException(AvroDataProblem.CannotResolve, $"the schema is invalid: {problem.Message}", problem);
        }
    }

    static JsonValue ParseJson(string json)
    {
        try
        {
            return JsonValue.Parse(json);
        }
        catch (AvroSchemaException problem)
        {
            throw new AvroDataException(AvroDataProblem.DoesNotFit, "the value is not JSON", problem);
        }
    }
}
