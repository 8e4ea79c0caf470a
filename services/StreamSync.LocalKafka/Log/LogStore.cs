using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace StreamSync.LocalKafka.Log;

#pragma warning disable CA1822, CA1801, IDE0060 // bodies follow
/// <summary>
/// All partitions under one data directory, which it locks against a second process. Runs retention, compaction and
/// fsync in the background.
/// </summary>
sealed class LogStore : IDisposable
{
    /// <exception cref="IOException">The directory is in use, read-only or not ours; the message names it and the remedy.</exception>
    public static LogStore Open(string dataDirectory, TimeProvider clock, ILogger logger) => throw new NotImplementedException();

    /// <summary>Partitions found on disk when the store was opened, whether opened by now or not.</summary>
    public IReadOnlyCollection<TopicPartition> Stored => throw new NotImplementedException();

    /// <summary>Every open partition.</summary>
    public IReadOnlyCollection<PartitionLog> All => throw new NotImplementedException();

    /// <summary>Opens the partition, which is created where the disk has none. Idempotent.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public PartitionLog Create(string topic, int partition, LogOptions options) => throw new NotImplementedException();

    public bool TryGet(string topic, int partition, [NotNullWhen(true)] out PartitionLog? log) => throw new NotImplementedException();

    /// <summary>Closes and deletes all partitions of a topic, on disk too. A reader in progress ends its read.</summary>
    public void DeleteTopic(string topic) => throw new NotImplementedException();

    /// <summary>Flushes and closes everything, so that the next start has nothing to repair.</summary>
    public void Dispose() => throw new NotImplementedException();
}
