namespace StreamSync.LocalKafka.Protocol.Messages;

/// <summary>Asks to move partitions to other nodes, or to stop doing so.</summary>
sealed class AlterPartitionReassignmentsRequest : IFields
{
    public int TimeoutMs = 60_000;
    public bool AllowReplicationFactorChange = true;
    public List<Topic> Topics = [];

    public void Visit(Wire w)
    {
        w.Int32(ref TimeoutMs);
        if (w.Version >= 1)
        {
            w.Bool(ref AllowReplicationFactorChange);
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

        /// <summary>Null: stop moving it.</summary>
        public List<int>? Replicas;

        public void Visit(Wire w)
        {
            w.Int32(ref Index);
            w.NullableInt32s(ref Replicas);
        }
    }
}

sealed class AlterPartitionReassignmentsResponse : IFields
{
    public int ThrottleTimeMs;
    public bool AllowReplicationFactorChange = true;
    public ErrorCode Error;
    public string? ErrorMessage;
    public List<TopicOutcomes> Topics = [];

    public void Visit(Wire w)
    {
        w.Int32(ref ThrottleTimeMs);
        if (w.Version >= 1)
        {
            w.Bool(ref AllowReplicationFactorChange);
        }

        w.Error(ref Error);
        w.NullableString(ref ErrorMessage);
        w.Array(ref Topics);
    }
}
