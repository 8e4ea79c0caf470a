using System.Buffers;

namespace StreamSync.Connectors.Files;

/// <summary>Where a field stands in a row.</summary>
/// <param name="Start">First byte, from the row's start; behind the opening quote.</param>
/// <param name="Length">Bytes, without the closing quote.</param>
/// <param name="HasQuotes">True when quotes inside are doubled and must be undoubled.</param>
readonly record struct FieldSlice(int Start, int Length, bool HasQuotes);

enum RowStatus
{
    /// <summary>A row; its fields are known.</summary>
    Row,

    /// <summary>An empty line.</summary>
    Blank,

    /// <summary>The data ends inside the row.</summary>
    NeedMore,

    /// <summary>A quote was opened and never closed: only the first line is given up.</summary>
    UnclosedQuote,

    /// <summary>A quoted field over several lines has quotes inside that are not doubled, so its end can't be told: only the first line is given up.</summary>
    StrayQuote,
}

/// <summary>
/// Splits UTF-8 delimited text into rows (RFC 4180, and what tools really write). It never buffers and never fails: a row that is no row is
/// given up line by line, so that one stray quote does not swallow the rest of the file. A quote inside an unquoted field, or inside a
/// quoted field of a single line, is text.
/// </summary>
sealed class DelimitedParser
{
    const byte Quote = (byte)'"';
    readonly byte _delimiter;
    readonly byte _newline;
    readonly SearchValues<byte> _fieldEnds;
    FieldSlice[] _fields = new FieldSlice[64];

    /// <param name="delimiter">Delimiter.</param>
    /// <param name="newline">Line feed, or carriage return for files of old Macs.</param>
    public DelimitedParser(byte delimiter, byte newline = (byte)'\n')
    {
        _delimiter = delimiter;
        _newline = newline;
        _fieldEnds = SearchValues.Create([delimiter, newline]);
    }

    public byte Delimiter => _delimiter;

    public byte Newline => _newline;

    /// <summary>Number of fields of the last row.</summary>
    public int Count { get; private set; }

    /// <summary>Fields of the last row.</summary>
    public ReadOnlySpan<FieldSlice> Fields => _fields.AsSpan(0, Count);

    /// <summary>Reads the row at the start of the data.</summary>
    /// <param name="data">Bytes from the row's start on.</param>
    /// <param name="final">True when no more bytes will follow.</param>
    /// <param name="consumed">Bytes of the row with its line end, or of the line that is given up.</param>
    /// <param name="lines">Lines that these bytes hold.</param>
    public RowStatus Read(ReadOnlySpan<byte> data, bool final, out int consumed, out int lines)
    {
        Count = 0;
        consumed = 0;
        lines = 1;
        var at = 0;
        var stray = false;
        while (true)
        {
            int end;
            if (at < data.Length && data[at] == Quote)
            {
                var status = QuotedEnd(data, at, final, ref lines, ref stray, out end, out var hasQuotes);
                if (status != RowStatus.Row)
                {
                    lines = 1;
                    return status == RowStatus.NeedMore ? status : GiveUp(status, data, out consumed);
                }

                Add(new FieldSlice(at + 1, end - at - 1, hasQuotes));

                // Behind the closing quote, and a carriage return before the line feed.
                end++;
                if (end < data.Length && data[end] != _delimiter && data[end] != _newline)
                {
                    end++;
                }
            }
            else
            {
                var length = data[at..].IndexOfAny(_fieldEnds);
                if (length < 0)
                {
                    if (!final)
                    {
                        return RowStatus.NeedMore;
                    }

                    length = data.Length - at;
                }

                end = at + length;
                var text = end > at && data[end - 1] == '\r' && (end == data.Length || data[end] == _newline) ? length - 1 : length;
                Add(new FieldSlice(at, text, HasQuotes: false));
            }

            if (end >= data.Length || data[end] == _newline)
            {
                consumed = Math.Min(end + 1, data.Length);
                if (stray && lines > 1)
                {
                    lines = 1;
                    return GiveUp(RowStatus.StrayQuote, data, out consumed);
                }

                return Count == 1 && IsBlank(data[..end]) ? RowStatus.Blank : RowStatus.Row;
            }

            at = end + 1;
            if (at == data.Length && !final)
            {
                return RowStatus.NeedMore;
            }
        }
    }

    /// <summary>Finds the quote that ends a quoted field: one before a delimiter, a line end or the end of all data.</summary>
    RowStatus QuotedEnd(ReadOnlySpan<byte> data, int open, bool final, ref int lines, ref bool stray, out int close, out bool hasQuotes)
    {
        hasQuotes = false;
        close = open;
        var from = open + 1;
        while (true)
        {
            var next = data[from..].IndexOf(Quote);
            if (next < 0)
            {
                return final ? RowStatus.UnclosedQuote : RowStatus.NeedMore;
            }

            close = from + next;
            lines += data.Slice(from, next).Count(_newline);
            var after = close + 1;
            if (after == data.Length)
            {
                return final ? RowStatus.Row : RowStatus.NeedMore;
            }

            var follower = data[after];
            if (follower == Quote)
            {
                hasQuotes = true;
                from = after + 1;
                continue;
            }

            if (follower == _delimiter || follower == _newline)
            {
                return RowStatus.Row;
            }

            if (follower == '\r')
            {
                if (after + 1 == data.Length)
                {
                    return final ? RowStatus.Row : RowStatus.NeedMore;
                }

                if (data[after + 1] == _newline)
                {
                    return RowStatus.Row;
                }
            }

            stray = true;
            from = after;
        }
    }

    RowStatus GiveUp(RowStatus status, ReadOnlySpan<byte> data, out int consumed)
    {
        Count = 0;
        var line = data.IndexOf(_newline);
        consumed = line < 0 ? data.Length : line + 1;
        return status;
    }

    void Add(FieldSlice field)
    {
        if (Count == _fields.Length)
        {
            Array.Resize(ref _fields, Count * 2);
        }

        _fields[Count++] = field;
    }

    static bool IsBlank(ReadOnlySpan<byte> line) => line.IndexOfAnyExcept((byte)' ', (byte)'\t', (byte)'\r') < 0;
}
