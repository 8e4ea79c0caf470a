using StreamSync.LocalKafka.Log;

namespace StreamSync.LocalKafka.Admin;

/// <summary>A topic that exists: a snapshot, replaced as a whole when something about it changes.</summary>
sealed class Topic
{
    public required string Name { get; init; }

    /// <summary>A topic made again under the same name has another id, which is how a client notices.</summary>
    public required Guid Id { get; init; }

    /// <summary>Settings that differ from their defaults, exactly as they were given.</summary>
    public required IReadOnlyDictionary<string, string> Configs { get; init; }

    public required IReadOnlyList<PartitionLog> Partitions { get; init; }

    /// <summary>Whether the broker keeps its own state in it. Clients may read such a topic and not change it.</summary>
    public bool IsInternal => InternalTopics.All.Contains(Name);

    public PartitionLog? Partition(int index) => index >= 0 && index < Partitions.Count ? Partitions[index] : null;

    public Topic With(IReadOnlyDictionary<string, string>? configs = null, IReadOnlyList<PartitionLog>? partitions = null) =>
        new() { Name = Name, Id = Id, Configs = configs ?? Configs, Partitions = partitions ?? Partitions };
}

/// <summary>Topics in which the broker keeps committed offsets, groups and transactions.</summary>
static class InternalTopics
{
    public const string ConsumerOffsets = "__consumer_offsets";
    public const string TransactionState = "__transaction_state";

    public static readonly IReadOnlySet<string> All = new HashSet<string> { ConsumerOffsets, TransactionState };
}
