using StreamSync.Connectors.Sdk;
using StreamSync.Contracts.Ops;

namespace StreamSync.Connectors.Runtime;

/// <summary>
/// The findings on a stream: notes of one code and subject are one finding that counts, until its cause is gone. What was noted in a transaction
/// counts once that is committed.
/// </summary>
/// <param name="context">The stream.</param>
sealed class FindingLog(StreamContext context)
{
    readonly Dictionary<string, Finding> _known = [];
    readonly Dictionary<string, Finding?> _pending = [];

    /// <summary>Takes a finding as it was published.</summary>
    public void Load(Finding finding) => _known[finding.FindingId] = finding;

    public void Note(FindingNote note)
    {
        var id = IdOf(new FindingKey(note.Code, note.Subject));
        var now = context.Clock.GetUtcNow().UtcDateTime;
        var before = _pending.TryGetValue(id, out var pending) ? pending : _known.GetValueOrDefault(id);
        _pending[id] = new Finding
        {
            FindingId = id,
            Org = context.Sync.Org,
            SyncId = context.Sync.Id,
            Vendor = context.Connector.Vendor,
            Stream = context.Stream.Name,
            Code = note.Code,
            Subject = note.Subject,
            Severity = note.Severity.ToString().ToLowerInvariant(),
            Message = note.Message,
            Remedy = note.Remedy,
            Responsible = context.Sync.Owner?.Name,
            Count = (before?.Count ?? 0) + note.Count,
            ExampleUrns = [],
            FirstSeenAt = before?.FirstSeenAt ?? now,
            LastSeenAt = now,
        };
    }

    /// <summary>Takes a finding back whose cause is gone; harmless when it was never made.</summary>
    public void Withdraw(FindingKey key)
    {
        var id = IdOf(key);
        if (_pending.GetValueOrDefault(id) is not null || (!_pending.ContainsKey(id) && _known.ContainsKey(id)))
        {
            _pending[id] = null;
        }
    }

    /// <summary>Takes back all findings of a code.</summary>
    public void WithdrawAll(string code)
    {
        foreach (var finding in _known.Values.Concat(_pending.Values).OfType<Finding>().Where(f => f.Code == code).ToList())
        {
            Withdraw(new FindingKey(code, finding.Subject));
        }
    }

    /// <summary>What the transaction must publish, by id; null takes a finding back.</summary>
    public IReadOnlyDictionary<string, Finding?> Pending => _pending;

    public void Commit()
    {
        foreach (var (id, finding) in _pending)
        {
            if (finding is null)
            {
                _known.Remove(id);
            }
            else
            {
                _known[id] = finding;
            }
        }

        _pending.Clear();
    }

    public void Rollback() => _pending.Clear();

    string IdOf(FindingKey key) => $"{context.Key}/{key.Code}/{key.Subject}";
}
