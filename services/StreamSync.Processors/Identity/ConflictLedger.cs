using StreamSync.Identity;
using StreamSync.Processors.Streaming;

namespace StreamSync.Processors.Identity;

/// <summary>The decisions of an org that contradict each other now: what was told, so that it can be taken back when one of them is.</summary>
sealed class ConflictLedger
{
    readonly SortedDictionary<string, DecisionConflict> _known = new(StringComparer.Ordinal);
    readonly HashSet<string> _changed = new(StringComparer.Ordinal);

    /// <summary>Takes what a flush found.</summary>
    /// <returns>The conflicts that are new or name another decision than before, and those that are settled.</returns>
    public (List<DecisionConflict> News, List<DecisionConflict> Settled) Take(GraphChanges changes)
    {
        var now = changes.Conflicts.GroupBy(NameOf, StringComparer.Ordinal).ToDictionary(same => same.Key, same => same.First(), StringComparer.Ordinal);
        var settled = _known.Count == 0 ? [] : SettledBy(changes, now);
        foreach (var (name, _) in settled)
        {
            _known.Remove(name);
            _changed.Add(name);
        }

        var news = now.Where(found => !_known.TryGetValue(found.Key, out var known) || known != found.Value).ToList();
        foreach (var (name, conflict) in news)
        {
            _known[name] = conflict;
            _changed.Add(name);
        }

        return ([.. news.Select(found => found.Value)], [.. settled.Select(known => known.Value)]);
    }

    List<KeyValuePair<string, DecisionConflict>> SettledBy(GraphChanges changes, Dictionary<string, DecisionConflict> now)
    {
        var examined = changes.Examined.Select(node => node.Urn).ToHashSet(StringComparer.Ordinal);
        return [.. _known.Where(known => !now.ContainsKey(known.Key) && (examined.Contains(known.Value.A) || examined.Contains(known.Value.B)))];
    }

    public void Restore(string name, byte[]? value)
    {
        if (value is null)
        {
            _known.Remove(name);
            return;
        }

        var reader = new PackReader(value);
        _known[name] = new DecisionConflict(reader.Text(), reader.Text(), reader.Text(), reader.Text());
    }

    public void WriteChanges(Action<string, byte[]?> write)
    {
        foreach (var name in _changed)
        {
            write(name, _known.TryGetValue(name, out var conflict) ? ToBytes(conflict) : null);
        }

        _changed.Clear();
    }

    static string NameOf(DecisionConflict conflict) => $"{conflict.A} {conflict.B}";

    static byte[] ToBytes(DecisionConflict conflict)
    {
        var writer = new PackWriter();
        writer.Text(conflict.A);
        writer.Text(conflict.B);
        writer.Text(conflict.CannotA);
        writer.Text(conflict.CannotB);
        return writer.ToArray();
    }
}
