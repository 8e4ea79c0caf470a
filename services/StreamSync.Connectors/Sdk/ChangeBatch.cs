namespace StreamSync.Connectors.Sdk;

/// <summary>
/// What a reader hands to the host: records, rejects and findings, and the checkpoints that they reach. All of a batch goes into one
/// transaction; several batches may share one.
/// </summary>
sealed record ChangeBatch
{
    /// <summary>Changes, in the order of the source.</summary>
    public IReadOnlyList<SourceRecord> Records { get; init; } = [];

    /// <summary>Input that is no record; goes to quarantine in the same transaction.</summary>
    public IReadOnlyList<RejectedInput> Rejected { get; init; } = [];

    /// <summary>What the owner of the sync should know.</summary>
    public IReadOnlyList<FindingNote> Findings { get; init; } = [];

    /// <summary>Findings whose cause is gone.</summary>
    public IReadOnlyList<FindingKey> Withdrawn { get; init; } = [];

    /// <summary>A part of the source that was read again: what lay in quarantine from it before, and was not rejected again, is mended.</summary>
    public MendedPart? Mended { get; init; }

    /// <summary>Positions reached once all of this is committed.</summary>
    public IReadOnlyList<CheckpointMove> Checkpoints { get; init; } = [];

    /// <summary>True when something new came, even if it holds no record: an export without rows is an export.</summary>
    public bool Arrived { get; init; }

    /// <summary>
    /// Set on the batch that ends a complete snapshot of a scope: rows of the scope that were not seen since <see cref="SnapshotStart"/> are
    /// deletes by absence.
    /// </summary>
    public SnapshotEnd? SnapshotEnd { get; init; }

    /// <summary>Set on the first batch of a complete snapshot: the host begins to note which rows it sees.</summary>
    public int? SnapshotStart { get; init; }

    /// <summary>Called once: null after the broker acknowledged the transaction, else why it was rolled back. Must return at once.</summary>
    public Action<Exception?>? OnSettled { get; init; }
}

/// <summary>A new position of a part of a stream.</summary>
/// <param name="Part">Part, such as a file name; "" for a stream with a single position.</param>
/// <param name="State">JSON object; null forgets the part.</param>
readonly record struct CheckpointMove(string Part, string? State);

/// <summary>What makes a finding of a stream one.</summary>
/// <param name="Code">Machine word.</param>
/// <param name="Subject">What it is about.</param>
readonly record struct FindingKey(string Code, string? Subject);

/// <summary>Lines of a file that were read again.</summary>
/// <param name="Name">File.</param>
/// <param name="FromLine">First of the lines, from 1.</param>
/// <param name="Before">When that reading began (UTC): older entries are from the reading before.</param>
/// <param name="Entries">How many entries that reading made there.</param>
sealed record MendedPart(string Name, long FromLine, DateTime Before, long Entries)
{
    /// <summary>True for a place of a quarantine entry, <c>file:line</c>, in the part.</summary>
    public bool Holds(string place) =>
        place.Length > Name.Length && place[Name.Length] == ':' && place.StartsWith(Name, StringComparison.Ordinal)
        && long.TryParse(place.AsSpan(Name.Length + 1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var line) && line >= FromLine;
}

/// <summary>The end of a complete snapshot.</summary>
/// <param name="Scope">Scope of the rows (<see cref="SourceRecord.Scope"/>) that the snapshot is complete for.</param>
/// <param name="Source">What was read, for messages: a file name.</param>
/// <param name="MaxAbsentShare">
/// Share of known rows that may vanish at once; more is taken for a truncated snapshot and deletes nothing. 1 lets all go, however many they are.
/// </param>
/// <param name="Again">How somebody has the snapshot read once more, as the end of a remedy.</param>
/// <param name="Certain">True when the source itself says that the rows are gone.</param>
sealed record SnapshotEnd(int Scope, string Source, double MaxAbsentShare, string Again, bool Certain = false);

/// <summary>Input that can't be a record.</summary>
/// <param name="ReasonCode">Machine word, such as <c>too_few_fields</c>.</param>
/// <param name="Reason">What is wrong, without personal data.</param>
/// <param name="Remedy">What to do.</param>
/// <param name="Place">Where: file and line, page, log position; unique in the stream, the id of the entry is made from it.</param>
/// <param name="Raw">The bytes as they came, or their first part.</param>
sealed record RejectedInput(string ReasonCode, string Reason, string? Remedy, string Place, ReadOnlyMemory<byte> Raw)
{
    /// <summary>True when <see cref="Raw"/> is only the first part.</summary>
    public bool RawTruncated { get; init; }

    /// <summary>Media type of the bytes.</summary>
    public string? ContentType { get; init; }

    /// <summary>Source URN, when it could be told.</summary>
    public string? Urn { get; init; }
}

/// <summary>Something to know about the quality of a stream; the host counts notes of one code and subject together.</summary>
/// <param name="Code">Machine word, such as <c>unknown_column</c>.</param>
/// <param name="Subject">What it is about: a column, a file; never a value of a person.</param>
/// <param name="Severity">How bad it is.</param>
/// <param name="Message">What was found, without personal data.</param>
/// <param name="Remedy">What to do.</param>
/// <param name="Count">How often, in this note.</param>
sealed record FindingNote(string Code, string? Subject, FindingSeverity Severity, string Message, string? Remedy, long Count = 1);

enum FindingSeverity
{
    Info,
    Warning,
    Error,
}
