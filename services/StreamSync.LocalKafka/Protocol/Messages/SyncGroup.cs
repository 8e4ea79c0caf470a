namespace StreamSync.LocalKafka.Protocol.Messages;

sealed class SyncGroupRequest : IFields
{
    public string GroupId = "";
    public int GenerationId;
    public string MemberId = "";
    public string? GroupInstanceId;
    public string? ProtocolType;
    public string? ProtocolName;
    public List<Assignment> Assignments = [];

    public void Visit(Wire w)
    {
        w.String(ref GroupId);
        w.Int32(ref GenerationId);
        w.String(ref MemberId);
        if (w.Version >= 3)
        {
            w.NullableString(ref GroupInstanceId);
        }

        if (w.Version >= 5)
        {
            w.NullableString(ref ProtocolType);
            w.NullableString(ref ProtocolName);
        }

        w.Array(ref Assignments);
    }

    internal sealed class Assignment : IFields
    {
        public string MemberId = "";
        public byte[] Data = [];

        public void Visit(Wire w)
        {
            w.String(ref MemberId);
            w.Bytes(ref Data);
        }
    }
}

sealed class SyncGroupResponse : IFields
{
    public int ThrottleTimeMs;
    public ErrorCode Error;
    public string? ProtocolType;
    public string? ProtocolName;
    public byte[] Assignment = [];

    public void Visit(Wire w)
    {
        if (w.Version >= 1)
        {
            w.Int32(ref ThrottleTimeMs);
        }

        w.Error(ref Error);
        if (w.Version >= 5)
        {
            w.NullableString(ref ProtocolType);
            w.NullableString(ref ProtocolName);
        }

        w.Bytes(ref Assignment);
    }
}
