using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace StreamSync.LocalKafka.Registry.Store;

/// <summary>Another registry has begun to write since this one did: what this one was about to write did not happen.</summary>
sealed class FencedException(Exception inner) : Exception("another registry has taken over writing", inner);

/// <summary>
/// Writes to the schemas topic in transactions under one transactional id that all registries of a cluster share. Whoever opened
/// a writer last is the only one whose transactions can commit: the cluster fences all others. So a decision that was taken on
/// everything committed up to the opening, and on one's own writes since, cannot meet a write that it did not know of.
/// </summary>
sealed class SchemaLogWriter : IDisposable
{
    readonly IProducer<byte[], byte[]?> _producer;
    readonly string _topic;

    SchemaLogWriter(IProducer<byte[], byte[]?> producer, string topic)
    {
        _producer = producer;
        _topic = topic;
    }

    /// <summary>Takes over writing; blocks until whatever another registry had under way is ended.</summary>
    /// <exception cref="KafkaException">The cluster refused or did not answer in time.</exception>
    public static SchemaLogWriter Open(ProducerConfig config, string topic, TimeSpan timeout, ILogger logger)
    {
        var producer = new ProducerBuilder<byte[], byte[]?>(config)
            .SetErrorHandler((_, error) => logger.LogDebug("Writer of {Topic}: {Reason}", topic, error.Reason))
            .SetLogHandler((_, message) => logger.LogDebug("Writer of {Topic}: {Message}", topic, message.Message))
            .Build();
        try
        {
            producer.InitTransactions(timeout);
            return new SchemaLogWriter(producer, topic);
        }
        catch
        {
            producer.Dispose();
            throw;
        }
    }

    /// <summary>Writes the records as one transaction; blocks until it is committed.</summary>
    /// <returns>The offset after the last of them.</returns>
    /// <exception cref="FencedException">Nothing was written; another registry writes now.</exception>
    /// <exception cref="ProduceException{TKey, TValue}">Nothing was written; the cluster refused a record.</exception>
    /// <exception cref="KafkaException">The outcome is unknown.</exception>
    public long Write(IReadOnlyList<RegistryRecord> records, TimeSpan timeout)
    {
        try
        {
            _producer.BeginTransaction();
            var deliveries = records.Select((record, i) => Send(record, isLast: i == records.Count - 1)).ToArray();
            var end = deliveries.Max(delivery => delivery.GetAwaiter().GetResult().Offset.Value) + 1;
            Commit(timeout);
            return end;
        }
        catch (ProduceException<byte[], byte[]?> problem) when (!IsFenced(problem.Error))
        {
            _producer.AbortTransaction(timeout);
            throw;
        }
        catch (KafkaException problem) when (IsFenced(problem.Error))
        {
            throw new FencedException(problem);
        }
    }

    Task<DeliveryResult<byte[], byte[]?>> Send(RegistryRecord record, bool isLast)
    {
        var (key, value) = RegistryRecordCodec.Encode(record);
        var headers = isLast ? new Headers { { SchemaLogReader.LastOfTransaction, [] } } : null;
        return _producer.ProduceAsync(new TopicPartition(_topic, new Partition(0)), new Message<byte[], byte[]?> { Key = key, Value = value, Headers = headers });
    }

    void Commit(TimeSpan timeout)
    {
        while (true)
        {
            try
            {
                _producer.CommitTransaction(timeout);
                return;
            }
            catch (KafkaRetriableException)
            {
                // The commit goes on in the background; asking again waits for it. The time-out ends this.
            }
        }
    }

    static bool IsFenced(Error error) => error.Code is ErrorCode.Local_Fenced or ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch;

    /// <inheritdoc/>
    public void Dispose() => _producer.Dispose();
}
