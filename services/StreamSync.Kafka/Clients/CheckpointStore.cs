using Microsoft.Extensions.Logging;
using StreamSync.Contracts;
using StreamSync.Contracts.Ops;
using StreamSync.Kafka.Serdes;

namespace StreamSync.Kafka.Clients;

/// <summary>
/// Reads how far streams were read. A checkpoint is written by <see cref="TransactionalPublisher.Publish{T}"/> to
/// <see cref="TopicCatalog.Checkpoint"/> inside the transaction of the records that it covers.
/// </summary>
public sealed class CheckpointStore
{
    readonly KafkaConnection _connection;
    readonly AvroCodecs _codecs;
    readonly ILogger _logger;

    /// <summary>Creates it.</summary>
    /// <param name="connection">The cluster.</param>
    /// <param name="codecs">Decoders.</param>
    /// <param name="logger">Takes values that can't be read.</param>
    public CheckpointStore(KafkaConnection connection, AvroCodecs codecs, ILogger<CheckpointStore> logger)
    {
        _connection = connection;
        _codecs = codecs;
        _logger = logger;
    }

    /// <summary>The committed checkpoints whose key starts with a prefix; call it after the publisher was initialised, so that no older instance can still write.</summary>
    /// <param name="keyPrefix">Start of the key, such as <c>org/sync/</c>.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="InvalidOperationException">A checkpoint can't be read; to go on without it would read everything again.</exception>
    public async Task<IReadOnlyDictionary<string, Checkpoint>> LoadAsync(string keyPrefix, CancellationToken cancellationToken)
    {
        var codec = _codecs.For<Checkpoint>(TopicCatalog.Checkpoint);
        await using var table = new CompactedTable<Checkpoint>(
            _connection, TopicCatalog.Checkpoint.Name, value => Read(codec, value), _logger, key => key.StartsWith(keyPrefix, StringComparison.Ordinal));
        await table.LoadAsync(cancellationToken);
        return table.Items;
    }

    static Checkpoint Read(AvroCodec<Checkpoint> codec, ReadOnlySpan<byte> value)
    {
        try
        {
            return codec.Decode(value);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidOperationException($"a checkpoint in {TopicCatalog.Checkpoint.Name} can't be read: {e.Message}", e);
        }
    }
}
