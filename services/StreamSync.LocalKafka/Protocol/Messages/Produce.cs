namespace StreamSync.LocalKafka.Protocol.Messages;

sealed class ProduceRequest : IFields
{
    public string? TransactionalId;
    public short Acks;
    public int TimeoutMs;
    public List<Topic> Topics = [];

    public void Visit(Wire w)
    {
        w.NullableString(ref TransactionalId);
        w.Int16(ref Acks);
        w.Int32(ref TimeoutMs);
        w.Array(ref Topics);
    }

    internal sealed class Topic : IFields
    {
        public string Name = "";
        public List<Partition> Partitions = [];

        public void Visit(Wire w)
        {
            w.String(ref Name);
            w.Array(ref Partitions);
        }
    }

    internal sealed class Partition : IFields
    {
        public int Index;
        public ReadOnlyMemory<byte>? Records;

        public void Visit(Wire w)
        {
            w.Int32(ref Index);
            w.Records(ref Records);
        }
    }
}

sealed class ProduceResponse : IFields
{
    public List<Topic> Topics = [];
    public int ThrottleTimeMs;

    public void Visit(Wire w)
    {
        w.Array(ref Topics);
        w.Int32(ref ThrottleTimeMs);
    }

    internal sealed class Topic : IFields
    {
        public string Name = "";
        public List<Partition> Partitions = [];

        public void Visit(Wire w)
        {
            w.String(ref Name);
            w.Array(ref Partitions);
        }
    }

    internal sealed class Partition : IFields
    {
        public int Index;
        public ErrorCode Error;
        public long BaseOffset = -1;
        public long LogAppendTimeMs = -1;
        public long LogStartOffset = -1;
        public List<RecordError> RecordErrors = [];
        public string? ErrorMessage;

        public void Visit(Wire w)
        {
            w.Int32(ref Index);
            w.Error(ref Error);
            w.Int64(ref BaseOffset);
            w.Int64(ref LogAppendTimeMs);
            if (w.Version >= 5)
            {
                w.Int64(ref LogStartOffset);
            }

            if (w.Version >= 8)
            {
                w.Array(ref RecordErrors);
                w.NullableString(ref ErrorMessage);
            }
        }
    }

    internal sealed class RecordError : IFields
    {
        public int BatchIndex;
        public string? Message;

        public void Visit(Wire w)
        {
            w.Int32(ref BatchIndex);
            w.NullableString(ref Message);
        }
    }
}
