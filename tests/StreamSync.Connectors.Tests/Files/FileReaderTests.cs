using System.IO.Compression;
using System.Text;
using StreamSync.Connectors.Files;
using StreamSync.Connectors.Sdk;
using StreamSync.Connectors.Tests.Support;

namespace StreamSync.Connectors.Tests.Files;

public class FileReaderTests
{
    const string PublicUsers = "tsm_hub_publicusers.csv";
    const string Header = "publicuserid,publicusername,vanid,committeeid,datecreated\n";

    [Fact]
    public async Task Rows_become_records_with_their_place()
    {
        await using var files = new FileHarness("ngpvan", "publicusers");
        await files.ReadAsync(PublicUsers, Header + "902001,Sam P,100200399,77,2024-08-20 10:00:00\n902001,Pat Q,100200400,80,2024-08-21 10:00:00\n");
        Assert.Equal(["mi-wtp/ngpvan/c77/public_user/77:902001", "mi-wtp/ngpvan/c77/public_user/80:902001"], files.Records.Select(r => r.Urn));
        Assert.Equal([$"{PublicUsers}:2", $"{PublicUsers}:3"], files.Records.Select(r => r.Position));
        Assert.Equal("Sam P", files.Records[0].After!["publicusername"]);
        Assert.Equal("1", files.Records[0].After!["mode"]);
        Assert.Empty(files.Rejected);
        Assert.Empty(files.Findings);
    }

    [Theory]
    [InlineData("<!doctype html><html>login</html>", "file_refused", 1)]
    [InlineData("", "empty_file", 0)]
    [InlineData(Header, "no_rows", 0)]
    [InlineData(Header + "902001,Sam P,100200399", "truncated_file", 1)]
    [InlineData(Header + "902001,\"Sam", "truncated_file", 1)]
    [InlineData("publicuserid,publicusername,vanid,committeeid,datecreated,shoe\n1,A,1,77,2024-08-20 10:00:00,44\n", "unknown_column", 0)]
    [InlineData("id,name\n1,Ana\n", "file_refused", 1)]
    public async Task What_was_said_of_a_file_is_taken_back_when_a_good_one_takes_its_place(string bad, string code, int rejected)
    {
        await using var files = new FileHarness("ngpvan", "publicusers");
        await files.ReadAsync(PublicUsers, bad);
        Assert.Equal([code], files.Standing.Select(f => f.Code));
        Assert.Equal(rejected, files.Rejected.Count);
        await files.RestartAsync();
        files.Clock.Advance(TimeSpan.FromSeconds(1));
        await files.ReadAsync(PublicUsers, Header + Row(1) + Row(2));
        Assert.Empty(files.Standing);
        Assert.Equal(rejected, files.Mended.Sum(m => m.Entries));
        Assert.All(files.Rejected, r => Assert.Contains(files.Mended, m => m.Holds(r.Place)));
        Assert.Equal(0, await files.RunAsync());
    }

    /// <summary>What the remedy says, and no more: whole files of other names do not show that nothing of this one is missing.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task That_a_file_was_cut_is_settled_by_a_whole_one_of_its_name_or_by_taking_it_away(bool replaced)
    {
        await using var files = new FileHarness("csv_people", "people");
        var whole = Pack("id,first_name\n1,Ana\n2,Lee\n", CompressionLevel.NoCompression);
        await files.ReadAsync("one.csv.gz", whole[..^10]);
        await files.ReadAsync("two.csv.gz", whole);
        Assert.Equal([new FindingKey("truncated_file", "one.csv.gz")], files.Standing);
        Assert.EndsWith("under the same name; or take it away, when its rows have come in another file", files.Findings.Single().Remedy, StringComparison.Ordinal);
        Assert.EndsWith("under the same name", files.Rejected.Single().Remedy, StringComparison.Ordinal);
        if (replaced)
        {
            await files.ReadAsync("one.csv.gz", whole);
            files.Clock.Advance(TimeSpan.FromSeconds(1));
            await files.RunAsync();
        }
        else
        {
            File.Delete(Path.Combine(files.Folder.Path, "one.csv.gz"));
            await files.RunAsync();
        }

        Assert.Empty(files.Standing);
        Assert.Equal(replaced, files.Mended.Any(m => m.Holds(files.Rejected.Single().Place)));
    }

    [Fact]
    public async Task What_was_said_of_a_file_goes_with_it_and_is_said_again_when_it_comes_back()
    {
        await using var files = new FileHarness("ngpvan", "publicusers");
        var (path, aside) = (Path.Combine(files.Folder.Path, PublicUsers), Path.Combine(files.Folder.Path, ".aside"));
        await files.ReadAsync(PublicUsers, Header + Row(1) + "2,cut");
        Assert.Equal(["truncated_file"], files.Standing.Select(f => f.Code));
        File.Move(path, aside);
        await files.RestartAsync();
        await files.RunAsync();
        Assert.Empty(files.Standing);
        Assert.Empty(files.Mended);
        Assert.Equal(0, await files.RunAsync());
        File.Move(aside, path);
        await files.RunAsync();
        Assert.Equal(["truncated_file"], files.Standing.Select(f => f.Code));
    }

    [Fact]
    public async Task An_unknown_column_stands_as_long_as_one_file_has_it()
    {
        await using var files = new FileHarness("ngpvan", "publicusers");
        var shoes = Header.TrimEnd() + ",shoe\n" + Row(1).TrimEnd() + ",44\n";
        await files.ReadAsync("a_" + PublicUsers, shoes);
        await files.ReadAsync("b_" + PublicUsers, shoes);
        files.Clock.Advance(TimeSpan.FromSeconds(1));
        await files.ReadAsync("a_" + PublicUsers, Header + Row(1));
        Assert.Equal(["unknown_column"], files.Standing.Select(f => f.Code));
        await files.ReadAsync("b_" + PublicUsers, Header + Row(1));
        Assert.Empty(files.Standing);
    }

    [Fact]
    public async Task A_file_that_pauses_inside_a_row_is_read_when_it_is_whole_and_nothing_stands_against_it()
    {
        const string Name = "people.csv";
        const string Whole = "id,first_name,last_name\n1,Ana,Ruiz\n2,Lee,Ohara\n3,Bo,Li\n";
        await using var files = new FileHarness("csv_people", "people", "complete: true");
        await files.ReadAsync(Name, Whole[..^6]);
        Assert.Equal(["truncated_file", "snapshot_incomplete"], files.Standing.Select(f => f.Code));
        var cut = Assert.Single(files.Rejected);
        files.Clock.Advance(TimeSpan.FromSeconds(1));
        files.Folder.Append(Name, Whole[^6..]);
        await files.RestartAsync();
        await files.RunAsync();
        Assert.Equal(["1", "2", "3"], files.Records.Select(r => r.IdParts[0]).Distinct());
        Assert.Empty(files.Standing);
        Assert.Contains(files.Mended, m => m.Holds(cut.Place));
        var state = FileState.Parse(files.Checkpoints[Name])!;
        Assert.Equal((3L, 0L), (state.Rows, state.Rejected));
    }

    [Theory]
    [InlineData("pipe", "named pipe")]
    [InlineData("socket", "socket")]
    [InlineData("device", "device")]
    [InlineData("folder", "folder")]
    public async Task What_is_no_file_is_never_opened_and_holds_up_no_other(string kind, string words)
    {
        await using var files = new FileHarness("csv_people", "people");
        var path = Path.Combine(files.Folder.Path, "odd.csv");
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        switch (kind)
        {
            case "pipe":
                using (var make = System.Diagnostics.Process.Start("mkfifo", [path]))
                {
                    await make.WaitForExitAsync();
                }

                break;
            case "socket":
                socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(path));
                break;
            case "device":
                File.CreateSymbolicLink(path, "/dev/zero");
                break;
            default:
                Directory.CreateDirectory(path);
                break;
        }

        files.Folder.Write("zz_people.csv", "id,first_name,last_name\n1,Ana,Ruiz\n");
        await files.RunAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Single(files.Records);
        var finding = Assert.Single(files.Findings);
        Assert.Equal(("not_a_file", "odd.csv"), (finding.Code, finding.Subject));
        Assert.Contains(words, finding.Message, StringComparison.Ordinal);
        Assert.Equal(0, await files.RunAsync());
    }

    [Fact]
    public async Task A_file_that_was_read_is_not_read_again()
    {
        await using var files = new FileHarness("ngpvan", "publicusers");
        await files.ReadAsync(PublicUsers, Header + Row(1));
        Assert.Equal(0, await files.RunAsync());
        await files.RestartAsync();
        Assert.Equal(0, await files.RunAsync());
        Assert.Single(files.Records);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task A_restart_goes_on_at_the_exact_row(int batches)
    {
        await using var files = new FileHarness("ngpvan", "publicusers");
        files.Folder.Write(PublicUsers, Header + string.Concat(Enumerable.Range(1, 7500).Select(Row)));
        while (await files.RunAsync(batches) > 0)
        {
            await files.RestartAsync();
        }

        Assert.Equal(Enumerable.Range(1, 7500).Select(i => $"mi-wtp/ngpvan/c77/public_user/77:{i}"), files.Records.Select(r => r.Urn));
        Assert.Equal(Enumerable.Range(2, 7500).Select(i => $"{PublicUsers}:{i}"), files.Records.Select(r => r.Position));
        Assert.Equal(7500, FileState.Parse(files.Checkpoints[PublicUsers])!.Rows);
    }

    [Fact]
    public async Task A_file_that_grows_is_read_from_where_it_ended()
    {
        await using var files = new FileHarness("ngpvan", "publicusers");
        await files.ReadAsync(PublicUsers, Header + Row(1));
        files.Folder.Append(PublicUsers, Row(2) + Row(3));
        await files.RunAsync();
        files.Folder.Append(PublicUsers, Row(4));
        await files.RestartAsync();
        await files.RunAsync();
        Assert.Equal(["77:1", "77:2", "77:3", "77:4"], files.Records.Select(Id));
        Assert.Equal($"{PublicUsers}:5", files.Records[^1].Position);
    }

    [Fact]
    public async Task A_file_still_being_written_gives_its_whole_rows_and_later_the_rest()
    {
        await using var files = new FileHarness("ngpvan", "publicusers");
        files.Clock.SetUtcNow(TimeProvider.System.GetUtcNow().AddHours(2));
        var whole = Header + Row(1) + Row(2) + Row(3);
        var cut = whole.Length - 12;
        files.Folder.Write(PublicUsers, whole[..cut]);
        File.SetLastWriteTimeUtc(Path.Combine(files.Folder.Path, PublicUsers), files.Clock.GetUtcNow().UtcDateTime);
        await files.RunAsync();
        Assert.Equal(["77:1", "77:2"], files.Records.Select(Id));

        files.Folder.Append(PublicUsers, whole[cut..]);
        await files.RunAsync();
        Assert.Equal(["77:1", "77:2", "77:3"], files.Records.Select(Id));
        Assert.Empty(files.Rejected);
    }

    [Fact]
    public async Task The_last_row_counts_without_a_line_end_once_the_file_has_settled_and_again_when_it_grows()
    {
        await using var files = new FileHarness("ngpvan", "publicusers");
        await files.ReadAsync(PublicUsers, (Header + Row(1) + Row(2)).TrimEnd('\n'));
        Assert.Equal(["77:1", "77:2"], files.Records.Select(Id));
        files.Folder.Append(PublicUsers, "\n" + Row(3));
        await files.RunAsync();
        Assert.Equal(["77:1", "77:2", "77:2", "77:3"], files.Records.Select(Id));
        Assert.Equal(files.Records[1].Fingerprint, files.Records[2].Fingerprint);
        Assert.Equal(3, FileState.Parse(files.Checkpoints[PublicUsers])!.Rows);
    }

    [Fact]
    public async Task Another_file_of_the_same_name_is_read_anew()
    {
        await using var files = new FileHarness("ngpvan", "publicusers");
        await files.ReadAsync(PublicUsers, Header + Row(1) + Row(2));

        // Same size, same beginning and end: only the middle differs.
        files.Folder.Write(PublicUsers, (Header + Row(1) + Row(2)).Replace("Name 1", "Other1"));
        File.SetLastWriteTimeUtc(Path.Combine(files.Folder.Path, PublicUsers), TimeProvider.System.GetUtcNow().AddSeconds(5).UtcDateTime);
        await files.RunAsync();
        Assert.Equal(["77:1", "77:2", "77:1", "77:2"], files.Records.Select(Id));
        Assert.Equal("Other1", files.Records[2].After!["publicusername"]);

        files.Folder.Write(PublicUsers, Header + Row(9));
        await files.RunAsync();
        Assert.Equal("77:9", Id(files.Records[^1]));
    }

    [Fact]
    public async Task Rows_that_are_no_rows_are_rejected_one_by_one_with_their_bytes()
    {
        await using var files = new FileHarness("ngpvan", "publicusers");
        await files.ReadAsync(
            PublicUsers,
            Header + Row(1) + "2,too few\n" + "3,too,many,77,2024-08-20 10:00:00,x,y\n" + "abc,not a number,1,77,2024-08-20 10:00:00\n" + "5,no time,1,77,yesterday\n"
            + ",no id,1,77,2024-08-20 10:00:00\n" + "7,\"unclosed,1,77,2024-08-20 10:00:00\n" + "8,fine,1,77,2024-08-20 10:00:00,,\n" + Row(9));
        Assert.Equal(["77:1", "77:8", "77:9"], files.Records.Select(Id));
        Assert.Equal(["too_few_fields", "too_many_fields", "wrong_type", "wrong_type", "missing_id", "unclosed_quote"], files.Rejected.Select(r => r.ReasonCode));
        Assert.Equal([3, 4, 5, 6, 7, 8], files.Rejected.Select(r => int.Parse(r.Place.Split(':')[1])));
        Assert.Equal("2,too few\n", Encoding.UTF8.GetString(files.Rejected[0].Raw.Span));
        Assert.All(files.Rejected, r => Assert.False(string.IsNullOrEmpty(r.Remedy)));
        Assert.DoesNotContain("not a number", files.Rejected[2].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_truncated_file_gives_its_rows_a_rejected_one_and_a_finding()
    {
        await using var files = new FileHarness("ngpvan", "publicusers");
        await files.ReadAsync(PublicUsers, Header + Row(1) + Row(2) + "3,Na");
        Assert.Equal(["77:1", "77:2"], files.Records.Select(Id));
        Assert.Equal("truncated_row", files.Rejected.Single().ReasonCode);
        Assert.Equal("truncated_file", files.Findings.Single().Code);
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("windows-1252")]
    public async Task Encodings_are_told_and_read(string name)
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        var encoding = Encoding.GetEncoding(name);
        await using var files = new FileHarness("ngpvan", "publicusers");
        byte[] bytes = [.. encoding.GetPreamble(), .. encoding.GetBytes(Header + "1,José Núñez,1,77,2024-08-20 10:00:00\n" + Row(2))];
        await files.ReadAsync(PublicUsers, bytes);
        Assert.Equal(["José Núñez", "Name 2"], files.Records.Select(r => r.After!["publicusername"]));
        Assert.Equal(name == "windows-1252" ? ["encoding_guessed"] : [], files.FindingCodes);
    }

    [Fact]
    public async Task Utf16_without_a_mark_is_told_by_its_zeros()
    {
        await using var files = new FileHarness("ngpvan", "publicusers");
        await files.ReadAsync(PublicUsers, Encoding.Unicode.GetBytes(Header + "1,José,1,77,2024-08-20 10:00:00\n"));
        Assert.Equal("José", files.Records.Single().After!["publicusername"]);
    }

    [Fact]
    public async Task Rows_in_another_encoding_far_behind_the_beginning_are_read_as_windows_1252()
    {
        await using var files = new FileHarness("ngpvan", "publicusers");
        var head = Header + string.Concat(Enumerable.Range(1, 3000).Select(Row));
        byte[] bytes = [.. Encoding.UTF8.GetBytes(head), .. Encoding.Latin1.GetBytes("9999,José,1,77,2024-08-20 10:00:00\n")];
        await files.ReadAsync(PublicUsers, bytes);
        Assert.Equal("José", files.Records[^1].After!["publicusername"]);
        Assert.Equal(["mixed_encoding"], files.FindingCodes);
    }

    [Fact]
    public async Task A_row_that_breaks_the_utf8_of_its_file_is_rejected()
    {
        await using var files = new FileHarness("ngpvan", "publicusers");
        var head = Header + "1,José,1,77,2024-08-20 10:00:00\n" + string.Concat(Enumerable.Range(2, 3000).Select(Row));
        byte[] bytes = [.. Encoding.UTF8.GetBytes(head), .. Encoding.Latin1.GetBytes("9999,José,1,77,2024-08-20 10:00:00\n"), .. Encoding.UTF8.GetBytes(Row(10_000))];
        await files.ReadAsync(PublicUsers, bytes);
        Assert.Equal("wrong_encoding", files.Rejected.Single().ReasonCode);
        Assert.Equal("77:10000", Id(files.Records[^1]));
    }

    [Fact]
    public async Task Unknown_columns_are_kept_and_named()
    {
        await using var files = new FileHarness("ngpvan", "publicusers");
        await files.ReadAsync(PublicUsers, "publicuserid,publicusername,committeeid,Favorite Color\n1,Sam P,77,blue\n2,Lee,77,\n");
        Assert.Equal("""{"Favorite Color":"blue"}""", files.Records[0].Extras);
        Assert.Null(files.Records[1].Extras);
        var finding = files.Findings.Single(f => f.Code == "unknown_column");
        Assert.Equal("Favorite Color", finding.Subject);
    }

    [Fact]
    public async Task Columns_of_each_list_become_custom_fields_and_a_finding()
    {
        // B062: day 2 has two columns more.
        await using var files = new FileHarness("thrutext", "messages");
        await files.ReadAsync("messages_2024-10-01.csv", File.ReadAllText(Sample("thrutext", "messages_2024-10-01.csv")));
        Assert.Empty(files.Findings);
        await files.ReadAsync("messages_2024-10-02.csv", File.ReadAllText(Sample("thrutext", "messages_2024-10-02.csv")));
        var custom = Assert.IsAssignableFrom<IDictionary<string, object>>(files.Records[1].After!["custom_fields"]);
        Assert.Equal("Housing", custom["Favorite Issue"]);
        Assert.Equal("12-3", custom["precinct"]);
        Assert.Equal(["Favorite Issue", "precinct"], files.Findings.Where(f => f.Code == "unknown_column").Select(f => f.Subject));
    }

    [Fact]
    public async Task A_rare_key_is_not_lost()
    {
        // B065: 1500 records, Notes only in one near the end.
        await using var files = new FileHarness("csv_people", "people");
        await files.ReadAsync("people.jsonl", string.Concat(Enumerable.Range(0, 1500).Select(i => $$"""{"id": {{i}}, "first_name": "Ana"{{(i == 1499 ? ", \"Notes\": \"likes tea\"" : "")}}}""" + "\n")));
        Assert.Equal(1500, files.Records.Count);
        Assert.Equal("likes tea", ((IDictionary<string, object>)files.Records[1499].After!["custom_fields"])["Notes"]);
        Assert.Contains(files.Findings, f => f is { Code: "unknown_column", Subject: "Notes" });
    }

    [Fact]
    public async Task Columns_of_one_name_are_read_by_position()
    {
        // B076: three columns 'Reserved'.
        await using var files = new FileHarness("actblue", "paid_contributions");
        var text = File.ReadAllText(Sample("actblue", "paid_contributions.csv")).Replace("333,,9001,,14001", "333,first,9001,second,14001").TrimEnd() + "\n";
        await files.ReadAsync("paid_contributions.csv", text);
        var record = files.Records.Single();
        Assert.Equal("mi-wtp/actblue/c77/lineitem/9001:contribution", record.Urn);
        Assert.Equal("""{"Reserved":"first","Reserved_2":"second"}""", record.Extras);
        Assert.Equal("12 Elm St, Apt 3", record.After!["donor_addr1"]);
        Assert.Contains(files.Findings, f => f is { Code: "duplicate_header", Subject: "Reserved" });
    }

    [Fact]
    public async Task A_file_without_its_id_column_is_refused_as_a_whole()
    {
        await using var files = new FileHarness("ngpvan", "publicusers");
        await files.ReadAsync(PublicUsers, "publicusername,vanid\nSam P,1\n");
        Assert.Empty(files.Records);
        var entry = files.Rejected.Single();
        Assert.Equal("missing_column", entry.ReasonCode);
        Assert.Contains("committeeid", entry.Reason, StringComparison.Ordinal);
        Assert.Equal("publicusername,vanid\n", Encoding.UTF8.GetString(entry.Raw.Span));
        Assert.Equal("file_refused", files.Findings.Single().Code);
        Assert.Equal(0, await files.RunAsync());
    }

    [Fact]
    public async Task A_missing_id_column_goes_by_the_name_that_it_was_configured_with()
    {
        await using var files = new FileHarness("csv_people", "people", "id_column: Supporter Nr");
        await files.ReadAsync("people.csv", "first_name,last_name\nSam,Poe\n");
        Assert.Contains("'Supporter Nr'", files.Rejected.Single().Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<!DOCTYPE html><html><body>Please log in</body></html>", "html_page")]
    [InlineData("<html>\n<body>502 Bad Gateway</body></html>", "html_page")]
    [InlineData("PK\u0003\u0004zipped", "zip_archive")]
    [InlineData("[{\"publicuserid\": 1}]", "json_array")]
    [InlineData("some,other,table\n1,2,3\n", "unrecognised_header")]
    [InlineData("no header here", "unrecognised_header")]
    public async Task What_is_no_table_is_refused_with_its_reason(string text, string code)
    {
        await using var files = new FileHarness("ngpvan", "publicusers");
        await files.ReadAsync(PublicUsers, text);
        await files.ReadAsync("b_" + PublicUsers, Header + Row(1));
        Assert.Equal(code, files.Rejected.Single().ReasonCode);
        Assert.Equal(["77:1"], files.Records.Select(Id));
    }

    [Fact]
    public async Task Binary_junk_is_refused()
    {
        await using var files = new FileHarness("ngpvan", "publicusers");
        await files.ReadAsync(PublicUsers, [.. Enumerable.Range(0, 5000).Select(i => (byte)(i * 7 % 251)), 0, 0, 1]);
        Assert.Equal("binary_data", files.Rejected.Single().ReasonCode);
    }

    [Fact]
    public async Task A_json_error_in_place_of_a_file_is_one_rejected_line()
    {
        await using var files = new FileHarness("ngpvan", "publicusers");
        await files.ReadAsync(PublicUsers, """{"error": "not authorised"}""" + "\n");
        Assert.Equal("missing_id", files.Rejected.Single().ReasonCode);
    }

    [Fact]
    public async Task Empty_files_and_files_without_rows_are_findings()
    {
        await using var files = new FileHarness("ngpvan", "publicusers");
        await files.ReadAsync(PublicUsers, string.Empty);
        await files.ReadAsync("b_" + PublicUsers, Header);
        Assert.Equal(["empty_file", "no_rows"], files.FindingCodes);
        Assert.Equal(0, await files.RunAsync());
    }

    [Fact]
    public async Task Bad_json_lines_are_rejected_and_the_rest_goes_on()
    {
        await using var files = new FileHarness("csv_people", "people");
        await files.ReadAsync("people.jsonl", "{\"id\": 1}\n{\"id\": 2, oops}\n{\"id\": 3} trailing\n\n{\"id\": 4}\n");
        Assert.Equal(["1", "4"], files.Records.Select(Id));
        Assert.Equal(["not_json", "not_json"], files.Rejected.Select(r => r.ReasonCode));
    }

    [Fact]
    public async Task Json_lines_with_texts_that_are_none_are_rejected_and_the_rest_goes_on()
    {
        await using var files = new FileHarness("csv_people", "people");
        byte[] bytes = [.. """{"id":"1","first_name":"\ud800"}"""u8, (byte)'\n', .. """{"id":"2","list":"\ud800"}"""u8, (byte)'\n', .. "{\"id\":\"3\",\"first_name\":\""u8, 0xe9, .. "\"}\n{\"id\":\"4\",\"first_name\":\"Lee\"}\n"u8];
        await files.ReadAsync("people.jsonl", bytes);
        Assert.Equal("4", files.Records[^1].IdParts[0]);
        Assert.Equal(4, files.Records.Count + files.Rejected.Count);
        Assert.All(files.Rejected, r => Assert.Equal("wrong_encoding", r.ReasonCode));
        Assert.Contains(files.Rejected, r => r.Place == "people.jsonl:2");
    }

    [Fact]
    public async Task A_quote_that_is_never_closed_in_a_big_file_costs_its_line()
    {
        await using var files = new FileHarness("ngpvan", "publicusers");
        await files.ReadAsync(PublicUsers, Header + "1,\"oops,1,77,2024-08-20 10:00:00\n" + string.Concat(Enumerable.Range(2, 40_000).Select(Row)));
        Assert.Equal(40_000, files.Records.Count);
        Assert.Equal("unclosed_quote", files.Rejected.Single().ReasonCode);
    }

    [Fact]
    public async Task Gzip_files_are_unpacked_and_damaged_ones_reported()
    {
        await using var files = new FileHarness("ngpvan", "publicusers");
        var packed = Pack(Header + string.Concat(Enumerable.Range(1, 5000).Select(i => $"{i},Name {i * 7919 % 5000},{i * 31},77,2024-08-20 10:00:00\n")));
        await files.ReadAsync("publicusers.csv.gz", packed);
        Assert.Equal(5000, files.Records.Count);
        files.Records.Clear();
        await files.ReadAsync("b_publicusers.csv.gz", packed[..(packed.Length / 2)]);
        Assert.InRange(files.Records.Count, 1000, 4999);
        Assert.Contains("truncated_file", files.FindingCodes);
    }

    /// <summary>Only the check value behind the data tells that the archive is whole: without it a cut export would delete who is missing in it.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public async Task A_gzip_file_that_was_cut_behind_its_last_row_is_no_whole_snapshot(int missing)
    {
        await using var files = new FileHarness("csv_people", "people", "complete: true");
        await files.ReadAsync("people.csv.gz", Pack("id,first_name,last_name\n1,Ana,Ruiz\n2,Lee,Ohara\n")[..^missing]);
        Assert.Equal(["1", "2"], files.Records.Select(r => r.IdParts[0]));
        Assert.Equal(["truncated_file", "snapshot_incomplete"], files.Standing.Select(f => f.Code));
        Assert.Empty(files.Rejected);
        var finding = files.Findings.Single(f => f.Code == "snapshot_incomplete");
        Assert.StartsWith("all rows that came out of the packed file were read", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_pauses_inside_a_field_of_several_lines_makes_no_rows_of_them()
    {
        const string Text = "id,email,nickname\n1,ana@mail.example,A10\n2,lee@mail.example,\"Dear,\nHello,a@b.example,you\nBye,c@d.example,now\"\n3,bo@mail.example,B3\n";
        await using var files = new FileHarness("csv_people", "people");
        await files.ReadAsync("people.csv", Text[..Text.IndexOf("c@d", StringComparison.Ordinal)]);
        Assert.Equal(["1"], files.Records.Select(r => r.IdParts[0]));
        Assert.Equal(("truncated_row", "people.csv:3"), (files.Rejected.Single().ReasonCode, files.Rejected.Single().Place));
        Assert.Equal(["truncated_file"], files.Standing.Select(f => f.Code));
        files.Folder.Append("people.csv", Text[Text.IndexOf("c@d", StringComparison.Ordinal)..]);
        await files.RestartAsync();
        await files.RunAsync();
        Assert.Equal(["1", "2", "3"], files.Records.Select(r => r.IdParts[0]));
        Assert.Empty(files.Standing);
        Assert.Contains(files.Mended, m => m.Holds("people.csv:3"));
    }

    /// <summary>Wherever it is cut: no row that the whole file does not have, and no word that it is well.</summary>
    [Theory]
    [InlineData("people.csv.gz", "id,email,nickname\n1,ana@mail.example,A10\n2,lee@mail.example,\"Dear,\nHello,a@b.example,you\nBye,c@d.example,now\"\nZed,zed@mail.example,R1800\n")]
    [InlineData("people.csv.gz", "id,email,nickname\r\n1,ana@mail.example,A10\r\nZed,zed@mail.example,R1800")]
    [InlineData("people.jsonl.gz", "{\"id\":\"1\",\"email\":\"ana@mail.example\"}\n{\"id\":\"Zed\",\"email\":\"zed@mail.example\"}\n")]
    public async Task A_gzip_file_cut_anywhere_gives_whole_rows_alone_and_the_rest_when_it_is_whole(string name, string text)
    {
        var packed = Pack(text, CompressionLevel.NoCompression);
        string[] all = await RowsAsync(packed);
        for (var length = 1; length < packed.Length; length++)
        {
            await using var files = new FileHarness("csv_people", "people");
            await files.ReadAsync(name, packed[..length]);
            Assert.Equal(all[..files.Records.Count], files.Records.Select(Text));
            Assert.Contains(files.Standing.Single().Code, (string[])["truncated_file", "file_refused"]);
            Assert.All(files.Rejected, r => Assert.Contains(r.ReasonCode, (string[])["truncated_row", "damaged_archive"]));
            Assert.InRange(files.Rejected.Count, 0, 1);

            // A copy that had paused there.
            files.Clock.Advance(TimeSpan.FromSeconds(1));
            files.Folder.Write(name, packed);
            await files.RestartAsync();
            await files.RunAsync();
            Assert.Equal(all, files.Records.Select(Text));
            Assert.Empty(files.Standing);
            Assert.All(files.Rejected, r => Assert.Contains(files.Mended, m => m.Holds(r.Place)));
        }

        async Task<string[]> RowsAsync(byte[] bytes)
        {
            await using var files = new FileHarness("csv_people", "people");
            await files.ReadAsync(name, bytes);
            Assert.Empty(files.Standing);
            return [.. files.Records.Select(Text)];
        }

        static string Text(SourceRecord record) => $"{record.Position} {record.After}";
    }

    [Fact]
    public async Task A_row_with_all_columns_at_the_cut_end_of_a_gzip_file_overwrites_nobody()
    {
        await using var files = new FileHarness("csv_people", "people", "id_column: nr");
        var packed = Pack("first_name,last_name,email,nr\nAna,Ruiz,ana@mail.example,R1\nZed,Zebra,zed@mail.example,R1800\n", CompressionLevel.NoCompression);
        await files.ReadAsync("people.csv.gz", packed[..^12]);
        Assert.Equal("Ana", files.Records.Single().After!["first_name"]);
        var entry = files.Rejected.Single();
        Assert.Equal(("truncated_row", "people.csv.gz:3"), (entry.ReasonCode, entry.Place));
        Assert.Equal("Zed,Zebra,zed@mail.example,R1", Encoding.UTF8.GetString(entry.Raw.Span)[..29]);
    }

    [Theory]
    [InlineData("id\n1\n", 1, "file_refused", "damaged or ends too early")]
    [InlineData("id\n1\n", 5, "file_refused", "damaged or ends too early")]
    [InlineData("", int.MaxValue, "empty_file", "holds an empty file")]
    public async Task An_archive_of_nothing_is_said_to_be_damaged_or_empty(string text, int bytes, string code, string what)
    {
        await using var files = new FileHarness("csv_people", "people");
        byte[] packed = text.Length > 0 ? Pack(text) : [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        await files.ReadAsync("people.csv.gz", packed[..Math.Min(bytes, packed.Length)]);
        Assert.Equal([code], files.FindingCodes);
        Assert.Contains(what, files.Findings.Single().Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Both_layouts_of_a_table_are_taken()
    {
        await using var files = new FileHarness("ngpvan", "contactsactivistcodes");
        await files.ReadAsync("contactsactivistcodes_mym_v1.csv", File.ReadAllText(Sample("ngpvan", "contactsactivistcodes_mym_v1.csv")));
        await files.ReadAsync("contactsactivistcodes_mym_v2.csv", File.ReadAllText(Sample("ngpvan", "contactsactivistcodes_mym_v2.csv")));
        Assert.Equal(["1::5501", "1::5501", "1::5502"], files.Records.Select(Id));
        Assert.Equal("2024-09-05T00:00:00.0000000", files.Records[2].After!["datesuppressed"]);
        Assert.Equal(files.Records[0].Occurred!.Value.Instant, files.Records[1].Occurred!.Value.Instant);
        Assert.Empty(files.Rejected);
        Assert.Empty(files.Findings);
    }

    [Fact]
    public async Task A_file_that_no_stream_takes_is_reported_once()
    {
        await using var files = new FileHarness("ngpvan", "publicusers");
        await files.ReadAsync("holiday.jpg", "x");
        await files.ReadAsync("tsm_hub_users.csv", "userid\n1\n");
        await files.ReadAsync(".hidden", "x");
        await files.ReadAsync("publicusers.csv.part", "x");
        Assert.Equal(["holiday.jpg"], files.Findings.Where(f => f.Code == "unmatched_file").Select(f => f.Subject));
        await files.RestartAsync();
        await files.RunAsync();
        Assert.Single(files.Findings);
    }

    [Theory]
    [InlineData("a\tb", '\t')]
    [InlineData("a;b", ';')]
    [InlineData("a|b", '|')]
    public async Task Delimiters_are_told_from_the_header(string like, char delimiter)
    {
        Assert.Contains(delimiter, like);
        await using var files = new FileHarness("ngpvan", "publicusers");
        await files.ReadAsync(PublicUsers, (Header + Row(1)).Replace(',', delimiter));
        Assert.Equal(["77:1"], files.Records.Select(Id));
    }

    [Fact]
    public async Task Carriage_returns_alone_end_the_lines_of_old_macs()
    {
        await using var files = new FileHarness("ngpvan", "publicusers");
        await files.ReadAsync(PublicUsers, (Header + Row(1) + Row(2)).Replace('\n', '\r'));
        Assert.Equal(["77:1", "77:2"], files.Records.Select(Id));
    }

    [Fact]
    public async Task The_column_with_the_id_can_be_named()
    {
        await using var files = new FileHarness("csv_people", "people", "id_column: Supporter Nr");
        await files.ReadAsync("crm.csv", "Supporter Nr,ID,FName,Surname,E-Mail\n7,x,Ana,Ruiz,ana@example.org\n");
        var record = files.Records.Single();
        Assert.Equal("mi-wtp/csv_people/c77/person/7", record.Urn);
        Assert.Equal("Ana", record.After!["first_name"]);
        Assert.Equal("Ruiz", record.After!["last_name"]);
        Assert.Equal("ana@example.org", record.After!["email"]);
        Assert.Equal("x", ((IDictionary<string, object>)record.After!["custom_fields"])["ID"]);
    }

    [Fact]
    public async Task The_same_van_id_in_another_state_or_mode_is_another_record()
    {
        // B009
        await using var files = new FileHarness("ngpvan", "people");
        await files.ReadAsync("tsm_hub_people_vf.csv", "statecode,vanid,firstname\nMA,100200301,Ana\nCO,100200301,Walter\n");
        await files.ReadAsync("tsm_hub_people_mym.csv", "statecode,vanid,firstname\n,100200301,Lee\n");
        Assert.Equal(["0:MA:100200301", "0:CO:100200301", "1::100200301"], files.Records.Select(Id));
        Assert.Equal(["0:MA", "0:CO", "1:"], files.Records.Select(r => r.After!["van_scope"]));
    }

    [Fact]
    public async Task New_files_wake_the_reader_at_once()
    {
        using var folder = new TempFolder();
        using var style = new FileStyle();
        var plan = TestSync.Files("ngpvan", "publicusers", folder.Path, TimeProvider.System);
        await using var reader = style.Open(plan.Context);
        var waiting = reader.WaitForMoreAsync(CancellationToken.None);
        await Task.Delay(50);
        Assert.False(waiting.IsCompleted);
        var started = TimeProvider.System.GetTimestamp();
        folder.Write(PublicUsers, Header + Row(1));
        await waiting.WaitAsync(TimeSpan.FromSeconds(30));

        // The aim is 300 ms; a machine that is busy with other tests gets some more.
        Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(2));
    }

    static string Id(SourceRecord record) => record.Urn.Split('/')[4];

    static string Row(int i) => $"{i},Name {i},{100_200_000 + i},77,2024-08-20 10:00:00\n";

    static string Sample(string vendor, string name) => Path.Combine(AppContext.BaseDirectory, "Vendors", vendor, "samples", name);

    static byte[] Pack(string text, CompressionLevel level = CompressionLevel.Fastest)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, level))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.ToArray();
    }
}
