using System.Buffers;
using Microsoft.Win32.SafeHandles;
using StreamSync.LocalKafka.Log.Batches;

namespace StreamSync.LocalKafka.Log.Segments;

/// <summary>
/// Walks the batches of a segment file in order through one buffer, whatever the size of a batch. Stops at the first
/// bytes that are no good batch.
/// </summary>
sealed class BatchWalker : IDisposable
{
    /// <summary>Enough to run through a file at full speed.</summary>
    public const int DefaultBuffer = 256 * 1024;

    readonly SafeFileHandle _file;
    readonly int _end;
    readonly bool _verify;
    readonly long _baseOffset;
    readonly int _chunk;
    byte[] _buffer;
    int _bufferStart, _bufferLength, _next;

    /// <param name="file">The segment.</param>
    /// <param name="baseOffset">Its first offset.</param>
    /// <param name="from">Position of a batch.</param>
    /// <param name="end">Where to stop.</param>
    /// <param name="nextOffset">No batch may start before this offset.</param>
    /// <param name="verify">Whether to check each batch's checksum.</param>
    /// <param name="chunk">Bytes to read at once.</param>
    public BatchWalker(SafeFileHandle file, long baseOffset, int from, int end, long nextOffset, bool verify, int chunk = DefaultBuffer)
    {
        _chunk = chunk;
        _buffer = ArrayPool<byte>.Shared.Rent(chunk);
        (_file, _baseOffset, _next, _end, _verify, NextOffset) = (file, baseOffset, from, end, verify, nextOffset);
        Position = from;
    }

    public BatchHeader Header { get; private set; }

    /// <summary>Position of the current batch, after a false <see cref="MoveNext"/> of the end or the damage.</summary>
    public int Position { get; private set; }

    public int Size => (int)Header.TotalSize;

    /// <summary>Offset after the last batch walked.</summary>
    public long NextOffset { get; private set; }

    /// <summary>Where the walk ends.</summary>
    public int End => _end;

    /// <summary>Whether the walk stopped before its end.</summary>
    public bool Damaged { get; private set; }

    public bool MoveNext()
    {
        Position = _next;
        if (_next >= _end)
        {
            return false;
        }

        if (TryHeader(_next, out var header) && header.BaseOffset >= NextOffset && IsGood(header, _next))
        {
            Header = header;
            NextOffset = header.LastOffset + 1;
            _next += (int)header.TotalSize;
            return true;
        }

        Damaged = true;
        return false;
    }

    /// <summary>Whether a good batch lies at a position, whatever came before.</summary>
    public bool IsGoodAt(int position, out BatchHeader header) => TryHeader(position, out header) && IsGood(header, position);

    /// <summary>The current batch in one piece; the span is valid until the next call.</summary>
    public ReadOnlyMemory<byte> Batch()
    {
        Load(Position, Size);
        return _buffer.AsMemory(Position - _bufferStart, Size);
    }

    bool TryHeader(int position, out BatchHeader header)
    {
        if (_end - position < BatchHeader.Size)
        {
            header = default;
            return false;
        }

        header = BatchHeader.Parse(Load(position, BatchHeader.Size));
        return true;
    }

    bool IsGood(BatchHeader header, int position) =>
        header.IsPlausible
        && header.TotalSize <= _end - position
        && header.BaseOffset >= _baseOffset
        && header.LastOffset - _baseOffset <= int.MaxValue
        && (!_verify || Checksum(position + BatchHeader.CrcCoversFrom, position + (int)header.TotalSize) == header.Crc);

    /// <summary>Checksum of a range of the file.</summary>
    public uint Checksum(int from, int to)
    {
        var crc = Crc32C.Start;
        while (from < to)
        {
            var piece = Load(from, Math.Min(to - from, _chunk));
            piece = piece[..Math.Min(to - from, piece.Length)];
            crc = Crc32C.Update(crc, piece);
            from += piece.Length;
        }

        return ~crc;
    }

    /// <summary>At least <paramref name="count"/> bytes from a position on.</summary>
    public ReadOnlySpan<byte> Load(int position, int count)
    {
        if (position < _bufferStart || position + count > _bufferStart + _bufferLength)
        {
            if (count > _buffer.Length)
            {
                ArrayPool<byte>.Shared.Return(_buffer);
                _buffer = [];
                _buffer = ArrayPool<byte>.Shared.Rent(count);
            }

            var wanted = Math.Min(_end - position, Math.Max(count, _chunk));
            _bufferStart = position;
            _bufferLength = 0;
            while (_bufferLength < wanted)
            {
                var n = RandomAccess.Read(_file, _buffer.AsSpan(_bufferLength, wanted - _bufferLength), position + _bufferLength);
                if (n == 0)
                {
                    throw new EndOfStreamException($"A segment ends at {position + _bufferLength}, before the {_end} bytes it had.");
                }

                _bufferLength += n;
            }
        }

        return _buffer.AsSpan(position - _bufferStart, _bufferLength - (position - _bufferStart));
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }
}
