using StreamSync.LocalKafka.Admin;
using StreamSync.LocalKafka.Log;
using StreamSync.LocalKafka.Protocol;
using StreamSync.LocalKafka.Protocol.Messages;

namespace StreamSync.LocalKafka.Server;

/// <summary>Where things lie in a partition: offsets by time, ends of epochs, deletion up to an offset, producers at work.</summary>
sealed class OffsetsHandler(TopicCatalog catalog)
{
    /// <summary>Special timestamps for records in a second tier of storage, which a single node does not have.</summary>
    const long LatestTiered = -5, EarliestPendingUpload = -6;

    /// <summary>The id that a client gives which is no replica; the others see what is not committed too.</summary>
    const int Consumer = -1;

    public void Register(ApiTable apis)
    {
        apis.Add<ListOffsetsRequest>(ApiKey.ListOffsets, 1, 11, (c, r) => ListOffsets(c, r));
        apis.Add<OffsetForLeaderEpochRequest>(ApiKey.OffsetForLeaderEpoch, 2, 4, (_, r) => EndOfEpoch(r));
        apis.Add<DeleteRecordsRequest>(ApiKey.DeleteRecords, 0, 2, (_, r) => DeleteRecords(r));
        apis.Add<DescribeProducersRequest>(ApiKey.DescribeProducers, 0, 0, (_, r) => DescribeProducers(r));
    }

    ListOffsetsResponse ListOffsets(RequestContext context, ListOffsetsRequest request)
    {
        var twice = request.Topics.SelectMany(t => t.Partitions, (t, p) => (t.Name, p.Index)).GroupBy(p => p).Where(g => g.Count() > 1)
            .Select(g => g.Key).ToHashSet();
        return new ListOffsetsResponse
        {
            Topics = request.Topics.ConvertAll(t => new ListOffsetsResponse.Topic
            {
                Name = t.Name,
                Partitions =
                [
                    .. t.Partitions.DistinctBy(p => p.Index).Select(p => twice.Contains((t.Name, p.Index))
                        ? new ListOffsetsResponse.Partition { Index = p.Index, Error = ErrorCode.InvalidRequest }
                        : Find(context, t.Name, p, request)),
                ],
            }),
        };
    }

    ListOffsetsResponse.Partition Find(RequestContext context, string topic, ListOffsetsRequest.Partition asked, ListOffsetsRequest request)
    {
        var answer = new ListOffsetsResponse.Partition { Index = asked.Index };
        if (catalog.Partition(topic, asked.Index) is not { } log)
        {
            answer.Error = ErrorCode.UnknownTopicOrPartition;
        }
        else if (CheckEpoch(asked.CurrentLeaderEpoch) is not ErrorCode.None and var wrongEpoch)
        {
            answer.Error = wrongEpoch;
        }
        else if (request.IsolationLevel is not (0 or 1))
        {
            answer.Error = ErrorCode.UnknownServerError;
        }
        else if (!IsServed(asked.Timestamp, context.Version))
        {
            answer.Error = ErrorCode.UnsupportedVersion;
        }
        else if (asked.Timestamp is not (LatestTiered or EarliestPendingUpload))
        {
            try
            {
                var found = log.OffsetForTimestamp(asked.Timestamp, request.ReadCommitted && request.ReplicaId == Consumer);
                (answer.Offset, answer.Timestamp, answer.LeaderEpoch) = (found.Offset, found.Timestamp, found.LeaderEpoch);
            }
            catch (ObjectDisposedException)
            {
                answer.Error = ErrorCode.UnknownTopicOrPartition;
            }
        }

        return answer;
    }

    /// <summary>Whether a client knows of the same leader; -1 is that of one that does not say.</summary>
    static ErrorCode CheckEpoch(int currentLeaderEpoch) => currentLeaderEpoch switch
    {
        -1 or PartitionLog.LeaderEpoch => ErrorCode.None,
        > PartitionLog.LeaderEpoch => ErrorCode.UnknownLeaderEpoch,
        _ => ErrorCode.FencedLeaderEpoch,
    };

    static bool IsServed(long timestamp, short version) => timestamp switch
    {
        >= 0 or PartitionLog.LatestTimestamp or PartitionLog.EarliestTimestamp => true,
        PartitionLog.MaxTimestamp => version >= 7,
        PartitionLog.EarliestLocalTimestamp => version >= 8,
        LatestTiered => version >= 9,
        EarliestPendingUpload => version >= 11,
        _ => false,
    };

    OffsetForLeaderEpochResponse EndOfEpoch(OffsetForLeaderEpochRequest request) => new()
    {
        Topics = request.Topics.ConvertAll(t => new OffsetForLeaderEpochResponse.Topic
        {
            Name = t.Name,
            Partitions = t.Partitions.ConvertAll(p =>
            {
                var answer = new OffsetForLeaderEpochResponse.Partition { Index = p.Index };
                if (catalog.Partition(t.Name, p.Index) is not { } log)
                {
                    answer.Error = ErrorCode.UnknownTopicOrPartition;
                }
                else if (CheckEpoch(p.CurrentLeaderEpoch) is not ErrorCode.None and var wrongEpoch)
                {
                    answer.Error = wrongEpoch;
                }
                else if (p.LeaderEpoch == PartitionLog.LeaderEpoch)
                {
                    (answer.LeaderEpoch, answer.EndOffset) = (PartitionLog.LeaderEpoch, log.LogEndOffset);
                }

                return answer;
            }),
        }),
    };

    DeleteRecordsResponse DeleteRecords(DeleteRecordsRequest request) => new()
    {
        Topics =
        [
            .. request.Topics.SelectMany(t => t.Partitions, (t, p) => (t.Name, p.Index, p.Offset)).GroupBy(p => p.Name).Select(topic => new DeleteRecordsResponse.Topic
            {
                Name = topic.Key,
                Partitions = [.. topic.GroupBy(p => p.Index).Select(p => DeleteRecords(topic.Key, p.Key, p.Last().Offset))],
            }),
        ],
    };

    DeleteRecordsResponse.Partition DeleteRecords(string topic, int partition, long offset)
    {
        var answer = new DeleteRecordsResponse.Partition { Index = partition };
        if (InternalTopics.All.Contains(topic))
        {
            answer.Error = ErrorCode.InvalidTopicException;
        }
        else if (catalog.Partition(topic, partition) is not { } log)
        {
            answer.Error = ErrorCode.UnknownTopicOrPartition;
        }
        else
        {
            answer.Error = log.DeleteRecordsBefore(offset, out var start);
            answer.LowWatermark = answer.Error == ErrorCode.None ? start : -1;
        }

        return answer;
    }

    DescribeProducersResponse DescribeProducers(DescribeProducersRequest request) => new()
    {
        Topics = request.Topics.ConvertAll(t => new DescribeProducersResponse.Topic
        {
            Name = t.Name,
            Partitions = t.Partitions.ConvertAll(p => catalog.Partition(t.Name, p) is { } log
                ? new DescribeProducersResponse.Partition
                {
                    Index = p,
                    Producers =
                    [
                        .. log.ActiveProducers().Select(a => new DescribeProducersResponse.Producer
                        {
                            ProducerId = a.ProducerId,
                            ProducerEpoch = a.ProducerEpoch,
                            LastSequence = a.LastSequence,
                            LastTimestamp = a.LastTimestamp,
                            CoordinatorEpoch = a.CoordinatorEpoch,
                            CurrentTxnStartOffset = a.CurrentTransactionStartOffset,
                        }),
                    ],
                }
                : new DescribeProducersResponse.Partition { Index = p, Error = TopicCatalog.WhyUnknown(t.Name) }),
        }),
    };
}
