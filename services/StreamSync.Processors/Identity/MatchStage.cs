using System.Text;
using StreamSync.Contracts;
using StreamSync.Identity;
using StreamSync.Processors.Identity.Evidence;
using StreamSync.Processors.Streaming;

namespace StreamSync.Processors.Identity;

/// <summary>Second stage, by match key: compares records that share a key and tells the org's graph what links appear, change and go.</summary>
/// <param name="desk">Where others ask the stage; null when nobody does.</param>
sealed class MatchStage(EvidenceDesk? desk) : IStage
{
    public const string Name = "matches";

    /// <summary>The topic before this stage.</summary>
    public const string Input = "by-key";

    // Links of one message where all are told at once.
    const int AtOnce = 500;

    static readonly TimeSpan ModelInterval = TimeSpan.FromMilliseconds(500);

    readonly PackWriter _writer = new();
    readonly List<LinkChange> _links = [];
    IStageContext _context = null!;
    MatchState _state = null!;

    public void Start(IStageContext context)
    {
        _context = context;
        _state = context.State<MatchState>();
        desk?.Open(context, _state);
        context.Every(ModelInterval, TellAnew);
    }

    public void Process(in StageRecord record)
    {
        var reader = new PackReader(record.Value);
        var urn = reader.Text();
        _links.Clear();
        _state.Apply(urn, record.Value.AsMemory(record.Value!.Length - reader.Rest.Length), _context.Partition, _links);
        if (_links.Count > 0)
        {
            // Keys of different orgs never meet: all links are of one org.
            Send(_links[0].Org, _links);
        }
    }

    /// <summary>After a change of the model the graph weighs again what it knows; here is what it can't know: pairs that were not worth telling before.</summary>
    void TellAnew()
    {
        if (!_state.TakeModel())
        {
            return;
        }

        foreach (var org in _state.AllLinks().GroupBy(link => link.Org, StringComparer.Ordinal))
        {
            foreach (var links in org.Chunk(AtOnce))
            {
                Send(org.Key, links);
            }
        }
    }

    void Send(string org, IReadOnlyCollection<LinkChange> links) =>
        _context.Send(GraphMessage.LinkOutput, Encoding.UTF8.GetBytes(org), GraphMessage.Of(_state.Stamp, _context.Partition, links, _writer));
}

/// <summary>
/// The members of every match key of a partition. Its changelog has one entry a record instead of one a key: groups follow from the records.
/// </summary>
sealed class MatchState(IdentityModel model) : IStageState
{
    // What each record that changed since the last commit said; nothing when it is gone.
    readonly Dictionary<string, ReadOnlyMemory<byte>> _changed = new(StringComparer.Ordinal);
    readonly List<LinkChange> _known = [];
    readonly MatchIndex _index = new(model);
    readonly ModelStamp _stamp = new(model);
    int _partition;
    bool _holdsAny;

    // No URN begins with a zero byte.
    static readonly byte[] ModelKey = [0];

    /// <summary>The model's stamp.</summary>
    public ulong Stamp => _stamp.Present;

    /// <summary>All links, as the present model weighs them.</summary>
    public IEnumerable<LinkChange> AllLinks() => _index.AllLinks();

    /// <summary>Goes over to the present model; true when the graph was told what another one held.</summary>
    public bool TakeModel() => _stamp.Take(_holdsAny);

    /// <summary>The record of a key of the changelog.</summary>
    public static string UrnOf(string key) => key[..key.IndexOf('\0', StringComparison.Ordinal)];

    /// <summary>Takes what a record's keys are now, and adds what it changes among the links.</summary>
    /// <param name="urn">The record.</param>
    /// <param name="content">What the message says after the URN; it is kept.</param>
    /// <param name="partition">The partition whose keys these are.</param>
    /// <param name="links">Receives the changes.</param>
    public void Apply(string urn, ReadOnlyMemory<byte> content, int partition, List<LinkChange> links)
    {
        _partition = partition;
        var member = MemberMessage.Read(content);
        _changed[urn] = member.Features.IsEmpty ? default : content;
        _index.Apply(urn, member.Features.Span, member.Keys, links);
    }

    /// <summary>What the keys of records bring together now.</summary>
    public KeyFindings FindingsOf(IReadOnlyList<string> urns)
    {
        var found = urns.Select(urn => (Urn: urn, Findings: _index.NeighboursOf(urn))).ToList();
        return new KeyFindings(
            [.. found.SelectMany(record => record.Findings.Neighbours)],
            [.. found.SelectMany(record => record.Findings.Crowded.Where(key => PairRules.IsIdentifier(key.Kind)).Select(key => new CrowdedKey(record.Urn, PairRules.WordFor(key.Kind), key.Records)))]);
    }

    /// <summary>The same from the members alone, without comparing any.</summary>
    public static KeyFindings FindingsOf(IReadOnlyList<string> urns, IReadOnlyDictionary<string, MemberMessage> members)
    {
        var wanted = urns.Where(members.ContainsKey).SelectMany(urn => members[urn].Keys).ToHashSet();
        var holders = members.SelectMany(member => member.Value.Keys.Where(wanted.Contains).Select(key => (Key: key, Urn: member.Key))).ToLookup(held => held.Key, held => held.Urn);
        var keys = urns.Where(members.ContainsKey).SelectMany(urn => members[urn].Keys.Select(key => (Urn: urn, Key: key, Count: holders[key].Count()))).ToList();
        return new KeyFindings(
            [.. keys.Where(held => held.Count <= held.Key.Cap)
                .SelectMany(held => holders[held.Key].Where(other => other != held.Urn).Select(other => (held.Urn, Other: other, held.Key.Kind)))
                .GroupBy(pair => (pair.Urn, pair.Other)).Select(pair => new KeyNeighbour(pair.Key.Urn, pair.Key.Other, [.. pair.Select(held => held.Kind).Distinct()]))],
            [.. keys.Where(held => held.Count > held.Key.Cap && PairRules.IsIdentifier(held.Key.Kind)).Select(held => new CrowdedKey(held.Urn, PairRules.WordFor(held.Key.Kind), held.Count))]);
    }

    // What was said before is what the members say now, whatever the order: the links that come out again were said already, or, where another
    // model said them, are told anew.
    public void Restore(byte[] key, byte[]? value)
    {
        if (key.AsSpan().SequenceEqual(ModelKey))
        {
            _stamp.Restore(value);
            return;
        }

        _holdsAny = true;
        var member = value is null ? MemberMessage.Gone : MemberMessage.Read(value);
        _index.Apply(UrnOf(Encoding.UTF8.GetString(key)), member.Features.Span, member.Keys, _known);
        _known.Clear();
    }

    public void WriteChanges(Action<byte[], byte[]?> write)
    {
        _stamp.WriteChanges(value => write(ModelKey, value));
        foreach (var (urn, content) in _changed)
        {
            // A record has keys in several partitions: whoever reads all of them must tell their entries apart.
            write(Encoding.UTF8.GetBytes($"{urn}\0{_partition}"), content.IsEmpty ? null : content.ToArray());
        }

        _changed.Clear();
    }
}
