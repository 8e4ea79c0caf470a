using Avro;
using Confluent.SchemaRegistry;
using StreamSync.Kafka.Clients;

namespace StreamSync.Kafka.Serdes;

/// <summary>Ids of schemas, both ways, asked of the registry once and kept.</summary>
public sealed class SchemaIds : IDisposable
{
    /// <summary>Ids of a registry.</summary>
    /// <param name="connection">Names the registry.</param>
    public SchemaIds(KafkaConnection connection)
    {
    }

    /// <summary>Ids of a registry, for tests.</summary>
    /// <param name="client">Its client.</param>
    public SchemaIds(ISchemaRegistryClient client)
    {
    }

    /// <summary>The id under which a subject's values are written.</summary>
    /// <param name="subject">Subject.</param>
    /// <param name="schema">Schema of the writer.</param>
    public int IdOf(string subject, Avro.Schema schema) => throw new NotImplementedException();

    /// <summary>The schema of an id.</summary>
    /// <param name="id">Id, from the head of a value.</param>
    public Avro.Schema SchemaOf(int id) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
