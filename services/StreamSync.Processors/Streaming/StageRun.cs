using System.Text;
using StreamSync.Contracts.Ops;

namespace StreamSync.Processors.Streaming;

/// <summary>What the stages of a topology share with whoever runs it.</summary>
sealed class StageRun
{
    readonly System.Collections.Concurrent.ConcurrentDictionary<(string Store, int Partition), bool> _restored = new();
    long _records;

    /// <summary>Records handled by all stages since the topology was first started.</summary>
    public long Records => Interlocked.Read(ref _records);

    public FailureLedger Ledger { get; } = new();

    /// <summary>What stages must do before a commit.</summary>
    public CommitBarrier Barrier { get; } = new();

    /// <summary>True when stages that may work beside the stream thread do: worth while on two processors or more.</summary>
    public bool WorksBeside { get; init; }

    /// <summary>Encodes quarantine entries; set before the topology runs.</summary>
    public Func<QuarantineEntry, byte[]> EncodeQuarantine { get; init; } = static _ => throw new InvalidOperationException("no encoder of quarantine entries was set");

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>True when state is read back from changelogs and <see cref="Restored"/> is called for it; false where nothing is ever restored.</summary>
    public bool Restores { get; init; }

    public void Counted() => Interlocked.Increment(ref _records);

    /// <summary>The state of a store's partition is about to be read back.</summary>
    public void Restoring(string store, int partition) => _restored[(store, partition)] = false;

    /// <summary>The state of a store's partition is complete.</summary>
    public void Restored(string store, int partition) => _restored[(store, partition)] = true;

    /// <summary>True when a store's partition is complete.</summary>
    public bool IsRestored(string? store, int partition) => !Restores || store is null || _restored.GetValueOrDefault((store, partition));

    public static byte[] QuarantineKey(string stage, in StageRecord record) => Encoding.UTF8.GetBytes(QuarantineId(stage, record));

    /// <summary>The entry of a record that a stage failed on again and again.</summary>
    public byte[] QuarantineValue(string stage, in StageRecord record) => EncodeQuarantine(Quarantined(
        stage, record, "processing_failed", $"the stage '{stage}' failed on it repeatedly", "report it with the log of the failure; replay the entry after an update", null));

    /// <summary>An entry for a record, with its raw bytes.</summary>
    public QuarantineEntry Quarantined(string stage, in StageRecord record, string code, string reason, string? remedy, string? subject)
    {
        var urn = Encoding.UTF8.GetString(record.Key);
        var known = Contracts.SourceUrn.TryParse(urn, out var parsed);
        var source = record.Topic.StartsWith("source.", StringComparison.Ordinal) ? record.Topic.Split('.', 3) : null;
        return new QuarantineEntry
        {
            QuarantineId = QuarantineId(stage, record) + (subject is null ? string.Empty : ":" + subject),
            Org = known ? parsed.Org : "unknown",
            Vendor = source is { Length: 3 } ? source[1] : known ? parsed.Vendor : null,
            Stream = source is { Length: 3 } ? source[2] : null,
            Stage = stage,
            ReasonCode = code,
            Reason = reason,
            Remedy = remedy,
            Place = record.Place,
            SourceUrn = known ? urn : null,
            Raw = record.Value,
            RawTruncated = false,
            ContentType = "avro/binary",
            OccurredAt = Clock.GetUtcNow().UtcDateTime,
        };
    }

    static string QuarantineId(string stage, in StageRecord record) => $"{stage}:{record.Place}";
}
