namespace StreamSync.LocalKafka.Protocol.Messages;

sealed class DescribeLogDirsRequest : IFields
{
    /// <summary>Null: every topic.</summary>
    public List<TopicPartitions>? Topics;

    public void Visit(Wire w) => w.NullableArray(ref Topics);
}

sealed class DescribeLogDirsResponse : IFields
{
    public int ThrottleTimeMs;
    public ErrorCode Error;
    public List<Directory> Directories = [];

    public void Visit(Wire w)
    {
        w.Int32(ref ThrottleTimeMs);
        if (w.Version >= 3)
        {
            w.Error(ref Error);
        }

        w.Array(ref Directories);
    }

    internal sealed class Directory : IFields
    {
        public ErrorCode Error;
        public string Path = "";
        public List<Topic> Topics = [];
        public long TotalBytes = -1;
        public long UsableBytes = -1;
        public bool IsCordoned;

        public void Visit(Wire w)
        {
            w.Error(ref Error);
            w.String(ref Path);
            w.Array(ref Topics);
            if (w.Version >= 4)
            {
                w.Int64(ref TotalBytes);
                w.Int64(ref UsableBytes);
            }

            if (w.Version >= 5)
            {
                w.Bool(ref IsCordoned);
            }
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
        public long Size;
        public long OffsetLag;
        public bool IsFuture;

        public void Visit(Wire w)
        {
            w.Int32(ref Index);
            w.Int64(ref Size);
            w.Int64(ref OffsetLag);
            w.Bool(ref IsFuture);
        }
    }
}
