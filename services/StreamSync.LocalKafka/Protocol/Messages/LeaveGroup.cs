namespace StreamSync.LocalKafka.Protocol.Messages;

sealed class LeaveGroupRequest : IFields
{
    public string GroupId = "";

    /// <summary>One member up to version 2, any number from version 3 on.</summary>
    public List<Member> Members = [];

    public void Visit(Wire w)
    {
        w.String(ref GroupId);
        if (w.Version >= 3)
        {
            w.Array(ref Members);
            return;
        }

        var only = Members.Count > 0 ? Members[0] : new Member();
        w.String(ref only.MemberId);
        Members = [only];
    }

    internal sealed class Member : IFields
    {
        public string MemberId = "";
        public string? GroupInstanceId;
        public string? Reason;

        public void Visit(Wire w)
        {
            w.String(ref MemberId);
            w.NullableString(ref GroupInstanceId);
            if (w.Version >= 5)
            {
                w.NullableString(ref Reason);
            }
        }
    }
}

sealed class LeaveGroupResponse : IFields
{
    public int ThrottleTimeMs;
    public ErrorCode Error;
    public List<Member> Members = [];

    public void Visit(Wire w)
    {
        if (w.Version >= 1)
        {
            w.Int32(ref ThrottleTimeMs);
        }

        w.Error(ref Error);
        if (w.Version >= 3)
        {
            w.Array(ref Members);
        }
    }

    internal sealed class Member : IFields
    {
        public string MemberId = "";
        public string? GroupInstanceId;
        public ErrorCode Error;

        public void Visit(Wire w)
        {
            w.String(ref MemberId);
            w.NullableString(ref GroupInstanceId);
            w.Error(ref Error);
        }
    }
}
