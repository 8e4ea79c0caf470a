namespace StreamSync.LocalKafka.Protocol.Messages;

sealed class FindCoordinatorRequest : IFields
{
    public sbyte KeyType;

    /// <summary>One key up to version 3, any number from version 4 on.</summary>
    public List<string> Keys = [];

    public void Visit(Wire w)
    {
        if (w.Version <= 3)
        {
            var key = Keys.Count > 0 ? Keys[0] : "";
            w.String(ref key);
            Keys = [key];
        }

        if (w.Version >= 1)
        {
            w.Int8(ref KeyType);
        }

        if (w.Version >= 4)
        {
            w.Strings(ref Keys);
        }
    }
}

sealed class FindCoordinatorResponse : IFields
{
    public int ThrottleTimeMs;
    public List<Coordinator> Coordinators = [];

    public void Visit(Wire w)
    {
        if (w.Version >= 1)
        {
            w.Int32(ref ThrottleTimeMs);
        }

        if (w.Version >= 4)
        {
            w.Array(ref Coordinators);
            return;
        }

        var only = Coordinators.Count > 0 ? Coordinators[0] : new Coordinator();
        w.Error(ref only.Error);
        if (w.Version >= 1)
        {
            w.NullableString(ref only.ErrorMessage);
        }

        w.Int32(ref only.NodeId);
        w.String(ref only.Host);
        w.Int32(ref only.Port);
        Coordinators = [only];
    }

    internal sealed class Coordinator : IFields
    {
        public string Key = "";
        public int NodeId = -1;
        public string Host = "";
        public int Port = -1;
        public ErrorCode Error;
        public string? ErrorMessage;

        public void Visit(Wire w)
        {
            w.String(ref Key);
            w.Int32(ref NodeId);
            w.String(ref Host);
            w.Int32(ref Port);
            w.Error(ref Error);
            w.NullableString(ref ErrorMessage);
        }
    }
}
