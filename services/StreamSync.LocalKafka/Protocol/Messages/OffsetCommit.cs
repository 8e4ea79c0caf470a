namespace StreamSync.LocalKafka.Protocol.Messages;

sealed class OffsetCommitRequest : IFields
{
    public string GroupId = "";
    public int GenerationId = -1;
    public string MemberId = "";
    public string? GroupInstanceId;
    public long RetentionTimeMs = -1;
    public List<Topic> Topics = [];

    public void Visit(Wire w)
    {
        w.String(ref GroupId);
        w.Int32(ref GenerationId);
        w.String(ref MemberId);
        if (w.Version >= 7)
        {
            w.NullableString(ref GroupInstanceId);
        }

        if (w.Version <= 4)
        {
            w.Int64(ref RetentionTimeMs);
        }

        w.Array(ref Topics);
    }

    internal sealed class Topic : IFields
    {
        public string Name = "";
        public Guid TopicId;
        public List<Partition> Partitions = [];

        public void Visit(Wire w)
        {
            TopicRef.Visit(w, 10, ref Name, ref TopicId);
            w.Array(ref Partitions);
        }
    }

    internal sealed class Partition : IFields
    {
        public int Index;
        public long Offset;
        public int LeaderEpoch = -1;
        public string? Metadata;

        public void Visit(Wire w)
        {
            w.Int32(ref Index);
            w.Int64(ref Offset);
            if (w.Version >= 6)
            {
                w.Int32(ref LeaderEpoch);
            }

            w.NullableString(ref Metadata);
        }
    }
}

sealed class OffsetCommitResponse : IFields
{
    public int ThrottleTimeMs;
    public List<Topic> Topics = [];

    public void Visit(Wire w)
    {
        if (w.Version >= 3)
        {
            w.Int32(ref ThrottleTimeMs);
        }

        w.Array(ref Topics);
    }

    internal sealed class Topic : IFields
    {
        public string Name = "";
        public Guid TopicId;
        public List<PartitionError> Partitions = [];

        public void Visit(Wire w)
        {
            TopicRef.Visit(w, 10, ref Name, ref TopicId);
            w.Array(ref Partitions);
        }
    }
}

/// <summary>A partition and its error: the answer of several requests.</summary>
sealed class PartitionError : IFields
{
    public int Index;
    public ErrorCode Error;

    public void Visit(Wire w)
    {
        w.Int32(ref Index);
        w.Error(ref Error);
    }
}
