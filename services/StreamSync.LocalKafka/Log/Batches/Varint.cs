namespace StreamSync.LocalKafka.Log.Batches;

/// <summary>Zigzag variable-length integers as the record format uses them: seven bits a byte, lowest first.</summary>
static class Varint
{
    /// <summary>Most bytes of a 64-bit value.</summary>
    public const int MaxBytes = 10;

    /// <summary>Reads a value; a value that is cut off or longer than its type gives false.</summary>
    public static bool TryRead64(ReadOnlySpan<byte> data, ref int position, out long value) => TryRead(data, ref position, MaxBytes, out value);

    /// <inheritdoc cref="TryRead64"/>
    public static bool TryRead32(ReadOnlySpan<byte> data, ref int position, out int value)
    {
        var ok = TryRead(data, ref position, 5, out var wide) && wide is >= int.MinValue and <= int.MaxValue;
        value = ok ? (int)wide : 0;
        return ok;
    }

    static bool TryRead(ReadOnlySpan<byte> data, ref int position, int maxBytes, out long value)
    {
        ulong raw = 0;
        for (var i = 0; i < maxBytes && (uint)position < (uint)data.Length; i++)
        {
            var b = data[position++];
            raw |= (ulong)(b & 0x7F) << (7 * i);
            if (b < 0x80)
            {
                value = (long)(raw >> 1) ^ -(long)(raw & 1);
                return true;
            }
        }

        value = 0;
        return false;
    }

    public static int Write(Span<byte> target, long value)
    {
        var raw = (ulong)((value << 1) ^ (value >> 63));
        var i = 0;
        for (; raw >= 0x80; raw >>= 7)
        {
            target[i++] = (byte)(raw | 0x80);
        }

        target[i++] = (byte)raw;
        return i;
    }

    public static int SizeOf(long value)
    {
        var raw = (ulong)((value << 1) ^ (value >> 63));
        return (70 - System.Numerics.BitOperations.LeadingZeroCount(raw | 1)) / 7;
    }
}
