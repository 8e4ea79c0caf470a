namespace StreamSync.LocalKafka.Protocol.Messages;

sealed class ListTransactionsRequest : IFields
{
    public List<string> States = [];
    public List<long> ProducerIds = [];

    /// <summary>Least time that a transaction has been running, in milliseconds; negative: any.</summary>
    public long Duration = -1;

    /// <summary>Regular expression that a transactional id must match as a whole; null or empty: any.</summary>
    public string? Pattern;

    public void Visit(Wire w)
    {
        w.Strings(ref States);
        w.Int64s(ref ProducerIds);
        if (w.Version >= 1)
        {
            w.Int64(ref Duration);
        }

        if (w.Version >= 2)
        {
            w.NullableString(ref Pattern);
        }
    }
}

sealed class ListTransactionsResponse : IFields
{
    public int ThrottleTimeMs;
    public ErrorCode Error;
    public List<string> UnknownStates = [];
    public List<State> States = [];

    public void Visit(Wire w)
    {
        w.Int32(ref ThrottleTimeMs);
        w.Error(ref Error);
        w.Strings(ref UnknownStates);
        w.Array(ref States);
    }

    internal sealed class State : IFields
    {
        public string TransactionalId = "";
        public long ProducerId;
        public string Name = "";

        public void Visit(Wire w)
        {
            w.String(ref TransactionalId);
            w.Int64(ref ProducerId);
            w.String(ref Name);
        }
    }
}
