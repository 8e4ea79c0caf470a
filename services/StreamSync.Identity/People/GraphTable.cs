namespace StreamSync.Identity;

/// <summary>
/// Stage B's records of one org, and the marks of those whose component must be looked at. Marks belong to the state: with a log of changes, a restart
/// between a change and its flush loses nothing. Not safe for concurrent use.
/// </summary>
/// <param name="isLogged">True when someone calls <see cref="WriteChanges"/> from time to time.</param>
public sealed class GraphTable(bool isLogged)
{
    readonly UrnTable _urns = new();
    readonly Blocks<GraphEntry> _entries = new();
    readonly BytePool _bytes = new();
    readonly Pool<EdgePart> _parts = new();

    // Few records have any.
    readonly Dictionary<int, List<IdentityDecision>> _decisions = [];

    readonly List<int> _dirty = [];
    readonly List<int> _changed = [];
    readonly List<int> _changedMarks = [];

    // Those that were of no use after a flush, until their numbers may go to others.
    readonly List<int> _unused = [];
    bool _isRestoring;

    /// <summary>True when there is something to flush.</summary>
    public bool IsDirty => _dirty.Count > 0;

    internal ref readonly GraphEntry this[int number] => ref _entries[number];

    /// <summary>The node of a record; null when nothing is known of it.</summary>
    public GraphNode? Find(string urn) => NumberOf(urn) is >= 0 and var number && !IsUnused(number) ? new GraphNode(this, number) : null;

    /// <summary>The node of a number that is given.</summary>
    internal GraphNode Node(int number) => new(this, number);

    /// <summary>Takes back what the log of changes holds.</summary>
    /// <param name="isMark">True for a mark.</param>
    /// <param name="urn">The record.</param>
    /// <param name="value">What <see cref="WriteChanges"/> wrote.</param>
    /// <exception cref="InvalidDataException">The bytes are of another format version or cut short.</exception>
    public void Restore(bool isMark, string urn, byte[]? value)
    {
        if (value is null && NumberOf(urn) < 0)
        {
            return;
        }

        _isRestoring = true;
        var number = NumberFor(urn);
        if (isMark)
        {
            RestoreMark(number, value is null ? DirtyReasons.None : (DirtyReasons)value[0]);
        }
        else
        {
            Clear(number);
            if (value is not null)
            {
                GraphNodeBinary.Read(this, number, value);
            }
        }

        _isRestoring = false;
    }

    /// <summary>Writes what changed since the last call.</summary>
    /// <param name="write">Takes whether it is a mark, the record's URN, and what is kept of it; null when that is nothing.</param>
    public void WriteChanges(Action<bool, string, byte[]?> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        foreach (var number in _changed)
        {
            _entries[number].Log &= ~LogFlags.Changed;
            write(false, UrnOf(number), IsUnused(number) ? null : GraphNodeBinary.Write(this, number));
        }

        foreach (var number in _changedMarks)
        {
            ref var entry = ref _entries[number];
            entry.Log &= ~LogFlags.MarkChanged;
            if (entry.Dirty != DirtyReasons.None)
            {
                write(true, UrnOf(number), [(byte)entry.Dirty]);
                entry.Log |= LogFlags.MarkLogged;
            }
            else if ((entry.Log & LogFlags.MarkLogged) != 0)
            {
                write(true, UrnOf(number), null);
                entry.Log &= ~LogFlags.MarkLogged;
            }
        }

        _changed.Clear();
        _changedMarks.Clear();
    }

    /// <summary>All nodes, as a copy.</summary>
    internal List<GraphNode> Nodes()
    {
        var nodes = new List<GraphNode>();
        for (var number = 0; number < _entries.Count; number++)
        {
            if (!IsUnused(number))
            {
                nodes.Add(new GraphNode(this, number));
            }
        }

        return nodes;
    }

    internal int NumberOf(string urn) => _urns.NumberOf(urn);

    /// <summary>The number of a record, known or not.</summary>
    internal int NumberFor(string urn)
    {
        var number = _urns.NumberOf(urn);
        if (number < 0)
        {
            number = _urns.Add(urn);
            if (number == _entries.Count)
            {
                _entries.Add();
            }
        }

        return number;
    }

    internal string UrnOf(int number) => _urns.UrnOf(number);

    internal ReadOnlySpan<byte> RecordOf(int number) => _bytes.At(_entries[number].Content)[.._entries[number].RecordLength];

    internal ReadOnlySpan<byte> FeaturesOf(int number) => _bytes.At(_entries[number].Content)[_entries[number].RecordLength..];

    internal ReadOnlySpan<EdgePart> PartsOf(int number) => _entries[number].Parts.Items(_parts);

    internal IReadOnlyList<IdentityDecision> DecisionsOn(int number) => _decisions.TryGetValue(number, out var decisions) ? decisions : [];

    /// <summary>URNs which the vendor says are the same person; none without a record.</summary>
    internal EquatableArray<string> SameAs(int number) => _entries[number].HasRecord ? PersonFeatures.ReadNote(FeaturesOf(number)).SameAs : default;

    /// <summary>Keeps a record and its features in their binary form: most are read again only when their person changes.</summary>
    internal void Keep(int number, ReadOnlySpan<byte> record, ReadOnlySpan<byte> features, long createdAt)
    {
        ref var entry = ref _entries[number];
        _bytes.Replace(ref entry.Content, record, features);
        (entry.RecordLength, entry.CreatedAt) = (record.Length, createdAt);
        Changed(number);
    }

    internal void Forget(int number)
    {
        ref var entry = ref _entries[number];
        _bytes.Drop(entry.Content);
        entry.Content = default;
        Changed(number);
    }

    internal void Assign(int number, PersonKey person)
    {
        _entries[number].Person = person;
        Changed(number);
    }

    /// <summary>Replaces or removes what one partition, or the vendor, says about a record and another.</summary>
    /// <returns>False when nothing changed.</returns>
    internal bool Set(int number, int other, int partition, LinkValue? value)
    {
        ref var list = ref _entries[number].Parts;
        var parts = list.Items(_parts);
        var at = 0;
        while (at < parts.Length && (parts[at].Other < other || (parts[at].Other == other && parts[at].Partition < partition)))
        {
            at++;
        }

        var isKnown = at < parts.Length && parts[at].Other == other && parts[at].Partition == partition;
        if (isKnown ? parts[at].Value == value : value is null)
        {
            return false;
        }

        if (value is not { } said)
        {
            list.RemoveAt(at, _parts);
        }
        else if (isKnown)
        {
            parts[at] = new EdgePart(other, partition, said);
        }
        else
        {
            list.Insert(at, new EdgePart(other, partition, said), _parts);
        }

        Changed(number);
        return true;
    }

    /// <summary>Adds to how many of two records say, by their vendor's word, that the other is the same person.</summary>
    internal void Assert(int number, int other, int by)
    {
        var count = by;
        foreach (var edge in new GraphEdges(PartsOf(number)))
        {
            count += edge.Other == other ? edge.Assertions : 0;
        }

        Set(number, other, EdgePart.Vendor, count == 0 ? null : new LinkValue(count, 0, 0, 0, PairFlags.None));
    }

    /// <summary>Keeps a decision, in place of a former one on the same pair if there is one.</summary>
    internal void Keep(int number, IdentityDecision decision, IdentityDecision? former = null)
    {
        if (!_decisions.TryGetValue(number, out var decisions))
        {
            _decisions.Add(number, decisions = []);
        }

        if (former is not null)
        {
            decisions.Remove(former);
        }

        // Both records have numbers, whichever is read first.
        NumberFor(decision.A);
        NumberFor(decision.B);
        decisions.Add(decision);
        Changed(number);
    }

    /// <summary>Adds reasons to a record's mark.</summary>
    internal void Mark(int number, DirtyReasons reasons)
    {
        ref var entry = ref _entries[number];
        if (entry.Dirty == DirtyReasons.None)
        {
            _dirty.Add(number);
        }

        entry.Dirty |= reasons;
        MarkChanged(number);
    }

    /// <summary>Begins a flush: all marked records. What the flush before left of no use is gone from now on.</summary>
    internal List<GraphNode> BeginFlush()
    {
        _unused.RemoveAll(TryRelease);
        return _dirty.ConvertAll(number => new GraphNode(this, number));
    }

    /// <summary>Removes all marks.</summary>
    internal void EndFlush()
    {
        foreach (var number in _dirty)
        {
            _entries[number].Dirty = DirtyReasons.None;
            MarkChanged(number);
            if (IsUnused(number))
            {
                _unused.Add(number);
            }
        }

        _dirty.Clear();
    }

    bool IsUnused(int number)
    {
        ref var entry = ref _entries[number];
        return !entry.HasRecord && entry.Person.IsNobody && entry.Parts.Count == 0 && !_decisions.ContainsKey(number);
    }

    /// <summary>Takes a record's number back; false while the log of changes still needs it.</summary>
    bool TryRelease(int number)
    {
        ref var entry = ref _entries[number];
        if (!IsUnused(number) || entry.Dirty != DirtyReasons.None)
        {
            return true;
        }

        if (entry.Log != LogFlags.None)
        {
            return false;
        }

        entry = default;
        _urns.Remove(number);
        return true;
    }

    void RestoreMark(int number, DirtyReasons reasons)
    {
        ref var entry = ref _entries[number];
        if (entry.Dirty != DirtyReasons.None)
        {
            _dirty.Remove(number);
            (entry.Dirty, entry.Log) = (DirtyReasons.None, LogFlags.None);
        }

        if (reasons != DirtyReasons.None)
        {
            Mark(number, reasons);
            entry.Log = LogFlags.MarkLogged;
        }
    }

    void Clear(int number)
    {
        ref var entry = ref _entries[number];
        _bytes.Drop(entry.Content);
        entry.Parts.Set([], _parts);
        (entry.Content, entry.Person) = (default, default);
        _decisions.Remove(number);
    }

    void Changed(int number) => Note(number, LogFlags.Changed, _changed);

    void MarkChanged(int number) => Note(number, LogFlags.MarkChanged, _changedMarks);

    void Note(int number, LogFlags what, List<int> list)
    {
        ref var entry = ref _entries[number];
        if (isLogged && !_isRestoring && (entry.Log & what) == 0)
        {
            entry.Log |= what;
            list.Add(number);
        }
    }
}
