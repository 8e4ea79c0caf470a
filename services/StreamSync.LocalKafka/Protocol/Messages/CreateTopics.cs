namespace StreamSync.LocalKafka.Protocol.Messages;

sealed class CreateTopicsRequest : IFields
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
        public int Partitions;
        public short ReplicationFactor;
        public List<Assignment> Assignments = [];
        public List<ConfigEntry> Configs = [];

        public void Visit(Wire w)
        {
            w.String(ref Name);
            w.Int32(ref Partitions);
            w.Int16(ref ReplicationFactor);
            w.Array(ref Assignments);
            w.Array(ref Configs);
        }
    }

    internal sealed class Assignment : IFields
    {
        public int Partition;
        public List<int> Brokers = [];

        public void Visit(Wire w)
        {
            w.Int32(ref Partition);
            w.Int32s(ref Brokers);
        }
    }
}

/// <summary>A setting's name and value, as creating a topic and the older AlterConfigs carry it.</summary>
sealed class ConfigEntry : IFields
{
    public string Name = "";
    public string? Value;

    public void Visit(Wire w)
    {
        w.String(ref Name);
        w.NullableString(ref Value);
    }
}

sealed class CreateTopicsResponse : IFields
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
        public Guid TopicId;
        public ErrorCode Error;
        public string? ErrorMessage;
        public int Partitions = -1;
        public short ReplicationFactor = -1;
        public List<Config>? Configs = [];

        public void Visit(Wire w)
        {
            w.String(ref Name);
            if (w.Version >= 7)
            {
                w.Uuid(ref TopicId);
            }

            w.Error(ref Error);
            w.NullableString(ref ErrorMessage);
            if (w.Version >= 5)
            {
                w.Int32(ref Partitions);
                w.Int16(ref ReplicationFactor);
                w.NullableArray(ref Configs);
            }
        }
    }

    internal sealed class Config : IFields
    {
        public string Name = "";
        public string? Value;
        public bool ReadOnly;
        public sbyte Source = -1;
        public bool IsSensitive;

        public void Visit(Wire w)
        {
            w.String(ref Name);
            w.NullableString(ref Value);
            w.Bool(ref ReadOnly);
            w.Int8(ref Source);
            w.Bool(ref IsSensitive);
        }
    }
}
