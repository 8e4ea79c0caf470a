using System.IO.Compression;
using System.Text;
using StreamSync.Identity;

namespace StreamSync.Cli.Input;

/// <summary>The tables that a user names: files, compressed ones, and <c>-</c> for standard input.</summary>
static class TableFiles
{
    const string StandardInput = "-";

    /// <summary>Makes the tables ready to be read, each as often as it takes.</summary>
    /// <param name="paths">Paths as the user wrote them.</param>
    /// <param name="encodingName">How the text is encoded where no byte order mark says it.</param>
    /// <exception cref="CommandException">A path is no file, a file comes twice, or the encoding is unknown.</exception>
    public static List<TableSource> Open(IReadOnlyList<string> paths, string? encodingName)
    {
        var encoding = EncodingOf(encodingName);
        var full = paths.Select(FullPath).ToList();
        for (var i = 0; i < full.Count; i++)
        {
            if (full.IndexOf(full[i]) < i)
            {
                throw new CommandException($"{paths[i]} is given twice; name each file once");
            }
        }

        var names = full.Select(Path.GetFileName).ToList();
        return [.. paths.Select((path, i) => Source(path == StandardInput ? "standard input" : names.Count(name => name == names[i]) > 1 ? path : names[i]!, path, encoding))];
    }

    /// <summary>The path from the root.</summary>
    public static string FullPath(string path) => string.IsNullOrWhiteSpace(path) || path.Contains('\0', StringComparison.Ordinal)
        ? throw new CommandException("the name of a file is empty; give the path of a CSV file, or - for standard input")
        : Path.GetFullPath(path);

    static Encoding EncodingOf(string? name)
    {
        try
        {
            Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
            return Encoding.GetEncoding(name ?? "utf-8", EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
        }
        catch (ArgumentException)
        {
            throw new CommandException($"'{name}' is no encoding; write utf-8, utf-16, windows-1252, iso-8859-1 or another name of the IANA list");
        }
    }

    static TableSource Source(string name, string path, Encoding encoding)
    {
        if (path != StandardInput && Directory.Exists(path))
        {
            throw new CommandException($"{Path.GetFullPath(path)} is a folder; name the CSV files in it, such as {Path.Combine(path, "*.csv")}");
        }

        if (path != StandardInput && !File.Exists(path))
        {
            throw new CommandException($"{Path.GetFullPath(path)}: there is no such file; give the path of a CSV file, or - for standard input.");
        }

        // A table is read more than once, which a pipe is not.
        using var stream = path == StandardInput ? System.Console.OpenStandardInput() : File.OpenRead(path);
        if (stream.CanSeek)
        {
            return new TableSource(name, () => Text(name, File.OpenRead(path), encoding));
        }

        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        var bytes = copy.ToArray();
        return new TableSource(name, () => Text(name, new MemoryStream(bytes), encoding));
    }

    static StreamReader Text(string name, Stream stream, Encoding encoding)
    {
        Span<byte> start = stackalloc byte[4];
        start = start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        stream.Position = 0;
        if (start is [0x1F, 0x8B, ..])
        {
            return new StreamReader(new GZipStream(stream, CompressionMode.Decompress), encoding);
        }

        if (OtherThanText(start) is not { } kind)
        {
            return new StreamReader(stream, encoding);
        }

        stream.Dispose();
        throw new TableException($"{name}: this is {kind}, not delimited text; {(kind.Contains("archive", StringComparison.Ordinal) ? "unpack it first, or save the sheet as 'CSV UTF-8'" : "export it as CSV")}.");
    }

    /// <summary>What a file is whose first bytes no text begins with; null where they may be text.</summary>
    static string? OtherThanText(ReadOnlySpan<byte> start) => start switch
    {
        [0x50, 0x4B, 0x03, 0x04] => "a spreadsheet (xlsx, ods) or a zip archive",
        [0xD0, 0xCF, 0x11, 0xE0] => "a spreadsheet (xls)",
        [0x28, 0xB5, 0x2F, 0xFD] => "a zstd archive",
        [0xFD, 0x37, 0x7A, 0x58] => "an xz archive",
        [0x25, 0x50, 0x44, 0x46] => "a PDF",
        [0x50, 0x41, 0x52, 0x31] => "a Parquet file",
        _ => null,
    };
}
