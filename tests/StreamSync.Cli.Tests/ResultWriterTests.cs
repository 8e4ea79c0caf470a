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

    static string Write(string format)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        ResultWriter.Write(Result, format, writer);
        return writer.ToString();
    }
}
