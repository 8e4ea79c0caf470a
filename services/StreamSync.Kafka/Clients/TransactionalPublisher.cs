using Avro.Specific;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using StreamSync.Contracts;
using StreamSync.Contracts.Source;
using StreamSync.Kafka.Serdes;

namespace StreamSync.Kafka.Clients;

/// <summary>
/// Publishes records in transactions: all of one become visible at once, or none. One instance is used by one caller at a time; it must
/// be initialised once, which fences every older instance of the same transactional id and rolls back what it left open.
/// </summary>
public sealed class TransactionalPublisher : IAsyncDisposable
{
    /// <summary>Creates it; nothing is sent before <see cref="InitAsync"/>.</summary>
    /// <param name="connection">The cluster.</param>
    /// <param name="transactionalId">Name of the writer, the same after every restart and used by no other.</param>
    /// <param name="codecs">Encoders.</param>
    /// <param name="logger">Takes what the client reports.</param>
    public TransactionalPublisher(KafkaConnection connection, string transactionalId, AvroCodecs codecs, ILogger<TransactionalPublisher> logger)
    {
    }

    /// <summary>Takes over the transactional id; call once, and again after a fatal error.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="ClusterUnreachableException">No broker answers.</exception>
    public Task InitAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Begins a transaction.</summary>
    public void Begin() => throw new NotImplementedException();

    /// <summary>
    /// Adds a record; errors of delivery show at <see cref="CommitAsync"/>. Returns at once unless the send queue is full: then it waits for room.
    /// </summary>
    /// <param name="topic">Topic.</param>
    /// <param name="key">Key, UTF-8 on the wire.</param>
    /// <param name="value">Value; null is a tombstone.</param>
    /// <param name="headers">Headers.</param>
    /// <param name="timestamp">Record time (UTC); null takes the client's clock.</param>
    public void Produce(string topic, string key, byte[]? value, Headers? headers = null, DateTime? timestamp = null) => throw new NotImplementedException();

    /// <summary>Adds a record of a topic of the catalogue.</summary>
    /// <typeparam name="T">Generated class of the topic.</typeparam>
    /// <param name="topic">Topic.</param>
    /// <param name="key">Key.</param>
    /// <param name="value">Value; null is a tombstone.</param>
    /// <param name="headers">Headers.</param>
    /// <param name="timestamp">Record time (UTC).</param>
    public void Publish<T>(TopicSpec topic, string key, T? value, Headers? headers = null, DateTime? timestamp = null)
        where T : class, ISpecificRecord => throw new NotImplementedException();

    /// <summary>Adds a change to a <c>source.*</c> topic.</summary>
    /// <param name="topic">Topic of the stream.</param>
    /// <param name="key">Source URN.</param>
    /// <param name="change">The change; null is a tombstone.</param>
    /// <param name="headers">Headers.</param>
    /// <param name="timestamp">Record time (UTC).</param>
    public void Publish(TopicSpec topic, string key, SourceChange? change, Headers? headers = null, DateTime? timestamp = null) => throw new NotImplementedException();

    /// <summary>Commits the transaction once every record of it is acknowledged.</summary>
    /// <param name="cancellationToken">Stops waiting; whether the transaction was committed is then unknown: initialise again and read the checkpoint.</param>
    /// <exception cref="TransactionAbortedException">The transaction was rolled back; retry it.</exception>
    /// <exception cref="PublisherFencedException">Another instance took over; stop.</exception>
    public Task CommitAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Rolls the transaction back; harmless when none is open.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="PublisherFencedException">Another instance took over; stop.</exception>
    public Task AbortAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
