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
                        : Find(context, t.Name, p, request.ReadCommitted)),
                ],
            }),
        };
    }

    ListOffsetsResponse.Partition Find(RequestContext context, string topic, ListOffsetsRequest.Partition asked, bool readCommitted)
    {
        var answer = new ListOffsetsResponse.Partition { Index = asked.Index };
        if (catalog.Partition(topic, asked.Index) is not { } log)
        {
            answer.Error = ErrorCode.UnknownTopicOrPartition;
        }
        else if (asked.CurrentLeaderEpoch > PartitionLog.LeaderEpoch)
        {
            answer.Error = ErrorCode.UnknownLeaderEpoch;
        }
        else if (!IsServed(asked.Timestamp, context.Version))
        {
            answer.Error = ErrorCode.UnsupportedVersion;
        }
        else if (asked.Timestamp is not (LatestTiered or EarliestPendingUpload))
        {
            try
            {
                var found = log.OffsetForTimestamp(asked.Timestamp, readCommitted);
                (answer.Offset, answer.Timestamp, answer.LeaderEpoch) = (found.Offset, found.Timestamp, found.LeaderEpoch);
            }
            catch (ObjectDisposedException)
            {
                answer.Error = ErrorCode.UnknownTopicOrPartition;
            }
        }

        return answer;
    }

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
                else if (p.CurrentLeaderEpoch > PartitionLog.LeaderEpoch)
                {
                    answer.Error = ErrorCode.UnknownLeaderEpoch;
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
        Topics = request.Topics.ConvertAll(t => new DeleteRecordsResponse.Topic
        {
            Name = t.Name,
            Partitions = t.Partitions.GroupBy(p => p.Index).Select(g => g.Last()).ToList().ConvertAll(p =>
            {
                var answer = new DeleteRecordsResponse.Partition { Index = p.Index };
                if (InternalTopics.All.Contains(t.Name))
                {
                    answer.Error = ErrorCode.InvalidTopicException;
                }
                else if (catalog.Partition(t.Name, p.Index) is not { } log)
                {
                    answer.Error = ErrorCode.UnknownTopicOrPartition;
                }
                else
                {
                    answer.Error = log.DeleteRecordsBefore(p.Offset, out var start);
                    answer.LowWatermark = answer.Error == ErrorCode.None ? start : -1;
                }

                return answer;
            }),
        }),
    };

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
                : new DescribeProducersResponse.Partition { Index = p, Error = ErrorCode.UnknownTopicOrPartition }),
        }),
    };
}
