namespace StreamSync.LocalKafka.Protocol.Messages;

sealed class DescribeClusterRequest : IFields
{
    public bool IncludeAuthorizedOperations;
    public sbyte EndpointType = 1;
    public bool IncludeFencedBrokers;

    public void Visit(Wire w)
    {
        w.Bool(ref IncludeAuthorizedOperations);
        if (w.Version >= 1)
        {
            w.Int8(ref EndpointType);
        }

        if (w.Version >= 2)
        {
            w.Bool(ref IncludeFencedBrokers);
        }
    }
}

sealed class DescribeClusterResponse : IFields
{
    public int ThrottleTimeMs;
    public ErrorCode Error;
    public string? ErrorMessage;
    public sbyte EndpointType = 1;
    public string ClusterId = "";
    public int ControllerId = -1;
    public List<Broker> Brokers = [];
    public int AuthorizedOperations = int.MinValue;

    public void Visit(Wire w)
    {
        w.Int32(ref ThrottleTimeMs);
        w.Error(ref Error);
        w.NullableString(ref ErrorMessage);
        if (w.Version >= 1)
        {
            w.Int8(ref EndpointType);
        }

        w.String(ref ClusterId);
        w.Int32(ref ControllerId);
        w.Array(ref Brokers);
        w.Int32(ref AuthorizedOperations);
    }

    internal sealed class Broker : IFields
    {
        public int NodeId;
        public string Host = "";
        public int Port;
        public string? Rack;
        public bool IsFenced;

        public void Visit(Wire w)
        {
            w.Int32(ref NodeId);
            w.String(ref Host);
            w.Int32(ref Port);
            w.NullableString(ref Rack);
            if (w.Version >= 2)
            {
                w.Bool(ref IsFenced);
            }
        }
    }
}
