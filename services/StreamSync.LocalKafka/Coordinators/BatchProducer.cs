using System.Buffers.Binary;

namespace StreamSync.LocalKafka.Coordinators;

/// <summary>Who wrote a batch, read from its header without looking at the records.</summary>
readonly record struct BatchProducer(long Id, short Epoch, bool IsTransactional)
{
    const int AttributesAt = 21, ProducerIdAt = 43, EpochAt = 51, HeaderSize = 61, TransactionalBit = 0x10;

    public static bool TryRead(ReadOnlySpan<byte> batch, out BatchProducer producer)
    {
        producer = default;
        if (batch.Length < HeaderSize)
        {
            return false;
        }

        producer = new BatchProducer(
            BinaryPrimitives.ReadInt64BigEndian(batch[ProducerIdAt..]),
            BinaryPrimitives.ReadInt16BigEndian(batch[EpochAt..]),
            (BinaryPrimitives.ReadInt16BigEndian(batch[AttributesAt..]) & TransactionalBit) != 0);
        return true;
    }
}
