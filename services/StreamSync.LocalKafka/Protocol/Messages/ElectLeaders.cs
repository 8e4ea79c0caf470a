namespace StreamSync.LocalKafka.Protocol.Messages;

/// <summary>Asks for elections of leaders. The only node leads everything already.</summary>
sealed class ElectLeadersRequest : IFields
{
    /// <summary>0: the preferred replica; 1: any replica, in sync or not.</summary>
    public sbyte ElectionType;

    /// <summary>Null: every partition.</summary>
    public List<TopicPartitions>? Topics;
    public int TimeoutMs = 60_000;

    public void Visit(Wire w)
    {
        if (w.Version >= 1)
        {
            w.Int8(ref ElectionType);
        }

        w.NullableArray(ref Topics);
        w.Int32(ref TimeoutMs);
    }
}

sealed class ElectLeadersResponse : IFields
{
    public int ThrottleTimeMs;
    public ErrorCode Error;
    public List<TopicOutcomes> Topics = [];

    public void Visit(Wire w)
    {
        w.Int32(ref ThrottleTimeMs);
        if (w.Version >= 1)
        {
            w.Error(ref Error);
        }

        w.Array(ref Topics);
    }
}

/// <summary>A topic and what came of a request for some of its partitions.</summary>
sealed class TopicOutcomes : IFields
{
    public string Name = "";
    public List<Partition> Partitions = [];

    public void Visit(Wire w)
    {
        w.String(ref Name);
        w.Array(ref Partitions);
    }

    internal sealed class Partition : IFields
    {
        public int Index;
        public ErrorCode Error;
        public string? ErrorMessage;

        public void Visit(Wire w)
        {
            w.Int32(ref Index);
            w.Error(ref Error);
            w.NullableString(ref ErrorMessage);
        }
    }
}
