using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace StreamSync.LocalKafka.Log.Batches;

/// <summary>CRC-32C (Castagnoli, RFC 3720 appendix B.4), the checksum of record batches, on the processor's own instruction.</summary>
static class Crc32C
{
    public const uint Start = 0xFFFFFFFF;

    public static uint Compute(ReadOnlySpan<byte> data) => ~Update(Start, data);

    /// <summary>Continues a checksum begun with <see cref="Start"/>; the caller inverts the last result.</summary>
    public static uint Update(uint crc, ReadOnlySpan<byte> data)
    {
        if (BitConverter.IsLittleEndian)
        {
            foreach (var word in MemoryMarshal.Cast<byte, ulong>(data))
            {
                crc = BitOperations.Crc32C(crc, word);
            }
        }
        else
        {
            for (var rest = data; rest.Length >= sizeof(ulong); rest = rest[sizeof(ulong)..])
            {
                crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(rest));
            }
        }

        foreach (var b in data[(data.Length & ~(sizeof(ulong) - 1))..])
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        return crc;
    }
}
