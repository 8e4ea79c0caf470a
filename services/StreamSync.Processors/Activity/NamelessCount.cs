using System.Text;
using StreamSync.Processors.Streaming;

namespace StreamSync.Processors.Activity;

/// <summary>
/// How many touches name a canvasser's id for which no tool gives a name: a finding for each account of a vendor, that goes down again when
/// names arrive. The numbers follow from the state and are counted anew after a restart.
/// </summary>
sealed class NamelessCount
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    readonly IStageContext _context;
    readonly ActivitySettings _settings;
    readonly ProgramState _state;
    readonly Dictionary<string, Count> _counts = new(StringComparer.Ordinal);
    readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    bool _counted;

    public NamelessCount(IStageContext context, ActivitySettings settings, ProgramState state)
    {
        (_context, _settings, _state) = (context, settings, state);
        context.Every(Interval, SendChanges);
    }

    public void With(KeptTouch touch, bool nameless)
    {
        CountAll();
        Set(touch, nameless);
    }

    public void Without(KeptTouch touch)
    {
        CountAll();
        Set(touch, false);
    }

    void Set(KeptTouch touch, bool nameless)
    {
        if (touch.Nameless == nameless)
        {
            return;
        }

        touch.Nameless = nameless;
        var name = TouchForm.AccountOf(touch.Urn);
        if (!_counts.TryGetValue(name, out var count))
        {
            _counts[name] = count = new Count(_settings.Run.Clock.GetUtcNow().UtcDateTime);
        }

        count.Change(touch, nameless);
        _changed.Add(name);
    }

    /// <summary>Counts what was restored, once.</summary>
    void CountAll()
    {
        if (_counted)
        {
            return;
        }

        _counted = true;
        foreach (var touch in _state.Touches)
        {
            var form = new TouchForm(touch.Form);
            Set(touch, form.CanvasserId is not null && form.Name is null && touch.Slot?.Find(form.Scope)?.Name is null);
        }
    }

    void SendChanges()
    {
        CountAll();
        foreach (var name in _changed)
        {
            var tally = Tally(name, _counts[name]);
            _context.Send(FindingCounter.Output, FindingTally.KeyOf(tally.Topic.Id), tally.ToBytes());
        }

        _changed.Clear();
    }

    FindingTally Tally(string name, Count count)
    {
        var parts = name.Split('/');
        var (org, vendor, instance) = (parts[0], parts.ElementAtOrDefault(1) ?? "-", parts.ElementAtOrDefault(2) ?? "-");
        var topic = new FindingTopic
        {
            Org = org,
            SyncId = _settings.Syncs.Of(org, vendor, instance),
            Vendor = vendor,
            Code = "canvasser_without_name",
            Subject = instance,
            Severity = "warning",
            Message = "contacts name the id of a canvasser for whom no tool gives a name",
            Remedy = "deliver the tables of users and public users, or a roster with these ids",
            Responsible = _settings.Syncs.OwnerOf(org, vendor, instance),
        };
        return new FindingTally(topic, _context.Partition, count.Touches, [.. count.Examples.Select(Encoding.UTF8.GetString)], count.First, _settings.Run.Clock.GetUtcNow().UtcDateTime);
    }

    sealed class Count(DateTime first)
    {
        public long Touches { get; private set; }

        public DateTime First { get; } = first;

        public HashSet<byte[]> Examples { get; } = new(ByteArrayComparer.Instance);

        public void Change(KeptTouch touch, bool nameless)
        {
            Touches += nameless ? 1 : -1;
            if (!nameless)
            {
                Examples.Remove(touch.Urn);
            }
            else if (Examples.Count < FindingTally.MaxExamples)
            {
                Examples.Add(touch.Urn);
            }
        }
    }
}
