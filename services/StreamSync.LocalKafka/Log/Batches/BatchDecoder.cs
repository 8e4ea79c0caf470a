using System.IO.Compression;
using System.Runtime.InteropServices;

namespace StreamSync.LocalKafka.Log.Batches;

/// <summary>
/// Decompresses the records of one batch piece by piece, so that a small batch that unfolds to gigabytes takes no memory.
/// Anything that Apache Kafka's own readers would refuse is refused here with <see cref="InvalidDataException"/>.
/// </summary>
abstract class BatchDecoder : IDisposable
{
    /// <summary>Fills as much of <paramref name="destination"/> as there is; 0 at the end.</summary>
    /// <exception cref="InvalidDataException">The data are damaged or not of this codec.</exception>
    public abstract int Read(Span<byte> destination);

    public abstract void Dispose();

    /// <exception cref="InvalidDataException">No such codec, or the data do not begin as the codec's do.</exception>
    public static BatchDecoder Open(CompressionType codec, ReadOnlyMemory<byte> compressed) => codec switch
    {
        CompressionType.Gzip => new GzipDecoder(compressed),
        CompressionType.Snappy => new SnappyDecoder(compressed),
        CompressionType.Lz4 => new Lz4FrameDecoder(compressed),
        CompressionType.Zstd => new ZstdDecoder(compressed),
        _ => throw new InvalidDataException($"compression codec {(int)codec} does not exist"),
    };

    sealed class GzipDecoder : BatchDecoder
    {
        readonly GZipStream _stream;

        public GzipDecoder(ReadOnlyMemory<byte> compressed)
        {
            // Without this check an empty payload would read as an empty stream.
            if (compressed.Length < 18 || compressed.Span[0] != 0x1F || compressed.Span[1] != 0x8B)
            {
                throw new InvalidDataException("not a gzip stream");
            }

            var source = MemoryMarshal.TryGetArray(compressed, out var segment)
                ? new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false)
                : new MemoryStream(compressed.ToArray(), writable: false);
            _stream = new GZipStream(source, CompressionMode.Decompress);
        }

        public override int Read(Span<byte> destination) => _stream.Read(destination);

        public override void Dispose() => _stream.Dispose();
    }
}
