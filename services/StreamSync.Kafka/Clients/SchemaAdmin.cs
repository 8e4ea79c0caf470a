using System.Collections.Concurrent;
using Confluent.SchemaRegistry;
using Microsoft.Extensions.Logging;
using StreamSync.Contracts;
using StreamSync.Kafka.Serdes;

namespace StreamSync.Kafka.Clients;

/// <summary>Registers the value schemas of topics, each held to BACKWARD_TRANSITIVE: a reader of today reads all that was ever written.</summary>
public sealed class SchemaAdmin
{
    /// <summary>Registrations at a time.</summary>
    const int Parallelism = 8;

    readonly KafkaConnection _connection;
    readonly SchemaIds _ids;
    readonly ConcurrentDictionary<string, SemaphoreSlim> _turns = new();
    readonly ILogger _logger;

    /// <summary>Creates it.</summary>
    /// <param name="connection">The registry.</param>
    /// <param name="ids">Takes the ids.</param>
    /// <param name="logger">Takes what was registered.</param>
    public SchemaAdmin(KafkaConnection connection, SchemaIds ids, ILogger<SchemaAdmin> logger)
    {
        _connection = connection;
        _ids = ids;
        _logger = logger;
    }

    /// <summary>Registers the value schemas of topics, where they are not yet.</summary>
    /// <param name="topics">Topics.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="IncompatibleSchemaException">A schema can't follow what is registered.</exception>
    /// <exception cref="ClusterUnreachableException">The registry does not answer.</exception>
    public Task EnsureAsync(IEnumerable<TopicSpec> topics, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        topics.DistinctBy(t => t.Name),
        new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken },
        async (topic, token) => await RegisterInTurnAsync(topic, token));

    /// <summary>
    /// One request at a time for a schema: the client hands a request under way to whoever asks with the same schema, so that a room that
    /// registers could get the "not found" of another room's look-up.
    /// </summary>
    async Task RegisterInTurnAsync(TopicSpec topic, CancellationToken cancellationToken)
    {
        var turn = _turns.GetOrAdd(SchemaIds.Text(topic.ValueSchema).SchemaString, _ => new SemaphoreSlim(1));
        await turn.WaitAsync(cancellationToken);
        try
        {
            await RegisterAsync(topic);
        }
        finally
        {
            turn.Release();
        }
    }

    async Task RegisterAsync(TopicSpec topic)
    {
        var subject = topic.ValueSubject;
        var schema = SchemaIds.Text(topic.ValueSchema);
        try
        {
            var id = await FindAsync(subject, schema);
            if (id is null)
            {
                await _ids.Client.UpdateCompatibilityAsync(Compatibility.BackwardTransitive, subject);
                id = await _ids.Client.RegisterSchemaAsync(subject, schema, normalize: false);
                _logger.LogInformation("registered the schema of {Subject} with id {Id}", subject, id);
            }

            _ids.Remember(subject, topic.ValueSchema, id.Value);
        }
        catch (SchemaRegistryException e) when (e.Status == System.Net.HttpStatusCode.Conflict)
        {
            throw new IncompatibleSchemaException(
                $"the schema of {subject} can't read what older versions wrote; give a new field a default, or write to a new topic. The registry says: {e.Message}", e);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            throw ConnectionCheck.RegistryUnreachable(_connection, e);
        }
    }

    async Task<int?> FindAsync(string subject, Schema schema)
    {
        try
        {
            return (await _ids.Client.LookupSchemaAsync(subject, schema, ignoreDeletedSchemas: true, normalize: false)).Id;
        }
        catch (SchemaRegistryException e) when (e.Status == System.Net.HttpStatusCode.NotFound)
        {
            return null;
        }
    }
}
