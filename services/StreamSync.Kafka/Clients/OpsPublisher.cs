using System.Text;
using Avro.Specific;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using StreamSync.Contracts;
using StreamSync.Kafka.Serdes;

namespace StreamSync.Kafka.Clients;

/// <summary>
/// Publishes operational events (sync status, findings, quarantine) outside of transactions, idempotently and keyed, so that sending one
/// twice changes nothing. Safe to share.
/// </summary>
public sealed class OpsPublisher : IAsyncDisposable
{
    const string Name = "streamsync-ops";

    readonly AvroCodecs _codecs;
    readonly Lazy<IProducer<byte[], byte[]?>> _producer;

    /// <summary>Creates it; the client starts with the first event.</summary>
    /// <param name="connection">The cluster.</param>
    /// <param name="codecs">Encoders.</param>
    /// <param name="logger">Takes what the client reports.</param>
    public OpsPublisher(KafkaConnection connection, AvroCodecs codecs, ILogger<OpsPublisher> logger)
    {
        _codecs = codecs;
        _producer = new Lazy<IProducer<byte[], byte[]?>>(() => new ProducerBuilder<byte[], byte[]?>(connection.Producer(Name))
            .SetLogHandler((_, message) => ClientLog.Write(logger, message))
            .SetErrorHandler((_, error) => ClientLog.Write(logger, Name, error))
            .SetValueSerializer(Serializers.ByteArray!)
            .Build());
    }

    /// <summary>Sends an event; the task ends when the broker acknowledged it.</summary>
    /// <typeparam name="T">Generated class of the topic.</typeparam>
    /// <param name="topic">Topic.</param>
    /// <param name="key">Key.</param>
    /// <param name="value">Value; null is a tombstone.</param>
    /// <param name="cancellationToken">Stops waiting, not the sending.</param>
    /// <exception cref="InvalidDataException">A required field is null.</exception>
    /// <exception cref="KafkaException">The event was not delivered in time.</exception>
    public Task PublishAsync<T>(TopicSpec topic, string key, T? value, CancellationToken cancellationToken)
        where T : class, ISpecificRecord
    {
        var message = new Message<byte[], byte[]?> { Key = Encoding.UTF8.GetBytes(key), Value = value is null ? null : _codecs.For<T>(topic).Encode(value) };
        return _producer.Value.ProduceAsync(topic.Name, message, cancellationToken);
    }

    /// <summary>Waits until everything sent is acknowledged.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task FlushAsync(CancellationToken cancellationToken) =>
        _producer.IsValueCreated ? Blocking.RunAsync(() => _producer.Value.Flush(cancellationToken), cancellationToken) : Task.CompletedTask;

    /// <summary>Sends what is left, at most for some seconds, and closes the client.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_producer.IsValueCreated)
        {
            await Blocking.RunAsync(
                () =>
                {
                    _producer.Value.Flush(TimeSpan.FromSeconds(5));
                    _producer.Value.Dispose();
                },
                CancellationToken.None);
        }
    }
}
