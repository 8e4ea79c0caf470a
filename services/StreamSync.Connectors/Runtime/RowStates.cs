using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using StreamSync.Connectors.Sdk;
using StreamSync.Contracts.Source;

namespace StreamSync.Connectors.Runtime;

enum RowDecision
{
    /// <summary>A change to publish.</summary>
    Publish,

    /// <summary>The row is as it was.</summary>
    Unchanged,

    /// <summary>A newer version was published already.</summary>
    Older,

    /// <summary>The same change was delivered before.</summary>
    Redelivered,
}

/// <summary>What a record is against what is known of its row.</summary>
/// <param name="Decision">Whether to publish it.</param>
/// <param name="Op">What it is, when it is published.</param>
/// <param name="ChangeId">Deterministic id of the change.</param>
/// <param name="State">The row's new state.</param>
readonly record struct RowVerdict(RowDecision Decision, ChangeOp Op, string ChangeId, RowState State);

/// <summary>
/// The rows of a stream that were published, in memory: create or update, unchanged, older, delivered again. Decisions are provisional until
/// <see cref="Commit"/>; <see cref="Rollback"/> takes back those of a transaction that was aborted. Some 60 bytes a row.
/// </summary>
/// <param name="remembersChanges">True for sources that deliver again out of order: then earlier changes of a row are told as well.</param>
sealed class RowStates(bool remembersChanges)
{
    const int Remembered = 16;
    readonly Dictionary<UInt128, Row> _rows = [];
    readonly Dictionary<UInt128, ulong[]> _recent = [];
    readonly List<(UInt128 Key, Row? Before, ulong[]? Recent)> _undo = [];
    readonly Dictionary<int, int> _snapshots = [];
    int _generation;

    public int Count => _rows.Count;

    /// <summary>Takes a row as it was published.</summary>
    public void Load(string urn, RowState state)
    {
        var key = KeyOf(urn);
        _rows[key] = new Row(state.Fingerprint, state.Version ?? long.MinValue, state.Changes, state.Scope, state.Deleted, 0);
        if (state.Recent.Count > 0)
        {
            _recent[key] = [.. state.Recent];
        }
    }

    /// <summary>Decides about a record and notes it as published.</summary>
    public RowVerdict Decide(SourceRecord record)
    {
        var key = KeyOf(record.Urn);
        ref var row = ref CollectionsMarshal.GetValueRefOrAddDefault(_rows, key, out var known);
        var before = row;
        var fingerprint = record.VendorChangeId is { } id ? XxHash3.HashToUInt64(MemoryMarshal.AsBytes(id.AsSpan())) : record.Fingerprint;
        var version = record.VersionOrder ?? long.MinValue;
        var isDelete = record.Op is ChangeOp.Delete or ChangeOp.Merge;
        if (known)
        {
            row.Seen = _snapshots.GetValueOrDefault(record.Scope);
            row.Scope = record.Scope;
            if (version < before.Version && record.VersionOrder is not null)
            {
                return new RowVerdict(RowDecision.Older, default, string.Empty, null!);
            }

            if (before.Deleted && isDelete)
            {
                return new RowVerdict(RowDecision.Unchanged, default, string.Empty, null!);
            }

            if (!before.Deleted && !isDelete && before.Fingerprint == fingerprint)
            {
                return new RowVerdict(RowDecision.Unchanged, default, string.Empty, null!);
            }

            if (remembersChanges && !isDelete && _recent.TryGetValue(key, out var earlier) && Array.IndexOf(earlier, fingerprint) >= 0)
            {
                return new RowVerdict(RowDecision.Redelivered, default, string.Empty, null!);
            }
        }

        _recent.TryGetValue(key, out var recent);
        _undo.Add((key, known ? before : null, recent));
        var op = record.Op ?? (known && !before.Deleted ? ChangeOp.Update : ChangeOp.Create);
        row = new Row(isDelete ? 0 : fingerprint, record.VersionOrder ?? (known ? before.Version : long.MinValue), before.Changes + 1, record.Scope, isDelete, _snapshots.GetValueOrDefault(record.Scope));
        if (remembersChanges && known && !before.Deleted)
        {
            recent = [before.Fingerprint, .. (recent ?? []).Take(Remembered - 1)];
            _recent[key] = recent;
        }

        return new RowVerdict(RowDecision.Publish, op, ChangeIdOf(record, row.Changes, fingerprint), StateOf(row, recent));
    }

    /// <summary>Begins to note which rows of a scope are seen.</summary>
    public void StartSnapshot(int scope) => _snapshots[scope] = ++_generation;

    /// <summary>Rows of a scope that were not seen since the snapshot began, and how many there are in all.</summary>
    public (IReadOnlySet<UInt128> Missing, int Known) EndSnapshot(int scope)
    {
        var generation = _snapshots.GetValueOrDefault(scope);
        var missing = new HashSet<UInt128>();
        var known = 0;
        foreach (var (key, row) in _rows)
        {
            if (row.Scope == scope && !row.Deleted)
            {
                known++;
                if (row.Seen != generation)
                {
                    missing.Add(key);
                }
            }
        }

        return (missing, known);
    }

    /// <summary>Notes that a row is gone.</summary>
    /// <returns>Id of the change, and the row's new state.</returns>
    public (string ChangeId, RowState State) DeleteAbsent(string urn)
    {
        var key = KeyOf(urn);
        var before = _rows[key];
        _recent.TryGetValue(key, out var recent);
        _undo.Add((key, before, recent));
        var row = before with { Deleted = true, Fingerprint = 0, Changes = before.Changes + 1 };
        _rows[key] = row;
        return (IdOf(urn, row.Changes, 0), StateOf(row, recent));
    }

    /// <summary>What was decided is published.</summary>
    public void Commit() => _undo.Clear();

    /// <summary>What was decided since the last commit is taken back.</summary>
    public void Rollback() => UndoFrom(0);

    /// <summary>The last decision is taken back.</summary>
    public void UndoLast() => UndoFrom(_undo.Count - 1);

    void UndoFrom(int first)
    {
        for (var i = _undo.Count - 1; i >= first; i--)
        {
            var (key, before, recent) = _undo[i];
            if (before is { } row)
            {
                _rows[key] = row;
            }
            else
            {
                _rows.Remove(key);
            }

            if (recent is null)
            {
                _recent.Remove(key);
            }
            else
            {
                _recent[key] = recent;
            }
        }

        _undo.RemoveRange(first, _undo.Count - first);
    }

    public static UInt128 KeyOf(string urn) => XxHash128.HashToUInt128(MemoryMarshal.AsBytes(urn.AsSpan()));

    static RowState StateOf(in Row row, ulong[]? recent) => new(row.Fingerprint, row.Version == long.MinValue ? null : row.Version, row.Changes, row.Scope, row.Deleted, recent ?? []);

    static string ChangeIdOf(SourceRecord record, int changes, ulong fingerprint) =>
        record.VendorChangeId is null ? IdOf(record.Urn, changes, fingerprint) : IdOf(record.Urn, 0, fingerprint);

    /// <summary>A row that comes back to an earlier content is another change: the number of the change is part of its id.</summary>
    static string IdOf(string urn, int changes, ulong fingerprint)
    {
        var hash = new XxHash128();
        hash.Append(MemoryMarshal.AsBytes(urn.AsSpan()));
        Span<ulong> rest = [(ulong)changes, fingerprint];
        hash.Append(MemoryMarshal.AsBytes(rest));
        return hash.GetCurrentHashAsUInt128().ToString("x32", CultureInfo.InvariantCulture);
    }

    record struct Row(ulong Fingerprint, long Version, int Changes, int Scope, bool Deleted, int Seen);
}
