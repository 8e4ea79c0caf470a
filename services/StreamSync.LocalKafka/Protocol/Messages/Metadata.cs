namespace StreamSync.LocalKafka.Protocol.Messages;

sealed class MetadataRequest : IFields
{
    /// <summary>Null: all topics. In version 0 an empty list says the same.</summary>
    public List<Topic>? Topics = [];
    public bool AllowAutoTopicCreation = true;
    public bool IncludeClusterAuthorizedOperations;
    public bool IncludeTopicAuthorizedOperations;

    public void Visit(Wire w)
    {
        w.NullableArray(ref Topics);
        if (w.Version == 0 && Topics is { Count: 0 })
        {
            Topics = null;
        }

        if (w.Version >= 4)
        {
            w.Bool(ref AllowAutoTopicCreation);
        }

        if (w.Version is >= 8 and <= 10)
        {
            w.Bool(ref IncludeClusterAuthorizedOperations);
        }

        if (w.Version >= 8)
        {
            w.Bool(ref IncludeTopicAuthorizedOperations);
        }
    }

    internal sealed class Topic : IFields
    {
        public Guid TopicId;
        public string? Name;

        public void Visit(Wire w)
        {
            if (w.Version >= 10)
            {
                w.Uuid(ref TopicId);
                w.NullableString(ref Name);
            }
            else
            {
                var name = Name ?? "";
                w.String(ref name);
                Name = name;
            }
        }
    }
}

sealed class MetadataResponse : IFields
{
    public int ThrottleTimeMs;
    public List<Broker> Brokers = [];
    public string? ClusterId;
    public int ControllerId = -1;
    public List<Topic> Topics = [];
    public int ClusterAuthorizedOperations = int.MinValue;
    public ErrorCode Error;

    public void Visit(Wire w)
    {
        if (w.Version >= 3)
        {
            w.Int32(ref ThrottleTimeMs);
        }

        w.Array(ref Brokers);
        if (w.Version >= 2)
        {
            w.NullableString(ref ClusterId);
        }

        if (w.Version >= 1)
        {
            w.Int32(ref ControllerId);
        }

        w.Array(ref Topics);
        if (w.Version is >= 8 and <= 10)
        {
            w.Int32(ref ClusterAuthorizedOperations);
        }

        if (w.Version >= 13)
        {
            w.Error(ref Error);
        }
    }

    internal sealed class Broker : IFields
    {
        public int NodeId;
        public string Host = "";
        public int Port;
        public string? Rack;

        public void Visit(Wire w)
        {
            w.Int32(ref NodeId);
            w.String(ref Host);
            w.Int32(ref Port);
            if (w.Version >= 1)
            {
                w.NullableString(ref Rack);
            }
        }
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
            if (w.Version >= 12)
            {
                w.NullableString(ref Name);
            }
            else
            {
                var name = Name ?? "";
                w.String(ref name);
                Name = name;
            }

            if (w.Version >= 10)
            {
                w.Uuid(ref TopicId);
            }

            if (w.Version >= 1)
            {
                w.Bool(ref IsInternal);
            }

            w.Array(ref Partitions);
            if (w.Version >= 8)
            {
                w.Int32(ref AuthorizedOperations);
            }
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
        public List<int> Offline = [];

        public void Visit(Wire w)
        {
            w.Error(ref Error);
            w.Int32(ref Index);
            w.Int32(ref LeaderId);
            if (w.Version >= 7)
            {
                w.Int32(ref LeaderEpoch);
            }

            w.Int32s(ref Replicas);
            w.Int32s(ref InSync);
            if (w.Version >= 5)
            {
                w.Int32s(ref Offline);
            }
        }
    }
}
