using System.Text.RegularExpressions;
using StreamSync.LocalKafka.Admin;
using StreamSync.LocalKafka.Log;
using StreamSync.LocalKafka.Protocol;
using StreamSync.LocalKafka.Protocol.Messages;
using StreamSync.LocalKafka.Server;

namespace StreamSync.LocalKafka.Coordinators;

/// <summary>Requests about transactions.</summary>
sealed class TransactionHandler(TransactionCoordinator coordinator, TransactionStore store, TransactionEnding ending, TopicCatalog catalog)
{
    public void Register(ApiTable apis)
    {
        apis.Add<InitProducerIdRequest>(ApiKey.InitProducerId, 0, 5, (c, r) => coordinator.InitProducerId(r, c.Version));
        apis.Add<AddPartitionsToTxnRequest>(ApiKey.AddPartitionsToTxn, 0, 3, AddPartitions);
        apis.Add<AddOffsetsToTxnRequest>(
            ApiKey.AddOffsetsToTxn, 0, 4, (c, r) => new AddOffsetsToTxnResponse { Error = coordinator.AddOffsets(r, c.Version) });
        apis.Add<EndTxnRequest>(ApiKey.EndTxn, 0, 4, (c, r) => new EndTxnResponse { Error = coordinator.End(r, c.Version) });
        apis.Add<WriteTxnMarkersRequest>(ApiKey.WriteTxnMarkers, 1, 2, (_, r) => WriteMarkers(r));
        apis.Add<DescribeTransactionsRequest>(ApiKey.DescribeTransactions, 0, 0, (_, r) => Describe(r));
        apis.Add<ListTransactionsRequest>(ApiKey.ListTransactions, 0, 2, (_, r) => List(r));
    }

    AddPartitionsToTxnResponse AddPartitions(RequestContext context, AddPartitionsToTxnRequest request)
    {
        var partitions = request.Topics.SelectMany(t => t.Partitions, (t, p) => new TopicPartition(t.Name, p)).ToHashSet();
        var unknown = partitions.Where(p => catalog.Partition(p.Topic, p.Partition) is null).ToHashSet();
        var error = unknown.Count > 0
            ? ErrorCode.OperationNotAttempted
            : coordinator.AddPartitions(request.TransactionalId, request.ProducerId, request.ProducerEpoch, partitions, context.Version);
        return new AddPartitionsToTxnResponse
        {
            Topics = request.Topics.ConvertAll(t => new TopicErrors
            {
                Name = t.Name,
                Partitions = t.Partitions.ConvertAll(p => new PartitionError
                {
                    Index = p,
                    Error = unknown.Contains(new TopicPartition(t.Name, p)) ? ErrorCode.UnknownTopicOrPartition : error,
                }),
            }),
        };
    }

    /// <summary>What kafka-transactions asks for to end a transaction that hangs.</summary>
    WriteTxnMarkersResponse WriteMarkers(WriteTxnMarkersRequest request) => new()
    {
        Markers = request.Markers.ConvertAll(m => new WriteTxnMarkersResponse.Marker
        {
            ProducerId = m.ProducerId,
            Topics = m.Topics.ConvertAll(t => new TopicErrors
            {
                Name = t.Name,
                Partitions = t.Partitions.ConvertAll(p => new PartitionError { Index = p, Error = WriteMarker(m, t.Name, p) }),
            }),
        }),
    };

    ErrorCode WriteMarker(WriteTxnMarkersRequest.Marker marker, string topic, int partition)
    {
        if (catalog.Partition(topic, partition) is not { } log)
        {
            return ErrorCode.UnknownTopicOrPartition;
        }

        try
        {
            log.AppendControl(marker.ProducerId, marker.ProducerEpoch, marker.Commit, marker.CoordinatorEpoch);
            if (topic == InternalTopics.ConsumerOffsets)
            {
                ending.OffsetsDecided?.Invoke(marker.ProducerId, marker.Commit);
            }

            return ErrorCode.None;
        }
        catch (LogAppendException e)
        {
            return e.Error;
        }
    }

    DescribeTransactionsResponse Describe(DescribeTransactionsRequest request) => new()
    {
        States = request.TransactionalIds.ConvertAll(id =>
        {
            if (id.Length == 0)
            {
                return new DescribeTransactionsResponse.State { Error = ErrorCode.InvalidRequest };
            }

            if (store.Find(id) is not { } t)
            {
                return new DescribeTransactionsResponse.State { TransactionalId = id, Error = ErrorCode.TransactionalIdNotFound };
            }

            lock (t.Lock)
            {
                return new DescribeTransactionsResponse.State
                {
                    TransactionalId = id,
                    Name = t.Status.ToString(),
                    TimeoutMs = t.TimeoutMs,
                    StartTimeMs = t.StartMs,
                    ProducerId = t.ProducerId,
                    ProducerEpoch = t.ProducerEpoch,
                    Topics = [.. t.Partitions.GroupBy(p => p.Topic).Select(g => new TopicPartitions { Name = g.Key, Partitions = [.. g.Select(p => p.Partition)] })],
                };
            }
        }),
    };

    ListTransactionsResponse List(ListTransactionsRequest request)
    {
        Regex? pattern = null;
        try
        {
            // Without backtracking, so that no pattern can take longer than the ids are long.
            pattern = string.IsNullOrEmpty(request.Pattern) ? null : new Regex($@"\A(?:{request.Pattern})\z", RegexOptions.NonBacktracking);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return new ListTransactionsResponse { Error = ErrorCode.InvalidRegularExpression };
        }

        var response = new ListTransactionsResponse
        {
            UnknownStates = request.States.FindAll(s => !Enum.TryParse<TransactionStatus>(s, out _)),
        };
        if (request.States.Count > 0 && response.UnknownStates.Count == request.States.Count)
        {
            return response;
        }

        var now = store.Now;
        foreach (var t in store.All)
        {
            lock (t.Lock)
            {
                var name = t.Status.ToString();
                if ((request.States.Count == 0 || request.States.Contains(name))
                    && (request.ProducerIds.Count == 0 || request.ProducerIds.Contains(t.ProducerId))
                    && (request.Duration < 0 || now - t.StartMs > request.Duration)
                    && (pattern is null || pattern.IsMatch(t.TransactionalId))
                    && !t.IsGone)
                {
                    response.States.Add(new() { TransactionalId = t.TransactionalId, ProducerId = t.ProducerId, Name = name });
                }
            }
        }

        return response;
    }
}
