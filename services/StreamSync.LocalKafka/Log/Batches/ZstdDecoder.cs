using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace StreamSync.LocalKafka.Log.Batches;

/// <summary>Zstandard (RFC 8878) on a reused context: making one costs more than decoding a small batch.</summary>
sealed class ZstdDecoder : BatchDecoder
{
    // A frame may ask for a window of this many bytes; a context that served a larger one is not kept.
    const int MaxWindowLog = 27;
    const int KeptContextInput = 4 * 1024 * 1024;
    const int KeptContexts = 4;

    static readonly ConcurrentBag<Decompressor> Contexts = [];

    readonly Decompressor _context;
    readonly bool _keep;
    ReadOnlyMemory<byte> _rest;
    bool _frameOpen;

    public ZstdDecoder(ReadOnlyMemory<byte> compressed)
    {
        _rest = compressed;
        _keep = WindowSize(compressed.Span) <= KeptContextInput;
        if (!Contexts.TryTake(out _context!))
        {
            _context = new Decompressor();
            _context.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, MaxWindowLog);
        }
    }

    public override int Read(Span<byte> destination)
    {
        while (!_rest.IsEmpty || _frameOpen)
        {
            OperationStatus status;
            int consumed, written;
            try
            {
                status = _context.UnwrapStream(_rest.Span, destination, out consumed, out written);
            }
            catch (ZstdException e)
            {
                throw new InvalidDataException($"zstd data are damaged: {e.Message}");
            }

            _rest = _rest[consumed..];
            _frameOpen = status != OperationStatus.Done;
            if (written > 0)
            {
                return written;
            }

            if (_frameOpen && consumed == 0)
            {
                throw new InvalidDataException("zstd frame is cut off");
            }
        }

        return 0;
    }

    // RFC 8878, 3.1.1.1: magic, descriptor, then a window descriptor or (single segment) a content size.
    static long WindowSize(ReadOnlySpan<byte> frame)
    {
        const int at = 5, fullHeader = 18;
        if (frame.Length < fullHeader)
        {
            return 0;
        }

        var descriptor = frame[4];
        if ((descriptor & 0x20) == 0)
        {
            var window = 1L << (10 + (frame[at] >> 3));
            return window + window / 8 * (frame[at] & 7);
        }

        var dictionaryId = (descriptor & 3) == 3 ? 4 : descriptor & 3;
        var size = frame[(at + dictionaryId)..];
        return (descriptor >> 6) switch
        {
            0 => size[0],
            1 => BinaryPrimitives.ReadUInt16LittleEndian(size) + 256,
            2 => BinaryPrimitives.ReadUInt32LittleEndian(size),
            _ => long.MaxValue,
        };
    }

    public override void Dispose()
    {
        if (_keep && Contexts.Count < KeptContexts)
        {
            _context.ResetStream();
            Contexts.Add(_context);
        }
        else
        {
            _context.Dispose();
        }
    }
}
