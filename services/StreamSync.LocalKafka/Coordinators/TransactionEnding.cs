using StreamSync.LocalKafka.Admin;
using StreamSync.LocalKafka.Log;
using StreamSync.LocalKafka.Protocol;

namespace StreamSync.LocalKafka.Coordinators;

/// <summary>
/// How transactions end: decided by their producer, by a successor that shuts it out, or by the clock. An end that was stored is carried
/// out, after a crash at the next start.
/// </summary>
/// <remarks>
/// As all partitions are here, markers are written before EndTxn is answered, where Apache Kafka lets them follow: a client sees no
/// CONCURRENT_TRANSACTIONS after its own commit. All but the timers' own members are called under the transaction's lock.
/// </remarks>
sealed class TransactionEnding(TransactionStore store, TopicCatalog catalog, TimeProvider clock, ILogger logger) : IDisposable
{
    /// <summary>Coordinators are counted in markers; there has only ever been one.</summary>
    const int CoordinatorEpoch = 0;

    /// <summary>Where the offsets are that are committed in transactions.</summary>
    public static readonly TopicPartition OffsetsPartition = new(InternalTopics.ConsumerOffsets, 0);

    static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>Called under the transaction's lock when its producer's offsets in groups are decided: the id, and whether they count.</summary>
    public Action<long, bool>? OffsetsDecided { get; set; }

    /// <summary>Carries out what had been decided before the start. The groups must be loaded before.</summary>
    public void Resume()
    {
        foreach (var t in store.All)
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

    /// <summary>Stops watching; what is undecided goes on at the next start.</summary>
    public void Dispose()
    {
        foreach (var t in store.All)
        {
            lock (t.Lock)
            {
                t.Timer?.Dispose();
            }
        }
    }

    /// <summary>Stores how a transaction will end.</summary>
    public void Prepare(Transaction t, bool commit) =>
        store.Change(t, () => t.Status = commit ? TransactionStatus.PrepareCommit : TransactionStatus.PrepareAbort);

    /// <summary>Aborts a transaction under an epoch that shuts its producer out.</summary>
    public void AbortFenced(Transaction t)
    {
        store.Change(t, () =>
        {
            // The producer that was shut out may ask for the new epoch with its old one and go on (KIP-588).
            t.LastProducerEpoch = t.ProducerEpoch++;
            t.Status = TransactionStatus.PrepareAbort;
        });
        Complete(t);
    }

    /// <summary>Carries out a stored decision: markers, offsets, and the record that it is done. What the disk refuses is tried again.</summary>
    public void Complete(Transaction t)
    {
        t.Timer?.Dispose();
        t.Timer = null;
        var commit = t.Status == TransactionStatus.PrepareCommit;
        try
        {
            foreach (var partition in t.Partitions)
            {
                // A topic deleted meanwhile has nothing left to decide.
                if (catalog.Partition(partition.Topic, partition.Partition) is { } log)
                {
                    WriteMarker(log, t, commit);
                }
            }

            if (t.Partitions.Contains(OffsetsPartition))
            {
                OffsetsDecided?.Invoke(t.ProducerId, commit);
            }

            store.Change(t, () =>
            {
                t.Status = commit ? TransactionStatus.CompleteCommit : TransactionStatus.CompleteAbort;
                t.Partitions.Clear();
                t.StartMs = -1;
            });
        }
        catch (LogAppendException e)
        {
            logger.LogError(
                "The {End} of transactional id {Id} is decided but could not be written yet: {Reason}",
                commit ? "commit" : "abort", t.TransactionalId, e.Message);
            t.Timer = clock.CreateTimer(_ => Retry(t), null, RetryDelay, Timeout.InfiniteTimeSpan);
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

    /// <summary>Aborts a transaction once it has lasted too long.</summary>
    public void WatchTimeout(Transaction t)
    {
        var left = TimeSpan.FromMilliseconds(Math.Max(0, t.StartMs + t.TimeoutMs - store.Now));
        var start = t.StartMs;
        t.Timer?.Dispose();
        t.Timer = clock.CreateTimer(_ => TimeOut(t, start), null, left, Timeout.InfiniteTimeSpan);
    }

    void TimeOut(Transaction t, long start)
    {
        lock (t.Lock)
        {
            if (t.Status != TransactionStatus.Ongoing || t.StartMs != start)
            {
                return;
            }

            if (store.Now < start + t.TimeoutMs)
            {
                WatchTimeout(t);
                return;
            }

            try
            {
                logger.LogInformation("Aborting the transaction of id {Id}: it lasted longer than its {Timeout} ms", t.TransactionalId, t.TimeoutMs);
                AbortFenced(t);
            }
            catch (LogAppendException e)
            {
                logger.LogError("The timed-out transaction of id {Id} could not be aborted yet: {Reason}", t.TransactionalId, e.Message);
                t.Timer = clock.CreateTimer(_ => TimeOut(t, start), null, RetryDelay, Timeout.InfiniteTimeSpan);
            }
        }
    }
}
