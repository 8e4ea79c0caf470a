using Confluent.Kafka;

namespace StreamSync.Processors.Streaming;

/// <summary>
/// Streamiz's producer with three differences. Nothing asks for a report of each delivery: a record that can't be delivered fails the
/// transaction's commit anyway, and reports cost more than the record. A full queue waits instead of failing. After a failure of a stage
/// nothing is committed, see <see cref="FailureLedger"/>.
/// </summary>
sealed class TransactionalProducer(IProducer<byte[], byte[]> inner, FailureLedger ledger) : IProducer<byte[], byte[]>
{
    static readonly TimeSpan QueueWait = TimeSpan.FromMilliseconds(50);

    public Handle Handle => inner.Handle;

    public string Name => inner.Name;

    public void Produce(string topic, Message<byte[], byte[]> message, Action<DeliveryReport<byte[], byte[]>>? deliveryHandler = null)
    {
        while (true)
        {
            try
            {
                inner.Produce(topic, message);
                return;
            }
            catch (ProduceException<byte[], byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
            {
                inner.Poll(QueueWait);
            }
        }
    }

    public void Produce(TopicPartition topicPartition, Message<byte[], byte[]> message, Action<DeliveryReport<byte[], byte[]>>? deliveryHandler = null)
    {
        while (true)
        {
            try
            {
                inner.Produce(topicPartition, message);
                return;
            }
            catch (ProduceException<byte[], byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
            {
                inner.Poll(QueueWait);
            }
        }
    }

    public void CommitTransaction(TimeSpan timeout)
    {
        Permit();
        inner.CommitTransaction(timeout);
    }

    public void CommitTransaction()
    {
        Permit();
        inner.CommitTransaction();
    }

    public void SendOffsetsToTransaction(IEnumerable<TopicPartitionOffset> offsets, IConsumerGroupMetadata groupMetadata, TimeSpan timeout)
    {
        Permit();
        inner.SendOffsetsToTransaction(offsets, groupMetadata, timeout);
    }

    public Task<DeliveryResult<byte[], byte[]>> ProduceAsync(string topic, Message<byte[], byte[]> message, CancellationToken cancellationToken = default) => inner.ProduceAsync(topic, message, cancellationToken);

    public Task<DeliveryResult<byte[], byte[]>> ProduceAsync(TopicPartition topicPartition, Message<byte[], byte[]> message, CancellationToken cancellationToken = default) => inner.ProduceAsync(topicPartition, message, cancellationToken);

    public int Poll(TimeSpan timeout) => inner.Poll(timeout);

    public int Flush(TimeSpan timeout) => inner.Flush(timeout);

    public void Flush(CancellationToken cancellationToken = default) => inner.Flush(cancellationToken);

    public void InitTransactions(TimeSpan timeout) => inner.InitTransactions(timeout);

    public void BeginTransaction() => inner.BeginTransaction();

    public void AbortTransaction(TimeSpan timeout) => inner.AbortTransaction(timeout);

    public void AbortTransaction() => inner.AbortTransaction();

    public int AddBrokers(string brokers) => inner.AddBrokers(brokers);

    public void SetSaslCredentials(string username, string password) => inner.SetSaslCredentials(username, password);

    public void Dispose() => inner.Dispose();

    void Permit()
    {
        if (ledger.Failure is { } failure)
        {
            throw new InvalidOperationException("a stage failed: what it left half done is not committed", failure);
        }
    }
}
