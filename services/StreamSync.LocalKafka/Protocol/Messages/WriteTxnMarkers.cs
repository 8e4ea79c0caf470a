namespace StreamSync.LocalKafka.Protocol.Messages;

sealed class WriteTxnMarkersRequest : IFields
{
    public List<Marker> Markers = [];

    public void Visit(Wire w) => w.Array(ref Markers);

    internal sealed class Marker : IFields
    {
        public long ProducerId;
        public short ProducerEpoch;
        public bool Commit;
        public List<TopicPartitions> Topics = [];
        public int CoordinatorEpoch;
        public sbyte TransactionVersion;

        public void Visit(Wire w)
        {
            w.Int64(ref ProducerId);
            w.Int16(ref ProducerEpoch);
            w.Bool(ref Commit);
            w.Array(ref Topics);
            w.Int32(ref CoordinatorEpoch);
            if (w.Version >= 2)
            {
                w.Int8(ref TransactionVersion);
            }
        }
    }
}

sealed class WriteTxnMarkersResponse : IFields
{
    public List<Marker> Markers = [];

    public void Visit(Wire w) => w.Array(ref Markers);

    internal sealed class Marker : IFields
    {
        public long ProducerId;
        public List<TopicErrors> Topics = [];

        public void Visit(Wire w)
        {
            w.Int64(ref ProducerId);
            w.Array(ref Topics);
        }
    }
}
