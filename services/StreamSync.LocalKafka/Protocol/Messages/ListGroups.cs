namespace StreamSync.LocalKafka.Protocol.Messages;

sealed class ListGroupsRequest : IFields
{
    public List<string> States = [];
    public List<string> Types = [];

    public void Visit(Wire w)
    {
        if (w.Version >= 4)
        {
            w.Strings(ref States);
        }

        if (w.Version >= 5)
        {
            w.Strings(ref Types);
        }
    }
}

sealed class ListGroupsResponse : IFields
{
    public int ThrottleTimeMs;
    public ErrorCode Error;
    public List<Group> Groups = [];

    public void Visit(Wire w)
    {
        if (w.Version >= 1)
        {
            w.Int32(ref ThrottleTimeMs);
        }

        w.Error(ref Error);
        w.Array(ref Groups);
    }

    internal sealed class Group : IFields
    {
        public string GroupId = "";
        public string ProtocolType = "";
        public string State = "";
        public string Type = "";

        public void Visit(Wire w)
        {
            w.String(ref GroupId);
            w.String(ref ProtocolType);
            if (w.Version >= 4)
            {
                w.String(ref State);
            }

            if (w.Version >= 5)
            {
                w.String(ref Type);
            }
        }
    }
}
