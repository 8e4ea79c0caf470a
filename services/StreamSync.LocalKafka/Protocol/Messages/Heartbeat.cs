namespace StreamSync.LocalKafka.Protocol.Messages;

sealed class HeartbeatRequest : IFields
{
    public string GroupId = "";
    public int GenerationId;
    public string MemberId = "";
    public string? GroupInstanceId;

    public void Visit(Wire w)
    {
        w.String(ref GroupId);
        w.Int32(ref GenerationId);
        w.String(ref MemberId);
        if (w.Version >= 3)
        {
            w.NullableString(ref GroupInstanceId);
        }
    }
}

sealed class HeartbeatResponse : IFields
{
    public int ThrottleTimeMs;
    public ErrorCode Error;

    public void Visit(Wire w)
    {
        if (w.Version >= 1)
        {
            w.Int32(ref ThrottleTimeMs);
        }

        w.Error(ref Error);
    }
}
