using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;

namespace StreamSync.LocalKafka.Registry.Store;

/// <summary>Nothing was written, most likely because another registry has begun to write since this one did.</summary>
sealed class NotWrittenException(Exception inner) : Exception("the transaction did not take place", inner);

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

    /// <summary>Where the log ends, of what is committed.</summary>
    /// <exception cref="KafkaException">The cluster does not tell.</exception>
    public async Task<long> EndAsync(TimeSpan timeout)
    {
        using var admin = new DependentAdminClientBuilder(_producer.Handle).Build();
        var partition = new TopicPartitionOffsetSpec { TopicPartition = new TopicPartition(_topic, new Partition(0)), OffsetSpec = OffsetSpec.Latest() };
        var options = new ListOffsetsOptions { RequestTimeout = timeout, IsolationLevel = IsolationLevel.ReadCommitted };
        var result = await admin.ListOffsetsAsync([partition], options);
        return result.ResultInfos.Single().TopicPartitionOffsetError.Offset.Value;
    }

    /// <summary>Writes the records as one transaction; blocks until it is committed.</summary>
    /// <returns>The offset after the last of them.</returns>
    /// <exception cref="NotWrittenException">Nothing was written; with a new writer it can be tried again.</exception>
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
        catch (KafkaException problem) when (IsFenced(problem.Error))
        {
            throw new NotWrittenException(problem);
        }
        catch (KafkaException problem) when (problem is KafkaTxnRequiresAbortException or ProduceException<byte[], byte[]?>)
        {
            Abort(timeout);
            if (problem is KafkaTxnRequiresAbortException)
            {
                throw new NotWrittenException(problem);
            }
            throw;
        }
    }

    void Abort(TimeSpan timeout)
    {
        try
        {
            _producer.AbortTransaction(timeout);
        }
        catch (KafkaException problem) when (IsFenced(problem.Error))
        {
            // Whoever fenced this writer has aborted its transaction; a record that failed to be sent did so for that reason.
            throw new NotWrittenException(problem);
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
