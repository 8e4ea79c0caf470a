using System.Text;
using System.Text.Unicode;
using UtfUnknown;

namespace StreamSync.Connectors.Files;

/// <summary>A file that is no table.</summary>
/// <param name="Code">Reason code.</param>
/// <param name="What">In words.</param>
/// <param name="Remedy">What to do.</param>
/// <param name="ContentType">Media type.</param>
sealed record JunkKind(string Code, string What, string Remedy, string ContentType);

/// <summary>What the first bytes of a file are.</summary>
/// <param name="Encoding">Encoding of the text; UTF-8 needs no transcoding.</param>
/// <param name="Preamble">Bytes of the byte order mark.</param>
/// <param name="Guessed">True when the encoding was guessed from the bytes.</param>
/// <param name="Junk">Why it is no text table at all; null when it may be one.</param>
sealed record TextKind(Encoding Encoding, int Preamble, bool Guessed, JunkKind? Junk)
{
    static readonly byte[] Utf8Mark = [0xEF, 0xBB, 0xBF];

    static TextKind() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <summary>True when rows can be read as they are.</summary>
    public bool IsUtf8 => Encoding.CodePage == Encoding.UTF8.CodePage;

    /// <summary>windows-1252: what American tools mean when they mean no Unicode.</summary>
    public static Encoding Windows1252 => Encoding.GetEncoding(1252);

    /// <summary>Looks at the first bytes, some tens of kilobytes.</summary>
    public static TextKind Of(ReadOnlySpan<byte> head)
    {
        if (JunkOf(head) is { } junk)
        {
            return new TextKind(Encoding.UTF8, 0, false, junk);
        }

        if (head.StartsWith(Utf8Mark))
        {
            return new TextKind(Encoding.UTF8, 3, false, Html(head[3..]));
        }

        if (head.Length >= 2 && ((head[0] == 0xFF && head[1] == 0xFE) || (head[0] == 0xFE && head[1] == 0xFF)))
        {
            return new TextKind(head[0] == 0xFF ? Encoding.Unicode : Encoding.BigEndianUnicode, 2, false, null);
        }

        if (Utf16WithoutMark(head) is { } utf16)
        {
            return new TextKind(utf16, 0, true, null);
        }

        if (head.Contains((byte)0))
        {
            return new TextKind(Encoding.UTF8, 0, false, new JunkKind("binary_data", "the file is binary data, no text", "export it as CSV", "application/octet-stream"));
        }

        if (Utf8.IsValid(WholeCharacters(head)))
        {
            return new TextKind(Encoding.UTF8, 0, false, Html(head));
        }

        return new TextKind(Guess(head), 0, true, Html(head));
    }

    static JunkKind? JunkOf(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("PK\u0003\u0004"u8) || head.StartsWith("PK\u0005\u0006"u8))
        {
            return new JunkKind("zip_archive", "the file is a zip archive or an Excel workbook", "unpack it, or save the sheet as CSV", "application/zip");
        }

        return head.StartsWith("%PDF"u8) ? new JunkKind("binary_data", "the file is a PDF", "export it as CSV", "application/pdf") : null;
    }

    static JunkKind? Html(ReadOnlySpan<byte> head)
    {
        var text = Encoding.Latin1.GetString(head[..Math.Min(head.Length, 256)]).TrimStart();
        string[] starts = ["<!doctype", "<html", "<head", "<body", "<?xml", "<!--"];
        return Array.Exists(starts, s => text.StartsWith(s, StringComparison.OrdinalIgnoreCase))
            ? new JunkKind("html_page", "the file is a web page, such as a login or error page, no table", "download it again and look at it before dropping it", "text/html")
            : null;
    }

    /// <summary>UTF-16 text of mostly Latin letters has a zero in every second byte.</summary>
    static UnicodeEncoding? Utf16WithoutMark(ReadOnlySpan<byte> head)
    {
        var length = Math.Min(head.Length, 2048) & ~1;
        if (length < 8)
        {
            return null;
        }

        int even = 0, odd = 0;
        for (var i = 0; i < length; i += 2)
        {
            even += head[i] == 0 ? 1 : 0;
            odd += head[i + 1] == 0 ? 1 : 0;
        }

        var pairs = length / 2;
        return odd > pairs * 0.7 && even < pairs * 0.05 ? new UnicodeEncoding(bigEndian: false, byteOrderMark: false)
            : even > pairs * 0.7 && odd < pairs * 0.05 ? new UnicodeEncoding(bigEndian: true, byteOrderMark: false)
            : null;
    }

    /// <summary>The head without a character that its end cuts.</summary>
    static ReadOnlySpan<byte> WholeCharacters(ReadOnlySpan<byte> head)
    {
        for (var back = 1; back <= 3 && back <= head.Length; back++)
        {
            var b = head[^back];
            if (b >= 0xC0)
            {
                var needs = b >= 0xF0 ? 4 : b >= 0xE0 ? 3 : 2;
                return needs > back ? head[..^back] : head;
            }

            if (b < 0x80)
            {
                break;
            }
        }

        return head;
    }

    static Encoding Guess(ReadOnlySpan<byte> head)
    {
        // Trusted only for what exports really use: with few letters beyond ASCII the detector likes to see Turkish or Hungarian.
        var detected = CharsetDetector.DetectFromBytes(head.ToArray()).Detected;
        return detected is { Confidence: > 0.8f, Encoding: { } found } && found.CodePage is not (65001 or 20127) ? found : Windows1252;
    }
}
