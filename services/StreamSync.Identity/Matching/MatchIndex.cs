using System.Runtime.InteropServices;

namespace StreamSync.Identity;

/// <summary>
/// Stage A, of one partition: keeps the records by their match keys and says which pairs they link. What has been said so far is always what the
/// present members say, whatever the order of arrival. A pair that several keys bring together is compared once. Not safe for concurrent use.
/// </summary>
/// <param name="model">Weights and threshold.</param>
public sealed class MatchIndex(IdentityModel model)
{
    // Corroborants of one block.
    const int BlockSize = 1024;

    readonly PairScorer _scorer = new(model);
    readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    readonly Dictionary<MatchKeyId, KeyGroup> _groups = [];
    readonly NumberPool _pool = new();
    readonly List<MatchMember?> _members = [];
    readonly Stack<int> _free = [];

    // By the record's number, in blocks: for most candidates nothing else of them is looked at.
    readonly List<Corroborants[]> _corroborants = [];
    readonly bool _needsCorroboration = model.NamesAloneCeiling < model.ReviewFloor;
    readonly Dictionary<string, string> _orgs = new(StringComparer.Ordinal);
    readonly RecentFeatures _recent = new();

    // Who shares open keys with the record at hand, and of which kinds; a turn's marks are worthless in the next.
    readonly List<int> _candidates = [];
    readonly List<(int Turn, uint Kinds)> _marks = [];
    int _turn;

    /// <summary>Takes what a record's keys are now, and adds what that changes among the links.</summary>
    /// <param name="urn">The record.</param>
    /// <param name="features">Its features; null when it is gone.</param>
    /// <param name="keys">Its keys in this partition, each once; none when it is gone.</param>
    /// <param name="output">Receives the changes.</param>
    public void Apply(string urn, PersonFeatures? features, MatchKeyId[] keys, ICollection<LinkChange> output) => Apply(urn, features, features?.ToBytes(), keys, output);

    /// <summary>The same, of features in binary form.</summary>
    /// <param name="urn">The record.</param>
    /// <param name="features"><see cref="PersonFeatures.ToBytes"/>, which must not change any more; empty when it is gone.</param>
    /// <param name="keys">Its keys in this partition, each once; none when it is gone.</param>
    /// <param name="output">Receives the changes.</param>
    /// <exception cref="InvalidDataException">The bytes are of another format version or cut short.</exception>
    public void Apply(string urn, ReadOnlyMemory<byte> features, MatchKeyId[] keys, ICollection<LinkChange> output) =>
        Apply(urn, features.IsEmpty ? null : PersonFeatures.FromBytes(features.Span), features, keys, output);

    /// <summary>The same, of features that are at hand in both forms.</summary>
    internal void Apply(string urn, PersonFeatures? features, ReadOnlyMemory<byte> bytes, MatchKeyId[] keys, ICollection<LinkChange> output)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(output);
        if (features is null || keys.Length == 0)
        {
            Remove(urn, output);
            return;
        }

        if (!_numbers.TryGetValue(urn, out var number))
        {
            number = Enter(urn, features);
        }

        var member = _members[number]!;
        var before = member.Keys;
        member.Features = bytes;
        _recent.Keep(number, bytes, features);
        CorroborantsOf(number) = Corroborants.Of(features);
        member.Keys = keys;
        foreach (var key in before)
        {
            if (!member.Holds(key))
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

        Relink(number, member, output);
    }

    /// <summary>True when the key passed its cap and is no evidence.</summary>
    public bool IsCapped(MatchKeyId key) => _groups.TryGetValue(key, out var group) && !IsOpen(key, group);

    /// <summary>All that is said now, each pair once.</summary>
    public IEnumerable<LinkChange> AllLinks()
    {
        for (var i = 0; i < _members.Count; i++)
        {
            foreach (var (other, value) in _members[i] is { } member ? member.Links.ToArray() : [])
            {
                if (i < other)
                {
                    yield return Change(_members[i]!, _members[other]!, value);
                }
            }
        }
    }

    ref Corroborants CorroborantsOf(int number) => ref _corroborants[number / BlockSize][number % BlockSize];

    string OrgOf(string name) => _orgs.TryGetValue(name, out var org) ? org : _orgs[name] = name;

    static bool IsOpen(in MatchKeyId key, in KeyGroup group) => group.Count <= key.Cap;

    int Enter(string urn, PersonFeatures features)
    {
        if (!_free.TryPop(out var number))
        {
            number = _members.Count;
            if (number % BlockSize == 0)
            {
                _corroborants.Add(new Corroborants[BlockSize]);
            }

            _members.Add(null);
            _marks.Add(default);
        }

        _members[number] = new MatchMember(urn == features.Urn ? urn : features.Urn, OrgOf(features.Org));
        _numbers.Add(urn, number);
        return number;
    }

    void Remove(string urn, ICollection<LinkChange> output)
    {
        if (!_numbers.Remove(urn, out var number))
        {
            return;
        }

        var member = _members[number]!;
        var keys = member.Keys;
        member.Keys = [];
        foreach (var key in keys)
        {
            Leave(key, number, output);
        }

        while (member.Links.Length > 0)
        {
            Say(number, member.Links[^1].Other, null, output);
        }

        _members[number] = null;
        _free.Push(number);
    }

    void Join(in MatchKeyId key, int number, ICollection<LinkChange> output)
    {
        ref var group = ref CollectionsMarshal.GetValueRefOrAddDefault(_groups, key, out _);
        group.Add(number, _pool);
        if (group.Count != key.Cap + 1)
        {
            return;
        }

        // The key passes its cap: what it said about the others is withdrawn.
        foreach (var x in group.Members(_pool))
        {
            for (var i = x == number ? -1 : _members[x]!.Links.Length - 1; i >= 0; i--)
            {
                var y = _members[x]!.Links[i].Other;
                if (x < y && y != number && _members[y]!.Holds(key))
                {
                    Refresh(x, y, output);
                }
            }
        }
    }

    void Leave(in MatchKeyId key, int number, ICollection<LinkChange> output)
    {
        ref var group = ref CollectionsMarshal.GetValueRefOrNullRef(_groups, key);
        group.Remove(number, _pool);
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
        var members = group.Members(_pool);
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
        var (one, other) = (_members[x]!, _members[y]!);
        var kinds = 0u;
        foreach (var key in one.Keys)
        {
            if (other.Holds(key) && IsOpen(key, _groups[key]))
            {
                kinds |= key.Bit;
            }
        }

        var at = one.IndexOfLink(y);
        if (kinds == 0)
        {
            Say(x, y, null, output);
        }
        else
        {
            Say(x, y, at >= 0 ? one.Links[at].Value with { Kinds = kinds } : Compare(x, y, kinds), output);
        }
    }

    /// <summary>What the keys of a record bring together now, and those of them that passed their cap, with their size.</summary>
    public (IReadOnlyList<KeyNeighbour> Neighbours, IReadOnlyList<(MatchKeyKind Kind, int Records)> Crowded) NeighboursOf(string urn)
    {
        var kinds = new Dictionary<int, uint>();
        var crowded = new List<(MatchKeyKind, int)>();
        if (_numbers.TryGetValue(urn, out var number))
        {
            foreach (var key in _members[number]!.Keys)
            {
                var group = _groups[key];
                if (!IsOpen(key, group))
                {
                    crowded.Add((key.Kind, group.Count));
                    continue;
                }

                foreach (var other in group.Members(_pool))
                {
                    kinds[other] = kinds.GetValueOrDefault(other) | key.Bit;
                }
            }
        }

        kinds.Remove(number);
        return ([.. kinds.Where(other => _members[other.Key]!.Org == _members[number]!.Org).Select(other => new KeyNeighbour(urn, _members[other.Key]!.Urn, MatchKeyId.KindsOf(other.Value)))], crowded);
    }

    /// <summary>Compares a record with all that share open keys with it.</summary>
    void Relink(int number, MatchMember member, ICollection<LinkChange> output)
    {
        _turn++;
        _candidates.Clear();
        var marks = CollectionsMarshal.AsSpan(_marks);
        foreach (var key in member.Keys)
        {
            ref var group = ref CollectionsMarshal.GetValueRefOrNullRef(_groups, key);
            if (!IsOpen(key, group))
            {
                continue;
            }

            foreach (var other in group.Members(_pool))
            {
                ref var mark = ref marks[other];
                if (other != number && mark.Turn != _turn)
                {
                    mark = (_turn, 0);
                    _candidates.Add(other);
                }

                mark.Kinds |= key.Bit;
            }
        }

        for (var i = member.Links.Length - 1; i >= 0; i--)
        {
            var other = member.Links[i].Other;
            if (marks[other].Turn != _turn)
            {
                Say(number, other, null, output);
            }
        }

        ref var own = ref CorroborantsOf(number);
        foreach (var other in _candidates)
        {
            var mayBeTold = !_needsCorroboration || Corroborants.MayAgree(in own, in CorroborantsOf(other));
            Say(number, other, mayBeTold ? Compare(number, other, marks[other].Kinds) : null, output);
        }
    }

    /// <summary>What is to be said about a pair; null when it can't matter.</summary>
    LinkValue? Compare(int x, int y, uint kinds)
    {
        var (one, other) = (_members[x]!, _members[y]!);

        // Keys hold their org, but only as a hash: two of different orgs may fall together.
        return one.Org == other.Org ? PairScorer.Tell(model, _scorer, _recent.Of(x, one.Features), _recent.Of(y, other.Features), kinds) : null;
    }

    void Say(int x, int y, LinkValue? value, ICollection<LinkChange> output)
    {
        var (one, other) = (_members[x]!, _members[y]!);
        var at = one.IndexOfLink(y);
        if (at < 0 ? value is null : value == one.Links[at].Value)
        {
            return;
        }

        one.Say(y, value);
        other.Say(x, value);
        output.Add(Change(one, other, value));
    }

    static LinkChange Change(MatchMember x, MatchMember y, LinkValue? value) =>
        string.CompareOrdinal(x.Urn, y.Urn) < 0 ? new LinkChange(x.Org, x.Urn, y.Urn, value) : new LinkChange(x.Org, y.Urn, x.Urn, value);
}
