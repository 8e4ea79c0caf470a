using StreamSync.LocalKafka.Admin;
using StreamSync.LocalKafka.Log;
using StreamSync.LocalKafka.Protocol;
using StreamSync.LocalKafka.Protocol.Messages;
using StreamSync.LocalKafka.Server;

namespace StreamSync.LocalKafka.Coordinators;

/// <summary>
/// What members ask for: to join, to get their assignment, to be known as alive, to leave. Decides who may, and leaves the course of
/// a rebalance to <see cref="GroupRebalance"/>.
/// </summary>
/// <remarks>The rules are those of Apache Kafka's group coordinator for classic groups, KIP-345 (static members) and KIP-394 (member ids first).</remarks>
/// <param name="store">The groups.</param>
/// <param name="rebalance">Carries out what a change of members leads to.</param>
/// <param name="maxSize">Most members of a group (<c>group.max.size</c>).</param>
/// <param name="clock">For the time that a member id is kept for one who has not joined with it yet.</param>
/// <param name="logger">Takes what an operator should know.</param>
sealed class GroupMembership(GroupStore store, GroupRebalance rebalance, int maxSize, TimeProvider clock, ILogger logger)
{
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
            ? store.With(request.GroupId, g => IsRoomFor(g, join) ? JoinAsNew(g, join) : TurnAway(g, join))
            : store.WithExisting(request.GroupId, Refuse(request.MemberId, ErrorCode.UnknownMemberId), g => IsRoomFor(g, join) ? JoinAgain(g, join) : TurnAway(g, join));
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

            rebalance.Heard(group, group.Member(request.MemberId)!);
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

    /// <summary>While members gather only those who have come so far count: if there are too many, the last to come again are turned away.</summary>
    bool IsRoomFor(Group group, Join join)
    {
        var member = group.Member(join.MemberId);
        return group.State switch
        {
            GroupState.PreparingRebalance => member?.Joining is not null || group.Members.Count(m => m.Joining is not null) < maxSize,
            GroupState.CompletingRebalance or GroupState.Stable => member is not null || group.Members.Count < maxSize,
            _ => true,
        };
    }

    static Task<JoinGroupResponse> TurnAway(Group group, Join join)
    {
        if (group.Member(join.MemberId) is { } member)
        {
            group.Remove(member);
        }

        return Refuse("", ErrorCode.GroupMaxSizeReached);
    }

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
            group.Promised[id] = clock.CreateTimer(_ => rebalance.BreakPromise(group, id), null, join.SessionTimeout, Timeout.InfiniteTimeSpan);
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
            // Ids are promised to members of no name only.
            return join.InstanceId is null ? AddAndRebalance(group, join.MemberId, join) : Refuse("", ErrorCode.UnknownServerError);
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
                return Task.FromResult(GroupRebalance.Joined(group, member));
            case GroupState.Stable when group.LeaderId != member.Id && member.HasSame(join.Protocols):
                Update(group, member, join);
                return Task.FromResult(GroupRebalance.Joined(group, member));
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
        rebalance.WatchNew(group, member);
        var joined = member.Joining.Task;
        rebalance.Rebalance(group);
        return joined;
    }

    Task<JoinGroupResponse> UpdateAndRebalance(Group group, GroupMember member, Join join)
    {
        Update(group, member, join);
        member.Joining?.TrySetResult(GroupRebalance.Refusal(member.Id, ErrorCode.RebalanceInProgress));
        member.Joining = NewJoining();
        var joined = member.Joining.Task;
        rebalance.Rebalance(group);
        return joined;
    }

    void Update(Group group, GroupMember member, Join join)
    {
        join.Update(member);
        if (!member.IsNew)
        {
            rebalance.Heard(group, member);
        }
    }

    /// <summary>A static member has come back, perhaps while its predecessor still runs: that one is shut out.</summary>
    Task<JoinGroupResponse> Replace(Group group, GroupMember member, string newId, Join join)
    {
        var oldLeader = group.LeaderId;
        var oldId = member.Id;
        var (oldProtocols, oldRebalance, oldSession) = (member.Protocols, member.RebalanceTimeoutMs, member.SessionTimeoutMs);
        member.Joining?.TrySetResult(GroupRebalance.Refusal(oldId, ErrorCode.FencedInstanceId));
        member.Joining = null;
        member.Syncing?.TrySetResult(new SyncGroupResponse { Error = ErrorCode.FencedInstanceId });
        member.Syncing = null;
        group.Rename(member, newId);
        join.Update(member);
        member.ClientId = join.ClientId;
        member.ClientHost = join.ClientHost;
        rebalance.Heard(group, member);
        if (group.State != GroupState.Stable || group.ChooseProtocol() != group.ProtocolName)
        {
            member.Joining = NewJoining();
            var joined = member.Joining.Task;
            rebalance.Rebalance(group);
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

        var answer = GroupRebalance.Joined(group, member);
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
            GroupRebalance.EndSyncPhaseIfAllCame(group);
            rebalance.Heard(group, member);
            return Task.FromResult(GroupRebalance.Assigned(group, member));
        }

        member.Syncing?.TrySetResult(new SyncGroupResponse { Error = ErrorCode.RebalanceInProgress });
        member.Syncing = new TaskCompletionSource<SyncGroupResponse>(TaskCreationOptions.RunContinuationsAsynchronously);
        var synced = member.Syncing.Task;
        if (group.LeaderId == member.Id)
        {
            rebalance.Assign(group, request);
        }

        GroupRebalance.EndSyncPhaseIfAllCame(group);
        return synced;
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

            rebalance.RemoveAndRebalance(group, group.Member(id)!);
            return ErrorCode.None;
        }

        if (group.Promised.ContainsKey(leaving.MemberId))
        {
            rebalance.BreakPromise(group, leaving.MemberId);
            return ErrorCode.None;
        }

        var error = Check(group, leaving.MemberId, leaving.GroupInstanceId);
        if (error == ErrorCode.None)
        {
            rebalance.RemoveAndRebalance(group, group.Member(leaving.MemberId)!);
        }

        return error;
    }

    static Task<JoinGroupResponse> Refuse(string memberId, ErrorCode error) => Task.FromResult(GroupRebalance.Refusal(memberId, error));

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
