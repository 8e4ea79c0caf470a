namespace StreamSync.LocalKafka.Protocol.Messages;

sealed class DeleteTopicsRequest : IFields
{
    public List<Topic> Topics = [];
    public int TimeoutMs = 60_000;

    public void Visit(Wire w)
    {
        if (w.Version >= 6)
        {
            w.Array(ref Topics);
        }
        else
        {
            var names = Topics.ConvertAll(t => t.Name ?? "");
            w.Strings(ref names);
            Topics = names.ConvertAll(n => new Topic { Name = n });
        }

        w.Int32(ref TimeoutMs);
    }

    internal sealed class Topic : IFields
    {
        public string? Name;
        public Guid TopicId;

        public void Visit(Wire w)
        {
            w.NullableString(ref Name);
            w.Uuid(ref TopicId);
        }
    }
}

sealed class DeleteTopicsResponse : IFields
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
        public string? Name;
        public Guid TopicId;
        public ErrorCode Error;
        public string? ErrorMessage;

        public void Visit(Wire w)
        {
            if (w.Version >= 6)
            {
                w.NullableString(ref Name);
                w.Uuid(ref TopicId);
            }
            else
            {
                var name = Name ?? "";
                w.String(ref name);
                Name = name;
            }

            w.Error(ref Error);
            if (w.Version >= 5)
            {
                w.NullableString(ref ErrorMessage);
            }
        }
    }
}
