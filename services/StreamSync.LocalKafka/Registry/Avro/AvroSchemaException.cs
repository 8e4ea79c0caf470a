namespace StreamSync.LocalKafka.Registry.Avro;

/// <summary>A text that is no valid Avro schema; the message says what is wrong and where.</summary>
sealed class AvroSchemaException : Exception
{
    public AvroSchemaException(string message) : base(message)
    {
    }

    public AvroSchemaException(string message, Exception inner) : base(message, inner)
    {
    }
}
