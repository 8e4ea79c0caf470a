using System.Globalization;
using System.Text;

namespace StreamSync.Processors.Streaming;

/// <summary>
/// Which partition a key falls into, as Kafka's Java client and librdkafka's <c>murmur2</c> partitioner say, and keys that fall into a wanted one.
/// </summary>
sealed class PartitionRoutes
{
    readonly byte[][] _keys;

    /// <param name="partitions">Number of partitions.</param>
    public PartitionRoutes(int partitions)
    {
        Partitions = partitions;
        _keys = new byte[partitions][];
        for (int i = 0, found = 0; found < partitions; i++)
        {
            var key = Encoding.ASCII.GetBytes(i.ToString(CultureInfo.InvariantCulture));
            if (_keys[PartitionOf(key)] is null)
            {
                _keys[PartitionOf(key)] = key;
                found++;
            }
        }
    }

    public int Partitions { get; }

    /// <summary>A key that falls into the partition.</summary>
    public byte[] KeyFor(int partition) => _keys[partition];

    /// <summary>The partition of a key.</summary>
    public int PartitionOf(ReadOnlySpan<byte> key) => (int)((Murmur2(key) & 0x7fffffff) % (uint)Partitions);

    /// <summary>MurmurHash2, 32 bits, seed 0x9747b28c: Kafka's <c>Utils.murmur2</c>.</summary>
    static uint Murmur2(ReadOnlySpan<byte> data)
    {
        const uint m = 0x5bd1e995;
        var length = data.Length;
        var h = 0x9747b28c ^ (uint)length;
        while (data.Length >= 4)
        {
            var k = System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(data) * m;
            k ^= k >> 24;
            h = (h * m) ^ (k * m);
            data = data[4..];
        }

        if (data.Length > 2)
        {
            h ^= (uint)data[2] << 16;
        }

        if (data.Length > 1)
        {
            h ^= (uint)data[1] << 8;
        }

        if (data.Length > 0)
        {
            h = (h ^ data[0]) * m;
        }

        h = (h ^ (h >> 13)) * m;
        return h ^ (h >> 15);
    }
}
