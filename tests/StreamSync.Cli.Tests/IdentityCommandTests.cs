using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace StreamSync.Cli.Tests;

/// <summary><c>streamsync identity</c> as a user runs it on files.</summary>
public sealed class IdentityCommandTests : IDisposable
{
    const string People =
        "id,first_name,last_name,dob,email,city,who\n" +
        "1,Ana,Ruiz,1984-07-02,ana.ruiz@example.org,Flint,a\n2,Anna,Ruiz,1984-02-07,ana.ruiz@example.org,Flint,a\n" +
        "3,Walter,Nguyen,1971-11-30,walter@example.org,Detroit,b\n4,Walter,Nguyen,1971-11-30,,Detroit,b\n" +
        "5,Priya,Shah,1990-01-15,priya@example.com,Lansing,c\n6,Tom,Baker,1965-03-21,tom@example.com,Troy,d\n";

    readonly string _folder = Directory.CreateTempSubdirectory("streamsync-identity-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Evaluate_prints_the_promised_figures()
    {
        await WriteAsync("people.csv", People);

        var (code, output, error) = await RunAsync("identity", "evaluate", "people.csv", "--truth", "who", "--json");

        Assert.True(code == 0, error);
        var json = JsonDocument.Parse(output).RootElement;
        foreach (var part in new[] { "pairs", "bcubed", "clusters" })
        {
            foreach (var figure in new[] { "precision", "recall", "f1" })
            {
                Assert.InRange(json.GetProperty(part).GetProperty(figure).GetDouble(), 0, 1);
            }
        }

        Assert.Equal(1, json.GetProperty("clusters").GetProperty("f1").GetDouble());
        Assert.Equal(0, json.GetProperty("wrongly_merged").GetDouble());
        Assert.Equal(6, json.GetProperty("records").GetInt32());
        Assert.True(json.GetProperty("seconds").GetDouble() > 0);
    }

    [Fact]
    public async Task What_train_learns_resolve_uses_across_files()
    {
        await WriteAsync("people.csv", People);
        await WriteAsync("more.csv", "given,family,born\nAna,Ruiz,1984-07-02\n");

        var trained = await RunAsync("identity", "train", "people.csv", "--truth", "who", "--out", "model.json");
        var (code, output, error) = await RunAsync("identity", "resolve", "people.csv", "more.csv", "--map", "dob=birth", "--model", "model.json");

        Assert.True(trained.Code == 0, trained.Error);
        Assert.Equal(1, code);
        Assert.Contains("people.csv, line 1: there is no column 'birth'", error, StringComparison.Ordinal);
        (code, output, error) = await RunAsync("identity", "resolve", "people.csv", "more.csv", "--map", "dob=born,dob=dob", "--model", "model.json");
        Assert.True(code == 0, error);
        Assert.StartsWith("file,line,person", output, StringComparison.Ordinal);
        Assert.Equal(8, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Theory]
    [InlineData("resolve")]
    [InlineData("train")]
    public async Task A_file_that_is_read_is_never_written(string command)
    {
        await WriteAsync("people.csv", People);

        var (code, _, error) = await RunAsync("identity", command, "people.csv", "--out", "people.csv");

        Assert.Equal(1, code);
        Assert.Contains("people.csv is one of the files that are read", error, StringComparison.Ordinal);
        Assert.Equal(People, await File.ReadAllTextAsync(Path.Combine(_folder, "people.csv")));
    }

    [Fact]
    public async Task A_broken_row_is_told_with_file_line_and_column()
    {
        await WriteAsync("bad.csv", "first_name,last_name,who\nAna,Ruiz,a\nAna,Ruiz,a,b\n");

        var (code, _, error) = await RunAsync("identity", "evaluate", "bad.csv", "--truth", "who");

        Assert.Equal(1, code);
        Assert.Contains("bad.csv, line 3, column 4", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("first_name,last_name,who\n", "there is nothing to judge: the files hold 0 records")]
    [InlineData("first_name,last_name,who\nAna,Ruiz,a\n", "there is nothing to judge: the files hold 1 records")]
    [InlineData("", "people.csv: the file is empty")]
    [InlineData("first_name,last_name\nAna,Ruiz\nAna,Ruiz\n", "there is no column 'who' for --truth; the columns are first_name, last_name")]
    [InlineData("first_name,who,who\nAna,a,a\n", "people.csv, line 1, column 3: the column 'who' comes twice")]
    [InlineData("first_name,last_name,who\nAna,Ruiz,\nAna,Ruiz,NULL\n", "the column 'who' is blank on all of 2 records")]
    [InlineData("first_name,last_name,who\nAna,Ruiz,\nAna,Ruiz,a\n", "the column 'who' is blank on all but one of 2 records")]
    [InlineData("first_name,last_name,who\nAna,Ruiz,yes\nAna,Ruiz,Yes\nBo,Li,no\n", "the column 'who' holds answers such as yes and no")]
    public async Task What_can_not_be_judged_is_told(string text, string message)
    {
        await WriteAsync("people.csv", text);

        var (code, output, error) = await RunAsync("identity", "evaluate", "people.csv", "--truth", "who", "--json");

        Assert.Equal((1, ""), (code, output));
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("name\n", 0, 0)]
    [InlineData("name\nAna Ruiz\n", 1, 1)]
    [InlineData("full name\nAna Ruiz\n\"Ruiz, Ana\"\nWalter Nguyen\n", 3, 2)]
    [InlineData("full name,address,birthday\nAna Ruiz,\"12 Elm St, Boston, MA 02118\",\"Feb 3, 1985\"\n\"Ruiz, Ana\",\"12 Elm Street\nBoston, MA 02118\",2/3/85\nWalter Nguyen,,\n", 3, 2)]
    [InlineData("fname_c1,fname_c2,lname_c1,lname_c2,by,bm,bd\nANA,NA,RUIZ,NA,1985,2,3\nANA,NA,RUIZ,NA,1985,2,3\nWALTER,NA,NGUYEN,NA,1971,11,30\n", 3, 2)]
    public async Task A_file_of_few_or_odd_columns_is_resolved(string text, int records, int people)
    {
        await WriteAsync("people.csv", text);

        var (code, output, error) = await RunAsync("identity", "resolve", "people.csv", "--json");

        Assert.True(code == 0, error);
        var json = JsonDocument.Parse(output).RootElement;
        Assert.Equal((records, people), (json.GetProperty("records").GetInt32(), json.GetProperty("people").GetInt32()));
    }

    [Fact]
    public async Task Files_of_all_sorts_are_linked_and_keep_their_own_ids()
    {
        await WriteAsync("crm.csv", "\uFEFFRecord ID;Vorname;Nachname;Geburtstag\nk-1;Ana;\"Ruiz\nGarcia\";02.07.1984\n");
        await File.WriteAllTextAsync(Path.Combine(_folder, "old.tsv"), "given\tfamily\tdob\tid\nJosé\tNúñez\t07/02/1984\tx7\n", Encoding.Latin1);
        await WriteAsync("same.csv", "first|last|birthdate\n" + string.Concat(Enumerable.Repeat("José|Núñez|1984-07-02T00:00:00Z\n", 30)));

        var refused = await RunAsync("identity", "resolve", "old.tsv");
        var mapped = await RunAsync("identity", "resolve", "crm.csv", "--map", "given=Vorname,family=Nachname,dob=Geburtstag");
        var read = await RunAsync("identity", "resolve", "old.tsv", "same.csv", "--encoding", "iso-8859-1");
        var same = await RunAsync("identity", "resolve", "same.csv");

        Assert.Equal(1, refused.Code);
        Assert.Contains("--encoding", refused.Error, StringComparison.Ordinal);
        Assert.Equal("file,line,person,id\ncrm.csv,2,1,k-1\n", mapped.Output);
        Assert.True(read.Code == 0, read.Error);
        Assert.Contains("old.tsv,2,1,x7\n", read.Output, StringComparison.Ordinal);
        Assert.Contains("30 records are 1 people", same.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Records_that_nobody_checked_are_linked_and_not_judged()
    {
        await WriteAsync("people.csv", People.Replace(",Lansing,c", ",Lansing,", StringComparison.Ordinal).Replace(",Troy,d", ",Troy,N/A", StringComparison.Ordinal));
        await WriteAsync("more.csv", "given,family,born,email\nTom,Baker,1965-03-21,tom@example.com\n");

        var (code, output, error) = await RunAsync("identity", "evaluate", "people.csv", "more.csv", "--truth", "who", "--json");
        var text = await RunAsync("identity", "evaluate", "people.csv", "more.csv", "--truth", "who");
        var trained = await RunAsync("identity", "train", "people.csv", "more.csv", "--truth", "who", "--out", "model.json");

        Assert.True(code == 0, error);
        var json = JsonDocument.Parse(output).RootElement;
        Assert.Equal((7, 3), (json.GetProperty("records").GetInt32(), json.GetProperty("records_without_truth").GetInt32()));
        Assert.Equal((4, 2), (json.GetProperty("people").GetInt32(), json.GetProperty("true_people").GetInt32()));
        Assert.Equal((1, 0), (json.GetProperty("clusters").GetProperty("f1").GetDouble(), json.GetProperty("wrongly_merged").GetDouble()));
        Assert.Contains("without truth    3 records", text.Output, StringComparison.Ordinal);
        Assert.Contains("learnt from 7 records (4 of them with a truth, 3 without)", trained.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("first_name,last_name,who\nAna,Ruiz,\nAna,Ruiz,\n", "there is nothing to learn from: the column 'who' is blank on all of 2 records")]
    [InlineData("first_name,last_name,who\nAna,Ruiz,a\nAna,Ruiz,b\n", "no two records have the same 'who', so there is no pair to learn from")]
    [InlineData("first_name,last_name,who\n", "there is nothing to learn from: the files hold 0 records")]
    public async Task What_nothing_can_be_learnt_from_makes_no_model(string text, string message)
    {
        await WriteAsync("people.csv", text);

        var (code, output, error) = await RunAsync("identity", "train", "people.csv", "--truth", "who", "--out", "model.json");

        Assert.Equal((1, ""), (code, output));
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_folder, "model.json")));
    }

    [Theory]
    [InlineData(25, "7", "0", "25 of 27 records have the same 'who', the first people.csv:4")]
    [InlineData(25, "", "0", "all records that have a 'who' have the same: precision says nothing")]
    [InlineData(0, "7", "0", "all records that have a 'who' have the same: precision says nothing")]
    [InlineData(5, "7", "0", "")]
    public async Task A_truth_that_can_hardly_be_meant_so_is_told(int others, string first, string other, string message)
    {
        await WriteAsync("people.csv", $"first_name,last_name,who\nAna,Ruiz,{first}\nAna,Ruiz,{first}\n" + string.Concat(Enumerable.Range(0, others).Select(i => $"Bo,Li{i},{other}\n")));

        var (code, _, error) = await RunAsync("identity", "evaluate", "people.csv", "--truth", "who");

        Assert.Equal(0, code);
        Assert.Equal(message.Length > 0, error.Length > 0);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_kept_a_pair_apart_that_the_truth_joins_is_told()
    {
        await WriteAsync("people.csv", "name,email,phone,who\nRobert Lee Jr,lee@example.org,2025550101,1\nRobert Lee Sr,lee@example.org,2025550101,1\nAna Ruiz,,,2\n");

        var (code, output, error) = await RunAsync("identity", "evaluate", "people.csv", "--truth", "who", "--json");
        var text = await RunAsync("identity", "evaluate", "people.csv", "--truth", "who");

        Assert.True(code == 0, error);
        Assert.Equal("different generations, such as Jr and Sr", JsonDocument.Parse(output).RootElement.GetProperty("errors")[0].GetProperty("why").GetString());
        Assert.Contains("bits: different generations, such as Jr and Sr", text.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whose_record_is_which_is_told_as_json_too()
    {
        await WriteAsync("people.csv", People);
        await WriteAsync("more.csv", "given,family,born\nWalter,Nguyen,1971-11-30\n");

        var (code, output, error) = await RunAsync("identity", "resolve", "people.csv", "more.csv", "--json");
        var filed = await RunAsync("identity", "resolve", "people.csv", "more.csv", "--json", "--out", "out.csv");

        Assert.True(code == 0, error);
        var json = JsonDocument.Parse(output).RootElement;
        Assert.Equal((7, 4), (json.GetProperty("records").GetInt32(), json.GetProperty("people").GetInt32()));
        var rows = json.GetProperty("assignments").EnumerateArray()
            .Select(row => $"{row.GetProperty("file")},{row.GetProperty("line")},{row.GetProperty("person")},{(row.TryGetProperty("id", out var id) ? id : "")}");
        Assert.Equal(rows, (await File.ReadAllLinesAsync(Path.Combine(_folder, "out.csv"))).Skip(1).Select(line => line.Replace("\"\"", "", StringComparison.Ordinal)));
        Assert.Equal("people.csv,5,3,4", rows.ElementAt(3));
        Assert.Equal("more.csv,2,3,", rows.ElementAt(6));
        Assert.False(JsonDocument.Parse(filed.Output).RootElement.TryGetProperty("assignments", out _));
        var column = json.GetProperty("columns").EnumerateArray().Single(column => column.GetProperty("column").GetString() == "born");
        Assert.Equal(("birth_date", 1, 0), (column.GetProperty("field").GetString(), column.GetProperty("values").GetInt32(), column.GetProperty("unread").GetInt32()));
    }

    [Fact]
    public async Task A_column_that_holds_something_else_is_told_beside_the_outcome()
    {
        await WriteAsync("people.csv", People);

        var (code, output, error) = await RunAsync("identity", "resolve", "people.csv", "--map", "dob=city", "--json");

        Assert.Equal(0, code);
        Assert.Contains("people.csv: 6 of 6 values of the column 'city' can't be read as birth_date, the first on line 2", error, StringComparison.Ordinal);
        Assert.DoesNotContain("Flint", error, StringComparison.Ordinal);
        Assert.Equal(6, JsonDocument.Parse(output).RootElement.GetProperty("records").GetInt32());
    }

    [Fact]
    public async Task Packed_files_and_standard_input_are_read_as_files_are()
    {
        await WriteAsync("people.csv", People);
        using (var packed = new GZipStream(File.Create(Path.Combine(_folder, "people.csv.gz")), CompressionLevel.Fastest))
        {
            await packed.WriteAsync(Encoding.UTF8.GetBytes(People));
        }

        var bytes = await File.ReadAllBytesAsync(Path.Combine(_folder, "people.csv.gz"));
        await File.WriteAllBytesAsync(Path.Combine(_folder, "cut.csv.gz"), bytes[..^20]);
        await File.WriteAllBytesAsync(Path.Combine(_folder, "utf16.csv"), [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(People)]);

        var plain = await RunAsync("identity", "resolve", "people.csv");
        var unpacked = await RunAsync("identity", "resolve", "people.csv.gz");
        var wide = await RunAsync("identity", "resolve", "utf16.csv");
        var piped = await RunAsync(People, ["identity", "resolve", "-"]);
        var cut = await RunAsync("identity", "resolve", "cut.csv.gz");

        Assert.Equal(7, plain.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(plain.Output, unpacked.Output.Replace("people.csv.gz", "people.csv", StringComparison.Ordinal));
        Assert.Equal(plain.Output, wide.Output.Replace("utf16.csv", "people.csv", StringComparison.Ordinal));
        Assert.Equal(plain.Output, piped.Output.Replace("standard input", "people.csv", StringComparison.Ordinal));
        Assert.Equal((1, ""), (cut.Code, cut.Output));
        Assert.Contains("the compressed data are damaged or cut short", cut.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("is a folder; name the CSV files in it", "resolve", "crm")]
    [InlineData("there is no such file", "resolve", "nowhere.csv")]
    [InlineData("is given twice", "resolve", "people.csv", "./people.csv")]
    [InlineData("the name of a file is empty", "resolve", "")]
    [InlineData("a spreadsheet (xlsx, ods) or a zip archive", "resolve", "people.xlsx")]
    [InlineData("is a folder; give --model the file", "resolve", "people.csv", "--model", "crm")]
    [InlineData("there is no such model", "resolve", "people.csv", "--model", "nowhere.json")]
    [InlineData("people.csv, line 1, column 1: not a model", "resolve", "people.csv", "--model", "people.csv")]
    [InlineData("is a folder; give --out the name of a file in it", "train", "people.csv", "--out", "crm")]
    [InlineData("of --out does not exist; make it first", "train", "people.csv", "--out", "nowhere/model.json")]
    public async Task A_path_that_leads_elsewhere_is_told_with_a_remedy(string message, params string[] arguments)
    {
        await WriteAsync("people.csv", People);
        await WriteAsync("people.xlsx", "PK\u0003\u0004");
        Directory.CreateDirectory(Path.Combine(_folder, "crm"));

        var (code, output, error) = await RunAsync(["identity", .. arguments]);

        Assert.Equal((1, ""), (code, output));
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_of_one_name_are_told_apart_by_their_folders()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "crm"));
        await WriteAsync("people.csv", "name\nAna Ruiz\n");
        await WriteAsync("crm/people.csv", "name\nBo Li\n");

        var (_, output, _) = await RunAsync("identity", "resolve", "people.csv", "crm/people.csv");

        Assert.Equal("file,line,person\npeople.csv,2,1\ncrm/people.csv,2,2\n", output);
    }

    Task WriteAsync(string name, string text) => File.WriteAllTextAsync(Path.Combine(_folder, name), text);

    Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) => RunAsync(null, arguments);

    async Task<(int Code, string Output, string Error)> RunAsync(string? input, string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "streamsync"), arguments)
        {
            WorkingDirectory = _folder,
            RedirectStandardInput = input is not null,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }

        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
