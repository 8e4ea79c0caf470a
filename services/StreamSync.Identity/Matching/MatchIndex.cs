using System.Runtime.InteropServices;

namespace StreamSync.Identity;

/// <summary>
/// Stage A, of one partition: keeps the records by their match keys and says which pairs they link. What has been said so far is always what the
/// present members say, whatever the order of arrival. A pair that several keys bring together is compared once. Not safe for concurrent use.
/// </summary>
/// <param name="model">Weights and threshold.</param>
public sealed class MatchIndex(IdentityModel model)
{
    readonly PairScorer _scorer = new(model);
    readonly UrnTable _urns = new();
    readonly Dictionary<MatchKeyId, KeyGroup> _groups = [];
    readonly List<string> _orgs = [];

    // By the record's number. For most candidates nothing is looked at but their marks and corroborants.
    readonly Blocks<MatchMember> _members = new();
    readonly Blocks<Corroborants> _corroborants = new();
    readonly bool _needsCorroboration = model.NamesAloneCeiling < model.ReviewFloor;

    readonly Pool<int> _numbers = new();
    readonly BytePool _bytes = new();
    readonly Pool<MatchKeyId> _keys = new();
    readonly Pool<MatchLink> _links = new();
    readonly RecentFeatures _recent = new();

    // Who shares open keys with the record at hand, and of which kinds; a turn's marks are worthless in the next.
    readonly List<int> _candidates = [];
    readonly Blocks<(int Turn, uint Kinds)> _marks = new();
    int _turn;

    /// <summary>Takes what a record's keys are now, and adds what that changes among the links.</summary>
    /// <param name="urn">The record, as those who tell of it name it; links name it by the URN in its features.</param>
    /// <param name="features">Its features; null when it is gone.</param>
    /// <param name="keys">Its keys in this partition, each once; none when it is gone.</param>
    /// <param name="output">Receives the changes.</param>
    public void Apply(string urn, PersonFeatures? features, MatchKeyId[] keys, ICollection<LinkChange> output) => Apply(urn, features, features?.ToBytes(), keys, output);

    /// <summary>The same, of features in binary form.</summary>
    /// <param name="urn">The record.</param>
    /// <param name="features"><see cref="PersonFeatures.ToBytes"/>; empty when it is gone.</param>
    /// <param name="keys">Its keys in this partition, each once; none when it is gone.</param>
    /// <param name="output">Receives the changes.</param>
    /// <exception cref="InvalidDataException">The bytes are of another format version or cut short.</exception>
    public void Apply(string urn, ReadOnlySpan<byte> features, MatchKeyId[] keys, ICollection<LinkChange> output) =>
        Apply(urn, features.IsEmpty ? null : PersonFeatures.FromBytes(features), features, keys, output);

    /// <summary>The same, of features that are at hand in both forms.</summary>
    internal void Apply(string urn, PersonFeatures? features, ReadOnlySpan<byte> bytes, MatchKeyId[] keys, ICollection<LinkChange> output)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(output);
        var number = _urns.NumberOf(urn);
        if (features is null || keys.Length == 0)
        {
            if (number >= 0)
            {
                Remove(number, output);
            }

            return;
        }

        if (number < 0)
        {
            number = Enter(urn);
        }

        ref var member = ref _members[number];
        member.Org = OrgOf(features.Org);
        _bytes.Replace(ref member.Features, bytes);
        _recent.Keep(number, features);
        _corroborants[number] = Corroborants.Of(features);
        MatchKeyId[] before = [.. KeysOf(number)];
        member.Keys.Set(keys, _keys);
        foreach (var key in before)
        {
            if (!keys.AsSpan().Contains(key))
            {
                Leave(key, number, output);
            }
        }

        foreach (var key in keys)
        {
            if (!before.AsSpan().Contains(key))
            {
                Join(key, number, output);
            }
        }

        Relink(number, output);
    }

    /// <summary>The features of a record in binary form, until the next change; empty when it is unknown or has no key here.</summary>
    internal ReadOnlySpan<byte> FeaturesOf(string urn) => _urns.NumberOf(urn) is >= 0 and var number ? FeaturesOf(number) : default;

    /// <summary>True when the key passed its cap and is no evidence.</summary>
    public bool IsCapped(MatchKeyId key) => _groups.TryGetValue(key, out var group) && !IsOpen(key, group);

    /// <summary>All that is said now, each pair once.</summary>
    public IEnumerable<LinkChange> AllLinks()
    {
        for (var i = 0; i < _members.Count; i++)
        {
            foreach (var (other, value) in LinksOf(i).ToArray())
            {
                if (i < other)
                {
                    yield return Change(i, other, value);
                }
            }
        }
    }

    string UrnOf(int number) => PersonFeatures.ReadUrn(FeaturesOf(number));

    ReadOnlySpan<byte> FeaturesOf(int number) => _bytes.At(_members[number].Features);

    ReadOnlySpan<MatchKeyId> KeysOf(int number) => _members[number].Keys.Items(_keys);

    Span<MatchLink> LinksOf(int number) => _members[number].Links.Items(_links);

    bool Holds(int number, in MatchKeyId key) => KeysOf(number).Contains(key);

    int IndexOfLink(int number, int other)
    {
        var links = LinksOf(number);
        var at = links.Length - 1;
        while (at >= 0 && links[at].Other != other)
        {
            at--;
        }

        return at;
    }

    int OrgOf(string name)
    {
        var number = _orgs.IndexOf(name);
        if (number < 0)
        {
            number = _orgs.Count;
            _orgs.Add(name);
        }

        return number;
    }

    static bool IsOpen(in MatchKeyId key, in KeyGroup group) => group.Count <= key.Cap;

    int Enter(string urn)
    {
        var number = _urns.Add(urn);
        if (number == _members.Count)
        {
            _members.Add();
            _corroborants.Add();
            _marks.Add();
        }

        return number;
    }

    void Remove(int number, ICollection<LinkChange> output)
    {
        ref var member = ref _members[number];
        MatchKeyId[] keys = [.. KeysOf(number)];
        member.Keys.Set([], _keys);
        foreach (var key in keys)
        {
            Leave(key, number, output);
        }

        while (member.Links.Count > 0)
        {
            Say(number, LinksOf(number)[^1].Other, null, output);
        }

        _bytes.Drop(member.Features);
        member = default;
        _urns.Remove(number);
    }

    void Join(in MatchKeyId key, int number, ICollection<LinkChange> output)
    {
        ref var group = ref CollectionsMarshal.GetValueRefOrAddDefault(_groups, key, out _);
        group.Add(number, _numbers);
        if (group.Count != key.Cap + 1)
        {
            return;
        }

        // The key passes its cap: what it said about the others is withdrawn.
        foreach (var x in group.Members(_numbers))
        {
            for (var i = x == number ? -1 : LinksOf(x).Length - 1; i >= 0; i--)
            {
                var y = LinksOf(x)[i].Other;
                if (x < y && y != number && Holds(y, key))
                {
                    Refresh(x, y, output);
                }
            }
        }
    }

    void Leave(in MatchKeyId key, int number, ICollection<LinkChange> output)
    {
        ref var group = ref CollectionsMarshal.GetValueRefOrNullRef(_groups, key);
        group.Remove(number, _numbers);
        if (group.Count == 0)
        {
            _groups.Remove(key);
            return;
        }

        if (group.Count != key.Cap)
        {
            return;
        }

        // The key is back at its cap: it speaks again about all who are left.
        var members = group.Members(_numbers);
        for (var i = 0; i < members.Length; i++)
        {
            for (var j = i + 1; j < members.Length; j++)
            {
                Refresh(members[i], members[j], output);
            }
        }
    }

    /// <summary>Says again what the open keys that two records share say about them.</summary>
    void Refresh(int x, int y, ICollection<LinkChange> output)
    {
        var kinds = 0u;
        foreach (var key in KeysOf(x))
        {
            if (Holds(y, key) && IsOpen(key, _groups[key]))
            {
                kinds |= key.Bit;
            }
        }

        var at = IndexOfLink(x, y);
        if (kinds == 0)
        {
            Say(x, y, null, output);
        }
        else
        {
            Say(x, y, at >= 0 ? LinksOf(x)[at].Value with { Kinds = kinds } : Compare(x, y, kinds), output);
        }
    }

    /// <summary>What the keys of a record bring together now, and those of them that passed their cap, with their size.</summary>
    public (IReadOnlyList<KeyNeighbour> Neighbours, IReadOnlyList<(MatchKeyKind Kind, int Records)> Crowded) NeighboursOf(string urn)
    {
        var kinds = new Dictionary<int, uint>();
        var crowded = new List<(MatchKeyKind, int)>();
        var number = _urns.NumberOf(urn);
        if (number >= 0)
        {
            foreach (var key in KeysOf(number))
            {
                var group = _groups[key];
                if (!IsOpen(key, group))
                {
                    crowded.Add((key.Kind, group.Count));
                    continue;
                }

                foreach (var other in group.Members(_numbers))
                {
                    kinds[other] = kinds.GetValueOrDefault(other) | key.Bit;
                }
            }
        }

        kinds.Remove(number);
        return ([.. kinds.Where(other => _members[other.Key].Org == _members[number].Org).Select(other => new KeyNeighbour(urn, UrnOf(other.Key), MatchKeyId.KindsOf(other.Value)))], crowded);
    }

    /// <summary>Compares a record with all that share open keys with it.</summary>
    void Relink(int number, ICollection<LinkChange> output)
    {
        _turn++;
        _candidates.Clear();
        foreach (var key in KeysOf(number))
        {
            ref var group = ref CollectionsMarshal.GetValueRefOrNullRef(_groups, key);
            if (!IsOpen(key, group))
            {
                continue;
            }

            foreach (var other in group.Members(_numbers))
            {
                ref var mark = ref _marks[other];
                if (other != number && mark.Turn != _turn)
                {
                    mark = (_turn, 0);
                    _candidates.Add(other);
                }

                mark.Kinds |= key.Bit;
            }
        }

        for (var i = LinksOf(number).Length - 1; i >= 0; i--)
        {
            var other = LinksOf(number)[i].Other;
            if (_marks[other].Turn != _turn)
            {
                Say(number, other, null, output);
            }
        }

        ref var own = ref _corroborants[number];
        foreach (var other in _candidates)
        {
            var mayBeTold = !_needsCorroboration || Corroborants.MayAgree(in own, in _corroborants[other]);
            Say(number, other, mayBeTold ? Compare(number, other, _marks[other].Kinds) : null, output);
        }
    }

    /// <summary>What is to be said about a pair; null when it can't matter.</summary>
    LinkValue? Compare(int x, int y, uint kinds) =>
        // Keys hold their org, but only as a hash: two of different orgs may fall together.
        _members[x].Org == _members[y].Org ? PairScorer.Tell(model, _scorer, _recent.Of(x, FeaturesOf(x)), _recent.Of(y, FeaturesOf(y)), kinds) : null;

    void Say(int x, int y, LinkValue? value, ICollection<LinkChange> output)
    {
        var at = IndexOfLink(x, y);
        if (at < 0 ? value is null : value == LinksOf(x)[at].Value)
        {
            return;
        }

        Keep(x, at, y, value);
        Keep(y, IndexOfLink(y, x), x, value);
        output.Add(Change(x, y, value));
    }

    void Keep(int number, int at, int other, LinkValue? value)
    {
        ref var links = ref _members[number].Links;
        if (value is not { } said)
        {
            links.RemoveAt(at, _links);
        }
        else if (at < 0)
        {
            links.Insert(links.Count, new MatchLink(other, said), _links);
        }
        else
        {
            links.Items(_links)[at] = new MatchLink(other, said);
        }
    }

    LinkChange Change(int x, int y, LinkValue? value)
    {
        var (one, other, org) = (UrnOf(x), UrnOf(y), _orgs[_members[x].Org]);
        return string.CompareOrdinal(one, other) < 0 ? new LinkChange(org, one, other, value) : new LinkChange(org, other, one, value);
    }
}
