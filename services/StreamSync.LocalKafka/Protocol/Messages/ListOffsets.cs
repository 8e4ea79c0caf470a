namespace StreamSync.LocalKafka.Protocol.Messages;

sealed class ListOffsetsRequest : IFields
{
    public int ReplicaId = -1;
    public List<Topic> Topics = [];
    public int TimeoutMs;

    /// <summary>0 for every record, 1 for those of committed transactions only; there are no others.</summary>
    public sbyte IsolationLevel;

    public bool ReadCommitted
    {
        get => IsolationLevel == 1;
        set => IsolationLevel = (sbyte)(value ? 1 : 0);
    }

    public void Visit(Wire w)
    {
        w.Int32(ref ReplicaId);
        if (w.Version >= 2)
        {
            w.Int8(ref IsolationLevel);
        }

        w.Array(ref Topics);
        if (w.Version >= 10)
        {
            w.Int32(ref TimeoutMs);
        }
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
        public long Timestamp;

        public void Visit(Wire w)
        {
            w.Int32(ref Index);
            if (w.Version >= 4)
            {
                w.Int32(ref CurrentLeaderEpoch);
            }

            w.Int64(ref Timestamp);
        }
    }
}

sealed class ListOffsetsResponse : IFields
{
    public int ThrottleTimeMs;
    public List<Topic> Topics = [];

    public void Visit(Wire w)
    {
        if (w.Version >= 2)
        {
            w.Int32(ref ThrottleTimeMs);
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
        public ErrorCode Error;
        public long Timestamp = -1;
        public long Offset = -1;
        public int LeaderEpoch = -1;

        public void Visit(Wire w)
        {
            w.Int32(ref Index);
            w.Error(ref Error);
            w.Int64(ref Timestamp);
            w.Int64(ref Offset);
            if (w.Version >= 4)
            {
                w.Int32(ref LeaderEpoch);
            }
        }
    }
}
