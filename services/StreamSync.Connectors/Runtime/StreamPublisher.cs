using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using StreamSync.Connectors.Sdk;
using StreamSync.Contracts;
using StreamSync.Contracts.Ops;
using StreamSync.Contracts.Source;
using StreamSync.Kafka.Serdes;

namespace StreamSync.Connectors.Runtime;

/// <summary>
/// Writes the batches of one stream into transactions: changes, row states, quarantine, findings and the checkpoints that cover them become
/// visible together. Nothing here counts as done before the commit.
/// </summary>
sealed class StreamPublisher
{
    /// <summary>A value near the limit of the topics for one message (4 MiB) can't be sent.</summary>
    const int MaxValue = 4_000_000;

    const int RawLimit = 64 * 1024;

    /// <summary>So many rows may vanish with any complete snapshot, whatever the share.</summary>
    const int AlwaysAbsent = 3;

    const string CountersPart = "#counters";

    /// <summary>What a complete snapshot that was taken for true makes good.</summary>
    static readonly string[] SnapshotCodes = ["too_many_absent", "snapshot_incomplete"];

    readonly StreamContext _context;
    readonly StreamTopics _topics;
    readonly ITransactionLog _log;
    readonly SourceChangeCodec _changes;
    readonly RowStateCodec _rowStates;
    readonly AvroCodec<Checkpoint> _checkpoints;
    readonly AvroCodec<QuarantineEntry> _quarantine;
    readonly AvroCodec<Finding> _findingCodec;
    readonly RowStates? _states;
    readonly FindingLog _findings;
    readonly Func<IReadOnlySet<UInt128>, CancellationToken, Task<IReadOnlyList<string>>> _findUrns;
    readonly Func<Func<QuarantineEntry, bool>, CancellationToken, Task<IReadOnlyList<QuarantineEntry>>> _findQuarantined;
    readonly bool _rereads;
    readonly Dictionary<string, string> _committed;
    readonly Dictionary<string, string?> _moves = [];
    readonly List<Action<Exception?>> _settled = [];
    StreamCounters _counters;
    Counts _added;
    bool _open;

    /// <param name="context">The stream.</param>
    /// <param name="topics">Its topics.</param>
    /// <param name="log">Transactions.</param>
    /// <param name="codecs">Encoders.</param>
    /// <param name="restored">What was committed before.</param>
    /// <param name="rereads">True when a run reads again what earlier ones have read: rows that are as before are then not counted.</param>
    /// <param name="findUrns">Finds the URNs of rows by their keys, in the state topic.</param>
    /// <param name="findQuarantined">Finds entries of the stream in quarantine.</param>
    public StreamPublisher(
        StreamContext context,
        StreamTopics topics,
        ITransactionLog log,
        AvroCodecs codecs,
        RestoredStream restored,
        bool rereads,
        Func<IReadOnlySet<UInt128>, CancellationToken, Task<IReadOnlyList<string>>> findUrns,
        Func<Func<QuarantineEntry, bool>, CancellationToken, Task<IReadOnlyList<QuarantineEntry>>> findQuarantined)
    {
        _context = context;
        _topics = topics;
        _log = log;
        _changes = codecs.ForSource(topics.Source);
        _rowStates = new RowStateCodec(codecs.Ids, topics.State);
        _checkpoints = codecs.For<Checkpoint>(TopicCatalog.Checkpoint);
        _quarantine = codecs.For<QuarantineEntry>(TopicCatalog.Quarantine);
        _findingCodec = codecs.For<Finding>(TopicCatalog.Finding);
        _states = restored.States;
        _findings = restored.Findings;
        _rereads = rereads;
        _findUrns = findUrns;
        _findQuarantined = findQuarantined;
        _committed = restored.Checkpoints.Where(c => c.Key != CountersPart).ToDictionary();
        _counters = StreamCounters.Parse(restored.Checkpoints.GetValueOrDefault(CountersPart));
    }

    /// <summary>Committed position of each part.</summary>
    public IReadOnlyDictionary<string, string> Checkpoints => _committed;

    /// <summary>Committed counts.</summary>
    public StreamCounters Counters => _counters;

    /// <summary>True while a transaction is open, or its end is in doubt.</summary>
    public bool IsOpen => _open;

    /// <summary>Messages in the open transaction.</summary>
    public int Messages { get; private set; }

    /// <summary>Adds a batch to the open transaction, or begins one.</summary>
    /// <returns>Records that count as read: not those that a poll has only read again.</returns>
    public async Task<long> AddAsync(ChangeBatch batch, string run, CancellationToken cancellationToken)
    {
        if (batch.SnapshotStart is { } scope)
        {
            _states?.StartSnapshot(scope);
        }

        var now = _context.Clock.GetUtcNow().UtcDateTime;
        var before = _added.Told;
        foreach (var record in batch.Records)
        {
            Add(record, run, now);
        }

        foreach (var rejected in batch.Rejected)
        {
            Quarantine(rejected, now);
        }

        var read = _added.Told - before;
        _added.Read += read;
        _added.LastRead = read > 0 || batch.Arrived ? now.Ticks : _added.LastRead;
        foreach (var key in batch.Withdrawn)
        {
            _findings.Withdraw(key);
        }

        foreach (var note in batch.Findings)
        {
            _findings.Note(note);
        }

        if (batch.Mended is { } mended)
        {
            await CloseAsync(mended, run, now, cancellationToken);
        }

        if (batch.SnapshotEnd is { } end)
        {
            await DeleteAbsentAsync(end, run, now, cancellationToken);
        }

        foreach (var move in batch.Checkpoints)
        {
            _moves[move.Part] = move.State;
        }

        if (batch.OnSettled is { } settled)
        {
            _settled.Add(settled);
        }

        return read;
    }

    /// <summary>Counts a run, the first time that it brings something.</summary>
    public void CountRun() => _added.Runs++;

    /// <summary>Counts runs that failed: at once, and for good with the next commit.</summary>
    public void CountErrors(long errors) => _counters = _counters with { Errors = _counters.Errors + errors };

    /// <summary>Commits what was added; harmless when there is nothing.</summary>
    /// <exception cref="Kafka.Clients.TransactionAbortedException">Rolled back.</exception>
    public async Task CommitAsync(string run, CancellationToken cancellationToken)
    {
        if (_open || _moves.Count > 0 || _findings.Pending.Count > 0)
        {
            foreach (var (id, finding) in _findings.Pending)
            {
                Produce(TopicCatalog.Finding.Name, id, finding is null ? null : _findingCodec.Encode(finding));
            }

            foreach (var (part, state) in _moves)
            {
                WriteCheckpoint(part, state, run);
            }

            WriteCheckpoint(CountersPart, _added.On(_counters).ToJson(), run);
            await _log.CommitAsync(cancellationToken);
        }

        _open = false;
        Messages = 0;
        _states?.Commit();
        _findings.Commit();
        _counters = _added.On(_counters);
        _added = default;
        foreach (var (part, state) in _moves)
        {
            if (state is null)
            {
                _committed.Remove(part);
            }
            else
            {
                _committed[part] = state;
            }
        }

        _moves.Clear();
        Settle(null);
    }

    /// <summary>Takes everything back that is not committed.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="abort">True when a transaction may be open.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task RollbackAsync(Exception reason, bool abort, CancellationToken cancellationToken)
    {
        try
        {
            if (abort && _open)
            {
                await _log.AbortAsync(cancellationToken);
            }
        }
        finally
        {
            _open = false;
            Messages = 0;
            _states?.Rollback();
            _findings.Rollback();
            _added = default;
            _moves.Clear();
            Settle(reason);
        }
    }

    void Add(SourceRecord record, string run, DateTime now)
    {
        var verdict = _states?.Decide(record) ?? new RowVerdict(RowDecision.Publish, record.Op ?? ChangeOp.Update, StatelessId(record), null!);
        if (verdict.Decision != RowDecision.Publish)
        {
            if (_rereads)
            {
                return;
            }

            _ = verdict.Decision == RowDecision.Older ? _added.Older++ : _added.Unchanged++;
            return;
        }

        byte[] value;
        try
        {
            value = _changes.Encode(Change(record, verdict, run, now));
        }
        catch (InvalidDataException e)
        {
            Refuse(record, "wrong_type", e.Message, "mend the value in the tool; when the tool changed the field for good, change the schema", now);
            return;
        }

        if (value.Length > MaxValue)
        {
            Refuse(record, "record_too_large", string.Create(CultureInfo.InvariantCulture, $"the record has {value.Length} bytes, more than a message can carry"), "look at the record in the tool: a field holds far too much", now);
            return;
        }

        Produce(_topics.Source.Name, record.Urn, value, verdict.ChangeId);
        if (verdict.Op == ChangeOp.Delete)
        {
            Produce(_topics.Source.Name, record.Urn, null);
        }

        if (_states is not null)
        {
            Produce(_topics.State.Name, record.Urn, _rowStates.Encode(verdict.State));
        }

        foreach (var note in record.Notes)
        {
            _findings.Note(note);
        }

        _added.Emitted++;
        _added.LastChange = Math.Max(_added.LastChange, (record.Occurred?.Instant ?? now).Ticks);
    }

    SourceChange Change(SourceRecord record, in RowVerdict verdict, string run, DateTime now) => new()
    {
        Op = verdict.Op,
        DeleteKind = record.DeleteKind ?? (verdict.Op == ChangeOp.Delete ? "explicit" : verdict.Op == ChangeOp.Merge ? "merged" : null),
        Before = record.Before,
        After = record.After,
        ChangedFields = record.ChangedFields,
        Source = OriginOf(record.IdParts, run, record.Position),
        OccurredAt = record.Occurred?.Instant,
        OccurredAtText = record.Occurred?.Text,
        TimeZone = record.Occurred?.Zone,
        TimeZoneSource = record.Occurred?.ZoneSource,
        ObservedAt = now,
        SourceVersion = record.Version,
        Extras = record.Extras,
        ChangeId = verdict.ChangeId,
    };

    Origin OriginOf(IList<string> idParts, string run, string? position) => new()
    {
        Org = _context.Sync.Org,
        Vendor = _context.Connector.Vendor,
        Instance = _context.Sync.Instance,
        Stream = _context.Stream.Name,
        Entity = _context.Stream.Entity,
        IdParts = idParts,
        ConnectorVersion = _context.Connector.Version,
        SyncId = _context.Sync.Id,
        SyncRun = run,
        Position = position,
    };

    /// <summary>Rows that a complete snapshot no longer has are deleted, unless so many are missing that it is the snapshot which must be wrong.</summary>
    async Task DeleteAbsentAsync(SnapshotEnd end, string run, DateTime now, CancellationToken cancellationToken)
    {
        if (_states is null)
        {
            return;
        }

        var (missing, known) = _states.EndSnapshot(end.Scope);

        if (end.MaxAbsentShare < 1 && missing.Count > 0 && (missing.Count == known || missing.Count > Math.Max(AlwaysAbsent, end.MaxAbsentShare * known)))
        {
            _findings.Note(new FindingNote(
                "too_many_absent",
                end.Source,
                FindingSeverity.Error,
                string.Create(CultureInfo.InvariantCulture, $"{missing.Count} of {known} known rows are missing; that looks like a truncated export, so none was deleted"),
                AbsenceLimit.Remedy(_context, missing.Count, known, end.Again),
                missing.Count));
            return;
        }

        foreach (var code in SnapshotCodes)
        {
            _findings.WithdrawAll(code);
        }

        if (missing.Count == 0)
        {
            return;
        }

        // The search reads the state topic to its end, which this stream's own open transaction would hold back.
        await CommitAsync(run, cancellationToken);
        foreach (var urn in await _findUrns(missing, cancellationToken))
        {
            var (changeId, state) = _states.DeleteAbsent(urn);
            var change = new SourceChange
            {
                Op = ChangeOp.Delete,
                DeleteKind = end.Certain ? "explicit" : "absence",
                Source = OriginOf([.. SourceUrn.Parse(urn).IdParts()], run, end.Source),
                ObservedAt = now,
                ChangeId = changeId,
            };
            Produce(_topics.Source.Name, urn, _changes.Encode(change), changeId);
            Produce(_topics.Source.Name, urn, null);
            Produce(_topics.State.Name, urn, _rowStates.Encode(state));
            _added.Emitted++;
        }
    }

    /// <summary>Closes the entries of a part that was read again; those that were rejected again are newer.</summary>
    async Task CloseAsync(MendedPart part, string run, DateTime now, CancellationToken cancellationToken)
    {
        // The search reads the quarantine to its end, which this stream's own open transaction would hold back.
        await CommitAsync(run, cancellationToken);
        foreach (var entry in await _findQuarantined(e => e.ClosedAt is null && e.OccurredAt < part.Before && part.Holds(e.Place), cancellationToken))
        {
            entry.ClosedAt = now;
            Produce(TopicCatalog.Quarantine.Name, entry.QuarantineId, _quarantine.Encode(entry));
        }

        _added.Settled += part.Entries;
    }

    /// <summary>A record that can't be written goes to quarantine as what was understood of it.</summary>
    void Refuse(SourceRecord record, string code, string reason, string remedy, DateTime now)
    {
        _states?.UndoLast();
        var raw = Encoding.UTF8.GetBytes((record.After ?? record.Before)?.ToString() ?? string.Empty);
        Quarantine(new RejectedInput(code, reason, remedy, record.Position ?? record.Urn, raw.AsMemory(0, Math.Min(raw.Length, RawLimit))) { RawTruncated = raw.Length > RawLimit, ContentType = "text/plain", Urn = record.Urn }, now);
    }

    void Quarantine(RejectedInput rejected, DateTime now)
    {
        var id = new XxHash128();
        id.Append(Encoding.UTF8.GetBytes($"{_context.Key}\n{rejected.ReasonCode}\n{rejected.Place}\n"));
        id.Append(rejected.Raw.Span);
        var entry = new QuarantineEntry
        {
            QuarantineId = id.GetCurrentHashAsUInt128().ToString("x32", CultureInfo.InvariantCulture),
            Org = _context.Sync.Org,
            SyncId = _context.Sync.Id,
            Vendor = _context.Connector.Vendor,
            Stream = _context.Stream.Name,
            Stage = "connector",
            ReasonCode = rejected.ReasonCode,
            Reason = rejected.Reason,
            Remedy = rejected.Remedy,
            Place = rejected.Place,
            SourceUrn = rejected.Urn,
            Raw = MemoryMarshal.TryGetArray(rejected.Raw, out var array) && array.Offset == 0 && array.Count == array.Array!.Length ? array.Array : rejected.Raw.ToArray(),
            RawTruncated = rejected.RawTruncated ? true : null,
            ContentType = rejected.ContentType,
            OccurredAt = now,
        };
        Produce(TopicCatalog.Quarantine.Name, entry.QuarantineId, _quarantine.Encode(entry));
        _added.Quarantined++;
    }

    void WriteCheckpoint(string part, string? state, string run)
    {
        var key = part.Length == 0 ? _context.Key : $"{_context.Key}/{part}";
        var value = state is null ? null : _checkpoints.Encode(new Checkpoint
        {
            CheckpointKey = key,
            Org = _context.Sync.Org,
            State = state,
            SyncRun = run,
            WrittenAt = _context.Clock.GetUtcNow().UtcDateTime,
        });
        Produce(TopicCatalog.Checkpoint.Name, key, value);
    }

    void Produce(string topic, string key, byte[]? value, string? changeId = null)
    {
        if (!_open)
        {
            _log.Begin();
            _open = true;
        }

        _log.Produce(topic, key, value, changeId);
        Messages++;
    }

    void Settle(Exception? reason)
    {
        foreach (var settled in _settled)
        {
            settled(reason);
        }

        _settled.Clear();
    }

    /// <summary>Without row state the position makes the change: a log has each position once.</summary>
    static string StatelessId(SourceRecord record) =>
        XxHash128.HashToUInt128(Encoding.UTF8.GetBytes($"{record.Urn}\n{record.VendorChangeId ?? record.Position}\n{record.Version}\n{record.Fingerprint:x}")).ToString("x32", CultureInfo.InvariantCulture);

    /// <summary>What a transaction adds to the counts of the stream.</summary>
    struct Counts
    {
        public long Read;
        public long Emitted;
        public long Quarantined;
        public long Settled;
        public long Unchanged;
        public long Older;
        public long Runs;
        public long LastChange;
        public long LastRead;

        /// <summary>Records that were told apart, one way or another.</summary>
        public readonly long Told => Emitted + Quarantined + Unchanged + Older;

        public readonly StreamCounters On(StreamCounters before) => before with
        {
            Read = before.Read + Read,
            Emitted = before.Emitted + Emitted,
            Quarantined = before.Quarantined + Quarantined,
            Settled = before.Settled + Settled,
            Unchanged = before.Unchanged + Unchanged,
            Older = before.Older + Older,
            Runs = before.Runs + Runs,
            LastChange = Math.Max(before.LastChange, LastChange),
            LastRead = Math.Max(before.LastRead, LastRead),
        };
    }
}
