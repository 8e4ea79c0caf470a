using System.Globalization;
using StreamSync.Connectors.Sdk;

namespace StreamSync.Connectors.Files;

/// <summary>Gathers the rows of a pass into batches, each with the state of the file that it reaches.</summary>
sealed class RowCollector(StreamContext context, string name, int scope)
{
    const int RawLimit = FileContent.HeadSize;
    List<SourceRecord> _records = [];
    List<RejectedInput> _rejected = [];
    List<FindingNote> _findings = [];

    /// <summary>State of the file behind everything gathered.</summary>
    public FileState State { get; set; } = new();

    /// <summary>Records and rejects that wait.</summary>
    public int Count => _records.Count + _rejected.Count;

    public bool HasNews => Count + _findings.Count > 0;

    /// <summary>Set to begin a complete snapshot with the next batch.</summary>
    public bool SnapshotStarts { get; set; }

    public void Note(FindingNote note)
    {
        _findings.Add(note);
        State = State.With(new FindingKey(note.Code, note.Subject));
    }

    public void Note(string code, FindingSeverity severity, string message, string remedy, long count = 1) => Note(new FindingNote(code, name, severity, message, remedy, count));

    /// <summary>Takes a row that was understood.</summary>
    /// <returns>Why it is no record after all.</returns>
    public Refusal? Take(RecordDraft draft, long line)
    {
        if (!context.Records.TryCreate(draft with { Position = Place(line), Scope = scope }, out var record, out var refusal))
        {
            return refusal;
        }

        _records.Add(record);
        return null;
    }

    public void Reject(Refusal refusal, long line, ReadOnlySpan<byte> raw, string contentType, bool truncated = false)
    {
        _rejected.Add(new RejectedInput(refusal.ReasonCode, refusal.Reason, refusal.Remedy, Place(line), raw[..Math.Min(raw.Length, RawLimit)].ToArray())
        {
            RawTruncated = truncated || raw.Length > RawLimit,
            ContentType = contentType,
        });
        State = State with { Rejected = State.Rejected + 1 };
    }

    /// <summary>Refuses the whole file.</summary>
    public ChangeBatch Refuse(Refusal refusal, ReadOnlySpan<byte> raw, bool truncated, string contentType)
    {
        Reject(refusal, 1, raw, contentType, truncated);
        Note("file_refused", FindingSeverity.Error, $"the file was not read: {refusal.Reason}", refusal.Remedy);
        State = State with { Refused = refusal.ReasonCode };
        return TakeLastBatch();
    }

    /// <summary>Hands over the rest of a file that is done with: what the reading before said of it, and this one did not, is mended.</summary>
    public ChangeBatch TakeLastBatch(SnapshotEnd? snapshotEnd = null)
    {
        var before = State;
        State = before with { Done = true, OldNotes = null, MendsFrom = 0, MendsBefore = 0, Mends = 0 };
        return TakeBatch(snapshotEnd) with
        {
            Arrived = true,
            Withdrawn = [.. (before.OldNotes ?? []).Except(before.Notes ?? [])],
            Mended = before.MendsFrom > 0 ? new MendedPart(name, before.MendsFrom, new DateTime(before.MendsBefore, DateTimeKind.Utc), before.Mends) : null,
        };
    }

    /// <summary>Hands over what was gathered.</summary>
    public ChangeBatch TakeBatch(SnapshotEnd? snapshotEnd = null)
    {
        var batch = new ChangeBatch
        {
            Records = _records,
            Rejected = _rejected,
            Findings = _findings,
            Checkpoints = [new CheckpointMove(name, State.ToJson())],
            SnapshotStart = SnapshotStarts ? scope : null,
            SnapshotEnd = snapshotEnd,
        };
        SnapshotStarts = false;
        _records = new List<SourceRecord>(_records.Count);
        _rejected = [];
        _findings = [];
        return batch;
    }

    string Place(long line) => string.Create(CultureInfo.InvariantCulture, $"{name}:{line}");
}
