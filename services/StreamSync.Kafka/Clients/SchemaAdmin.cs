using Microsoft.Extensions.Logging;
using StreamSync.Contracts;
using StreamSync.Kafka.Serdes;

namespace StreamSync.Kafka.Clients;

/// <summary>Registers the value schemas of topics, each held to BACKWARD_TRANSITIVE: a reader of today reads all that was ever written.</summary>
public sealed class SchemaAdmin
{
    /// <summary>Creates it.</summary>
    /// <param name="connection">The registry.</param>
    /// <param name="ids">Takes the ids.</param>
    /// <param name="logger">Takes what was registered.</param>
    public SchemaAdmin(KafkaConnection connection, SchemaIds ids, ILogger<SchemaAdmin> logger)
    {
    }

    /// <summary>Registers the value schemas of topics, where they are not yet.</summary>
    /// <param name="topics">Topics.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="IncompatibleSchemaException">A schema can't follow what is registered.</exception>
    /// <exception cref="ClusterUnreachableException">The registry does not answer.</exception>
    public Task EnsureAsync(IEnumerable<TopicSpec> topics, CancellationToken cancellationToken) => throw new NotImplementedException();
}
