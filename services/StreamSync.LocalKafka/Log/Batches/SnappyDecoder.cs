using System.Buffers;
using System.Buffers.Binary;
using Snappier;

namespace StreamSync.LocalKafka.Log.Batches;

/// <summary>
/// Snappy as Kafka clients send it: one raw block (librdkafka), or blocks of the xerial framing of the Java library: a
/// magic of 8 bytes, two versions of 4 bytes, then blocks with a big-endian length each.
/// </summary>
sealed class SnappyDecoder(ReadOnlyMemory<byte> compressed) : BatchDecoder
{
    const int FramingHeader = 16;

    // One copy element makes at most 64 bytes of 3, so no honest block claims more than this many times its size.
    const int MaxRatio = 24;

    public static ReadOnlySpan<byte> Magic => [0x82, (byte)'S', (byte)'N', (byte)'A', (byte)'P', (byte)'P', (byte)'Y', 0];

    readonly bool _framed = compressed.Span.StartsWith(Magic);
    ReadOnlyMemory<byte> _rest = compressed;
    bool _started;
    byte[]? _block;
    int _position, _end;

    public override int Read(Span<byte> destination)
    {
        while (_position == _end)
        {
            if (!NextBlock(destination, out var direct))
            {
                return 0;
            }

            if (direct > 0)
            {
                return direct;
            }
        }

        var n = Math.Min(destination.Length, _end - _position);
        _block.AsSpan(_position, n).CopyTo(destination);
        _position += n;
        return n;
    }

    bool NextBlock(Span<byte> destination, out int direct)
    {
        direct = 0;
        if (!_started)
        {
            _started = true;
            if (_framed)
            {
                if (_rest.Length < FramingHeader)
                {
                    throw new InvalidDataException("snappy framing header is cut off");
                }

                _rest = _rest[FramingHeader..];
            }
            else if (_rest.IsEmpty)
            {
                throw new InvalidDataException("empty snappy data");
            }
        }

        if (_rest.IsEmpty)
        {
            return false;
        }

        var block = _rest;
        if (_framed)
        {
            if (_rest.Length < sizeof(int))
            {
                throw new InvalidDataException("snappy block length is cut off");
            }

            // A second framing header is what concatenated streams look like.
            if (_rest.Length >= FramingHeader && _rest.Span.StartsWith(Magic))
            {
                _rest = _rest[FramingHeader..];
                return true;
            }

            var length = BinaryPrimitives.ReadInt32BigEndian(_rest.Span);
            if (length <= 0 || length > _rest.Length - sizeof(int))
            {
                throw new InvalidDataException("snappy block length is impossible");
            }

            block = _rest.Slice(sizeof(int), length);
        }

        _rest = _rest[(block.Length + (_framed ? sizeof(int) : 0))..];
        var size = Snappy.GetUncompressedLength(block.Span);
        if (size < 0 || size > (long)block.Length * MaxRatio + 64 || (size == 0 && block.Length > 1))
        {
            throw new InvalidDataException("snappy block claims an impossible size");
        }

        if (size > BatchPayload.MaxHeldBytes)
        {
            // A block is unfolded whole.
            throw new InvalidDataException($"snappy block unfolds to {size} bytes, more than {BatchPayload.MaxHeldBytes}");
        }

        if (size <= destination.Length)
        {
            direct = Unpack(block.Span, destination[..size]);
            return true;
        }

        if (_block is null || _block.Length < size)
        {
            Dispose();
            _block = ArrayPool<byte>.Shared.Rent(size);
        }

        _position = 0;
        _end = Unpack(block.Span, _block.AsSpan(0, size));
        return true;
    }

    static int Unpack(ReadOnlySpan<byte> block, Span<byte> target) =>
        Snappy.TryDecompress(block, target, out var written) && written == target.Length
            ? written
            : throw new InvalidDataException("snappy block is damaged");

    public override void Dispose()
    {
        if (_block is { } block)
        {
            _block = null;
            ArrayPool<byte>.Shared.Return(block);
        }
    }
}
