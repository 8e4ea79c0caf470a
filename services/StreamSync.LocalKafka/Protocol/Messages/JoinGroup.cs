namespace StreamSync.LocalKafka.Protocol.Messages;

sealed class JoinGroupRequest : IFields
{
    public string GroupId = "";
    public int SessionTimeoutMs;
    public int RebalanceTimeoutMs = -1;
    public string MemberId = "";
    public string? GroupInstanceId;
    public string ProtocolType = "";
    public List<Protocol> Protocols = [];
    public string? Reason;

    public void Visit(Wire w)
    {
        w.String(ref GroupId);
        w.Int32(ref SessionTimeoutMs);
        if (w.Version >= 1)
        {
            w.Int32(ref RebalanceTimeoutMs);
        }

        w.String(ref MemberId);
        if (w.Version >= 5)
        {
            w.NullableString(ref GroupInstanceId);
        }

        w.String(ref ProtocolType);
        w.Array(ref Protocols);
        if (w.Version >= 8)
        {
            w.NullableString(ref Reason);
        }
    }

    internal sealed class Protocol : IFields
    {
        public string Name = "";
        public byte[] Metadata = [];

        public void Visit(Wire w)
        {
            w.String(ref Name);
            w.Bytes(ref Metadata);
        }
    }
}

sealed class JoinGroupResponse : IFields
{
    public int ThrottleTimeMs;
    public ErrorCode Error;
    public int GenerationId = -1;
    public string? ProtocolType;
    public string? ProtocolName = "";
    public string Leader = "";
    public bool SkipAssignment;
    public string MemberId = "";
    public List<Member> Members = [];

    public void Visit(Wire w)
    {
        if (w.Version >= 2)
        {
            w.Int32(ref ThrottleTimeMs);
        }

        w.Error(ref Error);
        w.Int32(ref GenerationId);
        if (w.Version >= 7)
        {
            w.NullableString(ref ProtocolType);
            w.NullableString(ref ProtocolName);
        }
        else
        {
            var name = ProtocolName ?? "";
            w.String(ref name);
            ProtocolName = name;
        }

        w.String(ref Leader);
        if (w.Version >= 9)
        {
            w.Bool(ref SkipAssignment);
        }

        w.String(ref MemberId);
        w.Array(ref Members);
    }

    internal sealed class Member : IFields
    {
        public string MemberId = "";
        public string? GroupInstanceId;
        public byte[] Metadata = [];

        public void Visit(Wire w)
        {
            w.String(ref MemberId);
            if (w.Version >= 5)
            {
                w.NullableString(ref GroupInstanceId);
            }

            w.Bytes(ref Metadata);
        }
    }
}
