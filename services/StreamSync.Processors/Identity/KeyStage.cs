using System.IO.Hashing;
using System.Text;
using StreamSync.Contracts;
using StreamSync.Contracts.Identity;
using StreamSync.Identity;
using StreamSync.Processors.Streaming;

namespace StreamSync.Processors.Identity;

/// <summary>
/// First stage, by the record's URN: finds the match keys of a record and tells each partition of match keys, in one message, what concerns
/// it; the record itself goes to its org's graph. It remembers a hash of what it said and to whom, so that a change that matching can't see
/// goes no further.
/// </summary>
sealed class KeyStage(IdentitySettings settings) : IStage
{
    public const string Name = "keys";

    // No URN begins with a zero byte: here lie the decisions, for the day they are taken back.
    const string DecisionPrefix = "\0";

    readonly PackWriter _writer = new();
    readonly FeatureExtractor _extractor = new(settings.Region);
    readonly List<MatchKeyId>[] _keys = [.. Enumerable.Range(0, settings.Routes.Partitions).Select(_ => new List<MatchKeyId>())];
    IStageContext _context = null!;
    PackedTable _said = null!;

    public void Start(IStageContext context)
    {
        _context = context;
        _said = context.State<PackedTable>();
    }

    public void Process(in StageRecord record)
    {
        try
        {
            if (record.Topic == settings.DecisionTopic)
            {
                Decide(record);
            }
            else if (record.Topic == settings.ReferenceTopic)
            {
                Refer(record);
            }
            else if (record.Value is null)
            {
                Remove(record);
            }
            else
            {
                Upsert(record, record.Value);
            }
        }
        catch (InvalidDataException e)
        {
            var entry = settings.Run.Quarantined("identity", record, "undecodable", e.Message, "see which program wrote it; replay the entry after mending it", null);
            _context.Send(StageOutputs.Quarantine, Encoding.UTF8.GetBytes(entry.QuarantineId), settings.Run.EncodeQuarantine(entry));
        }
    }

    void Upsert(in StageRecord record, byte[] value)
    {
        var person = PersonRecords.Of(settings.Person.Decode(value), record.Key);
        var features = _extractor.Extract(person);
        var bytes = features.ToBytes();
        var hash = XxHash3.HashToUInt64(bytes);
        _context.Send(GraphMessage.Output, Encoding.UTF8.GetBytes(person.Org), GraphMessage.Of(person.ToBytes(), bytes, _writer));
        var isKnown = _said.TryGet(record.Key, out var said);
        if (isKnown && new PackReader(said).Fixed() == hash)
        {
            return;
        }

        foreach (var key in MatchKeys.For(features))
        {
            var id = key.Id;
            _keys[(int)((id.Hash >> 32) % (ulong)_keys.Length)].Add(id);
        }

        var told = Told(said);
        for (var partition = 0; partition < _keys.Length; partition++)
        {
            if (_keys[partition].Count > 0 || told.Contains(partition))
            {
                _context.Send(MatchStage.Input, settings.Routes.KeyFor(partition), MemberMessage.Of(person.Urn, bytes, _keys[partition], _writer));
            }
        }

        _said.Put(record.Key, Said(hash));
    }

    /// <summary>The hash, then the partitions that hold keys of the record.</summary>
    byte[] Said(ulong hash)
    {
        _writer.Clear();
        _writer.Fixed(hash);
        for (var partition = 0; partition < _keys.Length; partition++)
        {
            if (_keys[partition].Count > 0)
            {
                _writer.Count(partition);
                _keys[partition].Clear();
            }
        }

        return _writer.ToArray();
    }

    void Remove(in StageRecord record)
    {
        if (!_said.TryGet(record.Key, out var said))
        {
            return;
        }

        var urn = Encoding.UTF8.GetString(record.Key);
        foreach (var partition in Told(said))
        {
            _context.Send(MatchStage.Input, settings.Routes.KeyFor(partition), MemberMessage.Of(urn, default, [], _writer));
        }

        if (SourceUrn.TryParse(urn, out var parsed))
        {
            _context.Send(GraphMessage.Output, Encoding.UTF8.GetBytes(parsed.Org), GraphMessage.Of(GraphMessageKind.RecordGone, record.Key, _writer));
        }

        _said.Delete(record.Key);
    }

    /// <summary>A record that contacts point to: where no tool has delivered it, it gets a person with nothing known of it.</summary>
    void Refer(in StageRecord record)
    {
        var urn = Encoding.UTF8.GetString(record.Key);
        if (_said.TryGet(record.Key, out _) || !SourceUrn.TryParse(urn, out var parsed))
        {
            return;
        }

        if (record.Value is null)
        {
            _context.Send(GraphMessage.Output, Encoding.UTF8.GetBytes(parsed.Org), GraphMessage.Of(GraphMessageKind.RecordGone, record.Key, _writer));
            return;
        }

        var person = PersonRecords.Unknown(parsed, settings.Run.Clock.GetUtcNow());
        _context.Send(GraphMessage.Output, Encoding.UTF8.GetBytes(parsed.Org), GraphMessage.Of(person.ToBytes(), _extractor.Extract(person).ToBytes(), _writer));
    }

    void Decide(in StageRecord record)
    {
        var key = Encoding.UTF8.GetBytes(DecisionPrefix + Encoding.UTF8.GetString(record.Key));
        if (record.Value is not null)
        {
            var decision = settings.Decision.Decode(record.Value);
            if (!SourceUrn.TryParse(decision.AUrn, out var a) || !SourceUrn.TryParse(decision.BUrn, out var b) || a.Org != decision.Org || b.Org != decision.Org)
            {
                throw new InvalidDataException("the decision is about records that are not its org's");
            }

            if (!Decisions.IsKind(decision.Kind))
            {
                throw new InvalidDataException($"the decision is of the kind '{decision.Kind}', which there is not");
            }

            var former = _said.TryGet(key, out var known) ? known.ToArray() : null;
            _context.Send(GraphMessage.Output, Encoding.UTF8.GetBytes(decision.Org), GraphMessage.Of(GraphMessageKind.Decision, record.Value, _writer));
            if (former is null || !former.AsSpan().SequenceEqual(record.Value))
            {
                var held = former is null ? null : settings.Decision.Decode(former) is var earlier && Decisions.Holds(earlier) ? earlier : null;
                Note(Decisions.Holds(decision) ? DecisionTrail.Made(decision, held) : DecisionTrail.TakenBack(decision, held));
            }

            _said.Put(key, record.Value);
        }
        else if (_said.TryGet(key, out var kept))
        {
            var former = kept.ToArray();
            var decision = settings.Decision.Decode(former);
            _context.Send(GraphMessage.Output, Encoding.UTF8.GetBytes(decision.Org), GraphMessage.Of(GraphMessageKind.DecisionGone, former, _writer));
            if (Decisions.Holds(decision))
            {
                Note(DecisionTrail.Gone(decision, settings.Run.Clock.GetUtcNow().UtcDateTime));
            }

            _said.Delete(key);
        }
    }

    void Note(IdentityChange change) => _context.Send(TopicCatalog.IdentityChange.Name, Encoding.UTF8.GetBytes(change.ChangeId), settings.Change.Encode(change));

    static HashSet<int> Told(ReadOnlySpan<byte> said)
    {
        var partitions = new HashSet<int>();
        if (!said.IsEmpty)
        {
            var reader = new PackReader(said);
            reader.Fixed();
            while (!reader.AtEnd)
            {
                partitions.Add(reader.Count());
            }
        }

        return partitions;
    }
}
