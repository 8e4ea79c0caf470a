namespace StreamSync.LocalKafka.Protocol.Messages;

sealed class OffsetForLeaderEpochRequest : IFields
{
    public int ReplicaId = -2;
    public List<Topic> Topics = [];

    public void Visit(Wire w)
    {
        if (w.Version >= 3)
        {
            w.Int32(ref ReplicaId);
        }

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
        public int CurrentLeaderEpoch = -1;
        public int LeaderEpoch;

        public void Visit(Wire w)
        {
            w.Int32(ref Index);
            w.Int32(ref CurrentLeaderEpoch);
            w.Int32(ref LeaderEpoch);
        }
    }
}

sealed class OffsetForLeaderEpochResponse : IFields
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
        public ErrorCode Error;
        public int Index;
        public int LeaderEpoch = -1;
        public long EndOffset = -1;

        public void Visit(Wire w)
        {
            w.Error(ref Error);
            w.Int32(ref Index);
            w.Int32(ref LeaderEpoch);
            w.Int64(ref EndOffset);
        }
    }
}
