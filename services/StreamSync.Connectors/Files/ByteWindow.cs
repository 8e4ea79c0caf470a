using System.IO.Hashing;

namespace StreamSync.Connectors.Files;

/// <summary>
/// A moving window over a stream: what was read and not yet consumed. Grows up to a limit and no further, whatever the stream holds. Keeps the
/// hash of all consumed bytes, which tells later whether a file has only grown.
/// </summary>
sealed class ByteWindow
{
    readonly Stream _stream;
    readonly int _limit;
    readonly XxHash128 _hash = new();
    byte[] _buffer;
    int _start;
    int _end;

    /// <param name="stream">Stream, at its beginning.</param>
    /// <param name="limit">Bytes that may be held at once.</param>
    public ByteWindow(Stream stream, int limit)
    {
        _stream = stream;
        _limit = limit;
        _buffer = new byte[Math.Min(limit, 256 * 1024)];
    }

    /// <summary>Bytes at hand.</summary>
    public ReadOnlySpan<byte> Data => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Bytes consumed since the beginning of the stream.</summary>
    public long Offset { get; private set; }

    /// <summary>True when the last attempt found no more bytes; a growing file may have more later.</summary>
    public bool AtEnd { get; private set; }

    /// <summary>True when the stream is packed data that is damaged or cut: <see cref="AtEnd"/> is not the real end.</summary>
    public bool Damaged { get; private set; }

    /// <summary>True when no more bytes can be held.</summary>
    public bool IsFull => _end - _start >= _limit;

    /// <summary>Hash of everything consumed.</summary>
    public UInt128 ConsumedHash => _hash.GetCurrentHashAsUInt128();

    /// <summary>Reads some more bytes; sets <see cref="AtEnd"/>.</summary>
    public async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        if (Damaged)
        {
            return;
        }

        if (_start > 0 && _end == _buffer.Length)
        {
            Buffer.BlockCopy(_buffer, _start, _buffer, 0, _end - _start);
            _end -= _start;
            _start = 0;
        }
        else if (_end == _buffer.Length && _buffer.Length < _limit)
        {
            Array.Resize(ref _buffer, (int)Math.Min((long)_buffer.Length * 2, _limit));
        }

        if (_end == _buffer.Length)
        {
            return;
        }

        try
        {
            var read = await _stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            AtEnd = read == 0;
            _end += read;
        }
        catch (InvalidDataException)
        {
            AtEnd = Damaged = true;
        }
    }

    /// <summary>Gives up the first bytes.</summary>
    public void Consume(int count)
    {
        _hash.Append(_buffer.AsSpan(_start, count));
        _start += count;
        Offset += count;
        if (_start == _end)
        {
            _start = _end = 0;
        }
    }

    /// <summary>Consumes bytes up to a place, holding no more than the window.</summary>
    /// <returns>False when the stream ends before.</returns>
    public async ValueTask<bool> SkipToAsync(long offset, CancellationToken cancellationToken)
    {
        while (Offset < offset)
        {
            if (_end == _start)
            {
                await FillAsync(cancellationToken);
                if (AtEnd)
                {
                    return false;
                }
            }

            Consume((int)Math.Min(offset - Offset, _end - _start));
        }

        return true;
    }
}
