using StreamSync.LocalKafka.Log;
using StreamSync.LocalKafka.Protocol;
using StreamSync.LocalKafka.Protocol.Messages;
using StreamSync.LocalKafka.Server;

namespace StreamSync.LocalKafka.Admin;

/// <summary>Says what there is: the one broker, its topics and partitions, its directory.</summary>
sealed class ClusterAdmin(TopicCatalog catalog, string dataDirectory, Func<(string Host, int Port)> endpoint)
{
    /// <summary>Id of the only node.</summary>
    public const int NodeId = 1;

    /// <summary>Most partitions in one answer to DescribeTopicPartitions (<c>max.request.partition.size.limit</c>).</summary>
    const int MaxPartitionsInAnswer = 2000;

    /// <summary>Everything an admin may do to a topic, and to the cluster, as bits of Kafka's ACL operations: nothing is forbidden here.</summary>
    const int AllTopicOperations = 3576, AllClusterOperations = 8096;

    const string NoAcls = "There is no authorization here: whoever reaches this machine's loopback address may do everything.";

    static readonly List<int> OnlyNode = [NodeId];

    public void Register(ApiTable apis)
    {
        apis.Add<MetadataRequest>(ApiKey.Metadata, 0, 13, (c, r) => Metadata(c, r));
        apis.Add<DescribeClusterRequest>(ApiKey.DescribeCluster, 0, 2, (_, r) => Cluster(r));
        apis.Add<DescribeTopicPartitionsRequest>(ApiKey.DescribeTopicPartitions, 0, 0, (_, r) => Partitions(r));
        apis.Add<DescribeLogDirsRequest>(ApiKey.DescribeLogDirs, 1, 5, (_, r) => LogDirectories(r));
        apis.Add<ListPartitionReassignmentsRequest>(
            ApiKey.ListPartitionReassignments, 0, 0, (_, _) => new ListPartitionReassignmentsResponse());
        apis.Add<AlterPartitionReassignmentsRequest>(ApiKey.AlterPartitionReassignments, 0, 1, (_, r) => Reassign(r));
        apis.Add<ElectLeadersRequest>(ApiKey.ElectLeaders, 0, 2, (_, r) => Elect(r));
        apis.Add<DescribeAclsRequest>(
            ApiKey.DescribeAcls, 1, 3, (_, _) => new DescribeAclsResponse { Error = ErrorCode.SecurityDisabled, ErrorMessage = NoAcls });
        apis.Add<ChangeAclsRequest>(ApiKey.CreateAcls, 1, 3, (_, r) => new CreateAclsResponse
        {
            Results = r.Acls.ConvertAll(_ => new CreateAclsResponse.Result { Error = ErrorCode.SecurityDisabled, ErrorMessage = NoAcls }),
        });
        apis.Add<ChangeAclsRequest>(ApiKey.DeleteAcls, 1, 3, (_, r) => new DeleteAclsResponse
        {
            Results = r.Acls.ConvertAll(_ => new DeleteAclsResponse.Result { Error = ErrorCode.SecurityDisabled, ErrorMessage = NoAcls }),
        });
    }

    MetadataResponse Metadata(RequestContext context, MetadataRequest request)
    {
        if (context.Version is 10 or 11 && request.Topics is { } named && named.Exists(t => t.Name is null || t.TopicId != Guid.Empty))
        {
            // The ids are in the message two versions before they may be used.
            return new MetadataResponse
            {
                Topics = named.ConvertAll(t => new MetadataResponse.Topic { Error = ErrorCode.InvalidRequest, Name = t.Name, TopicId = t.TopicId }),
            };
        }

        // Where one topic is asked for by its id, those that are asked for by name alone are passed over.
        var asked = request.Topics is { } some && some.Exists(t => t.TopicId != Guid.Empty) ? some.FindAll(t => t.TopicId != Guid.Empty) : request.Topics;
        var (host, port) = endpoint();
        return new MetadataResponse
        {
            Brokers = [new() { NodeId = NodeId, Host = host, Port = port }],
            ClusterId = catalog.ClusterId,
            ControllerId = NodeId,
            ClusterAuthorizedOperations = request.IncludeClusterAuthorizedOperations ? AllClusterOperations : int.MinValue,
            Topics = asked is null
                ? [.. catalog.All.Select(t => Describe(t, request))]
                : [.. asked.DistinctBy(t => (t.Name, t.TopicId)).Select(t => Find(t, request))],
        };
    }

    MetadataResponse.Topic Find(MetadataRequest.Topic asked, MetadataRequest request)
    {
        if (asked.Name is null || asked.TopicId != Guid.Empty)
        {
            return catalog.TryGet(asked.TopicId, out var byId)
                ? Describe(byId, request)
                : new MetadataResponse.Topic { Error = ErrorCode.UnknownTopicId, TopicId = asked.TopicId };
        }

        if (catalog.TryGet(asked.Name, out var topic))
        {
            return Describe(topic, request);
        }

        return new MetadataResponse.Topic { Error = TopicCatalog.WhyUnknown(asked.Name), Name = asked.Name };
    }

    static MetadataResponse.Topic Describe(Topic topic, MetadataRequest request) => new()
    {
        Name = topic.Name,
        TopicId = topic.Id,
        IsInternal = topic.IsInternal,
        AuthorizedOperations = request.IncludeTopicAuthorizedOperations ? AllTopicOperations : int.MinValue,
        Partitions =
        [
            .. topic.Partitions.Select((_, i) => new MetadataResponse.Partition
            {
                Index = i,
                LeaderId = NodeId,
                LeaderEpoch = PartitionLog.LeaderEpoch,
                Replicas = OnlyNode,
                InSync = OnlyNode,
            }),
        ],
    };

    DescribeClusterResponse Cluster(DescribeClusterRequest request)
    {
        if (request.EndpointType != 1)
        {
            return new DescribeClusterResponse
            {
                Error = request.EndpointType == 2 ? ErrorCode.MismatchedEndpointType : ErrorCode.UnsupportedEndpointType,
                ErrorMessage = $"The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type {request.EndpointType}",
            };
        }

        var (host, port) = endpoint();
        return new DescribeClusterResponse
        {
            ClusterId = catalog.ClusterId,
            ControllerId = NodeId,
            Brokers = [new() { NodeId = NodeId, Host = host, Port = port }],
            AuthorizedOperations = request.IncludeAuthorizedOperations ? AllClusterOperations : int.MinValue,
        };
    }

    DescribeTopicPartitionsResponse Partitions(DescribeTopicPartitionsRequest request)
    {
        if (request.Cursor is { Partition: < 0 })
        {
            throw new ProtocolException("a DescribeTopicPartitions request has a cursor with a negative partition");
        }

        var names = request.Topics.Count > 0
            ? request.Topics.Select(t => t.Name).Distinct().Order(StringComparer.Ordinal)
            : catalog.All.Select(t => t.Name);
        var from = request.Cursor;
        var left = Math.Clamp(request.Limit, 1, MaxPartitionsInAnswer);
        var response = new DescribeTopicPartitionsResponse();
        foreach (var name in names.Where(n => from is null || string.CompareOrdinal(n, from.Topic) >= 0))
        {
            if (!catalog.TryGet(name, out var topic))
            {
                response.Topics.Add(new() { Error = TopicCatalog.WhyUnknown(name), Name = name, AuthorizedOperations = AllTopicOperations });
                continue;
            }

            var first = from?.Topic == name ? from.Partition : 0;
            if (left == 0)
            {
                response.NextCursor = new TopicCursor { Topic = name, Partition = first };
                break;
            }

            var count = Math.Min(left, Math.Max(0, topic.Partitions.Count - first));
            left -= count;
            response.Topics.Add(new()
            {
                Name = name,
                TopicId = topic.Id,
                IsInternal = topic.IsInternal,
                AuthorizedOperations = AllTopicOperations,
                Partitions =
                [
                    .. Enumerable.Range(first, count).Select(i => new DescribeTopicPartitionsResponse.Partition
                    {
                        Index = i,
                        LeaderId = NodeId,
                        LeaderEpoch = PartitionLog.LeaderEpoch,
                        Replicas = OnlyNode,
                        InSync = OnlyNode,
                        EligibleLeaders = [],
                        LastKnownEligible = [],
                    }),
                ],
            });
            if (first + count < topic.Partitions.Count)
            {
                response.NextCursor = new TopicCursor { Topic = name, Partition = first + count };
                break;
            }
        }

        return response;
    }

    /// <summary>The only node leads every partition, so there is nothing to elect. Asked for all, partitions that need no election are left out.</summary>
    ElectLeadersResponse Elect(ElectLeadersRequest request)
    {
        if (request.Topics is null)
        {
            return new ElectLeadersResponse { Topics = [.. catalog.All.Select(t => new TopicOutcomes { Name = t.Name })] };
        }

        var isKnown = request.ElectionType is 0 or 1;
        return new ElectLeadersResponse
        {
            Error = isKnown ? ErrorCode.None : ErrorCode.InvalidRequest,
            Topics = request.Topics.ConvertAll(t => new TopicOutcomes
            {
                Name = t.Name,
                Partitions = t.Partitions.ConvertAll(i => !isKnown
                    ? new TopicOutcomes.Partition { Index = i, Error = ErrorCode.InvalidRequest, ErrorMessage = $"There is no election of type {request.ElectionType}." }
                    : Exists(t.Name, i)
                        ? new TopicOutcomes.Partition { Index = i, Error = ErrorCode.ElectionNotNeeded, ErrorMessage = "The only node leads it already." }
                        : NoPartition(t.Name, i)),
            }),
        };
    }

    AlterPartitionReassignmentsResponse Reassign(AlterPartitionReassignmentsRequest request) => new()
    {
        AllowReplicationFactorChange = request.AllowReplicationFactorChange,
        Topics = request.Topics.ConvertAll(t => new TopicOutcomes
        {
            Name = t.Name,
            Partitions = t.Partitions.ConvertAll(p => Exists(t.Name, p.Index) ? Reassign(p) : NoPartition(t.Name, p.Index)),
        }),
    };

    static TopicOutcomes.Partition Reassign(AlterPartitionReassignmentsRequest.Partition wanted)
    {
        var (error, why) = wanted.Replicas switch
        {
            null => (ErrorCode.NoReassignmentInProgress, "It is not being moved."),
            [NodeId] => (ErrorCode.None, null),
            _ => (ErrorCode.InvalidReplicaAssignment, $"There is one node, {NodeId}."),
        };
        return new TopicOutcomes.Partition { Index = wanted.Index, Error = error, ErrorMessage = why };
    }

    bool Exists(string topic, int partition) => catalog.TryGet(topic, out var found) && found.Partition(partition) is not null;

    static TopicOutcomes.Partition NoPartition(string topic, int partition) =>
        new() { Index = partition, Error = ErrorCode.UnknownTopicOrPartition, ErrorMessage = $"There is no partition {topic}-{partition}." };

    DescribeLogDirsResponse LogDirectories(DescribeLogDirsRequest request)
    {
        var wanted = request.Topics?.ToLookup(t => t.Name, t => t.Partitions);
        bool IsWanted(Topic topic) => wanted is null || wanted[topic.Name].Any(indexes => indexes.Exists(i => topic.Partition(i) is not null));
        var drive = new DriveInfo(dataDirectory);
        return new DescribeLogDirsResponse
        {
            Directories =
            [
                new()
                {
                    Path = dataDirectory,
                    TotalBytes = drive.TotalSize,
                    UsableBytes = drive.AvailableFreeSpace,
                    Topics =
                    [
                        .. catalog.All.Where(IsWanted).Select(t => new DescribeLogDirsResponse.Topic
                        {
                            Name = t.Name,
                            Partitions =
                            [
                                .. t.Partitions.Where(p => wanted is null || wanted[t.Name].Any(l => l.Contains(p.Partition)))
                                    .Select(p => new DescribeLogDirsResponse.Partition { Index = p.Partition, Size = p.SizeBytes }),
                            ],
                        }),
                    ],
                },
            ],
        };
    }
}
