using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using StreamSync.LocalKafka.Protocol;

namespace StreamSync.LocalKafka.Server;

/// <summary>The bytes of one request in a pooled buffer, without their length prefix.</summary>
sealed class Frame : IDisposable
{
    /// <summary>Largest buffer that is not counted against the budget.</summary>
    const int Free = 4096;

    /// <summary>How long a client may stop in the middle of a request, as it holds memory that others may wait for.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    readonly MemoryBudget _budget;
    readonly int _size;
    byte[] _buffer;
    int _length;
    long _taken;

    Frame(MemoryBudget budget, int size)
    {
        _budget = budget;
        _size = size;
        _buffer = ArrayPool<byte>.Shared.Rent(Math.Min(size, Free));
    }

    public Memory<byte> Memory => _buffer.AsMemory(0, _length);

    /// <summary>
    /// Reads one frame. Memory follows what has arrived, not what was announced, and grows only as far as the budget allows.
    /// </summary>
    /// <returns>Null when the client has closed its side between two frames.</returns>
    /// <exception cref="ProtocolException">A length that is negative or beyond <paramref name="max"/>, or an end within a frame.</exception>
    public static async ValueTask<Frame?> ReadAsync(PipeReader input, MemoryBudget budget, int max, TimeProvider clock, CancellationToken cancel)
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

        var frame = new Frame(budget, size.Value);
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
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
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
            while (!await TakeAsync(input, await input.ReadAsync(either.Token), either.Token))
            {
                stalled.CancelAfter(Patience);
            }
        }
        catch (OperationCanceledException) when (stalled.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            throw new ProtocolException(
                $"it sent {_length} of a request's {_size} bytes and then nothing that could be taken for {Patience.TotalSeconds:0} s");
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
        var larger = ArrayPool<byte>.Shared.Rent(capacity);
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
