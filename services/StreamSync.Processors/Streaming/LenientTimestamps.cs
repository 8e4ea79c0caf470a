using Confluent.Kafka;
using Streamiz.Kafka.Net.Processors;

namespace StreamSync.Processors.Streaming;

/// <summary>The record's time, or the partition's where it has none: Streamiz drops records without a time, and stages don't need one.</summary>
sealed class LenientTimestamps : ITimestampExtractor
{
    public long Extract(ConsumeResult<object, object> record, long partitionTime) =>
        record.Message.Timestamp.UnixTimestampMs >= 0 ? record.Message.Timestamp.UnixTimestampMs : Math.Max(partitionTime, 0);
}
