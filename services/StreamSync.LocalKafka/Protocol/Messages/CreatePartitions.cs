namespace StreamSync.LocalKafka.Protocol.Messages;

sealed class CreatePartitionsRequest : IFields
{
    public List<Topic> Topics = [];
    public int TimeoutMs = 60_000;
    public bool ValidateOnly;

    public void Visit(Wire w)
    {
        w.Array(ref Topics);
        w.Int32(ref TimeoutMs);
        w.Bool(ref ValidateOnly);
    }

    internal sealed class Topic : IFields
    {
        public string Name = "";
        public int Count;
        public List<Assignment>? Assignments;

        public void Visit(Wire w)
        {
            w.String(ref Name);
            w.Int32(ref Count);
            w.NullableArray(ref Assignments);
        }
    }

    internal sealed class Assignment : IFields
    {
        public List<int> Brokers = [];

        public void Visit(Wire w) => w.Int32s(ref Brokers);
    }
}

sealed class CreatePartitionsResponse : IFields
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
        public ErrorCode Error;
        public string? ErrorMessage;

        public void Visit(Wire w)
        {
            w.String(ref Name);
            w.Error(ref Error);
            w.NullableString(ref ErrorMessage);
        }
    }
}
