using StreamSync.LocalKafka.Admin;
using StreamSync.LocalKafka.Log;
using StreamSync.LocalKafka.Protocol;
using StreamSync.LocalKafka.Protocol.Messages;

namespace StreamSync.LocalKafka.Coordinators;

/// <summary>
/// What producers ask for: ids, to add partitions and offsets to a transaction, to end it, to append within it. Decides who may.
/// </summary>
/// <remarks>Appends of a transaction run under its lock, so none can slip in behind its end.</remarks>
sealed class TransactionCoordinator(TransactionStore store, TransactionEnding ending, ProducerIds producerIds, ILogger logger)
{
    static readonly TopicPartition OffsetsPartition = TransactionEnding.OffsetsPartition;

    public InitProducerIdResponse InitProducerId(InitProducerIdRequest request, short version)
    {
        try
        {
            if ((request.ProducerId < 0) != (request.ProducerEpoch < 0))
            {
                return new() { Error = ErrorCode.InvalidRequest };
            }

            if (request.TransactionalId is null)
            {
                return new() { ProducerId = producerIds.Next(), ProducerEpoch = 0 };
            }

            if (request.TransactionalId.Length == 0)
            {
                return new() { Error = ErrorCode.InvalidRequest };
            }

            if (request.TransactionTimeoutMs is <= 0 or > BrokerSettings.MaxTransactionTimeoutMs)
            {
                return new() { Error = ErrorCode.InvalidTransactionTimeout };
            }

            var response = store.With(request.TransactionalId, create: true, t => Init(t, request))!;
            if (response.Error == ErrorCode.ProducerFenced && version < 4)
            {
                response.Error = ErrorCode.InvalidProducerEpoch;
            }

            return response;
        }
        catch (Exception e) when (e is IOException or LogAppendException)
        {
            logger.LogError("A producer id could not be given out: {Reason}", e.Message);
            return new() { Error = ErrorCode.CoordinatorNotAvailable };
        }
    }

    public ErrorCode AddPartitions(string id, long producerId, short epoch, IReadOnlyCollection<TopicPartition> partitions, short version) =>
        WithProducer(id, producerId, epoch, version, t =>
        {
            switch (t.Status)
            {
                case TransactionStatus.PrepareCommit or TransactionStatus.PrepareAbort:
                    return ErrorCode.ConcurrentTransactions;
                case TransactionStatus.Ongoing when t.Partitions.IsSupersetOf(partitions):
                    return ErrorCode.None;
            }

            var begins = t.Status != TransactionStatus.Ongoing;
            store.Change(t, () =>
            {
                if (begins)
                {
                    t.Partitions.Clear();
                    t.StartMs = store.Now;
                }

                t.Status = TransactionStatus.Ongoing;
                t.Partitions.UnionWith(partitions);
            });
            if (begins)
            {
                ending.WatchTimeout(t);
            }

            return ErrorCode.None;
        });

    public ErrorCode AddOffsets(AddOffsetsToTxnRequest request, short version) =>
        AddPartitions(request.TransactionalId, request.ProducerId, request.ProducerEpoch, [OffsetsPartition], version);

    public ErrorCode End(EndTxnRequest request, short version) =>
        WithProducer(request.TransactionalId, request.ProducerId, request.ProducerEpoch, version, t =>
        {
            var commit = request.Committed;
            switch (t.Status)
            {
                case TransactionStatus.Ongoing:
                    ending.Prepare(t, commit);
                    ending.Complete(t);
                    return ErrorCode.None;
                case TransactionStatus.CompleteCommit:
                    return commit ? ErrorCode.None : ErrorCode.InvalidTxnState;
                case TransactionStatus.CompleteAbort:
                    return commit ? ErrorCode.InvalidTxnState : ErrorCode.None;
                case TransactionStatus.PrepareCommit:
                    return commit ? ErrorCode.ConcurrentTransactions : ErrorCode.InvalidTxnState;
                case TransactionStatus.PrepareAbort:
                    return commit ? ErrorCode.InvalidTxnState : ErrorCode.ConcurrentTransactions;
                default:
                    return ErrorCode.InvalidTxnState;
            }
        });

    /// <summary>Appends a producer's batch. A transactional one is appended only within the transaction that it says it belongs to.</summary>
    public AppendResult Append(string? transactionalId, PartitionLog log, Memory<byte> batch, short version)
    {
        if (!BatchProducer.TryRead(batch.Span, out var producer) || !producer.IsTransactional)
        {
            return log.Append(batch, transactionVerified: false);
        }

        if (transactionalId is "")
        {
            return new AppendResult(ErrorCode.InvalidRequest, "The transactional id is empty.", -1, -1, -1);
        }

        if (transactionalId is null || store.Find(transactionalId) is not { } t)
        {
            return new AppendResult(
                ErrorCode.InvalidProducerIdMapping, "The batch is transactional, but its transactional id is not known.", -1, -1, -1);
        }

        lock (t.Lock)
        {
            var error = Verify(t, producer.Id, producer.Epoch, new TopicPartition(log.Topic, log.Partition));
            return error == ErrorCode.None
                ? log.Append(batch, transactionVerified: true)
                : new AppendResult(
                    Abortable(error, version >= 11), $"{log.Topic}-{log.Partition} is not part of an ongoing transaction of '{transactionalId}'.", -1, -1, -1);
        }
    }

    /// <summary>Newer clients are told by a code of its own that the transaction can only be aborted (KIP-890).</summary>
    static ErrorCode Abortable(ErrorCode error, bool isKnown) =>
        error == ErrorCode.InvalidTxnState && isKnown ? ErrorCode.TransactionAbortable : error;

    /// <summary>Runs something under the lock of a transaction that is ongoing and includes the committed offsets.</summary>
    public ErrorCode WithinTransaction(string transactionalId, long producerId, short epoch, short version, Func<ErrorCode> action)
    {
        if (store.Find(transactionalId) is not { } t)
        {
            return ErrorCode.InvalidProducerIdMapping;
        }

        lock (t.Lock)
        {
            var error = Verify(t, producerId, epoch, OffsetsPartition);
            return error == ErrorCode.None ? action() : Abortable(error, version >= 4);
        }
    }

    static ErrorCode Verify(Transaction t, long producerId, short epoch, TopicPartition partition) =>
        t.ProducerId != producerId ? ErrorCode.InvalidProducerIdMapping
        : t.ProducerEpoch != epoch ? ErrorCode.InvalidProducerEpoch
        : t.Status is TransactionStatus.PrepareCommit or TransactionStatus.PrepareAbort ? ErrorCode.ConcurrentTransactions
        : t.Status == TransactionStatus.Ongoing && t.Partitions.Contains(partition) ? ErrorCode.None
        : ErrorCode.InvalidTxnState;

    InitProducerIdResponse Init(Transaction t, InitProducerIdRequest request)
    {
        var isRetry = request.ProducerEpoch >= 0;
        if (isRetry && t.ProducerEpoch >= 0 && request.ProducerId != t.ProducerId
            && !(request.ProducerId == t.PreviousProducerId && IsExhausted(request.ProducerEpoch)))
        {
            return new() { Error = ErrorCode.ProducerFenced };
        }

        if (t.Status is TransactionStatus.PrepareCommit or TransactionStatus.PrepareAbort)
        {
            return new() { Error = ErrorCode.ConcurrentTransactions };
        }

        if (t.Status == TransactionStatus.Ongoing)
        {
            if (isRetry && request.ProducerEpoch != t.ProducerEpoch)
            {
                return new() { Error = ErrorCode.ProducerFenced };
            }

            // A new instance takes over: what the old one left open is aborted under an epoch that shuts the old one out.
            ending.AbortFenced(t);
            if (t.Status == TransactionStatus.PrepareAbort)
            {
                return new() { Error = ErrorCode.ConcurrentTransactions };
            }
        }
        else if (isRetry && t.ProducerEpoch >= 0 && request.ProducerEpoch != t.ProducerEpoch && request.ProducerId == t.ProducerId)
        {
            return request.ProducerEpoch == t.LastProducerEpoch
                ? new() { ProducerId = t.ProducerId, ProducerEpoch = t.ProducerEpoch }
                : new() { Error = ErrorCode.ProducerFenced };
        }

        var fresh = t.ProducerId < 0 || IsExhausted(t.ProducerEpoch) ? producerIds.Next() : -1;
        store.Change(t, () =>
        {
            if (fresh >= 0)
            {
                (t.PreviousProducerId, t.ProducerId, t.LastProducerEpoch, t.ProducerEpoch) = (t.ProducerId, fresh, t.ProducerEpoch, 0);
            }
            else
            {
                (t.LastProducerEpoch, t.ProducerEpoch) = (isRetry ? t.ProducerEpoch : (short)-1, (short)(t.ProducerEpoch + 1));
            }

            t.TimeoutMs = request.TransactionTimeoutMs;
            t.Status = TransactionStatus.Empty;
            t.Partitions.Clear();
            t.StartMs = -1;
        });
        return new() { ProducerId = t.ProducerId, ProducerEpoch = t.ProducerEpoch };
    }

    static bool IsExhausted(short epoch) => epoch >= short.MaxValue - 1;

    ErrorCode WithProducer(string id, long producerId, short epoch, short version, Func<Transaction, ErrorCode> action)
    {
        if (id.Length == 0)
        {
            return ErrorCode.InvalidRequest;
        }

        try
        {
            var error = ErrorCode.InvalidProducerIdMapping;
            store.With<object>(id, create: false, t =>
            {
                error = t.ProducerId != producerId ? ErrorCode.InvalidProducerIdMapping
                    : t.ProducerEpoch != epoch ? ErrorCode.ProducerFenced
                    : action(t);
                return null;
            });
            return error == ErrorCode.ProducerFenced && version < 2 ? ErrorCode.InvalidProducerEpoch : error;
        }
        catch (LogAppendException e)
        {
            logger.LogError("A step of transactional id {Id} could not be stored: {Reason}", id, e.Message);
            return ErrorCode.CoordinatorNotAvailable;
        }
    }
}
