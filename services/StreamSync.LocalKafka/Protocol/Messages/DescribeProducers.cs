namespace StreamSync.LocalKafka.Protocol.Messages;

sealed class DescribeProducersRequest : IFields
{
    public List<TopicPartitions> Topics = [];

    public void Visit(Wire w) => w.Array(ref Topics);
}

sealed class DescribeProducersResponse : IFields
{
    public int ThrottleTimeMs;
    public List<Topic> Topics = [];

    public void Visit(Wire w)
    {
        w.Int32(ref ThrottleTimeMs);
        w.Array(ref Topics);
    }

    internal sealed class Topic : IFields
    {
        public string Name = "";
        public List<Partition> Partitions = [];

        public void Visit(Wire w)
        {
            w.String(ref Name);
            w.Array(ref Partitions);
        }
    }

    internal sealed class Partition : IFields
    {
        public int Index;
        public ErrorCode Error;
        public string? ErrorMessage;
        public List<Producer> Producers = [];

        public void Visit(Wire w)
        {
            w.Int32(ref Index);
            w.Error(ref Error);
            w.NullableString(ref ErrorMessage);
            w.Array(ref Producers);
        }
    }

    internal sealed class Producer : IFields
    {
        public long ProducerId;
        public int ProducerEpoch;
        public int LastSequence = -1;
        public long LastTimestamp = -1;
        public int CoordinatorEpoch;
        public long CurrentTxnStartOffset = -1;

        public void Visit(Wire w)
        {
            w.Int64(ref ProducerId);
            w.Int32(ref ProducerEpoch);
            w.Int32(ref LastSequence);
            w.Int64(ref LastTimestamp);
            w.Int32(ref CoordinatorEpoch);
            w.Int64(ref CurrentTxnStartOffset);
        }
    }
}
