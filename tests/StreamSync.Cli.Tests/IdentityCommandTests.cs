using System.Diagnostics;
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
        await File.WriteAllTextAsync(Path.Combine(_folder, "old.tsv"), "given\tfamily\tdob\tid\nJosé\tNúñez\t07/02/1984\tx7\n", System.Text.Encoding.Latin1);
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

    Task WriteAsync(string name, string text) => File.WriteAllTextAsync(Path.Combine(_folder, name), text);

    async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "streamsync"), arguments)
        {
            WorkingDirectory = _folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
