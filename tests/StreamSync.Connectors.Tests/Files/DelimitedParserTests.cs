using System.Text;
using FsCheck.Fluent;
using FsCheck.Xunit;
using StreamSync.Connectors.Files;

namespace StreamSync.Connectors.Tests.Files;

public class DelimitedParserTests
{
    [Theory]
    [InlineData("a,b,c\n", "a|b|c")]
    [InlineData("a,b,c\r\n", "a|b|c")]
    [InlineData("a,b,c", "a|b|c")]
    [InlineData(",,\n", "||")]
    [InlineData("a,\n", "a|")]
    [InlineData("\"a\",\"b,c\"\n", "a|b,c")]
    [InlineData("\"a\r\nb\",c\r\n", "a\r\nb|c")]
    [InlineData("\"say \"\"hi\"\"\",c\n", "say \"hi\"|c")]
    [InlineData("\"\"\"\",x\n", "\"|x")]
    [InlineData("\"\",x\n", "|x")]
    [InlineData("5\" pipe,x\n", "5\" pipe|x")]
    [InlineData("\"a \"b\" c\",x\n", "a \"b\" c|x")]
    [InlineData("\"a\" ,x\n", "a\" ,x")]
    public void Rows_are_split_as_tools_mean_them(string text, string expected)
    {
        if (expected == "a\" ,x")
        {
            // A quote that is closed before a blank: the field's end can't be told, and the line is given up.
            Assert.Equal(RowStatus.UnclosedQuote, new DelimitedParser((byte)',').Read(Encoding.UTF8.GetBytes(text), final: true, out _, out _));
            return;
        }

        Assert.Equal([expected], Rows(text).Select(r => string.Join('|', r)));
    }

    [Fact]
    public void Blank_lines_are_no_rows()
    {
        Assert.Equal(["a", "b"], Rows("\n  \na\n\r\nb\n").Select(r => r.Single()));
    }

    [Fact]
    public void An_unclosed_quote_gives_up_one_line_and_no_more()
    {
        var rows = Rows("1,a\n2,\"b\n3,c\n4,d\n", out var givenUp);
        Assert.Equal(["1|a", "3|c", "4|d"], rows.Select(r => string.Join('|', r)));
        Assert.Equal(["2,\"b\n"], givenUp);
    }

    [Fact]
    public void A_quote_that_joins_rows_by_the_next_quoted_field_gives_up_its_line()
    {
        var rows = Rows("1,\"abc\n2,\"def\",x\n3,\"ghi\",y\n", out var givenUp);
        Assert.Equal(["2|def|x", "3|ghi|y"], rows.Select(r => string.Join('|', r)));
        Assert.Equal(["1,\"abc\n"], givenUp);
    }

    [Fact]
    public void Lines_of_old_macs_end_with_a_carriage_return()
    {
        var parser = new DelimitedParser((byte)';', (byte)'\r');
        Assert.Equal(RowStatus.Row, parser.Read("a;b\rc;d"u8, final: false, out var consumed, out _));
        Assert.Equal(4, consumed);
        Assert.Equal(2, parser.Count);
    }

    [Property(MaxTest = 300)]
    public void Any_fields_survive_writing_and_reading_in_pieces_of_any_size(string?[][] rows, byte piece)
    {
        var clean = rows.Where(r => r.Length > 0).Select(r => r.Select(f => (f ?? string.Empty).Replace("\0", string.Empty)).ToArray()).ToList();
        var text = new StringBuilder();
        foreach (var row in clean)
        {
            text.AppendJoin(',', row.Select(f => "\"" + f.Replace("\"", "\"\"") + "\"")).Append('\n');
        }

        var expected = clean.Select(r => string.Join('\u241F', r.Select(Valid)));
        Assert.Equal(expected, RowsInPieces(Encoding.UTF8.GetBytes(text.ToString()), piece + 1).Select(r => string.Join('\u241F', r)));

        static string Valid(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
    }

    [Property(MaxTest = 300)]
    public void Any_bytes_are_read_to_their_end_and_nothing_is_lost(byte[] bytes)
    {
        // Quotes, delimiters and line ends are what matters: make them frequent.
        var data = bytes.Select(b => (b % 8) switch { 0 => (byte)'"', 1 => (byte)',', 2 => (byte)'\n', 3 => (byte)'\r', _ => (byte)('a' + (b % 5)) }).ToArray();
        var parser = new DelimitedParser((byte)',');
        var at = 0;
        while (at < data.Length)
        {
            var status = parser.Read(data.AsSpan(at), final: true, out var consumed, out var lines);
            Assert.NotEqual(RowStatus.NeedMore, status);
            Assert.InRange(consumed, 1, data.Length - at);
            Assert.True(lines >= 1);
            foreach (var field in parser.Fields)
            {
                Assert.InRange(field.Start + field.Length, 0, consumed);
            }

            at += consumed;
        }
    }

    static List<string[]> Rows(string text) => Rows(text, out _);

    static List<string[]> Rows(string text, out List<string> givenUp)
    {
        var parser = new DelimitedParser((byte)',');
        var data = Encoding.UTF8.GetBytes(text);
        var rows = new List<string[]>();
        givenUp = [];
        for (var at = 0; at < data.Length;)
        {
            var rest = data.AsSpan(at);
            var status = parser.Read(rest, final: true, out var consumed, out _);
            if (status == RowStatus.Row)
            {
                rows.Add(Fields(parser, rest));
            }
            else if (status != RowStatus.Blank)
            {
                givenUp.Add(Encoding.UTF8.GetString(rest[..consumed]));
            }

            at += consumed;
        }

        return rows;
    }

    static List<string[]> RowsInPieces(byte[] data, int piece)
    {
        var parser = new DelimitedParser((byte)',');
        var rows = new List<string[]>();
        int at = 0, have = 0;
        while (at < data.Length)
        {
            var status = parser.Read(data.AsSpan(at, have - at), final: have == data.Length, out var consumed, out _);
            if (status == RowStatus.NeedMore)
            {
                have = Math.Min(data.Length, have + piece);
                continue;
            }

            // A line with one empty quoted field is no blank line.
            Assert.Equal(RowStatus.Row, status);
            rows.Add(Fields(parser, data.AsSpan(at)));
            at += consumed;
        }

        return rows;
    }

    static string[] Fields(DelimitedParser parser, ReadOnlySpan<byte> row)
    {
        var fields = new List<string>();
        foreach (var field in parser.Fields)
        {
            var text = Encoding.UTF8.GetString(row.Slice(field.Start, field.Length));
            fields.Add(field.HasQuotes ? text.Replace("\"\"", "\"") : text);
        }

        return [.. fields];
    }
}
