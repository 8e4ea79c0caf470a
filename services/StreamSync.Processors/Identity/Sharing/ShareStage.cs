using System.Text;
using StreamSync.Contracts;
using StreamSync.Identity;
using StreamSync.Kafka.Configuration;
using StreamSync.Processors.Streaming;

namespace StreamSync.Processors.Identity.Sharing;

/// <summary>
/// First stage of sharing, by the record's URN: puts a record into the space of each agreement that holds and covers it, and takes it out again
/// when the agreement ends. It remembers what matching needs of every record, because an agreement may begin when they have long passed by.
/// A steward's decision goes where both its records may be: what a party has decided of its own records holds there too. Of the records of
/// others nobody can decide anything.
/// </summary>
/// <param name="settings">What the stages share.</param>
/// <param name="agreements">All declared agreements.</param>
sealed class ShareStage(IdentitySettings settings, IReadOnlyList<AgreementSettings> agreements) : IStage
{
    public const string Name = "shares";

    // Records that are looked at again between two others, so that a large table delays nobody.
    const int AtOnce = 2000;

    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    // No URN begins with a zero byte: alone it is the key of what was applied, before an id that of a decision.
    static readonly byte[] AppliedKey = [0];

    readonly PackWriter _writer = new();
    readonly FeatureExtractor _extractor = new(settings.Region);
    readonly List<MatchKeyId>[] _keys = [.. Enumerable.Range(0, settings.Routes.Partitions).Select(_ => new List<MatchKeyId>())];
    readonly Queue<byte[]> _waiting = new();
    IStageContext _context = null!;
    PackedTable _records = null!;
    IReadOnlyList<AgreementSettings> _holding = [];
    string? _looking;

    public void Start(IStageContext context)
    {
        _context = context;
        _records = context.State<PackedTable>();
        _holding = Holding();
        context.Every(Interval, LookAgain);
    }

    public void Process(in StageRecord record)
    {
        if (record.Topic == settings.DecisionTopic)
        {
            PlaceDecision([.. AppliedKey, .. record.Key], record.Value);
            return;
        }

        byte[]? features = null;
        if (record.Value is not null)
        {
            try
            {
                features = _extractor.Extract(PersonRecords.Of(settings.Person.Decode(record.Value), record.Key)).ToBytes();
            }
            catch (InvalidDataException)
            {
                // Identity resolution puts it into quarantine; here it is no record.
            }
        }

        Place(record.Key, features);
    }

    /// <summary>Puts records where agreements that began want them, and takes them out where agreements ended.</summary>
    void LookAgain()
    {
        var holding = Holding();
        var wanted = string.Join('\n', holding.Select(a => string.Join('\t', [a.Id, string.Join(',', a.Parties.Order(StringComparer.Ordinal)), string.Join(',', a.Entities.Order(StringComparer.Ordinal))])));
        var applied = _records.TryGet(AppliedKey, out var known) ? Encoding.UTF8.GetString(known) : "";
        if (wanted != _looking)
        {
            (_holding, _looking) = (holding, wanted);
            _waiting.Clear();
            if (wanted != applied)
            {
                foreach (var key in _records.Keys())
                {
                    _waiting.Enqueue(key);
                }
            }
        }

        for (var i = 0; i < AtOnce && _waiting.TryDequeue(out var key); i++)
        {
            if (key.Length == 1 || !_records.TryGet(key, out var entry))
            {
                continue;
            }

            if (key[0] == AppliedKey[0])
            {
                PlaceDecision(key, ShareEntry.Read(entry).Content);
            }
            else
            {
                Place(key, ShareEntry.Read(entry).Content);
            }
        }

        if (_waiting.Count > 0 || wanted == applied)
        {
            return;
        }

        if (wanted.Length == 0)
        {
            _records.Delete(AppliedKey);
        }
        else
        {
            _records.Put(AppliedKey, Encoding.UTF8.GetBytes(wanted));
        }
    }

    List<AgreementSettings> Holding()
    {
        var now = settings.Run.Clock.GetUtcNow();
        return [.. agreements.Where(agreement => agreement.Holds(now)).OrderBy(agreement => agreement.Id, StringComparer.Ordinal)];
    }

    /// <summary>Brings the spaces in line with a record; null features: it is gone.</summary>
    void Place(byte[] key, byte[]? features)
    {
        var before = _records.TryGet(key, out var entry) ? ShareEntry.Read(entry) : null;
        var urn = Encoding.UTF8.GetString(key);
        var spaces = features is not null && SourceUrn.TryParse(urn, out var parsed)
            ? _holding.Where(agreement => agreement.Covers(parsed.Org, parsed.Vendor, parsed.Entity)).Select(agreement => Space.Of(agreement.Id)).ToList() : [];
        foreach (var former in before?.Spaces ?? [])
        {
            if (!spaces.Contains(former.Space))
            {
                TakeOut(key, urn, former);
            }
        }

        if (features is null)
        {
            _records.Delete(key);
            return;
        }

        var isNew = before is null || !features.AsSpan().SequenceEqual(before.Content);
        var placed = new List<PlacedIn>(spaces.Count);
        foreach (var space in spaces)
        {
            var former = before?.Spaces.FirstOrDefault(told => told.Space == space);
            placed.Add(former is not null && !isNew ? former : PutIn(urn, features, space, former?.Partitions ?? []));
        }

        if (isNew || !placed.SequenceEqual(before!.Spaces))
        {
            _records.Put(key, new ShareEntry(features, placed).ToBytes(_writer));
        }
    }

    /// <summary>Brings the spaces in line with a decision; null: it was taken back.</summary>
    void PlaceDecision(byte[] key, byte[]? decision)
    {
        var before = _records.TryGet(key, out var entry) ? ShareEntry.Read(entry) : null;
        var spaces = decision is null ? [] : SpacesOf(decision);
        foreach (var former in before?.Spaces ?? [])
        {
            if (!spaces.Contains(former.Space))
            {
                _context.Send(GraphMessage.Output, Encoding.UTF8.GetBytes(former.Space), GraphMessage.Of(GraphMessageKind.DecisionGone, before!.Content, _writer));
            }
        }

        if (decision is null)
        {
            _records.Delete(key);
            return;
        }

        var isNew = before is null || !decision.AsSpan().SequenceEqual(before.Content);
        foreach (var space in spaces.Where(space => isNew || before!.Spaces.All(told => told.Space != space)))
        {
            _context.Send(GraphMessage.Output, Encoding.UTF8.GetBytes(space), GraphMessage.Of(GraphMessageKind.Decision, decision, _writer));
        }

        _records.Put(key, new ShareEntry(decision, [.. spaces.Select(space => new PlacedIn(space, []))]).ToBytes(_writer));
    }

    /// <summary>The spaces that may hold both records of a decision; none when it is not about two records of its own org.</summary>
    List<string> SpacesOf(byte[] encoded)
    {
        try
        {
            var decision = settings.Decision.Decode(encoded);
            return SourceUrn.TryParse(decision.AUrn, out var a) && SourceUrn.TryParse(decision.BUrn, out var b) && a.Org == decision.Org && b.Org == decision.Org
                ? [.. _holding.Where(agreement => agreement.Covers(a.Org, a.Vendor, a.Entity) && agreement.Covers(b.Org, b.Vendor, b.Entity)).Select(agreement => Space.Of(agreement.Id))] : [];
        }
        catch (InvalidDataException)
        {
            // Identity resolution puts it into quarantine; here it is no decision.
            return [];
        }
    }

    PlacedIn PutIn(string urn, byte[] features, string space, IReadOnlyList<int> formerly)
    {
        // Nothing of the record but what matching compares goes into the space.
        var shared = PersonFeatures.FromBytes(features) with { Org = space };
        var bytes = shared.ToBytes();
        _context.Send(GraphMessage.Output, Encoding.UTF8.GetBytes(space), GraphMessage.Of(new PersonRecord { Urn = urn, Org = space }.ToBytes(), bytes, _writer));
        foreach (var key in MatchKeys.For(shared))
        {
            var id = key.Id;
            _keys[(int)((id.Hash >> 32) % (ulong)_keys.Length)].Add(id);
        }

        var partitions = new List<int>();
        for (var partition = 0; partition < _keys.Length; partition++)
        {
            if (_keys[partition].Count > 0 || formerly.Contains(partition))
            {
                _context.Send(MatchStage.Input, settings.Routes.KeyFor(partition), MemberMessage.Of(Space.Member(space, urn), bytes, _keys[partition], _writer));
            }

            if (_keys[partition].Count > 0)
            {
                partitions.Add(partition);
                _keys[partition].Clear();
            }
        }

        return new PlacedIn(space, partitions);
    }

    void TakeOut(byte[] key, string urn, PlacedIn former)
    {
        foreach (var partition in former.Partitions)
        {
            _context.Send(MatchStage.Input, settings.Routes.KeyFor(partition), MemberMessage.Of(Space.Member(former.Space, urn), default, [], _writer));
        }

        _context.Send(GraphMessage.Output, Encoding.UTF8.GetBytes(former.Space), GraphMessage.Of(GraphMessageKind.RecordGone, key, _writer));
    }
}

/// <summary>The space of an agreement: for matching it stands in the place of an org, and no org can be called so.</summary>
static class Space
{
    const string Prefix = "share:";

    public static string Of(string agreement) => Prefix + agreement;

    public static string AgreementOf(string space) => space[Prefix.Length..];

    /// <summary>A record's name among the members of match keys: it may be in several spaces.</summary>
    public static string Member(string space, string urn) => $"{space} {urn}";
}
