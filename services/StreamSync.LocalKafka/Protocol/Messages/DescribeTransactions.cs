namespace StreamSync.LocalKafka.Protocol.Messages;

sealed class DescribeTransactionsRequest : IFields
{
    public List<string> TransactionalIds = [];

    public void Visit(Wire w) => w.Strings(ref TransactionalIds);
}

sealed class DescribeTransactionsResponse : IFields
{
    public int ThrottleTimeMs;
    public List<State> States = [];

    public void Visit(Wire w)
    {
        w.Int32(ref ThrottleTimeMs);
        w.Array(ref States);
    }

    internal sealed class State : IFields
    {
        public ErrorCode Error;
        public string TransactionalId = "";
        public string Name = "";
        public int TimeoutMs;
        public long StartTimeMs;
        public long ProducerId;
        public short ProducerEpoch;
        public List<TopicPartitions> Topics = [];

        public void Visit(Wire w)
        {
            w.Error(ref Error);
            w.String(ref TransactionalId);
            w.String(ref Name);
            w.Int32(ref TimeoutMs);
            w.Int64(ref StartTimeMs);
            w.Int64(ref ProducerId);
            w.Int16(ref ProducerEpoch);
            w.Array(ref Topics);
        }
    }
}
