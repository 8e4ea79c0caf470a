using StreamSync.LocalKafka.Log;
using StreamSync.LocalKafka.Protocol;

namespace StreamSync.LocalKafka.Coordinators;

/// <summary>State of a transactional id. The numbers are those of the records in <c>__transaction_state</c>.</summary>
enum TransactionStatus : sbyte
{
    Empty = 0,
    Ongoing = 1,
    PrepareCommit = 2,
    PrepareAbort = 3,
    CompleteCommit = 4,
    CompleteAbort = 5,
    Dead = 6,
    PrepareEpochFence = 7,
}

/// <summary>Records of <c>__transaction_state</c> in Apache Kafka's layout (TransactionLogKey and TransactionLogValue, version 0).</summary>
static class TransactionRecords
{
    public static InternalRecord Encode(Transaction t) => new(
        RecordBytes.Write(0, new Key { TransactionalId = t.TransactionalId }),
        RecordBytes.Write(0, new Value
        {
            ProducerId = t.ProducerId,
            ProducerEpoch = t.ProducerEpoch,
            TimeoutMs = t.TimeoutMs,
            Status = (sbyte)t.Status,
            Partitions = [.. t.Partitions.GroupBy(p => p.Topic).Select(g => new Topic { Name = g.Key, Partitions = [.. g.Select(p => p.Partition)] })],
            LastUpdateMs = t.LastUpdateMs,
            StartMs = t.StartMs,
        }));

    public static InternalRecord Tombstone(string transactionalId) =>
        new(RecordBytes.Write(0, new Key { TransactionalId = transactionalId }), null);

    /// <summary>Reads a record. Null for a kind that this broker does not know.</summary>
    public static (string TransactionalId, Transaction? State)? Decode(byte[] keyBytes, byte[]? valueBytes)
    {
        if (RecordBytes.Version(keyBytes) != 0)
        {
            return null;
        }

        var id = RecordBytes.Read<Key>(keyBytes).TransactionalId;
        if (valueBytes is null)
        {
            return (id, null);
        }

        var value = RecordBytes.Read<Value>(valueBytes);
        return (id, new Transaction(id)
        {
            ProducerId = value.ProducerId,
            ProducerEpoch = value.ProducerEpoch,
            TimeoutMs = value.TimeoutMs,
            Status = (TransactionStatus)value.Status,
            Partitions = [.. value.Partitions.SelectMany(t => t.Partitions, (t, p) => new TopicPartition(t.Name, p))],
            LastUpdateMs = value.LastUpdateMs,
            StartMs = value.StartMs,
        });
    }

    sealed class Key : IFields
    {
        public string TransactionalId = "";

        public void Visit(Wire w) => w.String(ref TransactionalId);
    }

    sealed class Value : IFields
    {
        public long ProducerId;
        public short ProducerEpoch;
        public int TimeoutMs;
        public sbyte Status;
        public List<Topic> Partitions = [];
        public long LastUpdateMs;
        public long StartMs;

        public void Visit(Wire w)
        {
            w.Int64(ref ProducerId);
            w.Int16(ref ProducerEpoch);
            w.Int32(ref TimeoutMs);
            w.Int8(ref Status);
            w.Array(ref Partitions);
            w.Int64(ref LastUpdateMs);
            w.Int64(ref StartMs);
        }
    }

    sealed class Topic : IFields
    {
        public string Name = "";
        public List<int> Partitions = [];

        public void Visit(Wire w)
        {
            w.String(ref Name);
            w.Int32s(ref Partitions);
        }
    }
}
