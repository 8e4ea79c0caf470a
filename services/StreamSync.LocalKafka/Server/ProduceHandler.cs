using System.Runtime.InteropServices;
using StreamSync.LocalKafka.Admin;
using StreamSync.LocalKafka.Coordinators;
using StreamSync.LocalKafka.Log;
using StreamSync.LocalKafka.Protocol;
using StreamSync.LocalKafka.Protocol.Messages;

namespace StreamSync.LocalKafka.Server;

/// <summary>Stores what producers send. It answers after the operating system has the bytes, whatever <c>acks</c> says.</summary>
sealed class ProduceHandler(TopicCatalog catalog, TransactionCoordinator transactions)
{
    public void Register(ApiTable apis) =>
        apis.AddAsync<ProduceRequest>(ApiKey.Produce, 3, 11, (c, r) => new ValueTask<IFields?>(Produce(c, r)));

    ProduceResponse? Produce(RequestContext context, ProduceRequest request)
    {
        // Who writes in a transaction must say in which, or nothing of the request counts.
        var isNameless = request.TransactionalId is null && request.Topics.Exists(t => t.Partitions.Exists(IsTransactional));
        var response = new ProduceResponse();
        foreach (var topic in request.Topics.GroupBy(t => t.Name))
        {
            response.Topics.Add(new ProduceResponse.Topic
            {
                Name = topic.Key,

                // Of a partition that is named twice the last batch counts, as in Apache Kafka.
                Partitions =
                [
                    .. topic.SelectMany(t => t.Partitions).GroupBy(p => p.Index).Select(p => isNameless
                        ? new ProduceResponse.Partition { Index = p.Key, Error = ErrorCode.TransactionalIdAuthorizationFailed }
                        : Append(context, request, topic.Key, p.Last())),
                ],
            });
        }

        if (request.Acks != 0)
        {
            return response;
        }

        // With acks=0 nobody waits for an answer; closing the connection is the only way to say that something went wrong.
        var wrong = response.Topics.SelectMany(t => t.Partitions, (t, p) => (t.Name, p.Index, p.Error)).FirstOrDefault(p => p.Error != ErrorCode.None);
        return wrong.Error == ErrorCode.None
            ? null
            : throw new ProtocolException($"its produce request without acknowledgement failed for {wrong.Name}-{wrong.Index}: {wrong.Error}");
    }

    static bool IsTransactional(ProduceRequest.Partition partition) =>
        partition.Records is { } records && BatchProducer.TryRead(records.Span, out var producer) && producer.IsTransactional;

    ProduceResponse.Partition Append(RequestContext context, ProduceRequest request, string topic, ProduceRequest.Partition asked)
    {
        var answer = new ProduceResponse.Partition { Index = asked.Index };
        if (request.Acks is not (-1 or 0 or 1))
        {
            answer.Error = ErrorCode.InvalidRequiredAcks;
            return answer;
        }

        if (catalog.Partition(topic, asked.Index) is not { } log)
        {
            answer.Error = ErrorCode.UnknownTopicOrPartition;
            return answer;
        }

        if (InternalTopics.All.Contains(topic))
        {
            (answer.Error, answer.ErrorMessage) = (ErrorCode.InvalidTopicException, $"Cannot append to internal topic {topic}");
            return answer;
        }

        if (asked.Records is not { IsEmpty: false } records)
        {
            (answer.Error, answer.ErrorMessage) = (ErrorCode.InvalidRecord, "A produce request must hold exactly one record batch for each partition");
            return answer;
        }

        // The frame is this request's own buffer, so the log may patch offsets into it.
        var batch = MemoryMarshal.AsMemory(records);
        AppendResult result;
        try
        {
            result = transactions.Append(request.TransactionalId, log, batch, context.Version);
        }
        catch (ObjectDisposedException)
        {
            answer.Error = ErrorCode.UnknownTopicOrPartition;
            return answer;
        }

        answer.Error = result.Error;
        answer.ErrorMessage = result.Message;
        answer.BaseOffset = result.BaseOffset;
        answer.LogAppendTimeMs = result.LogAppendTimeMs;
        answer.LogStartOffset = result.LogStartOffset;
        foreach (var (index, message) in result.RecordErrors ?? [])
        {
            answer.RecordErrors.Add(new() { BatchIndex = index, Message = message });
        }

        return answer;
    }
}
