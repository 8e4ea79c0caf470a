namespace StreamSync.LocalKafka.Protocol.Messages;

sealed class OffsetDeleteRequest : IFields
{
    public string GroupId = "";
    public List<Topic> Topics = [];

    public void Visit(Wire w)
    {
        w.String(ref GroupId);
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

        public void Visit(Wire w) => w.Int32(ref Index);
    }
}

sealed class OffsetDeleteResponse : IFields
{
    public ErrorCode Error;
    public int ThrottleTimeMs;
    public List<TopicErrors> Topics = [];

    public void Visit(Wire w)
    {
        w.Error(ref Error);
        w.Int32(ref ThrottleTimeMs);
        w.Array(ref Topics);
    }
}
