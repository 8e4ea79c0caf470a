using StreamSync.LocalKafka.Log;

namespace StreamSync.LocalKafka.Coordinators;

/// <summary>Where a group stands. The names are those that clients see.</summary>
enum GroupState
{
    /// <summary>No members; perhaps committed offsets.</summary>
    Empty,

    /// <summary>Members are asked to join again.</summary>
    PreparingRebalance,

    /// <summary>All have joined; the leader is working out who gets what.</summary>
    CompletingRebalance,

    /// <summary>Every member has or can fetch its assignment.</summary>
    Stable,

    /// <summary>Deleted; whoever still holds the object looks the group up again.</summary>
    Dead,
}

/// <summary>A committed offset.</summary>
/// <param name="Offset">The next record that the group will read.</param>
/// <param name="LeaderEpoch">Epoch of the last record read, -1 for unknown.</param>
/// <param name="Metadata">What the client wanted kept beside it.</param>
/// <param name="CommittedMs">When, in ms since 1970.</param>
/// <param name="RecordOffset">Where it lies in <c>__consumer_offsets</c>: the later of two counts, however late its transaction ends.</param>
sealed record CommittedOffset(long Offset, int LeaderEpoch, string Metadata, long CommittedMs, long RecordOffset);

/// <summary>
/// A consumer group: its members, its generation and its committed offsets. Only data and the rules between them; what happens when, is
/// in <see cref="GroupMembership"/> and <see cref="GroupOffsets"/>. Guarded by its own lock.
/// </summary>
sealed class Group(string id)
{
    readonly Dictionary<string, GroupMember> _members = [];

    public Lock Lock { get; } = new();

    public string Id => id;

    public GroupState State { get; private set; } = GroupState.Empty;

    /// <summary>When the group came into its state, in ms since 1970.</summary>
    public long StateSinceMs { get; private set; }

    public int Generation { get; set; }

    /// <summary>Kind of group, such as "consumer" or "connect"; null while it has never had a member.</summary>
    public string? ProtocolType { get; set; }

    /// <summary>The way of assignment that was chosen for this generation.</summary>
    public string? ProtocolName { get; set; }

    public string? LeaderId { get; set; }

    public IReadOnlyCollection<GroupMember> Members => _members.Values;

    /// <summary>Member ids by the instance id of static members.</summary>
    public Dictionary<string, string> Statics { get; } = [];

    /// <summary>Member ids that were given out and have not been used to join yet, with the timers that end their right to.</summary>
    public Dictionary<string, ITimer> Promised { get; } = [];

    /// <summary>Members that have not asked for their assignment of this generation yet.</summary>
    public HashSet<string> NotSynced { get; } = [];

    /// <summary>Ends the wait for members that do not join again or do not ask for their assignment.</summary>
    public ITimer? PhaseTimer { get; set; }

    /// <summary>Whether the first rebalance of an empty group still waits for more members.</summary>
    public bool IsGathering { get; set; }

    public Dictionary<TopicPartition, CommittedOffset> Offsets { get; } = [];

    /// <summary>Offsets committed in transactions that are not decided yet, by producer.</summary>
    public Dictionary<long, Dictionary<TopicPartition, CommittedOffset>> Pending { get; } = [];

    public bool IsIn(params ReadOnlySpan<GroupState> states) => states.Contains(State);

    public void Enter(GroupState state, long nowMs)
    {
        State = state;
        StateSinceMs = nowMs;
    }

    public GroupMember? Member(string memberId) => _members.GetValueOrDefault(memberId);

    public void Add(GroupMember member)
    {
        _members[member.Id] = member;
        if (member.InstanceId is not null)
        {
            Statics[member.InstanceId] = member.Id;
        }

        LeaderId ??= member.Id;
    }

    public void Remove(GroupMember member)
    {
        _members.Remove(member.Id);
        NotSynced.Remove(member.Id);
        member.Session?.Dispose();
        member.Session = null;
        if (member.InstanceId is not null && Statics.GetValueOrDefault(member.InstanceId) == member.Id)
        {
            Statics.Remove(member.InstanceId);
        }

        if (LeaderId == member.Id)
        {
            LeaderId = _members.Keys.FirstOrDefault();
        }
    }

    /// <summary>Gives a static member that came back another member id, which shuts out whoever still uses the old one.</summary>
    public void Rename(GroupMember member, string newId)
    {
        _members.Remove(member.Id);
        if (LeaderId == member.Id)
        {
            LeaderId = newId;
        }

        if (NotSynced.Remove(member.Id))
        {
            NotSynced.Add(newId);
        }

        member.Id = newId;
        _members[newId] = member;
        Statics[member.InstanceId!] = newId;
    }

    /// <summary>Whether a member with these protocols could take part: one of them must be known to every present member.</summary>
    public bool Accepts(string protocolType, IReadOnlyList<MemberProtocol> protocols) =>
        protocolType.Length > 0 && protocols.Count > 0
        && (_members.Count == 0 || (protocolType == ProtocolType && protocols.Any(p => _members.Values.All(m => m.Supports(p.Name)))));

    /// <summary>The protocol that most members like best, among those that all support.</summary>
    public string ChooseProtocol()
    {
        var common = _members.Values.First().Protocols.Select(p => p.Name).Where(n => _members.Values.All(m => m.Supports(n))).ToHashSet();
        return _members.Values.Select(m => m.Protocols.First(p => common.Contains(p.Name)).Name)
            .GroupBy(n => n)
            .OrderByDescending(g => g.Count())
            .First().Key;
    }

    /// <summary>Whether a transaction that is not decided yet holds an offset of this partition.</summary>
    public bool IsPending(TopicPartition partition) => Pending.Values.Any(offsets => offsets.ContainsKey(partition));
}
