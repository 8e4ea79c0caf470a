using StreamSync.LocalKafka.Log;

namespace StreamSync.LocalKafka.Coordinators;

/// <summary>What is known of one transactional id. Guarded by its own lock.</summary>
sealed class Transaction(string transactionalId)
{
    public Lock Lock { get; } = new();

    public string TransactionalId => transactionalId;

    public long ProducerId { get; set; } = -1;

    public short ProducerEpoch { get; set; } = -1;

    /// <summary>The epoch before the last bump, with which a producer may repeat the request for that bump (KIP-360).</summary>
    public short LastProducerEpoch { get; set; } = -1;

    /// <summary>The id before the epochs of the last one ran out, for the same reason.</summary>
    public long PreviousProducerId { get; set; } = -1;

    public int TimeoutMs { get; set; }

    public TransactionStatus Status { get; set; }

    public HashSet<TopicPartition> Partitions { get; init; } = [];

    public long LastUpdateMs { get; set; }

    /// <summary>When the first partition was added, in ms since 1970; -1 outside a transaction.</summary>
    public long StartMs { get; set; } = -1;

    /// <summary>Fires when the transaction has lasted too long, or to try again what the disk refused.</summary>
    public ITimer? Timer { get; set; }

    /// <summary>Whether the id was forgotten; whoever still holds this object looks the id up again.</summary>
    public bool IsGone => Status == TransactionStatus.Dead;

    public Saved Save() => new(ProducerId, ProducerEpoch, LastProducerEpoch, PreviousProducerId, TimeoutMs, Status, [.. Partitions], LastUpdateMs, StartMs);

    /// <summary>Goes back to a state from before a change that could not be stored.</summary>
    public void Restore(Saved saved)
    {
        (ProducerId, ProducerEpoch, LastProducerEpoch, PreviousProducerId) = (saved.Id, saved.Epoch, saved.LastEpoch, saved.PreviousId);
        (TimeoutMs, Status, LastUpdateMs, StartMs) = (saved.TimeoutMs, saved.Status, saved.LastUpdateMs, saved.StartMs);
        Partitions.Clear();
        Partitions.UnionWith(saved.Partitions);
    }

    public sealed record Saved(
        long Id, short Epoch, short LastEpoch, long PreviousId, int TimeoutMs, TransactionStatus Status, TopicPartition[] Partitions, long LastUpdateMs, long StartMs);
}
