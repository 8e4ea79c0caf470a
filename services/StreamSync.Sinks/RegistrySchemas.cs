using Confluent.SchemaRegistry;
using StreamSync.Kafka.Serdes;

namespace StreamSync.Sinks;

/// <summary>Writer schemas from the schema registry.</summary>
sealed class RegistrySchemas(SchemaIds ids) : IWriterSchemas
{
    public Avro.Schema? Find(int id)
    {
        try
        {
            return ids.SchemaOf(id);
        }
        catch (InvalidDataException error) when (error.InnerException is SchemaRegistryException { Status: System.Net.HttpStatusCode.NotFound } or Avro.SchemaParseException)
        {
            return null;
        }
    }
}
