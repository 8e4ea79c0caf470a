namespace StreamSync.LocalKafka.Protocol.Messages;

/// <summary>Asks what the broker serves, and since version 3 says who asks.</summary>
sealed class ApiVersionsRequest : IFields
{
    public string ClientSoftwareName = "";
    public string ClientSoftwareVersion = "";

    public void Visit(Wire w)
    {
        if (w.Version >= 3)
        {
            w.String(ref ClientSoftwareName);
            w.String(ref ClientSoftwareVersion);
        }
    }
}

/// <summary>What the broker serves. No features are listed, so a client keeps to transaction version 1 and the classic group protocol.</summary>
sealed class ApiVersionsResponse : IFields
{
    public ErrorCode Error;
    public List<Api> Apis = [];
    public int ThrottleTimeMs;

    public void Visit(Wire w)
    {
        w.Error(ref Error);
        w.Array(ref Apis);
        if (w.Version >= 1)
        {
            w.Int32(ref ThrottleTimeMs);
        }
    }

    internal sealed class Api : IFields
    {
        public short Key;
        public short MinVersion;
        public short MaxVersion;

        public void Visit(Wire w)
        {
            w.Int16(ref Key);
            w.Int16(ref MinVersion);
            w.Int16(ref MaxVersion);
        }
    }
}
