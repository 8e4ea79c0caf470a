using System.Text;

namespace StreamSync.Processors.Streaming;

/// <summary>Counts findings of a stage in its state and, now and then, sends the counts that changed to <see cref="FindingStage"/>: not one event for each record.</summary>
sealed class FindingCounter
{
    /// <summary>Output of the counting stage that leads to <see cref="FindingStage"/>.</summary>
    public const string Output = FindingStage.Name;

    static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    readonly IStageContext _context;
    readonly PackedTable _state;
    readonly TimeProvider _clock;
    readonly Dictionary<string, FindingTally> _changed = new(StringComparer.Ordinal);

    public FindingCounter(IStageContext context, PackedTable state, TimeProvider clock)
    {
        (_context, _state, _clock) = (context, state, clock);
        context.Every(Interval, SendChanges);
    }

    /// <summary>Notes one more.</summary>
    /// <param name="topic">What about.</param>
    /// <param name="urn">An example.</param>
    public void Add(FindingTopic topic, string urn)
    {
        var key = KeyOf(topic);
        var now = _clock.GetUtcNow().UtcDateTime;
        var known = _state.TryGet(key, out var packed) ? FindingTally.FromBytes(packed) : new FindingTally(topic, _context.Partition, 0, [], now, now);
        var examples = known.Examples.Count < FindingTally.MaxExamples && !known.Examples.Contains(urn) ? [.. known.Examples, urn] : known.Examples;
        var tally = known with { Topic = topic, Count = known.Count + 1, Examples = examples, Last = now };
        _state.Put(key, tally.ToBytes());
        _changed[topic.Id] = tally;
    }

    void SendChanges()
    {
        foreach (var (id, tally) in _changed)
        {
            _context.Send(Output, FindingTally.KeyOf(id), tally.ToBytes());
        }

        _changed.Clear();
    }

    // No URN begins with a zero byte.
    static byte[] KeyOf(FindingTopic topic) => Encoding.UTF8.GetBytes("\0" + topic.Id);
}
