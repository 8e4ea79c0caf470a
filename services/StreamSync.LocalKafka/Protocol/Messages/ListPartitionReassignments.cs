namespace StreamSync.LocalKafka.Protocol.Messages;

/// <summary>Asked by kafka-topics when it describes topics. A single node never moves a partition.</summary>
sealed class ListPartitionReassignmentsRequest : IFields
{
    public int TimeoutMs = 60_000;

    /// <summary>Null: every topic.</summary>
    public List<TopicPartitions>? Topics;

    public void Visit(Wire w)
    {
        w.Int32(ref TimeoutMs);
        w.NullableArray(ref Topics);
    }
}

sealed class ListPartitionReassignmentsResponse : IFields
{
    public int ThrottleTimeMs;
    public ErrorCode Error;
    public string? ErrorMessage;

    public void Visit(Wire w)
    {
        w.Int32(ref ThrottleTimeMs);
        w.Error(ref Error);
        w.NullableString(ref ErrorMessage);
        var moving = new List<TopicPartitions>();
        w.Array(ref moving);
    }
}
