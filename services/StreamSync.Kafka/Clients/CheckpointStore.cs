using Microsoft.Extensions.Logging;
using StreamSync.Contracts.Ops;
using StreamSync.Kafka.Serdes;

namespace StreamSync.Kafka.Clients;

/// <summary>
/// Reads how far streams were read. A checkpoint is written by <see cref="TransactionalPublisher.Publish{T}"/> to
/// <see cref="StreamSync.Contracts.TopicCatalog.Checkpoint"/> inside the transaction of the records that it covers.
/// </summary>
public sealed class CheckpointStore
{
    /// <summary>Creates it.</summary>
    /// <param name="connection">The cluster.</param>
    /// <param name="codecs">Decoders.</param>
    /// <param name="logger">Takes values that can't be read.</param>
    public CheckpointStore(KafkaConnection connection, AvroCodecs codecs, ILogger<CheckpointStore> logger)
    {
    }

    /// <summary>The committed checkpoints whose key starts with a prefix; call it after the publisher was initialised, so that no older instance can still write.</summary>
    /// <param name="keyPrefix">Start of the key, such as <c>org/sync/</c>.</param>
    /// <param name="cancellationToken">Stops.</param>
    public Task<IReadOnlyDictionary<string, Checkpoint>> LoadAsync(string keyPrefix, CancellationToken cancellationToken) => throw new NotImplementedException();
}
