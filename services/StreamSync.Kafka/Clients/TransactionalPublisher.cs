using System.Diagnostics.CodeAnalysis;
using System.Text;
using Avro.Specific;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using StreamSync.Contracts;
using StreamSync.Contracts.Source;
using StreamSync.Kafka.Serdes;

namespace StreamSync.Kafka.Clients;

/// <summary>
/// Publishes records in transactions: all of one become visible at once, or none. One instance is used by one caller at a time; it must
/// be initialised first, which fences every older instance of the same transactional id and rolls back what it left open.
/// </summary>
/// <remarks>
/// The cycle of a caller: <see cref="InitAsync"/>, read the checkpoint, then again and again <see cref="Begin"/>, publish records and
/// checkpoint, <see cref="CommitAsync"/>. After a <see cref="TransactionAbortedException"/>: <see cref="InitAsync"/> if <see cref="NeedsInit"/>,
/// read the checkpoint, go on from there.
/// </remarks>
public sealed class TransactionalPublisher : IAsyncDisposable
{
    readonly KafkaConnection _connection;
    readonly string _transactionalId;
    readonly AvroCodecs _codecs;
    readonly ILogger _logger;
    IProducer<byte[], byte[]?>? _producer;
    bool _open;

    /// <summary>Creates it; nothing is sent before <see cref="InitAsync"/>.</summary>
    /// <param name="connection">The cluster.</param>
    /// <param name="transactionalId">Name of the writer, the same after every restart and used by no other.</param>
    /// <param name="codecs">Encoders.</param>
    /// <param name="logger">Takes what the client reports.</param>
    public TransactionalPublisher(KafkaConnection connection, string transactionalId, AvroCodecs codecs, ILogger<TransactionalPublisher> logger)
    {
        _connection = connection;
        _transactionalId = transactionalId;
        _codecs = codecs;
        _logger = logger;
    }

    /// <summary>True before the first <see cref="InitAsync"/>, and again when an error or a cancellation left the last transaction in doubt.</summary>
    public bool NeedsInit { get; private set; } = true;

    /// <summary>Takes over the transactional id, with a new client; waits for the broker as long as the token allows.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="PublisherFencedException">A newer instance took over meanwhile.</exception>
    public async Task InitAsync(CancellationToken cancellationToken)
    {
        await CloseAsync();
        NeedsInit = true;
        _producer = new ProducerBuilder<byte[], byte[]?>(_connection.Producer(_transactionalId, _transactionalId))
            .SetLogHandler((_, message) => ClientLog.Write(_logger, message))
            .SetErrorHandler((_, error) => ClientLog.Write(_logger, _transactionalId, error))
            .SetValueSerializer(Serializers.ByteArray!)
            .Build();
        try
        {
            await RetryAsync(_producer.InitTransactions, cancellationToken);
        }
        catch (KafkaException e) when (IsFenced(e.Error))
        {
            throw Fenced(e);
        }

        NeedsInit = false;
    }

    /// <summary>Begins a transaction.</summary>
    /// <exception cref="InvalidOperationException">One is open, or <see cref="NeedsInit"/>.</exception>
    public void Begin()
    {
        var producer = Producer();
        if (_open)
        {
            throw new InvalidOperationException("a transaction is open: commit or abort it first");
        }

        producer.BeginTransaction();
        _open = true;
    }

    /// <summary>
    /// Adds a record; errors of delivery show at <see cref="CommitAsync"/>. Returns at once unless the send queue is full: then it waits for room.
    /// </summary>
    /// <param name="topic">Topic.</param>
    /// <param name="key">Key, UTF-8 on the wire.</param>
    /// <param name="value">Value; null is a tombstone.</param>
    /// <param name="headers">Headers.</param>
    /// <param name="timestamp">Record time (UTC); null takes the client's clock.</param>
    /// <exception cref="InvalidDataException">The record is larger than any topic takes; the transaction goes on without it.</exception>
    /// <exception cref="TransactionAbortedException">The transaction can't be committed any more; abort it.</exception>
    public void Produce(string topic, string key, byte[]? value, Headers? headers = null, DateTime? timestamp = null)
    {
        var producer = Producer();
        var message = new Message<byte[], byte[]?>
        {
            Key = Encoding.UTF8.GetBytes(key),
            Value = value,
            Headers = headers,
            Timestamp = timestamp is { } time ? new Timestamp(time.ToUniversalTime()) : Timestamp.Default,
        };
        while (true)
        {
            try
            {
                producer.Produce(topic, message);
                return;
            }
            catch (ProduceException<byte[], byte[]?> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
            {
                // Waits until librdkafka has sent what it holds, or for one slice; delivery itself needs no thread of ours.
                producer.Flush(Blocking.Slice);
            }
            catch (ProduceException<byte[], byte[]?> e) when (e.Error.Code == ErrorCode.MsgSizeTooLarge)
            {
                throw new InvalidDataException($"a record for {topic} has {value?.Length ?? 0} bytes, more than the {KafkaConnection.MaxMessageBytes} that topics take", e);
            }
            catch (KafkaException e)
            {
                throw IsFenced(e.Error) ? Fenced(e) : new TransactionAbortedException($"a record for {topic} was refused: {e.Error.Reason}", e);
            }
        }
    }

    /// <summary>Adds a record of a topic of the catalogue.</summary>
    /// <typeparam name="T">Generated class of the topic.</typeparam>
    /// <param name="topic">Topic.</param>
    /// <param name="key">Key.</param>
    /// <param name="value">Value; null is a tombstone.</param>
    /// <param name="headers">Headers.</param>
    /// <param name="timestamp">Record time (UTC).</param>
    /// <exception cref="InvalidDataException">A required field is null, or the record is too large.</exception>
    public void Publish<T>(TopicSpec topic, string key, T? value, Headers? headers = null, DateTime? timestamp = null)
        where T : class, ISpecificRecord => Produce(topic.Name, key, value is null ? null : _codecs.For<T>(topic).Encode(value), headers, timestamp);

    /// <summary>Adds a change to a <c>source.*</c> topic.</summary>
    /// <param name="topic">Topic of the stream.</param>
    /// <param name="key">Source URN.</param>
    /// <param name="change">The change; null is a tombstone.</param>
    /// <param name="headers">Headers.</param>
    /// <param name="timestamp">Record time (UTC).</param>
    /// <exception cref="InvalidDataException">A field is null or of a wrong type, or the record is too large.</exception>
    public void Publish(TopicSpec topic, string key, SourceChange? change, Headers? headers = null, DateTime? timestamp = null) =>
        Produce(topic.Name, key, change is null ? null : _codecs.ForSource(topic).Encode(change), headers, timestamp);

    /// <summary>Waits until the records so far have reached the broker, uncommitted.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task FlushAsync(CancellationToken cancellationToken)
    {
        var producer = Producer();
        return Blocking.RunAsync(() => producer.Flush(cancellationToken), cancellationToken);
    }

    /// <summary>Commits the transaction once every record of it is acknowledged.</summary>
    /// <param name="cancellationToken">Stops waiting; whether the transaction was committed is then unknown, and <see cref="NeedsInit"/> is set.</param>
    /// <exception cref="TransactionAbortedException">
    /// Nothing of the transaction is visible: retry it. Or, when <see cref="NeedsInit"/> is set, its end is unknown: initialise again and read the checkpoint.
    /// </exception>
    /// <exception cref="PublisherFencedException">Another instance took over; stop.</exception>
    public async Task CommitAsync(CancellationToken cancellationToken)
    {
        var producer = Producer();
        try
        {
            NeedsInit = true;
            await RetryAsync(producer.CommitTransaction, cancellationToken);
            (NeedsInit, _open) = (false, false);
        }
        catch (KafkaTxnRequiresAbortException e)
        {
            NeedsInit = false;
            await AbortAsync(cancellationToken);
            throw new TransactionAbortedException($"the transaction of {_transactionalId} was rolled back: {e.Error.Reason}", e);
        }
        catch (KafkaException e)
        {
            _open = false;
            throw IsFenced(e.Error) ? Fenced(e) : new TransactionAbortedException($"the transaction of {_transactionalId} failed: {e.Error.Reason}", e);
        }
    }

    /// <summary>Rolls the transaction back; harmless when none is open. Where that fails, <see cref="NeedsInit"/> is set, and initialising does it.</summary>
    /// <param name="cancellationToken">Stops waiting; <see cref="NeedsInit"/> is then set.</param>
    /// <exception cref="PublisherFencedException">Another instance took over; stop.</exception>
    public async Task AbortAsync(CancellationToken cancellationToken)
    {
        if (!_open || _producer is null || NeedsInit)
        {
            _open = false;
            return;
        }

        NeedsInit = true;
        _open = false;
        try
        {
            // A partition that is being added to the transaction while it is rolled back makes Apache Kafka refuse the end of the transaction
            // (INVALID_TXN_STATE), which librdkafka 2.16 takes as fatal: let what was produced arrive first.
            var producer = _producer;
            await Blocking.RunAsync(() => producer.Flush(Blocking.Slice), cancellationToken);
            await RetryAsync(producer.AbortTransaction, cancellationToken);
            NeedsInit = false;
        }
        catch (KafkaException e) when (IsFenced(e.Error))
        {
            throw Fenced(e);
        }
        catch (KafkaException e)
        {
            // The broker rolls it back when the id is initialised again.
            _logger.LogWarning("{TransactionalId}: the transaction could not be rolled back now: {Reason}", _transactionalId, e.Error.Reason);
        }
    }

    /// <summary>Closes the client; an open transaction is rolled back by the broker.</summary>
    public async ValueTask DisposeAsync()
    {
        NeedsInit = true;
        await CloseAsync();
    }

    static bool IsFenced(Error error) => error.Code is ErrorCode.Local_Fenced or ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch;

    PublisherFencedException Fenced(KafkaException e)
    {
        NeedsInit = true;
        return new PublisherFencedException($"another instance writes as {_transactionalId}: this one stops", e);
    }

    /// <summary>Calls until it is done: a call that timed out may be repeated, by librdkafka's contract.</summary>
    static Task RetryAsync(Action<TimeSpan> call, CancellationToken cancellationToken) => Blocking.RunAsync(
        () =>
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                try
                {
                    call(Blocking.Slice);
                    return;
                }
                catch (KafkaRetriableException)
                {
                }
                catch (KafkaException e) when (e.Error.Code == ErrorCode.Local_TimedOut && !e.Error.IsFatal)
                {
                }
            }
        },
        cancellationToken);

    IProducer<byte[], byte[]?> Producer() =>
        NeedsInit || _producer is null ? throw new InvalidOperationException($"{_transactionalId} is not initialised") : _producer;

    [SuppressMessage("Design", "CA1031", Justification = "A client that breaks while it closes is gone either way.")]
    async Task CloseAsync()
    {
        var producer = _producer;
        _producer = null;
        _open = false;
        if (producer is null)
        {
            return;
        }

        try
        {
            await Blocking.RunAsync(producer.Dispose, CancellationToken.None);
        }
        catch (Exception e)
        {
            _logger.LogWarning("{TransactionalId}: {Reason}", _transactionalId, e.Message);
        }
    }
}
