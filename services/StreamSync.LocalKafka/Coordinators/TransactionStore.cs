using System.Collections.Concurrent;
using StreamSync.LocalKafka.Admin;
using StreamSync.LocalKafka.Log;

namespace StreamSync.LocalKafka.Coordinators;

/// <summary>The transactions by their transactional ids, each as it is stored in <c>__transaction_state</c>: every step is there before it takes effect.</summary>
sealed class TransactionStore(TopicCatalog catalog, TimeProvider clock)
{
    readonly PartitionLog _log = catalog.Partition(InternalTopics.TransactionState, 0)!;
    readonly ConcurrentDictionary<string, Transaction> _transactions = new();

    public IEnumerable<Transaction> All => _transactions.Values;

    /// <summary>Milliseconds since 1970.</summary>
    public long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Reads the stored states.</summary>
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
    }

    public Transaction? Find(string transactionalId) => _transactions.GetValueOrDefault(transactionalId);

    /// <summary>Changes a transaction and stores it; if that fails the change is taken back.</summary>
    public void Change(Transaction t, Action change)
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

    /// <summary>Runs something under the lock of a transaction.</summary>
    /// <returns>What it gave; null without <paramref name="create"/> for an id that is not known.</returns>
    public T? With<T>(string id, bool create, Func<Transaction, T?> action)
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
}
