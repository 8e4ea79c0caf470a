using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using StreamSync.LocalKafka.Protocol;

namespace StreamSync.LocalKafka.Server;

/// <summary>
/// Memory for requests and for answers with records. Small ones have a share of their own, so that large ones which never arrive, or are
/// never taken, do not hold them up.
/// </summary>
/// <param name="Small">For requests of up to <see cref="SmallBytes"/>, and for answers of one small batch when the other is used up.</param>
/// <param name="Large">For larger ones, for what is made of a request, and for records.</param>
sealed record FrameMemory(MemoryBudget Small, MemoryBudget Large)
{
    public const int SmallBytes = 1024 * 1024;

    public MemoryBudget For(int size) => size <= SmallBytes ? Small : Large;
}

/// <summary>The bytes of one request in a pooled buffer, without their length prefix.</summary>
sealed class Frame : IDisposable
{
    /// <summary>Largest buffer that is not counted against the budget.</summary>
    const int Free = 4096;

    /// <summary>How long a client may stop in the middle of a request, as it holds memory that others may wait for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Slowest that a request may arrive as a whole. One byte now and then would hold its memory for ever.</summary>
    const double LeastBytesPerSecond = 256 * 1024;

    readonly MemoryBudget _budget;
    readonly int _size;
    byte[] _buffer;
    int _length;
    long _taken;

    Frame(MemoryBudget budget, int size)
    {
        _budget = budget;
        _size = size;
        _buffer = Rent(Math.Min(size, Free));
    }

    public Memory<byte> Memory => _buffer.AsMemory(0, _length);

    /// <summary>
    /// Reads one frame. Memory follows what has arrived, not what was announced, and grows only as far as the budget allows.
    /// </summary>
    /// <returns>Null when the client has closed its side between two frames.</returns>
    /// <exception cref="ProtocolException">A length that is negative or beyond <paramref name="max"/>, or an end within a frame.</exception>
    public static async ValueTask<Frame?> ReadAsync(PipeReader input, FrameMemory memory, int max, TimeProvider clock, CancellationToken cancel)
    {
        var size = await ReadSizeAsync(input, cancel);
        if (size is null)
        {
            return null;
        }

        if (size < 0 || size > max)
        {
            throw new ProtocolException($"it announced a request of {size} bytes; the limit is {max}");
        }

        var frame = new Frame(memory.For(size.Value), size.Value);
        try
        {
            await frame.FillAsync(input, clock, cancel);
            return frame;
        }
        catch
        {
            frame.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _budget.Return(_taken);
        _taken = 0;
        Return(_buffer);
        _buffer = [];
    }

    // The pool rounds up to a power of two and keeps what it gets back: too dear for large buffers, which are rare.
    static byte[] Rent(int size) =>
        size <= FrameMemory.SmallBytes ? ArrayPool<byte>.Shared.Rent(size) : GC.AllocateUninitializedArray<byte>(size);

    static void Return(byte[] buffer)
    {
        if (buffer.Length is > 0 and <= FrameMemory.SmallBytes)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    static async ValueTask<int?> ReadSizeAsync(PipeReader input, CancellationToken cancel)
    {
        while (true)
        {
            var result = await input.ReadAsync(cancel);
            var buffer = result.Buffer;
            if (buffer.Length >= 4)
            {
                var start = buffer.Slice(0, 4);
                Span<byte> bytes = stackalloc byte[4];
                start.CopyTo(bytes);
                input.AdvanceTo(start.End);
                return BinaryPrimitives.ReadInt32BigEndian(bytes);
            }

            input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
            {
                return buffer.IsEmpty ? null : throw new ProtocolException("it closed the connection within a request's length");
            }
        }
    }

    async ValueTask FillAsync(PipeReader input, TimeProvider clock, CancellationToken cancel)
    {
        if (input.TryRead(out var ready) && await TakeAsync(input, ready, cancel))
        {
            return;
        }

        using var stalled = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, stalled.Token);
        try
        {
            var start = clock.GetTimestamp();
            var longest = Patience + TimeSpan.FromSeconds(_size / LeastBytesPerSecond);
            while (!await TakeAsync(input, await input.ReadAsync(either.Token), either.Token))
            {
                var left = longest - clock.GetElapsedTime(start);
                stalled.CancelAfter(left < Patience ? TimeSpan.FromTicks(Math.Max(0, left.Ticks)) : Patience);
            }
        }
        catch (OperationCanceledException) when (stalled.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            throw new ProtocolException(
                $"it sent {_length} of a request's {_size} bytes and then nothing that could be taken for {Patience.TotalSeconds:0} s, or all too slowly");
        }
    }

    async ValueTask<bool> TakeAsync(PipeReader input, ReadResult result, CancellationToken cancel)
    {
        var part = result.Buffer.Length > _size - _length ? result.Buffer.Slice(0, _size - _length) : result.Buffer;
        var count = (int)part.Length;
        if (_length + count > _buffer.Length)
        {
            await GrowAsync(_length + count, cancel);
        }

        part.CopyTo(_buffer.AsSpan(_length));
        _length += count;
        input.AdvanceTo(part.End);
        return _length == _size || (result.IsCompleted
            ? throw new ProtocolException($"it closed the connection after {_length} of a request's {_size} bytes")
            : false);
    }

    async ValueTask GrowAsync(int needed, CancellationToken cancel)
    {
        var capacity = (int)Math.Min(_size, Math.Max(needed, 2L * _buffer.Length));
        await _budget.TakeAsync(capacity - _taken, cancel);
        _taken = capacity;
        var larger = Rent(capacity);
        _buffer.AsSpan(0, _length).CopyTo(larger);
        Return(_buffer);
        _buffer = larger;
    }
}
