using System.Collections.Concurrent;

namespace StreamSync.Processors.Streaming;

/// <summary>
/// What went wrong in a topology, over its restarts. Streamiz commits what a failed stage left half done; so after a failure
/// <see cref="TransactionalProducer"/> asks here and refuses the commit. A record on which the topology failed again and again is named
/// here too, so that it goes to quarantine and the rest goes on.
/// </summary>
sealed class FailureLedger
{
    /// <summary>After so many failures on one record it is given up.</summary>
    const int Patience = 3;

    readonly ConcurrentDictionary<(string Topic, int Partition, long Offset), int> _failures = new();
    volatile Exception? _failure;

    /// <summary>Why the present run must not commit; null when it may.</summary>
    public Exception? Failure => _failure;

    /// <summary>A new run begins.</summary>
    public void Reset() => _failure = null;

    /// <summary>A stage threw on a record.</summary>
    public void Fail(in StageRecord record, Exception failure)
    {
        // Where stages follow each other without a topic between them, the failure of one passes through those before it.
        if (ReferenceEquals(_failure, failure))
        {
            return;
        }

        _failure = failure;
        _failures.AddOrUpdate((record.Topic, record.Partition, record.Offset), 1, static (_, count) => count + 1);
    }

    /// <summary>The run must not commit for another reason than a record.</summary>
    public void Fail(Exception failure) => _failure = failure;

    /// <summary>True when the topology failed on this record too often.</summary>
    public bool IsHopeless(in StageRecord record) =>
        !_failures.IsEmpty && _failures.TryGetValue((record.Topic, record.Partition, record.Offset), out var count) && count >= Patience;
}
