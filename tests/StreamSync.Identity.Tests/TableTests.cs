using System.Text;

namespace StreamSync.Identity.Tests;

public class TableTests
{
    [Fact]
    public void Quoted_values_may_hold_delimiters_quotes_and_line_breaks()
    {
        var table = new CsvTable(new StringReader("name,note\n\"Ruiz, Ana\",\"say \"\"hi\"\"\nagain\"\nWalter,\n"), "f.csv");

        Assert.Equal(["Ruiz, Ana", "say \"hi\"\nagain"], table.Read());
        Assert.Equal(2, table.Line);
        Assert.Equal(["Walter", ""], table.Read());
        Assert.Equal(4, table.Line);
        Assert.Null(table.Read());
    }

    [Fact]
    public void A_row_with_too_many_values_is_refused_with_its_place()
    {
        var table = new CsvTable(new StringReader("a,b\n1,2\n1,2,3\n"), "f.csv");
        table.Read();

        Assert.Contains("f.csv, line 3, column 3", Assert.Throws<TableException>(() => table.Read()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_no_UTF8_are_refused_with_their_place_and_a_remedy()
    {
        using var bytes = new MemoryStream([.. "name\nJos"u8, 0xE9, (byte)'\n']);
        using var reader = new StreamReader(bytes, new UTF8Encoding(false, throwOnInvalidBytes: true));

        var refused = Assert.Throws<TableException>(() => new CsvTable(reader, "f.csv")).Message;

        Assert.Contains("f.csv, line 1", refused, StringComparison.Ordinal);
        Assert.Contains("UTF-8", refused, StringComparison.Ordinal);
    }

    [Fact]
    public void A_quote_never_closed_is_refused_with_its_place() => Assert.Contains(
        "f.csv, line 2, column 2", Assert.Throws<TableException>(() => new CsvTable(new StringReader("a,b\n1,\"2\n3\n"), "f.csv").Read()).Message, StringComparison.Ordinal);

    [Fact]
    public void Columns_in_common_use_are_known()
    {
        string[] columns = ["rec_id", "given_name", "surname", "street_number", "address_1", "suburb", "postcode", "state", "date_of_birth", "soc_sec_id", "VoterVANID"];
        var map = ColumnMap.For("f.csv", columns);

        Assert.Equal(["rec_id"], map.Unused);
        Assert.Equal(ColumnRole.NationalId, map[9]);
        Assert.Equal(ColumnRole.VanId, map[10]);
    }

    [Fact]
    public void What_the_user_says_goes_before_names()
    {
        var map = ColumnMap.For("f.csv", ["born", "dob", "x"], "dob=born,extra=x");

        Assert.Equal([ColumnRole.BirthDate, ColumnRole.Ignored, ColumnRole.Extra], new[] { map[0], map[1], map[2] });
    }

    [Theory]
    [InlineData("given=nowhere", "there is no column 'nowhere'")]
    [InlineData("gven=a", "fields are")]
    public void A_wrong_map_is_refused(string said, string message) =>
        Assert.Contains(message, Assert.Throws<TableException>(() => ColumnMap.For("f.csv", ["a"], said)).Message, StringComparison.Ordinal);

    [Fact]
    public void Febrl_labels_are_equal_by_their_number() =>
        Assert.Equal([0, 0, 1, 0], TruthLabels.Number(["rec-7-org", "rec-7-dup-0", "rec-70-org", "rec-7-dup-12"]));

    [Fact]
    public void Other_labels_are_equal_as_they_are() => Assert.Equal([0, 1, 0], TruthLabels.Number(["rec-7-org", "x", "rec-7-org"]));

    [Fact]
    public void Quality_is_counted_from_pairs_and_records()
    {
        var quality = ClusterQuality.Of([0, 0, 0, 3, 3], [0, 0, 1, 1, 1]);

        Assert.Equal(new Quality(0.5, 0.5), quality.Pairs);
        Assert.Equal(0.6, quality.WronglyMerged, 9);
        Assert.Equal((1, 2), (quality.Mixed, quality.MostPeopleInOne));
        Assert.Equal(((2 * 2.0 / 3) + (1.0 / 3) + 2) / 5, quality.BCubed.Precision, 9);
    }
}
