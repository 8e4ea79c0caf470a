using System.Buffers;
using StreamSync.LocalKafka.Protocol;

namespace StreamSync.LocalKafka.Log;

/// <summary>Whole batches read from a partition, in a pooled buffer: dispose it after the response is written.</summary>
sealed class ReadResult : IDisposable
{
    byte[]? _pooled;

    public ReadResult(
        ErrorCode error,
        byte[]? pooled,
        int length,
        long highWatermark,
        long lastStableOffset,
        long logStartOffset,
        IReadOnlyList<AbortedTxn>? aborted,
        int tooLarge = 0)
    {
        _pooled = pooled;
        Error = error;
        Records = pooled is null ? default : pooled.AsMemory(0, length);
        HighWatermark = highWatermark;
        LastStableOffset = lastStableOffset;
        LogStartOffset = logStartOffset;
        Aborted = aborted;
        TooLarge = tooLarge;
    }

    public ErrorCode Error { get; }

    /// <summary>Batches as a Fetch response carries them; empty at the end of the log and with an error.</summary>
    public ReadOnlyMemory<byte> Records { get; private set; }

    public long HighWatermark { get; }

    public long LastStableOffset { get; }

    public long LogStartOffset { get; }

    /// <summary>Under read_committed the aborted transactions that touch <see cref="Records"/>, else null.</summary>
    public IReadOnlyList<AbortedTxn>? Aborted { get; }

    /// <summary>Bytes of the first batch if nothing was read because it is larger than was asked for, else 0.</summary>
    public int TooLarge { get; }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _pooled, null) is { } buffer)
        {
            Records = default;
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
