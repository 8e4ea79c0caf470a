using StreamSync.LocalKafka.Log;
using StreamSync.LocalKafka.Protocol;
using StreamSync.LocalKafka.Protocol.Messages;

namespace StreamSync.LocalKafka.Coordinators;

/// <summary>
/// The course of a rebalance, and the clocks behind it: a change makes everybody join again; when all have (or the slow ones are
/// dropped), the leader hands out assignments, which are only carried here and never looked into. Who is silent for its session timeout
/// is removed. All members but the timers' own are called under the group's lock.
/// </summary>
sealed class GroupRebalance(GroupStore store, TimeSpan initialDelay, TimeProvider clock, ILogger logger) : IDisposable
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

    /// <summary>A member was heard of.</summary>
    public void Heard(Group group, GroupMember member) => WatchSession(group, member, TimeSpan.FromMilliseconds(member.SessionTimeoutMs));

    /// <summary>A member has come that cannot be heard of before its join is complete.</summary>
    public void WatchNew(Group group, GroupMember member) => WatchSession(group, member, NewMemberTimeout);

    /// <summary>Stores what the leader handed out and tells everybody.</summary>
    public void Assign(Group group, SyncGroupRequest request)
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

    /// <summary>Once every member has asked for its assignment nobody is waited for.</summary>
    public static void EndSyncPhaseIfAllCame(Group group)
    {
        if (group.NotSynced.Count == 0 && group.IsIn(GroupState.CompletingRebalance, GroupState.Stable))
        {
            group.PhaseTimer?.Dispose();
            group.PhaseTimer = null;
        }
    }

    /// <summary>Takes back a member id that was given out and not used.</summary>
    public void BreakPromise(Group group, string memberId)
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

    /// <summary>Removes a member; the others share what it had.</summary>
    public void RemoveAndRebalance(Group group, GroupMember member)
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
    public void Rebalance(Group group)
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

    /// <summary>What a member is told when the join is complete.</summary>
    public static JoinGroupResponse Joined(Group group, GroupMember member) => new()
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

    /// <summary>What a member is told of its assignment.</summary>
    public static SyncGroupResponse Assigned(Group group, GroupMember member) =>
        new() { ProtocolType = group.ProtocolType, ProtocolName = group.ProtocolName, Assignment = member.Assignment };

    /// <summary>The answer to a join that is refused.</summary>
    public static JoinGroupResponse Refusal(string memberId, ErrorCode error) => new() { Error = error, MemberId = memberId, ProtocolName = null };
}
