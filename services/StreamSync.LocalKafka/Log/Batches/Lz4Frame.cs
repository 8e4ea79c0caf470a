using System.Buffers;
using System.Buffers.Binary;
using K4os.Compression.LZ4;
using K4os.Hash.xxHash;

namespace StreamSync.LocalKafka.Log.Batches;

/// <summary>
/// LZ4 frame format 1.6 in the shape that Apache Kafka reads: version 01, independent blocks, no dictionary. A frame of
/// linked blocks would stop every Java consumer, so it is refused as Apache Kafka refuses it.
/// </summary>
sealed class Lz4FrameDecoder : BatchDecoder
{
    readonly bool _blockChecksums;
    readonly int _maxBlock;
    ReadOnlyMemory<byte> _rest;
    byte[]? _block;
    int _position, _end;
    bool _finished;

    public Lz4FrameDecoder(ReadOnlyMemory<byte> compressed)
    {
        var data = compressed.Span;
        if (data.Length < Lz4Frame.MinHeader || BinaryPrimitives.ReadUInt32LittleEndian(data) != Lz4Frame.Magic)
        {
            throw new InvalidDataException("not an LZ4 frame");
        }

        var (flags, descriptor) = (data[4], data[5]);
        if ((flags & 0b1100_0000) != 0b0100_0000 || (flags & 0b11) != 0 || (descriptor & 0b1000_1111) != 0)
        {
            throw new InvalidDataException("LZ4 frame header has an unknown version or reserved bits");
        }

        if ((flags & Lz4Frame.IndependentBlocks) == 0)
        {
            throw new InvalidDataException("LZ4 frame has linked blocks, which Kafka clients cannot read");
        }

        var sizeCode = descriptor >> 4;
        if (sizeCode < 4)
        {
            throw new InvalidDataException("LZ4 frame header has an invalid block size");
        }

        var headerEnd = 6 + ((flags & Lz4Frame.ContentSize) != 0 ? 8 : 0);
        if (data.Length <= headerEnd || data[headerEnd] != Lz4Frame.HeaderChecksum(data[4..headerEnd]))
        {
            throw new InvalidDataException("LZ4 frame header is damaged");
        }

        _blockChecksums = (flags & Lz4Frame.BlockChecksum) != 0;
        _maxBlock = 1 << (8 + 2 * sizeCode);
        _rest = compressed[(headerEnd + 1)..];
    }

    public override int Read(Span<byte> destination)
    {
        while (_position == _end)
        {
            if (_finished || !NextBlock(destination, out var direct))
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
        var word = Take(sizeof(uint)).Span;
        var size = BinaryPrimitives.ReadUInt32LittleEndian(word);
        if (size == 0)
        {
            _finished = true;
            return false;
        }

        var raw = (size & 0x8000_0000) != 0;
        size &= 0x7FFF_FFFF;
        if (size > _maxBlock)
        {
            throw new InvalidDataException("LZ4 block is larger than its frame allows");
        }

        var block = Take((int)size).Span;
        if (_blockChecksums && BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)).Span) != XXH32.DigestOf(block))
        {
            throw new InvalidDataException("LZ4 block fails its checksum");
        }

        if (destination.Length >= _maxBlock)
        {
            direct = Unpack(block, destination[.._maxBlock], raw);
            return true;
        }

        _block ??= ArrayPool<byte>.Shared.Rent(_maxBlock);
        _position = 0;
        _end = Unpack(block, _block.AsSpan(0, _maxBlock), raw);
        return true;
    }

    static int Unpack(ReadOnlySpan<byte> block, Span<byte> target, bool raw)
    {
        if (raw)
        {
            block.CopyTo(target);
            return block.Length;
        }

        var n = LZ4Codec.Decode(block, target);
        return n >= 0 ? n : throw new InvalidDataException("LZ4 block is damaged");
    }

    ReadOnlyMemory<byte> Take(int count)
    {
        if (count > _rest.Length)
        {
            throw new InvalidDataException("LZ4 frame is cut off");
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    public override void Dispose()
    {
        if (_block is { } block)
        {
            _block = null;
            ArrayPool<byte>.Shared.Return(block);
        }
    }
}

/// <summary>Constants of the LZ4 frame format, and the writing of frames.</summary>
static class Lz4Frame
{
    public const uint Magic = 0x184D2204;
    public const int MinHeader = 7;
    public const int IndependentBlocks = 0b10_0000, BlockChecksum = 0b1_0000, ContentSize = 0b1000;

    const int BlockSize = 64 * 1024;

    public static byte HeaderChecksum(ReadOnlySpan<byte> descriptor) => (byte)(XXH32.DigestOf(descriptor) >> 8);

    public static int MaxSize(int length) => MinHeader + (length / BlockSize + 1) * (BlockSize + 4) + 4;

    /// <summary>Writes one frame of independent 64 KiB blocks.</summary>
    public static int Encode(ReadOnlySpan<byte> source, Span<byte> target)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, Magic);
        target[4] = 0b0100_0000 | IndependentBlocks;
        target[5] = 4 << 4;
        target[6] = HeaderChecksum(target[4..6]);
        var at = MinHeader;
        for (; !source.IsEmpty; source = source[Math.Min(BlockSize, source.Length)..])
        {
            var block = source[..Math.Min(BlockSize, source.Length)];
            var n = LZ4Codec.Encode(block, target.Slice(at + 4, block.Length));
            if (n <= 0 || n >= block.Length)
            {
                block.CopyTo(target[(at + 4)..]);
                BinaryPrimitives.WriteUInt32LittleEndian(target[at..], (uint)block.Length | 0x8000_0000);
                n = block.Length;
            }
            else
            {
                BinaryPrimitives.WriteInt32LittleEndian(target[at..], n);
            }

            at += 4 + n;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(target[at..], 0);
        return at + 4;
    }
}
