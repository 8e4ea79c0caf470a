namespace StreamSync.LocalKafka.Protocol.Messages;

sealed class InitProducerIdRequest : IFields
{
    public string? TransactionalId;
    public int TransactionTimeoutMs;
    public long ProducerId = -1;
    public short ProducerEpoch = -1;

    public void Visit(Wire w)
    {
        w.NullableString(ref TransactionalId);
        w.Int32(ref TransactionTimeoutMs);
        if (w.Version >= 3)
        {
            w.Int64(ref ProducerId);
            w.Int16(ref ProducerEpoch);
        }
    }
}

sealed class InitProducerIdResponse : IFields
{
    public int ThrottleTimeMs;
    public ErrorCode Error;
    public long ProducerId = -1;
    public short ProducerEpoch = -1;

    public void Visit(Wire w)
    {
        w.Int32(ref ThrottleTimeMs);
        w.Error(ref Error);
        w.Int64(ref ProducerId);
        w.Int16(ref ProducerEpoch);
    }
}
