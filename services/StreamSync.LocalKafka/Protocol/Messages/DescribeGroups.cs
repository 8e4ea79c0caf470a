namespace StreamSync.LocalKafka.Protocol.Messages;

sealed class DescribeGroupsRequest : IFields
{
    public List<string> Groups = [];
    public bool IncludeAuthorizedOperations;

    public void Visit(Wire w)
    {
        w.Strings(ref Groups);
        if (w.Version >= 3)
        {
            w.Bool(ref IncludeAuthorizedOperations);
        }
    }
}

sealed class DescribeGroupsResponse : IFields
{
    public int ThrottleTimeMs;
    public List<Group> Groups = [];

    public void Visit(Wire w)
    {
        if (w.Version >= 1)
        {
            w.Int32(ref ThrottleTimeMs);
        }

        w.Array(ref Groups);
    }

    internal sealed class Group : IFields
    {
        public ErrorCode Error;
        public string? ErrorMessage;
        public string GroupId = "";
        public string State = "";
        public string ProtocolType = "";
        public string Protocol = "";
        public List<Member> Members = [];
        public int AuthorizedOperations = int.MinValue;

        public void Visit(Wire w)
        {
            w.Error(ref Error);
            if (w.Version >= 6)
            {
                w.NullableString(ref ErrorMessage);
            }

            w.String(ref GroupId);
            w.String(ref State);
            w.String(ref ProtocolType);
            w.String(ref Protocol);
            w.Array(ref Members);
            if (w.Version >= 3)
            {
                w.Int32(ref AuthorizedOperations);
            }
        }
    }

    internal sealed class Member : IFields
    {
        public string MemberId = "";
        public string? GroupInstanceId;
        public string ClientId = "";
        public string ClientHost = "";
        public byte[] Metadata = [];
        public byte[] Assignment = [];

        public void Visit(Wire w)
        {
            w.String(ref MemberId);
            if (w.Version >= 4)
            {
                w.NullableString(ref GroupInstanceId);
            }

            w.String(ref ClientId);
            w.String(ref ClientHost);
            w.Bytes(ref Metadata);
            w.Bytes(ref Assignment);
        }
    }
}
