namespace StreamSync.LocalKafka.Protocol.Messages;

/// <summary>A topic and some of its partitions.</summary>
sealed class TopicPartitions : IFields
{
    public string Name = "";
    public List<int> Partitions = [];

    public void Visit(Wire w)
    {
        w.String(ref Name);
        w.Int32s(ref Partitions);
    }
}

/// <summary>A topic and an error for some of its partitions.</summary>
sealed class TopicErrors : IFields
{
    public string Name = "";
    public List<PartitionError> Partitions = [];

    public void Visit(Wire w)
    {
        w.String(ref Name);
        w.Array(ref Partitions);
    }
}

sealed class AddPartitionsToTxnRequest : IFields
{
    public string TransactionalId = "";
    public long ProducerId;
    public short ProducerEpoch;
    public List<TopicPartitions> Topics = [];

    public void Visit(Wire w)
    {
        w.String(ref TransactionalId);
        w.Int64(ref ProducerId);
        w.Int16(ref ProducerEpoch);
        w.Array(ref Topics);
    }
}

sealed class AddPartitionsToTxnResponse : IFields
{
    public int ThrottleTimeMs;
    public List<TopicErrors> Topics = [];

    public void Visit(Wire w)
    {
        w.Int32(ref ThrottleTimeMs);
        w.Array(ref Topics);
    }
}

sealed class AddOffsetsToTxnRequest : IFields
{
    public string TransactionalId = "";
    public long ProducerId;
    public short ProducerEpoch;
    public string GroupId = "";

    public void Visit(Wire w)
    {
        w.String(ref TransactionalId);
        w.Int64(ref ProducerId);
        w.Int16(ref ProducerEpoch);
        w.String(ref GroupId);
    }
}

sealed class AddOffsetsToTxnResponse : IFields
{
    public int ThrottleTimeMs;
    public ErrorCode Error;

    public void Visit(Wire w)
    {
        w.Int32(ref ThrottleTimeMs);
        w.Error(ref Error);
    }
}

sealed class EndTxnRequest : IFields
{
    public string TransactionalId = "";
    public long ProducerId;
    public short ProducerEpoch;
    public bool Committed;

    public void Visit(Wire w)
    {
        w.String(ref TransactionalId);
        w.Int64(ref ProducerId);
        w.Int16(ref ProducerEpoch);
        w.Bool(ref Committed);
    }
}

sealed class EndTxnResponse : IFields
{
    public int ThrottleTimeMs;
    public ErrorCode Error;

    public void Visit(Wire w)
    {
        w.Int32(ref ThrottleTimeMs);
        w.Error(ref Error);
    }
}

sealed class TxnOffsetCommitRequest : IFields
{
    public string TransactionalId = "";
    public string GroupId = "";
    public long ProducerId;
    public short ProducerEpoch;
    public int GenerationId = -1;
    public string MemberId = "";
    public string? GroupInstanceId;
    public List<Topic> Topics = [];

    public void Visit(Wire w)
    {
        w.String(ref TransactionalId);
        w.String(ref GroupId);
        w.Int64(ref ProducerId);
        w.Int16(ref ProducerEpoch);
        if (w.Version >= 3)
        {
            w.Int32(ref GenerationId);
            w.String(ref MemberId);
            w.NullableString(ref GroupInstanceId);
        }

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
        public long Offset;
        public int LeaderEpoch = -1;
        public string? Metadata;

        public void Visit(Wire w)
        {
            w.Int32(ref Index);
            w.Int64(ref Offset);
            if (w.Version >= 2)
            {
                w.Int32(ref LeaderEpoch);
            }

            w.NullableString(ref Metadata);
        }
    }
}

sealed class TxnOffsetCommitResponse : IFields
{
    public int ThrottleTimeMs;
    public List<TopicErrors> Topics = [];

    public void Visit(Wire w)
    {
        w.Int32(ref ThrottleTimeMs);
        w.Array(ref Topics);
    }
}
