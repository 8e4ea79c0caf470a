using StreamSync.LocalKafka.Admin;
using StreamSync.LocalKafka.Log;
using StreamSync.LocalKafka.Protocol;
using StreamSync.LocalKafka.Protocol.Messages;
using StreamSync.LocalKafka.Server;

namespace StreamSync.LocalKafka.Coordinators;

/// <summary>How far groups have read: commits, alone or in transactions, and look-ups.</summary>
sealed class GroupOffsets(GroupStore store, GroupRebalance rebalance, TransactionCoordinator transactions, TopicCatalog catalog, TimeSpan retention, ILogger logger)
{
    public OffsetCommitResponse Commit(RequestContext context, OffsetCommitRequest request)
    {
        var byId = context.Version >= 10;
        var response = new OffsetCommitResponse();
        var offsets = new List<(TopicPartition, CommittedOffset)>();
        var stored = new List<PartitionError>();
        foreach (var asked in request.Topics)
        {
            var name = asked.Name;
            var unknown = ErrorCode.UnknownTopicOrPartition;
            if (byId)
            {
                unknown = catalog.TryGet(asked.TopicId, out var topic) ? unknown : ErrorCode.UnknownTopicId;
                name = topic?.Name ?? "";
            }

            var answer = new OffsetCommitResponse.Topic { Name = name, TopicId = asked.TopicId };
            response.Topics.Add(answer);
            foreach (var p in asked.Partitions)
            {
                var partition = new TopicPartition(name, p.Index);
                var error = Check(partition, p.Metadata, unknown);
                answer.Partitions.Add(new PartitionError { Index = p.Index, Error = error });
                if (error == ErrorCode.None)
                {
                    offsets.Add((partition, new CommittedOffset(p.Offset, p.LeaderEpoch, p.Metadata ?? "", store.Now, -1)));
                    stored.Add(answer.Partitions[^1]);
                }
            }
        }

        var outcome = Commit(context, request, offsets);
        stored.ForEach(p => p.Error = outcome);
        return response;
    }

    public TxnOffsetCommitResponse CommitInTransaction(RequestContext context, TxnOffsetCommitRequest request)
    {
        var response = new TxnOffsetCommitResponse();
        var offsets = new List<(TopicPartition, CommittedOffset)>();
        var stored = new List<PartitionError>();
        foreach (var asked in request.Topics)
        {
            var answer = new TopicErrors { Name = asked.Name };
            response.Topics.Add(answer);
            foreach (var p in asked.Partitions)
            {
                var partition = new TopicPartition(asked.Name, p.Index);
                var error = Check(partition, p.Metadata, ErrorCode.UnknownTopicOrPartition);
                answer.Partitions.Add(new PartitionError { Index = p.Index, Error = error });
                if (error == ErrorCode.None)
                {
                    offsets.Add((partition, new CommittedOffset(p.Offset, p.LeaderEpoch, p.Metadata ?? "", store.Now, -1)));
                    stored.Add(answer.Partitions[^1]);
                }
            }
        }

        var outcome = request.GroupId.Length == 0 ? ErrorCode.InvalidGroupId : CommitInTransaction(context, request, offsets);
        stored.ForEach(p => p.Error = outcome);
        return response;
    }

    public OffsetFetchResponse.Group Fetch(OffsetFetchRequest.Group asked, bool byId, bool requireStable)
    {
        var answer = new OffsetFetchResponse.Group { GroupId = asked.GroupId };
        var group = store.Find(asked.GroupId);
        if (asked.Topics is null)
        {
            answer.Topics = group is null ? [] : Everything(group, byId, requireStable);
            return answer;
        }

        foreach (var topic in asked.Topics)
        {
            var name = topic.Name;
            var error = ErrorCode.None;
            if (byId)
            {
                error = catalog.TryGet(topic.TopicId, out var known) ? ErrorCode.None : ErrorCode.UnknownTopicId;
                name = known?.Name ?? "";
            }

            answer.Topics.Add(new OffsetFetchResponse.Topic
            {
                Name = name,
                TopicId = topic.TopicId,
                Partitions = topic.Partitions.ConvertAll(p => error != ErrorCode.None
                    ? new OffsetFetchResponse.Partition { Index = p, Error = error }
                    : Find(group, new TopicPartition(name, p), requireStable)),
            });
        }

        return answer;
    }

    public OffsetDeleteResponse Delete(OffsetDeleteRequest request) => request.GroupId.Length == 0
        ? new OffsetDeleteResponse { Error = ErrorCode.InvalidGroupId }
        : store.WithExisting(request.GroupId, new OffsetDeleteResponse { Error = ErrorCode.GroupIdNotFound }, group =>
        {
            if (group.State != GroupState.Empty && group.ProtocolType != ConsumerSubscription.ProtocolType)
            {
                return new OffsetDeleteResponse { Error = ErrorCode.NonEmptyGroup };
            }

            var subscribed = group.State == GroupState.Empty ? new HashSet<string>() : ConsumerSubscription.Topics(group);
            var doomed = new List<TopicPartition>();
            var response = new OffsetDeleteResponse
            {
                Topics = request.Topics.ConvertAll(t => new TopicErrors
                {
                    Name = t.Name,
                    Partitions = t.Partitions.ConvertAll(p =>
                    {
                        var partition = new TopicPartition(t.Name, p.Index);
                        var error = catalog.Partition(t.Name, p.Index) is null ? ErrorCode.UnknownTopicOrPartition
                            : subscribed?.Contains(t.Name) ?? true ? ErrorCode.GroupSubscribedToTopic
                            : ErrorCode.None;
                        if (error == ErrorCode.None)
                        {
                            doomed.Add(partition);
                        }

                        return new PartitionError { Index = p.Index, Error = error };
                    }),
                }),
            };
            try
            {
                store.Forget(group, doomed);
            }
            catch (LogAppendException e)
            {
                logger.LogError("Offsets of group '{Group}' could not be deleted: {Reason}", group.Id, e.Message);
                return new OffsetDeleteResponse { Error = ErrorCode.CoordinatorNotAvailable };
            }

            return response;
        });

    /// <summary>Drops what groups had committed for a topic that is gone: a new topic of that name starts at 0.</summary>
    public void Drop(Topic topic)
    {
        foreach (var group in store.All)
        {
            lock (group.Lock)
            {
                try
                {
                    var partitions = group.Offsets.Keys.Concat(group.Pending.Values.SelectMany(p => p.Keys)).Where(p => p.Topic == topic.Name);
                    store.Forget(group, [.. partitions.Distinct()]);
                }
                catch (LogAppendException e)
                {
                    logger.LogError("Offsets of group '{Group}' for the deleted topic {Topic} could not be dropped: {Reason}", group.Id, topic.Name, e.Message);
                }
            }
        }
    }

    /// <summary>Drops offsets that nobody has used for <c>offsets.retention.minutes</c>, and empty groups with nothing left.</summary>
    public void Expire()
    {
        var oldest = store.Now - (long)retention.TotalMilliseconds;
        foreach (var group in store.All)
        {
            lock (group.Lock)
            {
                var subscribed = group.State == GroupState.Stable && group.ProtocolType == ConsumerSubscription.ProtocolType ? ConsumerSubscription.Topics(group) : null;
                var expired = group.Offsets
                    .Where(o => UnusedSince(group, subscribed, o.Key.Topic, o.Value) <= oldest && !group.IsPending(o.Key))
                    .Select(o => o.Key).ToList();
                try
                {
                    if (group.State == GroupState.Empty && expired.Count == group.Offsets.Count && group.Pending.Count == 0 && group.Promised.Count == 0)
                    {
                        store.Delete(group);
                    }
                    else
                    {
                        store.Forget(group, expired);
                    }
                }
                catch (LogAppendException e)
                {
                    logger.LogError("Expired offsets of group '{Group}' could not be dropped: {Reason}", group.Id, e.Message);
                }
            }
        }
    }

    // Null while the offset is in use. As in Apache Kafka a commit from outside does not keep the offsets of a group that its members have left.
    static long? UnusedSince(Group group, IReadOnlySet<string>? subscribed, string topic, CommittedOffset offset) => group.State switch
    {
        GroupState.Empty => group.ProtocolType is null || group.StateSinceMs < 0 ? offset.CommittedMs : group.StateSinceMs,
        GroupState.Stable when subscribed?.Contains(topic) == false => offset.CommittedMs,
        _ => null,
    };

    ErrorCode Check(TopicPartition partition, string? metadata, ErrorCode unknown) =>
        catalog.Partition(partition.Topic, partition.Partition) is null ? unknown
        : metadata?.Length > BrokerSettings.MaxOffsetMetadataLength ? ErrorCode.OffsetMetadataTooLarge
        : ErrorCode.None;

    ErrorCode Commit(RequestContext context, OffsetCommitRequest request, List<(TopicPartition, CommittedOffset)> offsets)
    {
        // A client without a generation manages its partitions itself and uses the group only as a place for its offsets.
        var alone = request.GenerationId < 0;
        ErrorCode Store(Group group)
        {
            var error = Check(group, request.GenerationId, request.MemberId, request.GroupInstanceId, inTransaction: false);
            if (error != ErrorCode.None)
            {
                return error;
            }

            if (group.Member(request.MemberId) is { } member)
            {
                rebalance.Heard(group, member);
            }

            return TryCommit(group, offsets, -1, -1);
        }

        // A group comes to be with its first offset.
        return alone
            ? offsets.Count > 0 ? store.With(request.GroupId, Store) : store.WithExisting(request.GroupId, ErrorCode.None, Store)
            : store.WithExisting(request.GroupId, context.Version >= 9 ? ErrorCode.GroupIdNotFound : ErrorCode.IllegalGeneration, Store);
    }

    ErrorCode CommitInTransaction(RequestContext context, TxnOffsetCommitRequest request, List<(TopicPartition, CommittedOffset)> offsets)
    {
        ErrorCode Store(Group group)
        {
            var error = Check(group, request.GenerationId, request.MemberId, request.GroupInstanceId, inTransaction: true);
            return error != ErrorCode.None ? error : TryCommit(group, offsets, request.ProducerId, request.ProducerEpoch);
        }

        return transactions.WithinTransaction(request.TransactionalId, request.ProducerId, request.ProducerEpoch, context.Version, () =>
            request.GenerationId < 0
                ? store.With(request.GroupId, Store)
                : store.WithExisting(request.GroupId, ErrorCode.IllegalGeneration, Store));
    }

    ErrorCode TryCommit(Group group, List<(TopicPartition, CommittedOffset)> offsets, long producerId, short producerEpoch)
    {
        try
        {
            store.Commit(group, offsets, producerId, producerEpoch);
            return ErrorCode.None;
        }
        catch (LogAppendException e)
        {
            logger.LogError("Offsets of group '{Group}' could not be stored: {Reason}", group.Id, e.Message);
            return e.Error == ErrorCode.InvalidProducerEpoch ? e.Error : ErrorCode.CoordinatorNotAvailable;
        }
    }

    static ErrorCode Check(Group group, int generation, string memberId, string? instanceId, bool inTransaction)
    {
        if (generation < 0 && group.State == GroupState.Empty)
        {
            return ErrorCode.None;
        }

        if (generation >= 0 || memberId.Length > 0 || instanceId is not null)
        {
            var error = GroupMembership.Check(group, memberId, instanceId);
            if (error != ErrorCode.None || generation != group.Generation)
            {
                return error != ErrorCode.None ? error : ErrorCode.IllegalGeneration;
            }
        }
        else if (!inTransaction && group.State != GroupState.Empty)
        {
            return ErrorCode.UnknownMemberId;
        }

        return !inTransaction && group.State == GroupState.CompletingRebalance ? ErrorCode.RebalanceInProgress : ErrorCode.None;
    }

    static OffsetFetchResponse.Partition Find(Group? group, TopicPartition partition, bool requireStable)
    {
        var answer = new OffsetFetchResponse.Partition { Index = partition.Partition };
        if (group is null)
        {
            return answer;
        }

        lock (group.Lock)
        {
            if (requireStable && group.IsPending(partition))
            {
                answer.Error = ErrorCode.UnstableOffsetCommit;
            }
            else if (group.Offsets.TryGetValue(partition, out var offset))
            {
                (answer.Offset, answer.LeaderEpoch, answer.Metadata) = (offset.Offset, offset.LeaderEpoch, offset.Metadata);
            }
        }

        return answer;
    }

    List<OffsetFetchResponse.Topic> Everything(Group group, bool byId, bool requireStable)
    {
        List<TopicPartition> partitions;
        lock (group.Lock)
        {
            partitions = [.. group.Offsets.Keys];
        }

        var topics = new List<OffsetFetchResponse.Topic>();
        foreach (var of in partitions.GroupBy(p => p.Topic))
        {
            Topic? known = null;
            if (byId && !catalog.TryGet(of.Key, out known))
            {
                continue;
            }

            topics.Add(new OffsetFetchResponse.Topic
            {
                Name = of.Key,
                TopicId = known?.Id ?? Guid.Empty,
                Partitions = [.. of.Select(p => Find(group, p, requireStable))],
            });
        }

        return topics;
    }
}
