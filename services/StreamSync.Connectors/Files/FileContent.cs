using System.IO.Compression;
using System.Text;

namespace StreamSync.Connectors.Files;

/// <summary>An open file: unpacked, as UTF-8, from its beginning.</summary>
sealed class FileContent : IAsyncDisposable
{
    /// <summary>Bytes that are looked at to tell what a file is.</summary>
    public const int HeadSize = 64 * 1024;

    static readonly byte[] GzipMark = [0x1F, 0x8B];

    readonly FileStream _raw;
    readonly Stream _text;

    FileContent(FileStream raw, Stream text, ByteWindow window, byte[] head, bool empty, TextKind kind, Encoding encoding, bool packed)
    {
        _raw = raw;
        _text = text;
        Window = window;
        Head = head;
        IsEmpty = empty;
        Kind = kind;
        Encoding = encoding;
        Packed = packed;
        RawLength = raw.Length;
    }

    /// <summary>The text.</summary>
    public ByteWindow Window { get; }

    /// <summary>First bytes, unpacked.</summary>
    public byte[] Head { get; }

    /// <summary>True when there are none, and nothing is missing: an archive of which nothing could be unpacked is not empty.</summary>
    public bool IsEmpty { get; }

    /// <summary>What they are.</summary>
    public TextKind Kind { get; }

    /// <summary>Encoding of the file.</summary>
    public Encoding Encoding { get; }

    /// <summary>True for a gzip file.</summary>
    public bool Packed { get; }

    /// <summary>Size when it was opened, bytes on disk.</summary>
    public long RawLength { get; }

    /// <summary>Size up to which it was read.</summary>
    public long SizeRead => Packed ? RawLength : _raw.Position;

    /// <summary>True when somebody wrote more since.</summary>
    public bool HasGrown => _raw.Length > SizeRead;

    /// <summary>Opens a file, letting others write to it, rename it and delete it.</summary>
    /// <param name="path">Path.</param>
    /// <param name="codePage">Encoding as told before; 0 tells it now.</param>
    /// <param name="limit">Bytes that the window may hold.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<FileContent> OpenAsync(string path, int codePage, int limit, CancellationToken cancellationToken)
    {
        var raw = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.Open,
            Access = FileAccess.Read,
            Share = FileShare.ReadWrite | FileShare.Delete,
            Options = FileOptions.SequentialScan,
            BufferSize = 0,
        });
        try
        {
            // One byte of the two is enough: an archive may be cut there, and no text begins with it.
            var magic = new byte[2];
            var packed = await raw.ReadAtLeastAsync(magic, 2, throwOnEndOfStream: false, cancellationToken) is > 0 and var length && magic.AsSpan(0, length).SequenceEqual(GzipMark.AsSpan(0, length));
            raw.Position = 0;
            var (head, damaged) = await HeadOfAsync(packed ? new GZipStream(raw, CompressionMode.Decompress, leaveOpen: true) : raw, cancellationToken);
            raw.Position = 0;

            var kind = TextKind.Of(head);
            var encoding = codePage > 0 ? Encoding.GetEncoding(codePage) : kind.Encoding;
            Stream content = packed ? new GZipStream(raw, CompressionMode.Decompress) : raw;
            var text = encoding.CodePage == Encoding.UTF8.CodePage ? content : Encoding.CreateTranscodingStream(content, encoding, Encoding.UTF8);
            return new FileContent(raw, text, new ByteWindow(text, limit), head, head.Length == 0 && !damaged, kind, encoding, packed);
        }
        catch
        {
            await raw.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _text.DisposeAsync();
        await _raw.DisposeAsync();
    }

    static async Task<(byte[] Head, bool Damaged)> HeadOfAsync(Stream stream, CancellationToken cancellationToken)
    {
        var head = new byte[HeadSize];
        var length = 0;
        var damaged = false;
        try
        {
            while (length < head.Length)
            {
                var read = await stream.ReadAsync(head.AsMemory(length), cancellationToken);
                if (read == 0)
                {
                    break;
                }

                length += read;
            }
        }
        catch (InvalidDataException)
        {
            // What came out before is the head.
            damaged = true;
        }

        return (head.AsSpan(0, length).ToArray(), damaged);
    }
}
