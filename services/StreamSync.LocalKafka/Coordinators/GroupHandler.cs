using StreamSync.LocalKafka.Admin;
using StreamSync.LocalKafka.Log;
using StreamSync.LocalKafka.Protocol;
using StreamSync.LocalKafka.Protocol.Messages;
using StreamSync.LocalKafka.Server;

namespace StreamSync.LocalKafka.Coordinators;

/// <summary>Requests about groups.</summary>
sealed class GroupHandler(
    GroupStore store, GroupMembership membership, GroupOffsets offsets, Func<(string Host, int Port)> endpoint, ILogger logger)
{
    const sbyte GroupKey = 0, TransactionKey = 1;

    /// <summary>Everything that anybody may do to a group, as bits of Kafka's ACL operations: nothing is forbidden here.</summary>
    const int AllGroupOperations = 3400;

    public void Register(ApiTable apis)
    {
        apis.Add<FindCoordinatorRequest>(ApiKey.FindCoordinator, 0, 5, (_, r) => FindCoordinator(r));
        apis.AddAsync<JoinGroupRequest>(ApiKey.JoinGroup, 0, 9, JoinAsync);
        apis.AddAsync<SyncGroupRequest>(ApiKey.SyncGroup, 0, 5, async (c, r) => await membership.SyncAsync(c, r).WaitAsync(c.Gone));
        apis.Add<HeartbeatRequest>(ApiKey.Heartbeat, 0, 4, (_, r) => new HeartbeatResponse { Error = membership.Heartbeat(r) });
        apis.Add<LeaveGroupRequest>(ApiKey.LeaveGroup, 0, 5, (c, r) => membership.Leave(c, r));
        apis.Add<OffsetCommitRequest>(ApiKey.OffsetCommit, 2, 10, (c, r) => offsets.Commit(c, r));
        apis.Add<OffsetFetchRequest>(ApiKey.OffsetFetch, 1, 10, FetchOffsets);
        apis.Add<TxnOffsetCommitRequest>(ApiKey.TxnOffsetCommit, 0, 4, (c, r) => offsets.CommitInTransaction(c, r));
        apis.Add<OffsetDeleteRequest>(ApiKey.OffsetDelete, 0, 0, (_, r) => offsets.Delete(r));
        apis.Add<DescribeGroupsRequest>(ApiKey.DescribeGroups, 0, 6, Describe);
        apis.Add<ListGroupsRequest>(ApiKey.ListGroups, 0, 5, (_, r) => List(r));
        apis.Add<DeleteGroupsRequest>(ApiKey.DeleteGroups, 0, 2, (_, r) => Delete(r));
    }

    FindCoordinatorResponse FindCoordinator(FindCoordinatorRequest request)
    {
        var (host, port) = endpoint();
        return new FindCoordinatorResponse
        {
            Coordinators = request.Keys.ConvertAll(key => request.KeyType is GroupKey or TransactionKey
                ? new FindCoordinatorResponse.Coordinator { Key = key, NodeId = ClusterAdmin.NodeId, Host = host, Port = port }
                : new FindCoordinatorResponse.Coordinator
                {
                    Key = key,
                    Error = ErrorCode.InvalidRequest,
                    ErrorMessage = "Only groups (0) and transactional ids (1) have a coordinator here.",
                }),
        };
    }

    async ValueTask<IFields?> JoinAsync(RequestContext context, JoinGroupRequest request) =>
        await membership.JoinAsync(context, request).WaitAsync(context.Gone);

    OffsetFetchResponse FetchOffsets(RequestContext context, OffsetFetchRequest request) =>
        new() { Groups = request.Groups.ConvertAll(g => offsets.Fetch(g, context.Version >= 10, request.RequireStable)) };

    DescribeGroupsResponse Describe(RequestContext context, DescribeGroupsRequest request) => new()
    {
        Groups = request.Groups.ConvertAll(id => store.WithExisting(
            id,
            new DescribeGroupsResponse.Group
            {
                GroupId = id,
                State = nameof(GroupState.Dead),
                Error = context.Version >= 6 ? ErrorCode.GroupIdNotFound : ErrorCode.None,
                ErrorMessage = context.Version >= 6 ? $"Group {id} not found." : null,
                AuthorizedOperations = request.IncludeAuthorizedOperations && context.Version < 6 ? AllGroupOperations : int.MinValue,
            },
            group => Describe(group, request.IncludeAuthorizedOperations))),
    };

    static DescribeGroupsResponse.Group Describe(Group group, bool withOperations)
    {
        var settled = group.State == GroupState.Stable;
        return new DescribeGroupsResponse.Group
        {
            GroupId = group.Id,
            State = group.State.ToString(),
            AuthorizedOperations = withOperations ? AllGroupOperations : int.MinValue,
            ProtocolType = group.ProtocolType ?? "",
            Protocol = settled ? group.ProtocolName ?? "" : "",
            Members =
            [
                .. group.Members.Select(m => new DescribeGroupsResponse.Member
                {
                    MemberId = m.Id,
                    GroupInstanceId = m.InstanceId,
                    ClientId = m.ClientId,
                    ClientHost = m.ClientHost,
                    Metadata = settled ? m.Metadata(group.ProtocolName!) : [],
                    Assignment = m.Assignment,
                }),
            ],
        };
    }

    ListGroupsResponse List(ListGroupsRequest request)
    {
        var response = new ListGroupsResponse();
        bool Wanted(List<string> filter, string value) => filter.Count == 0 || filter.Contains(value, StringComparer.OrdinalIgnoreCase);
        foreach (var group in store.All)
        {
            lock (group.Lock)
            {
                if (group.State != GroupState.Dead && Wanted(request.States, group.State.ToString()) && Wanted(request.Types, "classic"))
                {
                    response.Groups.Add(new()
                    {
                        GroupId = group.Id,
                        ProtocolType = group.ProtocolType ?? "",
                        State = group.State.ToString(),
                        Type = "classic",
                    });
                }
            }
        }

        return response;
    }

    DeleteGroupsResponse Delete(DeleteGroupsRequest request) => new()
    {
        Results = request.Groups.Distinct().ToList().ConvertAll(id => new DeleteGroupsResponse.Result
        {
            GroupId = id,
            Error = store.WithExisting(id, ErrorCode.GroupIdNotFound, group =>
            {
                if (group.State != GroupState.Empty)
                {
                    return ErrorCode.NonEmptyGroup;
                }

                try
                {
                    store.Delete(group);
                    return ErrorCode.None;
                }
                catch (LogAppendException e)
                {
                    logger.LogError("Group '{Group}' could not be deleted: {Reason}", id, e.Message);
                    return ErrorCode.CoordinatorNotAvailable;
                }
            }),
        }),
    };
}
