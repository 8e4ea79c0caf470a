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
    public void A_quote_that_swallows_rows_is_refused_where_it_was_opened()
    {
        var table = new CsvTable(new StringReader("a,b\n1,\"2\n3,4\n5,\"6\",\n"), "f.csv");

        var refused = Assert.Throws<TableException>(() => table.Read()).Message;

        Assert.Contains("f.csv, line 2, column 2", refused, StringComparison.Ordinal);
        Assert.Contains("line 4", refused, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sep=;\na;b\n1,5;2\n", 2, 3)]
    [InlineData("\uFEFF\"sep=|\"\r\n\r\na|b\r\n1,5|2\r\n", 3, 4)]
    [InlineData("SEP=\t\na\tb\n1,5\t2\n", 2, 3)]
    [InlineData("\n ,\n\na;b\n\n1,5;2\n", 4, 6)]
    public void A_declared_delimiter_and_empty_lines_may_stand_above_the_columns(string text, int header, int line)
    {
        var table = new CsvTable(new StringReader(text), "f.csv");

        Assert.Equal(["a", "b"], table.Columns);
        Assert.Equal(header, table.HeaderLine);
        Assert.Equal(["1,5", "2"], table.Read());
        Assert.Equal(line, table.Line);
        Assert.Null(table.Read());
    }

    [Theory]
    [InlineData("sep=;\n", "f.csv, line 2: below the line that declares the delimiter")]
    [InlineData("\n\n", "f.csv: the file is empty")]
    [InlineData("a\0,\0b\0\n", "f.csv, line 1: there are zero bytes")]
    public void A_table_without_columns_is_refused(string text, string message) =>
        Assert.Contains(message, Assert.Throws<TableException>(() => new CsvTable(new StringReader(text), "f.csv")).Message, StringComparison.Ordinal);

    [Fact]
    public void Empty_rows_delimiters_at_the_end_and_names_that_come_twice_are_no_errors()
    {
        var table = new CsvTable(new StringReader("\"Last; First\",Phone,phone,\n\n,,\n \n\"Ruiz, Ana\",1,2,,,\n"), "f.csv");

        Assert.Equal(["Last; First", "Phone", "phone_2", ""], table.Columns);
        Assert.Equal(["Ruiz, Ana", "1", "2", ""], table.Read());
        Assert.Equal(5, table.Line);
        Assert.Null(table.Read());
    }

    [Theory]
    [InlineData("Donor First Name,Donor Last Name,Donor Addr1,Donor City,Donor ZIP,Donor Email", "Given,Family,Ignored,City,PostalCode,Email")]
    [InlineData("fname_c1,fname_c2,lname_c1,lname_c2,by,bm,bd", "Given,Middle,Family,SecondFamily,BirthDate,BirthMonth,BirthDay")]
    [InlineData("Contact Name,E-mail,Phone 1,Phone 2,Phone_3,Work Phone", "FullName,Email,Phone,Phone,Phone,Phone")]
    [InlineData("mailing_city,city,res_zip,mail_zip", "Ignored,City,PostalCode,Ignored")]
    [InlineData("FIRST,MAIDEN,LAST,contact_by,contact_id", "Given,FormerFamily,Family,Ignored,Ignored")]
    public void Columns_are_known_behind_their_owner_and_before_a_number(string columns, string roles)
    {
        var map = ColumnMap.For("f.csv", columns.Split(','));

        Assert.Equal(roles, string.Join(',', map.Columns.Select((_, i) => map[i])));
    }

    [Theory]
    [InlineData("birthday", ColumnRole.BirthDate)]
    [InlineData("birth_day", ColumnRole.BirthDay)]
    [InlineData("dob", ColumnRole.BirthDate)]
    public void What_a_column_is_said_to_be_may_be_a_name_in_use(string word, ColumnRole role) =>
        Assert.Equal(role, ColumnMap.For("f.csv", ["Geburtstag"], $"{word}=Geburtstag")[0]);

    [Fact]
    public void A_birth_date_in_three_columns_is_one()
    {
        Assert.Equal("1985-2-3", Birth("by,bm,bd", "1985.0", "2.0", "3.0"));
        Assert.Equal("1985-2", Birth("birth_year,birth_month", "1985", "2"));
        Assert.Equal("1985", Birth("by,bm,bd", "1985", "", "3"));
        Assert.Equal("1985-02-03", Birth("dob,birth_month", "1985-02-03", "2"));

        static string? Birth(string columns, params string[] row) => ColumnMap.For("f.csv", columns.Split(',')).ToRecord(row, "u", "o").BirthDate;
    }

    [Theory]
    [InlineData("12 Elm St, Apt 3, Boston, MA 02118-1234, USA", "12 Elm St Apt 3|Boston|MA|02118-1234|USA")]
    [InlineData("12 Elm St\nBoston, MA 02118", "12 Elm St|Boston|MA|02118|")]
    [InlineData("12 Elm St, Boston, MA, 02118", "12 Elm St|Boston|MA|02118|")]
    [InlineData("12 Elm St Boston MA 02118", "12 Elm St Boston||MA|02118|")]
    [InlineData("12 Elm St 02118", "12 Elm St|||02118|")]
    [InlineData("10 Downing Street, London SW1A 2AA", "10 Downing Street|London||SW1A 2AA|")]
    [InlineData("12 Elm St, Apt 3", "12 Elm St Apt 3||||")]
    public void An_address_in_one_column_is_taken_apart(string text, string parts)
    {
        var address = ColumnMap.For("f.csv", ["name", "address"]).ToRecord(["Ana", text], "u", "o").Addresses[0];

        Assert.Equal(parts, $"{address.Line}|{address.City}|{address.State}|{address.PostalCode}|{address.Country}");
        Assert.Equal(text, ColumnMap.For("f.csv", ["address", "city"]).ToRecord([text, "Boston"], "u", "o").Addresses[0].Line);
    }

    [Fact]
    public void A_cell_may_hold_several_contact_points()
    {
        var record = ColumnMap.For("f.csv", ["email", "phone", "sex"]).ToRecord(["ana@example.org; ruiz@example.org", "202-555-0101 / 202-555-0109", "F"], "u", "o");

        Assert.Equal(["ana@example.org", "ruiz@example.org"], record.Emails);
        Assert.Equal(["202-555-0101", "202-555-0109"], record.Phones);
        Assert.Equal("female", record.Extras[0].Value);
        Assert.Equal(["(202) 555-0101, ext. 5"], ColumnMap.For("f.csv", ["phone"]).ToRecord(["(202) 555-0101, ext. 5"], "u", "o").Phones);
    }

    [Fact]
    public void What_programs_write_for_nothing_is_nothing()
    {
        var record = ColumnMap.For("f.csv", ["first_name", "zip", "phone", "ssn"]).ToRecord(["Na", "NULL", "nan", "N/A"], "u", "o");

        Assert.Equal("Na", record.Names[0].Given);
        Assert.Empty(record.Addresses);
        Assert.Empty(record.Phones);
        Assert.Empty(record.Extras);
    }

    [Fact]
    public void Dates_are_read_as_the_others_of_their_file()
    {
        var people = PeopleFiles.Read(
            [Table("a.csv", "first,last,dob\nAna,Ruiz,5/6/85\nBo,Li,13/6/85\n"), Table("b.csv", "first,last,dob\nAna,Ruiz,6/5/1985\nBo,Li,6/13/1985\n"), Table("c.csv", "first,last,dob\nAna,Ruiz,5-Jun-85\n")], null, null);

        Assert.Equal(["1985-06-05", "1985-06-13", "1985-06-05", "1985-06-13", "1985-06-05"], people.Records.Select(record => record.BirthDate.ToString()));

        static TableSource Table(string name, string text) => new(name, () => new StringReader(text));
    }

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

    [Fact]
    public void A_column_that_is_left_out_is_no_evidence_and_leaves_its_meaning_to_others()
    {
        var map = ColumnMap.For("f.csv", ["dob", "donor_dob", "email"], "ignored=dob,ignored=email");

        Assert.Equal([ColumnRole.Ignored, ColumnRole.BirthDate, ColumnRole.Ignored], new[] { map[0], map[1], map[2] });
    }

    [Fact]
    public void A_mapped_name_may_hold_a_comma()
    {
        var map = ColumnMap.For("f.csv", ["Last, First", "when, where", "x"], "full_name=Last, First, extra=when, where,dob=x,");

        Assert.Equal([ColumnRole.FullName, ColumnRole.Extra, ColumnRole.BirthDate], new[] { map[0], map[1], map[2] });
    }

    [Theory]
    [InlineData("given=nowhere", "f.csv, line 3: there is no column 'nowhere'")]
    [InlineData("gven=a", "fields are ignored, given, middle, family")]
    [InlineData("a", "fields are ignored, given, middle, family")]
    [InlineData("given=a,family=a", "--map says of 'a' that it is given and family")]
    [InlineData("extra=who", "'who' holds the truth")]
    public void A_wrong_map_is_refused(string said, string message) => Assert.Contains(
        message, Assert.Throws<TableException>(() => ColumnMap.For("f.csv", ["a", "Who"], said, ["who"], headerLine: 3)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("born", "Flint,1984-07-02;Troy,;Ann Arbor,x", "dob=city", "f.csv: 3 of 3 values of the column 'city' can't be read as birth_date, the first on line 2")]
    [InlineData("email", "Flint,ana;Troy,n/a;Troy,bo@example.org;Troy,bo", null, "f.csv: 2 of 3 values of the column 'email' can't be read as email, the first on line 2")]
    [InlineData("mobile", "Flint,202-555-0123;Troy,home;Troy,none known", null, "f.csv: 2 of 3 values of the column 'mobile' can't be read as phone, the first on line 3; numbers outside North America")]
    [InlineData("zip", "Flint,Michigan", null, "f.csv: 1 of 1 values of the column 'zip' can't be read as postal_code")]
    [InlineData("dob_month", "Flint,13;Troy,x;Troy,5.0", null, "f.csv: 2 of 3 values of the column 'dob_month' can't be read as birth_month")]
    [InlineData("number", "Flint,1;Troy,2", "given=number", "f.csv: 2 of 2 values of the column 'number' can't be read as given")]
    [InlineData("contact", "Flint,ana@example.org", "family=contact", "f.csv: 1 of 1 values of the column 'contact' can't be read as family")]
    [InlineData("x", "Flint,;Troy,NULL", "phone=x", "f.csv: the column 'x' (phone) holds no value in any row")]
    public void A_column_that_holds_something_else_is_told(string column, string rows, string? map, string message)
    {
        var remark = Assert.Single(Remarks($"city,{column}\n{rows.Replace(';', '\n')}\n", map));

        Assert.StartsWith(message, remark, StringComparison.Ordinal);
        Assert.Contains("--map ignored=COLUMN leaves this one out", remark, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("name,email,phone,dob,zip\nAna Ruiz,ana@example.org,202-555-0123,1984-07-02,02118\nBo Li,none,,0000-00-00,\nCy Xu,cy@example.org; xu@example.org,+44 20 7946 0958,13/6/85,SW1A 2AA\n")]
    [InlineData("fname_c1,lname_c1,by,bm,bd\nANA,RUIZ,1985.0,2.0,3.0\nBO,LI,1971,11,30\n")]
    public void Columns_that_hold_what_they_say_need_no_remark(string text) => Assert.Empty(Remarks(text, null));

    [Fact]
    public void A_name_that_is_read_as_nobodys_is_told_with_its_line()
    {
        var text = "first,last\nAna,Ruiz\nBo,Li\nCy,Xu\n" + new string('A', 120) + ",Ruiz\ntest,Ruiz\n";

        var remark = Assert.Single(Remarks(text, null));

        Assert.StartsWith("f.csv: 2 of 5 values of the column 'first' (given) name nobody, the first on line 5", remark, StringComparison.Ordinal);
        Assert.DoesNotContain("AAA", remark, StringComparison.Ordinal);
        Assert.Empty(Remarks("first,last\n" + string.Concat(Enumerable.Repeat("Wolfeschlegelstein", 10)) + ",Ruiz\n", null));
    }

    static IEnumerable<string> Remarks(string text, string? map) =>
        PeopleFiles.Read([new TableSource("f.csv", () => new StringReader(text))], map, null).Readings.Select(reading => reading.Remark).OfType<string>();

    [Fact]
    public void Rows_without_truth_are_read_and_their_truth_is_unknown()
    {
        var people = PeopleFiles.Read(
            [
                new TableSource("a.csv", () => new StringReader("name,who\nAna Ruiz,7\nAna Ruiz,7.0\nBo Li,\nBo Li,NULL\nCy Xu, n/a\nCy Xu,\" \"\nDi Wu,Unknown\nDi Wu,#REF!\n")),
                new TableSource("b.csv", () => new StringReader("name\nAna Ruiz\n")),
            ], null, "who");

        Assert.Equal(9, people.Records.Count);
        Assert.Equal([0, 0, .. Enumerable.Repeat(TruthLabels.Unknown, 7)], people.Truth);
    }

    [Fact]
    public void Febrl_labels_are_equal_by_their_number() =>
        Assert.Equal([0, 0, 1, 0], TruthLabels.Number(["rec-7-org", "rec-7-dup-0", "rec-70-org", "rec-7-dup-12"]));

    [Fact]
    public void Numbers_are_equal_with_and_without_a_fraction_of_zeros()
    {
        Assert.Equal([0, 0, 1, 2], TruthLabels.Number(["7", "7.0", "70", "07"]));
        Assert.Equal([0, 1, 2], TruthLabels.Number(["7", "7.0", "7.5"]));
    }

    [Fact]
    public void Labels_beside_blank_ones_are_equal_as_without_them() =>
        Assert.Equal([0, TruthLabels.Unknown, 0, TruthLabels.Unknown], TruthLabels.Number(["rec-7-org", "", "rec-7-dup-0", "NaN"]));

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

    [Fact]
    public void Records_without_truth_count_in_no_figure()
    {
        const int None = TruthLabels.Unknown;

        Assert.Equal(ClusterQuality.Of([0, 0, 0, 3, 3], [0, 0, 1, 1, 1]), ClusterQuality.Of([9, 0, 0, 0, 0, 3, 3, 3, 9], [None, 0, 0, None, 1, 1, 1, None, None]));
    }
}
