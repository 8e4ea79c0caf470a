namespace StreamSync.LocalKafka.Protocol.Messages;

sealed class DescribeTopicPartitionsRequest : IFields
{
    public List<Topic> Topics = [];
    public int Limit = 2000;
    public TopicCursor? Cursor;

    public void Visit(Wire w)
    {
        w.Array(ref Topics);
        w.Int32(ref Limit);
        w.NullableStruct(ref Cursor);
    }

    internal sealed class Topic : IFields
    {
        public string Name = "";

        public void Visit(Wire w) => w.String(ref Name);
    }
}

/// <summary>The first partition that an answer does not hold, because it would have been too long.</summary>
sealed class TopicCursor : IFields
{
    public string Topic = "";
    public int Partition;

    public void Visit(Wire w)
    {
        w.String(ref Topic);
        w.Int32(ref Partition);
    }
}

sealed class DescribeTopicPartitionsResponse : IFields
{
    public int ThrottleTimeMs;
    public List<Topic> Topics = [];
    public TopicCursor? NextCursor;

    public void Visit(Wire w)
    {
        w.Int32(ref ThrottleTimeMs);
        w.Array(ref Topics);
        w.NullableStruct(ref NextCursor);
    }

    internal sealed class Topic : IFields
    {
        public ErrorCode Error;
        public string? Name;
        public Guid TopicId;
        public bool IsInternal;
        public List<Partition> Partitions = [];
        public int AuthorizedOperations = int.MinValue;

        public void Visit(Wire w)
        {
            w.Error(ref Error);
            w.NullableString(ref Name);
            w.Uuid(ref TopicId);
            w.Bool(ref IsInternal);
            w.Array(ref Partitions);
            w.Int32(ref AuthorizedOperations);
        }
    }

    internal sealed class Partition : IFields
    {
        public ErrorCode Error;
        public int Index;
        public int LeaderId;
        public int LeaderEpoch = -1;
        public List<int> Replicas = [];
        public List<int> InSync = [];
        public List<int>? EligibleLeaders;
        public List<int>? LastKnownEligible;
        public List<int> Offline = [];

        public void Visit(Wire w)
        {
            w.Error(ref Error);
            w.Int32(ref Index);
            w.Int32(ref LeaderId);
            w.Int32(ref LeaderEpoch);
            w.Int32s(ref Replicas);
            w.Int32s(ref InSync);
            w.NullableInt32s(ref EligibleLeaders);
            w.NullableInt32s(ref LastKnownEligible);
            w.Int32s(ref Offline);
        }
    }
}
