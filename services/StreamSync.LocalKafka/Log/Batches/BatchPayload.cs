using System.Buffers;

namespace StreamSync.LocalKafka.Log.Batches;

/// <summary>The uncompressed records of a batch; pooled where they had to be unpacked.</summary>
readonly struct BatchPayload : IDisposable
{
    /// <summary>What the records of one batch may unfold to; a reader has to hold them in memory.</summary>
    public const int MaxUnpackedBytes = 1 << 30;

    /// <summary>What they may unfold to where the broker itself has to hold them: in compacted topics, and in those with a codec of their own.</summary>
    public const int MaxHeldBytes = 64 << 20;

    readonly byte[]? _pooled;

    BatchPayload(ReadOnlyMemory<byte> records, byte[]? pooled)
    {
        Records = records;
        _pooled = pooled;
    }

    public ReadOnlyMemory<byte> Records { get; }

    /// <exception cref="InvalidDataException">The compressed data are damaged.</exception>
    public static BatchPayload Unpack(ReadOnlyMemory<byte> batch, CompressionType codec)
    {
        var records = batch[BatchHeader.Size..];
        if (codec == CompressionType.None)
        {
            return new BatchPayload(records, null);
        }

        using var decoder = BatchDecoder.Open(codec, records);
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(4096, records.Length * 4));
        try
        {
            var length = 0;
            while (true)
            {
                var n = decoder.Read(buffer.AsSpan(length));
                if (n == 0)
                {
                    return new BatchPayload(buffer.AsMemory(0, length), buffer);
                }

                length += n;
                if (length == buffer.Length)
                {
                    if (length >= MaxUnpackedBytes)
                    {
                        throw new InvalidDataException($"the records unfold to more than {MaxUnpackedBytes} bytes");
                    }

                    var larger = ArrayPool<byte>.Shared.Rent(length * 2);
                    buffer.CopyTo(larger, 0);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }
            }
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    public void Dispose()
    {
        if (_pooled is not null)
        {
            ArrayPool<byte>.Shared.Return(_pooled);
        }
    }
}
