using System.Collections.Concurrent;
using Confluent.SchemaRegistry;
using StreamSync.Kafka.Clients;
using AvroSchema = Avro.Schema;

namespace StreamSync.Kafka.Serdes;

/// <summary>
/// Ids of schemas, both ways, asked of the registry once and kept: an id never changes its meaning. Values are written with schemas that
/// <see cref="SchemaAdmin"/> registered at start, so that no record waits for the registry.
/// </summary>
public sealed class SchemaIds : IDisposable
{
    readonly ISchemaRegistryClient _client;
    readonly ConcurrentDictionary<string, (AvroSchema Schema, int Id)> _ids = new();
    readonly ConcurrentDictionary<int, Lazy<AvroSchema>> _schemas = new();

    /// <summary>Ids of a registry.</summary>
    /// <param name="connection">Names the registry.</param>
    public SchemaIds(KafkaConnection connection)
        : this(new CachedSchemaRegistryClient(connection.Registry()))
    {
    }

    /// <summary>Ids of a registry.</summary>
    /// <param name="client">Its client; disposed with this.</param>
    public SchemaIds(ISchemaRegistryClient client) => _client = client;

    /// <summary>The registry's client.</summary>
    internal ISchemaRegistryClient Client => _client;

    /// <summary>The id under which a subject's values are written.</summary>
    /// <param name="subject">Subject.</param>
    /// <param name="schema">Schema of the writer.</param>
    /// <exception cref="InvalidOperationException">The schema is not registered: call <see cref="SchemaAdmin.EnsureAsync"/> first.</exception>
    public int IdOf(string subject, AvroSchema schema)
    {
        if (_ids.TryGetValue(subject, out var known) && (ReferenceEquals(known.Schema, schema) || known.Schema.ToString() == schema.ToString()))
        {
            return known.Id;
        }

        try
        {
            var found = Ask(() => _client.LookupSchemaAsync(subject, Text(schema), ignoreDeletedSchemas: true, normalize: false));
            Remember(subject, schema, found.Id);
            return found.Id;
        }
        catch (SchemaRegistryException e)
        {
            throw new InvalidOperationException($"the schema of {subject} is not registered ({e.ErrorCode}): ensure the topic's schema before writing to it", e);
        }
    }

    /// <summary>The schema of an id.</summary>
    /// <param name="id">Id, from the head of a value.</param>
    /// <exception cref="InvalidDataException">The registry knows no such id, or it is no Avro schema.</exception>
    public AvroSchema SchemaOf(int id)
    {
        var schema = _schemas.GetOrAdd(id, static (id, self) => new Lazy<AvroSchema>(() => self.Fetch(id)), this);
        try
        {
            return schema.Value;
        }
        catch
        {
            // A registry that was away for a moment must not spoil the id for ever.
            _schemas.TryRemove(new KeyValuePair<int, Lazy<AvroSchema>>(id, schema));
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    /// <summary>The schema as it is registered: the text that Confluent's serializer would register.</summary>
    internal static Confluent.SchemaRegistry.Schema Text(AvroSchema schema) => new(schema.ToString(), SchemaType.Avro);

    internal void Remember(string subject, AvroSchema schema, int id)
    {
        _ids[subject] = (schema, id);
        _schemas.TryAdd(id, new Lazy<AvroSchema>(schema));
    }

    AvroSchema Fetch(int id)
    {
        try
        {
            return AvroSchema.Parse(Ask(() => _client.GetSchemaAsync(id)).SchemaString);
        }
        catch (SchemaRegistryException e)
        {
            throw new InvalidDataException($"the registry has no schema with id {id} ({e.ErrorCode})", e);
        }
        catch (Avro.SchemaParseException e)
        {
            throw new InvalidDataException($"the schema with id {id} is no Avro schema", e);
        }
    }

    /// <summary>Once a schema: codecs are called synchronously, by clients that know no other way.</summary>
    static TResult Ask<TResult>(Func<Task<TResult>> call) => Task.Run(call).GetAwaiter().GetResult();
}
