using Avro.Specific;
using Microsoft.Extensions.Logging;
using StreamSync.Contracts;
using StreamSync.Kafka.Serdes;

namespace StreamSync.Kafka.Clients;

/// <summary>Publishes operational events (sync status, findings, quarantine) outside of transactions, idempotently and keyed, so that sending one twice changes nothing.</summary>
public sealed class OpsPublisher : IAsyncDisposable
{
    /// <summary>Creates it.</summary>
    /// <param name="connection">The cluster.</param>
    /// <param name="codecs">Encoders.</param>
    /// <param name="logger">Takes what the client reports.</param>
    public OpsPublisher(KafkaConnection connection, AvroCodecs codecs, ILogger<OpsPublisher> logger)
    {
    }

    /// <summary>Sends an event; the task ends when the broker acknowledged it.</summary>
    /// <typeparam name="T">Generated class of the topic.</typeparam>
    /// <param name="topic">Topic.</param>
    /// <param name="key">Key.</param>
    /// <param name="value">Value; null is a tombstone.</param>
    /// <param name="cancellationToken">Stops waiting, not the sending.</param>
    public Task PublishAsync<T>(TopicSpec topic, string key, T? value, CancellationToken cancellationToken)
        where T : class, ISpecificRecord => throw new NotImplementedException();

    /// <summary>Waits until everything sent is acknowledged.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task FlushAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
