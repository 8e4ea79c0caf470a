using System.Buffers.Binary;
using System.Collections.Concurrent;
using StreamSync.LocalKafka.Admin;
using StreamSync.LocalKafka.Log;
using StreamSync.LocalKafka.Protocol;
using StreamSync.LocalKafka.Protocol.Messages;

namespace StreamSync.LocalKafka.Coordinators;

/// <summary>
/// Transactions: who may write under a transactional id, which partitions a transaction touches, and how it ends. Every step is stored
/// in <c>__transaction_state</c> before it takes effect; an end that was stored is carried out, after a crash at the next start.
/// </summary>
/// <remarks>
/// As all partitions are here, markers are written before EndTxn is answered, where Apache Kafka lets them follow: a client sees no
/// CONCURRENT_TRANSACTIONS after its own commit. Appends of a transaction run under its lock, so none can slip in behind its end.
/// </remarks>
sealed class TransactionCoordinator : IDisposable
{
    /// <summary>Coordinators are counted in markers; there has only ever been one.</summary>
    const int CoordinatorEpoch = 0;

    static readonly TopicPartition OffsetsPartition = new(InternalTopics.ConsumerOffsets, 0);
    static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    readonly TopicCatalog _catalog;
    readonly ProducerIds _producerIds;
    readonly PartitionLog _log;
    readonly TimeProvider _clock;
    readonly ILogger _logger;
    readonly ConcurrentDictionary<string, Transaction> _transactions = new();

    public TransactionCoordinator(TopicCatalog catalog, ProducerIds producerIds, TimeProvider clock, ILogger logger)
    {
        _catalog = catalog;
        _producerIds = producerIds;
        _clock = clock;
        _logger = logger;
        _log = catalog.Partition(InternalTopics.TransactionState, 0)!;
    }

    /// <summary>Called under the transaction's lock when its producer's offsets in groups are decided: the id, and whether they count.</summary>
    public Action<long, bool>? OffsetsDecided { get; set; }

    public IEnumerable<Transaction> All => _transactions.Values;

    long Now => _clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Reads the stored states and carries out what had been decided. The groups must be loaded before.</summary>
    public void Load()
    {
        foreach (var record in _log.ReadRecords(_log.LogStartOffset))
        {
            if (record.Key is null || TransactionRecords.Decode(record.Key, record.Value) is not var (id, state))
            {
                continue;
            }

            if (state is null)
            {
                _transactions.TryRemove(id, out _);
            }
            else
            {
                _transactions[id] = state;
            }
        }

        foreach (var t in _transactions.Values)
        {
            lock (t.Lock)
            {
                if (t.Status is TransactionStatus.PrepareCommit or TransactionStatus.PrepareAbort)
                {
                    Complete(t);
                }
                else if (t.Status == TransactionStatus.Ongoing)
                {
                    WatchTimeout(t);
                }
            }
        }
    }

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
                return new() { ProducerId = _producerIds.Next(), ProducerEpoch = 0 };
            }

            if (request.TransactionalId.Length == 0)
            {
                return new() { Error = ErrorCode.InvalidRequest };
            }

            if (request.TransactionTimeoutMs is <= 0 or > BrokerSettings.MaxTransactionTimeoutMs)
            {
                return new() { Error = ErrorCode.InvalidTransactionTimeout };
            }

            var response = WithTransaction(request.TransactionalId, create: true, t => Init(t, request))!;
            if (response.Error == ErrorCode.ProducerFenced && version < 4)
            {
                response.Error = ErrorCode.InvalidProducerEpoch;
            }

            return response;
        }
        catch (Exception e) when (e is IOException or LogAppendException)
        {
            _logger.LogError("A producer id could not be given out: {Reason}", e.Message);
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
            Change(t, () =>
            {
                if (begins)
                {
                    t.Partitions.Clear();
                    t.StartMs = Now;
                }

                t.Status = TransactionStatus.Ongoing;
                t.Partitions.UnionWith(partitions);
            });
            if (begins)
            {
                WatchTimeout(t);
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
                    Prepare(t, commit);
                    Complete(t);
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

        if (transactionalId is null || !_transactions.TryGetValue(transactionalId, out var t))
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
        if (!_transactions.TryGetValue(transactionalId, out var t))
        {
            return ErrorCode.InvalidProducerIdMapping;
        }

        lock (t.Lock)
        {
            var error = Verify(t, producerId, epoch, OffsetsPartition);
            return error == ErrorCode.None ? action() : Abortable(error, version >= 4);
        }
    }

    public Transaction? Find(string transactionalId) => _transactions.GetValueOrDefault(transactionalId);

    /// <summary>Forgets transactional ids that nobody used for long.</summary>
    public void Expire()
    {
        foreach (var t in _transactions.Values)
        {
            lock (t.Lock)
            {
                if (t.Status is TransactionStatus.Empty or TransactionStatus.CompleteCommit or TransactionStatus.CompleteAbort
                    && Now - t.LastUpdateMs > BrokerSettings.TransactionalIdExpiration.TotalMilliseconds)
                {
                    _log.AppendInternal([TransactionRecords.Tombstone(t.TransactionalId)]);
                    t.Status = TransactionStatus.Dead;
                    _transactions.TryRemove(t.TransactionalId, out _);
                }
            }
        }
    }

    public void Dispose()
    {
        foreach (var t in _transactions.Values)
        {
            lock (t.Lock)
            {
                t.Timer?.Dispose();
            }
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
            AbortFenced(t);
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

        var fresh = t.ProducerId < 0 || IsExhausted(t.ProducerEpoch) ? _producerIds.Next() : -1;
        Change(t, () =>
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

    void Prepare(Transaction t, bool commit) =>
        Change(t, () => t.Status = commit ? TransactionStatus.PrepareCommit : TransactionStatus.PrepareAbort);

    void AbortFenced(Transaction t)
    {
        Change(t, () =>
        {
            // The producer that was shut out may ask for the new epoch with its old one and go on (KIP-588).
            t.LastProducerEpoch = t.ProducerEpoch++;
            t.Status = TransactionStatus.PrepareAbort;
        });
        Complete(t);
    }

    /// <summary>Carries out a stored decision: markers, offsets, and the record that it is done. What the disk refuses is tried again.</summary>
    void Complete(Transaction t)
    {
        t.Timer?.Dispose();
        t.Timer = null;
        var commit = t.Status == TransactionStatus.PrepareCommit;
        try
        {
            foreach (var partition in t.Partitions)
            {
                // A topic deleted meanwhile has nothing left to decide.
                if (_catalog.Partition(partition.Topic, partition.Partition) is { } log)
                {
                    WriteMarker(log, t, commit);
                }
            }

            if (t.Partitions.Contains(OffsetsPartition))
            {
                OffsetsDecided?.Invoke(t.ProducerId, commit);
            }

            Change(t, () =>
            {
                t.Status = commit ? TransactionStatus.CompleteCommit : TransactionStatus.CompleteAbort;
                t.Partitions.Clear();
                t.StartMs = -1;
            });
        }
        catch (LogAppendException e)
        {
            _logger.LogError(
                "The {End} of transactional id {Id} is decided but could not be written yet: {Reason}",
                commit ? "commit" : "abort", t.TransactionalId, e.Message);
            t.Timer = _clock.CreateTimer(_ => Retry(t), null, RetryDelay, Timeout.InfiniteTimeSpan);
        }
    }

    static void WriteMarker(PartitionLog log, Transaction t, bool commit)
    {
        try
        {
            log.AppendControl(t.ProducerId, t.ProducerEpoch, commit, CoordinatorEpoch);
        }
        catch (LogAppendException e) when (e.Error == ErrorCode.InvalidProducerEpoch)
        {
            // A newer epoch has been at this partition, so an earlier try wrote the marker before a crash and the producer went on.
        }
        catch (ObjectDisposedException)
        {
            // Deleted at this moment.
        }
    }

    void Retry(Transaction t)
    {
        lock (t.Lock)
        {
            if (t.Status is TransactionStatus.PrepareCommit or TransactionStatus.PrepareAbort)
            {
                Complete(t);
            }
        }
    }

    void WatchTimeout(Transaction t)
    {
        var left = TimeSpan.FromMilliseconds(Math.Max(0, t.StartMs + t.TimeoutMs - Now));
        var start = t.StartMs;
        t.Timer?.Dispose();
        t.Timer = _clock.CreateTimer(_ => TimeOut(t, start), null, left, Timeout.InfiniteTimeSpan);
    }

    void TimeOut(Transaction t, long start)
    {
        lock (t.Lock)
        {
            if (t.Status != TransactionStatus.Ongoing || t.StartMs != start)
            {
                return;
            }

            if (Now < start + t.TimeoutMs)
            {
                WatchTimeout(t);
                return;
            }

            try
            {
                _logger.LogInformation("Aborting the transaction of id {Id}: it lasted longer than its {Timeout} ms", t.TransactionalId, t.TimeoutMs);
                AbortFenced(t);
            }
            catch (LogAppendException e)
            {
                _logger.LogError("The timed-out transaction of id {Id} could not be aborted yet: {Reason}", t.TransactionalId, e.Message);
                t.Timer = _clock.CreateTimer(_ => TimeOut(t, start), null, RetryDelay, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>Changes a transaction and stores it; if that fails the change is taken back.</summary>
    void Change(Transaction t, Action change)
    {
        var before = t.Save();
        change();
        t.LastUpdateMs = Now;
        try
        {
            _log.AppendInternal([TransactionRecords.Encode(t)]);
        }
        catch
        {
            t.Restore(before);
            throw;
        }
    }

    ErrorCode WithProducer(string id, long producerId, short epoch, short version, Func<Transaction, ErrorCode> action)
    {
        if (id.Length == 0)
        {
            return ErrorCode.InvalidRequest;
        }

        try
        {
            var error = ErrorCode.InvalidProducerIdMapping;
            WithTransaction<object>(id, create: false, t =>
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
            _logger.LogError("A step of transactional id {Id} could not be stored: {Reason}", id, e.Message);
            return ErrorCode.CoordinatorNotAvailable;
        }
    }

    T? WithTransaction<T>(string id, bool create, Func<Transaction, T?> action)
        where T : class
    {
        while (true)
        {
            if (!_transactions.TryGetValue(id, out var t))
            {
                if (!create)
                {
                    return null;
                }

                t = _transactions.GetOrAdd(id, new Transaction(id));
            }

            lock (t.Lock)
            {
                if (!t.IsGone)
                {
                    return action(t);
                }
            }
        }
    }
}

/// <summary>Who wrote a batch, read from its header without looking at the records.</summary>
readonly record struct BatchProducer(long Id, short Epoch, bool IsTransactional)
{
    const int AttributesAt = 21, ProducerIdAt = 43, EpochAt = 51, HeaderSize = 61, TransactionalBit = 0x10;

    public static bool TryRead(ReadOnlySpan<byte> batch, out BatchProducer producer)
    {
        producer = default;
        if (batch.Length < HeaderSize)
        {
            return false;
        }

        producer = new BatchProducer(
            BinaryPrimitives.ReadInt64BigEndian(batch[ProducerIdAt..]),
            BinaryPrimitives.ReadInt16BigEndian(batch[EpochAt..]),
            (BinaryPrimitives.ReadInt16BigEndian(batch[AttributesAt..]) & TransactionalBit) != 0);
        return true;
    }
}
