using StreamSync.LocalKafka.Admin;
using StreamSync.LocalKafka.Log;
using StreamSync.LocalKafka.Protocol;
using StreamSync.LocalKafka.Protocol.Messages;
using StreamSync.LocalKafka.Server;

namespace StreamSync.LocalKafka.Coordinators;

/// <summary>
/// Members come, stay and go: the classic group protocol of Kafka with static members. A change makes everybody join again; when all have
/// (or the slow ones are dropped), the leader hands out assignments, which are only carried here and never looked into.
/// </summary>
/// <remarks>The rules are those of Apache Kafka's group coordinator for classic groups, KIP-345 (static members) and KIP-394 (member ids first).</remarks>
sealed class GroupMembership(GroupStore store, TimeSpan initialDelay, TimeProvider clock, ILogger logger) : IDisposable
{
    /// <summary>A new member cannot be heard of while its join waits, so it is given up only after this (<c>group.new.member.join.timeout.ms</c>).</summary>
    static readonly TimeSpan NewMemberTimeout = TimeSpan.FromMinutes(5);

    static readonly IReadOnlyList<JoinGroupResponse.Member> Nobody = [];

    /// <summary>Watches the members that were read from disk: they keep their place if they are heard of in time.</summary>
    public void Resume()
    {
        foreach (var group in store.All)
        {
            lock (group.Lock)
            {
                foreach (var member in group.Members)
                {
                    WatchSession(group, member, TimeSpan.FromMilliseconds(member.SessionTimeoutMs));
                }
            }
        }
    }

    /// <summary>Stops watching. Members keep their places for the next start.</summary>
    public void Dispose()
    {
        foreach (var group in store.All)
        {
            lock (group.Lock)
            {
                group.PhaseTimer?.Dispose();
                foreach (var timer in group.Promised.Values)
                {
                    timer.Dispose();
                }

                foreach (var member in group.Members)
                {
                    member.Session?.Dispose();
                }
            }
        }
    }

    public Task<JoinGroupResponse> JoinAsync(RequestContext context, JoinGroupRequest request)
    {
        var wrong = request.GroupId.Length == 0 ? ErrorCode.InvalidGroupId
            : request.SessionTimeoutMs is < BrokerSettings.MinSessionTimeoutMs or > BrokerSettings.MaxSessionTimeoutMs ? ErrorCode.InvalidSessionTimeout
            : ErrorCode.None;
        if (wrong != ErrorCode.None)
        {
            return Refuse(request.MemberId, wrong);
        }

        var join = new Join(context, request);
        return request.MemberId.Length == 0
            ? store.With(request.GroupId, g => JoinAsNew(g, join))
            : store.WithExisting(request.GroupId, Refuse(request.MemberId, ErrorCode.UnknownMemberId), g => JoinAgain(g, join));
    }

    public Task<SyncGroupResponse> SyncAsync(RequestContext context, SyncGroupRequest request)
    {
        if (context.Version >= 5 && (request.ProtocolType is null || request.ProtocolName is null))
        {
            return Task.FromResult(new SyncGroupResponse { Error = ErrorCode.InconsistentGroupProtocol });
        }

        if (request.GroupId.Length == 0)
        {
            return Task.FromResult(new SyncGroupResponse { Error = ErrorCode.InvalidGroupId });
        }

        return store.WithExisting(
            request.GroupId, Task.FromResult(new SyncGroupResponse { Error = ErrorCode.UnknownMemberId }), group => Sync(group, request));
    }

    public ErrorCode Heartbeat(HeartbeatRequest request) => request.GroupId.Length == 0
        ? ErrorCode.InvalidGroupId
        : store.WithExisting(request.GroupId, ErrorCode.UnknownMemberId, group =>
        {
            var error = Check(group, request.MemberId, request.GroupInstanceId);
            if (error != ErrorCode.None)
            {
                return error;
            }

            if (request.GenerationId != group.Generation)
            {
                return ErrorCode.IllegalGeneration;
            }

            if (group.State == GroupState.Empty)
            {
                return ErrorCode.UnknownMemberId;
            }

            Heard(group, group.Member(request.MemberId)!);
            return group.State == GroupState.PreparingRebalance ? ErrorCode.RebalanceInProgress : ErrorCode.None;
        });

    public LeaveGroupResponse Leave(RequestContext context, LeaveGroupRequest request)
    {
        if (request.GroupId.Length == 0)
        {
            return new LeaveGroupResponse { Error = ErrorCode.InvalidGroupId };
        }

        LeaveGroupResponse LeaveAll(Func<LeaveGroupRequest.Member, ErrorCode> leave) => new()
        {
            Members = request.Members.ConvertAll(m => new LeaveGroupResponse.Member
            {
                MemberId = m.MemberId,
                GroupInstanceId = m.GroupInstanceId,
                Error = leave(m),
            }),
        };
        var response = store.WithExisting<LeaveGroupResponse?>(request.GroupId, null, group => LeaveAll(m => Leave(group, m)))
            ?? LeaveAll(_ => ErrorCode.UnknownMemberId);
        if (context.Version < 3 && response.Members.Count > 0)
        {
            response.Error = response.Members[0].Error;
        }

        return response;
    }

    /// <summary>Whether a member is who it says it is.</summary>
    public static ErrorCode Check(Group group, string memberId, string? instanceId)
    {
        if (instanceId is not null)
        {
            return !group.Statics.TryGetValue(instanceId, out var current) ? ErrorCode.UnknownMemberId
                : current != memberId ? ErrorCode.FencedInstanceId
                : ErrorCode.None;
        }

        return group.Member(memberId) is null ? ErrorCode.UnknownMemberId : ErrorCode.None;
    }

    /// <summary>A member was heard of.</summary>
    public void Heard(Group group, GroupMember member) => WatchSession(group, member, TimeSpan.FromMilliseconds(member.SessionTimeoutMs));

    Task<JoinGroupResponse> JoinAsNew(Group group, Join join)
    {
        if (!group.Accepts(join.ProtocolType, join.Protocols))
        {
            return Refuse("", ErrorCode.InconsistentGroupProtocol);
        }

        var id = $"{join.InstanceId ?? join.ClientId}-{Guid.NewGuid()}";
        if (join.InstanceId is not null && group.Statics.TryGetValue(join.InstanceId, out var oldId))
        {
            return Replace(group, group.Member(oldId)!, id, join);
        }

        if (join.InstanceId is null && join.Version >= 4)
        {
            // The member must come back with this id (KIP-394), so that one that never hears our answer leaves no ghost behind.
            group.Promised[id] = clock.CreateTimer(_ => BreakPromise(group, id), null, join.SessionTimeout, Timeout.InfiniteTimeSpan);
            return Refuse(id, ErrorCode.MemberIdRequired);
        }

        return AddAndRebalance(group, id, join);
    }

    Task<JoinGroupResponse> JoinAgain(Group group, Join join)
    {
        if (!group.Accepts(join.ProtocolType, join.Protocols))
        {
            return Refuse(join.MemberId, ErrorCode.InconsistentGroupProtocol);
        }

        if (group.Promised.ContainsKey(join.MemberId))
        {
            return AddAndRebalance(group, join.MemberId, join);
        }

        var error = Check(group, join.MemberId, join.InstanceId);
        if (error != ErrorCode.None)
        {
            return Refuse(join.MemberId, error);
        }

        var member = group.Member(join.MemberId)!;
        switch (group.State)
        {
            case GroupState.PreparingRebalance:
                return UpdateAndRebalance(group, member, join);
            case GroupState.CompletingRebalance when member.HasSame(join.Protocols):
                // It has probably missed our answer: give it again.
                Update(group, member, join);
                return Task.FromResult(Joined(group, member));
            case GroupState.Stable when group.LeaderId != member.Id && member.HasSame(join.Protocols):
                Update(group, member, join);
                return Task.FromResult(Joined(group, member));
            case GroupState.CompletingRebalance or GroupState.Stable:
                return UpdateAndRebalance(group, member, join);
            default:
                return Refuse(join.MemberId, ErrorCode.UnknownMemberId);
        }
    }

    Task<JoinGroupResponse> AddAndRebalance(Group group, string id, Join join)
    {
        var member = new GroupMember(id, join.InstanceId, join.ClientId, join.ClientHost)
        {
            IsNew = true,
            Joining = NewJoining(),
        };
        join.Update(member);
        if (group.Promised.Remove(id, out var promise))
        {
            promise.Dispose();
        }

        if (group.Members.Count == 0)
        {
            group.ProtocolType = join.ProtocolType;
        }

        group.Add(member);
        WatchSession(group, member, NewMemberTimeout);
        var joined = member.Joining.Task;
        Rebalance(group);
        return joined;
    }

    Task<JoinGroupResponse> UpdateAndRebalance(Group group, GroupMember member, Join join)
    {
        Update(group, member, join);
        member.Joining?.TrySetResult(Refusal(member.Id, ErrorCode.RebalanceInProgress));
        member.Joining = NewJoining();
        var joined = member.Joining.Task;
        Rebalance(group);
        return joined;
    }

    void Update(Group group, GroupMember member, Join join)
    {
        join.Update(member);
        if (!member.IsNew)
        {
            Heard(group, member);
        }
    }

    /// <summary>A static member has come back, perhaps while its predecessor still runs: that one is shut out.</summary>
    Task<JoinGroupResponse> Replace(Group group, GroupMember member, string newId, Join join)
    {
        var oldLeader = group.LeaderId;
        var oldId = member.Id;
        var (oldProtocols, oldRebalance, oldSession) = (member.Protocols, member.RebalanceTimeoutMs, member.SessionTimeoutMs);
        member.Joining?.TrySetResult(Refusal(oldId, ErrorCode.FencedInstanceId));
        member.Joining = null;
        member.Syncing?.TrySetResult(new SyncGroupResponse { Error = ErrorCode.FencedInstanceId });
        member.Syncing = null;
        group.Rename(member, newId);
        join.Update(member);
        member.ClientId = join.ClientId;
        member.ClientHost = join.ClientHost;
        Heard(group, member);
        if (group.State != GroupState.Stable || group.ChooseProtocol() != group.ProtocolName)
        {
            member.Joining = NewJoining();
            var joined = member.Joining.Task;
            Rebalance(group);
            return joined;
        }

        // What the group agreed on still holds, so the member gets its old assignment and nobody else notices.
        try
        {
            store.Save(group);
        }
        catch (LogAppendException e)
        {
            logger.LogError("Group '{Group}' could not be stored: {Reason}", group.Id, e.Message);
            group.Rename(member, oldId);
            (member.Protocols, member.RebalanceTimeoutMs, member.SessionTimeoutMs) = (oldProtocols, oldRebalance, oldSession);
            return Refuse("", ErrorCode.CoordinatorNotAvailable);
        }

        var answer = Joined(group, member);
        if (join.Version >= 9)
        {
            answer.SkipAssignment = group.LeaderId == member.Id;
        }
        else
        {
            // An older leader would hand out assignments anew, which nobody waits for: it is told that another one leads.
            answer.Leader = oldLeader ?? "";
            answer.Members = [];
        }

        return Task.FromResult(answer);
    }

    Task<SyncGroupResponse> Sync(Group group, SyncGroupRequest request)
    {
        var error = Check(group, request.MemberId, request.GroupInstanceId);
        if (error == ErrorCode.None)
        {
            error = request.GenerationId != group.Generation ? ErrorCode.IllegalGeneration
                : (request.ProtocolType is { } type && type != group.ProtocolType)
                    || (request.ProtocolName is { } name && name != group.ProtocolName) ? ErrorCode.InconsistentGroupProtocol
                : group.State switch
                {
                    GroupState.Empty => ErrorCode.UnknownMemberId,
                    GroupState.PreparingRebalance => ErrorCode.RebalanceInProgress,
                    _ => ErrorCode.None,
                };
        }

        if (error != ErrorCode.None)
        {
            return Task.FromResult(new SyncGroupResponse { Error = error });
        }

        var member = group.Member(request.MemberId)!;
        group.NotSynced.Remove(member.Id);
        if (group.State == GroupState.Stable)
        {
            EndSyncPhaseIfAllCame(group);
            Heard(group, member);
            return Task.FromResult(Assigned(group, member));
        }

        member.Syncing?.TrySetResult(new SyncGroupResponse { Error = ErrorCode.RebalanceInProgress });
        member.Syncing = new TaskCompletionSource<SyncGroupResponse>(TaskCreationOptions.RunContinuationsAsynchronously);
        var synced = member.Syncing.Task;
        if (group.LeaderId == member.Id)
        {
            Assign(group, request);
        }

        EndSyncPhaseIfAllCame(group);
        return synced;
    }

    void Assign(Group group, SyncGroupRequest request)
    {
        var assignments = new Dictionary<string, byte[]>();
        foreach (var a in request.Assignments)
        {
            assignments[a.MemberId] = a.Data;
        }

        foreach (var member in group.Members)
        {
            member.Assignment = assignments.GetValueOrDefault(member.Id) ?? [];
        }

        group.Enter(GroupState.Stable, store.Now);
        try
        {
            store.Save(group);
        }
        catch (LogAppendException e)
        {
            logger.LogError("The assignment of group '{Group}' could not be stored: {Reason}", group.Id, e.Message);
            foreach (var member in group.Members)
            {
                member.Assignment = [];
                FinishSync(group, member, new SyncGroupResponse { Error = ErrorCode.CoordinatorNotAvailable });
            }

            Rebalance(group);
            return;
        }

        foreach (var member in group.Members)
        {
            FinishSync(group, member, Assigned(group, member));
        }
    }

    void FinishSync(Group group, GroupMember member, SyncGroupResponse response)
    {
        if (member.Syncing is not null)
        {
            Heard(group, member);
            member.Syncing.TrySetResult(response);
            member.Syncing = null;
        }
    }

    static void EndSyncPhaseIfAllCame(Group group)
    {
        if (group.NotSynced.Count == 0 && group.IsIn(GroupState.CompletingRebalance, GroupState.Stable))
        {
            group.PhaseTimer?.Dispose();
            group.PhaseTimer = null;
        }
    }

    ErrorCode Leave(Group group, LeaveGroupRequest.Member leaving)
    {
        if (leaving.MemberId.Length == 0 && leaving.GroupInstanceId is not null)
        {
            // An admin removes a static member, whose member id he does not know.
            if (!group.Statics.TryGetValue(leaving.GroupInstanceId, out var id))
            {
                return ErrorCode.UnknownMemberId;
            }

            RemoveAndRebalance(group, group.Member(id)!);
            return ErrorCode.None;
        }

        if (group.Promised.ContainsKey(leaving.MemberId))
        {
            BreakPromise(group, leaving.MemberId);
            return ErrorCode.None;
        }

        var error = Check(group, leaving.MemberId, leaving.GroupInstanceId);
        if (error == ErrorCode.None)
        {
            RemoveAndRebalance(group, group.Member(leaving.MemberId)!);
        }

        return error;
    }

    void BreakPromise(Group group, string memberId)
    {
        lock (group.Lock)
        {
            if (group.Promised.Remove(memberId, out var timer))
            {
                timer.Dispose();
                if (group.State == GroupState.PreparingRebalance)
                {
                    CompleteJoinIfAllCame(group);
                }
            }
        }
    }

    void RemoveAndRebalance(Group group, GroupMember member)
    {
        member.Joining?.TrySetResult(Refusal("", ErrorCode.UnknownMemberId));
        member.Joining = null;
        member.Syncing?.TrySetResult(new SyncGroupResponse { Error = ErrorCode.UnknownMemberId });
        member.Syncing = null;
        group.Remove(member);
        switch (group.State)
        {
            case GroupState.Stable or GroupState.CompletingRebalance:
                Rebalance(group);
                break;
            case GroupState.PreparingRebalance:
                CompleteJoinIfAllCame(group);
                break;
        }
    }

    /// <summary>Makes everybody join again, or goes on with the join that is under way.</summary>
    void Rebalance(Group group)
    {
        if (group.State == GroupState.PreparingRebalance)
        {
            CompleteJoinIfAllCame(group);
            return;
        }

        foreach (var member in group.Members)
        {
            member.Assignment = group.State == GroupState.CompletingRebalance ? [] : member.Assignment;
            FinishSync(group, member, new SyncGroupResponse { Error = ErrorCode.RebalanceInProgress });
        }

        group.NotSynced.Clear();
        group.PhaseTimer?.Dispose();
        group.IsGathering = group.State == GroupState.Empty && initialDelay > TimeSpan.Zero;
        group.Enter(GroupState.PreparingRebalance, store.Now);
        if (group.IsGathering)
        {
            group.PhaseTimer = clock.CreateTimer(_ => EndGathering(group), null, initialDelay, Timeout.InfiniteTimeSpan);
            return;
        }

        StartJoinTimer(group);
        CompleteJoinIfAllCame(group);
    }

    void EndGathering(Group group)
    {
        lock (group.Lock)
        {
            if (group.IsGathering && group.State == GroupState.PreparingRebalance)
            {
                group.IsGathering = false;
                StartJoinTimer(group);
                CompleteJoinIfAllCame(group);
            }
        }
    }

    void StartJoinTimer(Group group)
    {
        var generation = group.Generation;
        var longest = group.Members.Select(m => m.RebalanceTimeoutMs).DefaultIfEmpty(0).Max();
        group.PhaseTimer?.Dispose();
        group.PhaseTimer = clock.CreateTimer(_ => EndJoin(group, generation), null, TimeSpan.FromMilliseconds(longest), Timeout.InfiniteTimeSpan);
    }

    void EndJoin(Group group, int generation)
    {
        lock (group.Lock)
        {
            if (group.State == GroupState.PreparingRebalance && group.Generation == generation && !group.IsGathering)
            {
                CompleteJoin(group);
            }
        }
    }

    void CompleteJoinIfAllCame(Group group)
    {
        if (!group.IsGathering && group.Promised.Count == 0 && group.Members.All(m => m.Joining is not null))
        {
            CompleteJoin(group);
        }
    }

    void CompleteJoin(Group group)
    {
        // Static members keep their place while they are away: that is what they are for.
        foreach (var late in group.Members.Where(m => m.Joining is null && m.InstanceId is null).ToList())
        {
            group.Remove(late);
        }

        if (group.Members.Count > 0)
        {
            var leader = group.LeaderId is null ? null : group.Member(group.LeaderId);
            leader = leader?.Joining is not null ? leader : group.Members.FirstOrDefault(m => m.Joining is not null);
            if (leader is null)
            {
                // Only absent static members: wait on until they come or their sessions end.
                StartJoinTimer(group);
                return;
            }

            group.LeaderId = leader.Id;
        }

        group.PhaseTimer?.Dispose();
        group.PhaseTimer = null;
        group.Generation++;
        if (group.Members.Count == 0)
        {
            BecomeEmpty(group);
            return;
        }

        group.ProtocolName = group.ChooseProtocol();
        group.Enter(GroupState.CompletingRebalance, store.Now);
        group.NotSynced.Clear();
        foreach (var member in group.Members)
        {
            var answer = Joined(group, member);
            member.IsNew = false;
            Heard(group, member);
            member.Joining?.TrySetResult(answer);
            member.Joining = null;
            group.NotSynced.Add(member.Id);
        }

        var generation = group.Generation;
        var longest = group.Members.Max(m => m.RebalanceTimeoutMs);
        group.PhaseTimer = clock.CreateTimer(_ => EndSync(group, generation), null, TimeSpan.FromMilliseconds(longest), Timeout.InfiniteTimeSpan);
    }

    void BecomeEmpty(Group group)
    {
        group.ProtocolName = null;
        group.LeaderId = null;
        group.Enter(GroupState.Empty, store.Now);
        try
        {
            store.Save(group);
        }
        catch (LogAppendException e)
        {
            logger.LogError("Group '{Group}' could not be stored as empty: {Reason}", group.Id, e.Message);
        }
    }

    /// <summary>Members that joined and never asked for their assignment are dropped.</summary>
    void EndSync(Group group, int generation)
    {
        lock (group.Lock)
        {
            if (group.Generation != generation || !group.IsIn(GroupState.CompletingRebalance, GroupState.Stable) || group.NotSynced.Count == 0)
            {
                return;
            }

            foreach (var silent in group.NotSynced.ToList())
            {
                if (group.Member(silent) is { } member)
                {
                    group.Remove(member);
                }
            }

            Rebalance(group);
        }
    }

    void WatchSession(Group group, GroupMember member, TimeSpan timeout)
    {
        if (member.Session is { } timer)
        {
            timer.Change(timeout, Timeout.InfiniteTimeSpan);
        }
        else
        {
            member.Session = clock.CreateTimer(_ => EndSession(group, member), null, timeout, Timeout.InfiniteTimeSpan);
        }
    }

    void EndSession(Group group, GroupMember member)
    {
        lock (group.Lock)
        {
            if (group.Member(member.Id) != member)
            {
                return;
            }

            if (!member.IsNew && (member.Joining is not null || member.Syncing is not null))
            {
                // It waits for us, so it cannot send heartbeats.
                Heard(group, member);
                return;
            }

            logger.LogInformation("Group '{Group}': member {Member} was not heard of for its session timeout and is removed", group.Id, member.Id);
            RemoveAndRebalance(group, member);
        }
    }

    static JoinGroupResponse Joined(Group group, GroupMember member) => new()
    {
        GenerationId = group.Generation,
        ProtocolType = group.ProtocolType,
        ProtocolName = group.ProtocolName,
        Leader = group.LeaderId ?? "",
        MemberId = member.Id,
        Members = group.LeaderId != member.Id
            ? [.. Nobody]
            :
            [
                .. group.Members.Select(m => new JoinGroupResponse.Member
                {
                    MemberId = m.Id,
                    GroupInstanceId = m.InstanceId,
                    Metadata = m.Metadata(group.ProtocolName!),
                }),
            ],
    };

    static SyncGroupResponse Assigned(Group group, GroupMember member) =>
        new() { ProtocolType = group.ProtocolType, ProtocolName = group.ProtocolName, Assignment = member.Assignment };

    static JoinGroupResponse Refusal(string memberId, ErrorCode error) => new() { Error = error, MemberId = memberId, ProtocolName = null };

    static Task<JoinGroupResponse> Refuse(string memberId, ErrorCode error) => Task.FromResult(Refusal(memberId, error));

    static TaskCompletionSource<JoinGroupResponse> NewJoining() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A join request in the coordinator's terms.</summary>
    sealed class Join(RequestContext context, JoinGroupRequest request)
    {
        public short Version => context.Version;

        public string ClientId => context.ClientId;

        public string ClientHost => context.ClientHost;

        public string MemberId => request.MemberId;

        public string? InstanceId => request.GroupInstanceId;

        public string ProtocolType => request.ProtocolType;

        public TimeSpan SessionTimeout => TimeSpan.FromMilliseconds(request.SessionTimeoutMs);

        public IReadOnlyList<MemberProtocol> Protocols { get; } = request.Protocols.ConvertAll(p => new MemberProtocol(p.Name, p.Metadata));

        public void Update(GroupMember member)
        {
            member.Protocols = Protocols;
            member.SessionTimeoutMs = request.SessionTimeoutMs;

            // Version 0 knows one timeout for both. Zero or less would end a join before it began.
            member.RebalanceTimeoutMs = Version == 0 || request.RebalanceTimeoutMs < 0 ? request.SessionTimeoutMs : request.RebalanceTimeoutMs;
        }
    }
}
