using StreamSync.Connectors.Sdk;
using StreamSync.Contracts.Ops;

namespace StreamSync.Connectors.Runtime;

/// <summary>
/// The findings on a stream: notes of one code and subject are one finding that counts. What was noted in a transaction counts once that is
/// committed.
/// </summary>
/// <param name="context">The stream.</param>
sealed class FindingLog(StreamContext context)
{
    readonly Dictionary<string, Finding> _known = [];
    readonly Dictionary<string, Finding> _pending = [];

    /// <summary>Takes a finding as it was published.</summary>
    public void Load(Finding finding) => _known[finding.FindingId] = finding;

    public void Note(FindingNote note)
    {
        var id = $"{context.Key}/{note.Code}/{note.Subject}";
        var now = context.Clock.GetUtcNow().UtcDateTime;
        var before = _pending.GetValueOrDefault(id) ?? _known.GetValueOrDefault(id);
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

    /// <summary>What the transaction must publish.</summary>
    public IReadOnlyCollection<Finding> Pending => _pending.Values;

    public void Commit()
    {
        foreach (var (id, finding) in _pending)
        {
            _known[id] = finding;
        }

        _pending.Clear();
    }

    public void Rollback() => _pending.Clear();
}
