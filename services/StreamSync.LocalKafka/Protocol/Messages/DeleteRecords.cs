namespace StreamSync.LocalKafka.Protocol.Messages;

sealed class DeleteRecordsRequest : IFields
{
    public List<Topic> Topics = [];
    public int TimeoutMs;

    public void Visit(Wire w)
    {
        w.Array(ref Topics);
        w.Int32(ref TimeoutMs);
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
        public long Offset;

        public void Visit(Wire w)
        {
            w.Int32(ref Index);
            w.Int64(ref Offset);
        }
    }
}

sealed class DeleteRecordsResponse : IFields
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
        public long LowWatermark = -1;
        public ErrorCode Error;

        public void Visit(Wire w)
        {
            w.Int32(ref Index);
            w.Int64(ref LowWatermark);
            w.Error(ref Error);
        }
    }
}
