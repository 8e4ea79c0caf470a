namespace StreamSync.LocalKafka.Protocol.Messages;

sealed class DeleteGroupsRequest : IFields
{
    public List<string> Groups = [];

    public void Visit(Wire w) => w.Strings(ref Groups);
}

sealed class DeleteGroupsResponse : IFields
{
    public int ThrottleTimeMs;
    public List<Result> Results = [];

    public void Visit(Wire w)
    {
        w.Int32(ref ThrottleTimeMs);
        w.Array(ref Results);
    }

    internal sealed class Result : IFields
    {
        public string GroupId = "";
        public ErrorCode Error;

        public void Visit(Wire w)
        {
            w.String(ref GroupId);
            w.Error(ref Error);
        }
    }
}
