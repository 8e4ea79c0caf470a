using StreamSync.Cli.Output;
using StreamSync.Contracts;

namespace StreamSync.Cli.Tests;

public class ResultWriterTests
{
    static readonly QueryResult Result = new(
        ["name", "n", "at"],
        ["VARCHAR", "BIGINT", "TIMESTAMP"],
        [["Ana \"A\", Ruiz", 12L, new DateTime(2026, 10, 1, 3, 30, 0, DateTimeKind.Utc)], [null, 7L, null]],
        false);

    [Fact]
    public void A_table_aligns_and_counts() => Assert.Equal(
        """
        name            n  at
        -------------  --  --------------------
        Ana "A", Ruiz  12  2026-10-01T03:30:00Z
        NULL            7  NULL
        (2 rows)

        """,
        Write("table"));

    [Fact]
    public void Csv_quotes_what_must_be_quoted_and_leaves_null_empty() =>
        Assert.Equal("name,n,at\n\"Ana \"\"A\"\", Ruiz\",12,2026-10-01T03:30:00Z\n,7,\n", Write("csv"));

    [Fact]
    public void Json_keeps_numbers_and_nulls() =>
        Assert.Equal("[{\"name\":\"Ana \\\"A\\\", Ruiz\",\"n\":12,\"at\":\"2026-10-01T03:30:00Z\"},{\"name\":null,\"n\":7,\"at\":null}]", System.Text.Json.Nodes.JsonNode.Parse(Write("json"))!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));

    [Fact]
    public void A_long_text_is_whole_but_for_a_person_who_is_told_how_to_see_it()
    {
        var text = new string('x', 80) + "end";
        var result = new QueryResult(["t"], ["VARCHAR"], [[text], ["short"]], false);
        Assert.Contains(text, Write("table", result), StringComparison.Ordinal);
        Assert.DoesNotContain("cut", Write("table", result), StringComparison.Ordinal);
        var cut = Write("table", result, "--json");
        Assert.Contains(new string('x', 79) + "…\n", cut, StringComparison.Ordinal);
        Assert.EndsWith("(2 rows)\nTexts that end in … are cut at 80 characters; --json gives them whole.\n", cut, StringComparison.Ordinal);
        Assert.Contains(text, Write("csv", result, "--json"), StringComparison.Ordinal);
        Assert.DoesNotContain("cut", Write("table", result with { Rows = [[text[..80]]] }, "--json"), StringComparison.Ordinal);
    }

    static string Write(string format) => Write(format, Result);

    static string Write(string format, QueryResult result, string? whole = null)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        ResultWriter.Write(result, format, writer, whole);
        return writer.ToString();
    }
}
