using System.Diagnostics;
using StreamSync.Kafka.Configuration;
using StreamSync.Kafka.Hosting;

namespace StreamSync.Cli.Tests;

/// <summary>The command as a user runs it, where it goes wrong: each error names the place and the remedy.</summary>
public sealed class CommandTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("streamsync-cli-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Init_writes_a_file_that_loads_and_never_overwrites_one()
    {
        var (code, output, _) = await RunAsync("init");
        Assert.Equal(0, code);
        Assert.Contains("streamsync.yaml", output, StringComparison.Ordinal);
        StreamSyncConfig.Load(Path.Combine(_folder, "streamsync.yaml"));
        var named = (await File.ReadAllLinesAsync(Path.Combine(_folder, "streamsync.yaml"))).Select(l => l.TrimStart('#', ' ')).Where(l => l.StartsWith("connector: ", StringComparison.Ordinal)).Select(l => l.Split(' ')[1]).ToList();
        Assert.NotEmpty(named);
        Assert.All(named, n => Assert.True(File.Exists(Path.Combine(AppContext.BaseDirectory, "Vendors", n, "connector.yaml")), n));
        var again = await RunAsync("init");
        Assert.Equal(1, again.Code);
        Assert.Contains("exists already", again.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_key_a_missing_secret_and_an_unknown_connector_are_told_with_file_and_line()
    {
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "bad.yaml"),
            """
            org: test
            consle: { port: 0 }
            syncs:
              - id: one
                connector: mobilize
                instance: main
                settings: { organization: "1" }
                secrets: { token: "${env:STREAMSYNC_NO_SUCH_VARIABLE}" }
            """);
        var (code, _, error) = await RunAsync("up", "--config", "bad.yaml", "--data", "data");
        Assert.Equal(2, code);
        Assert.Contains("bad.yaml:2:", error, StringComparison.Ordinal);
        Assert.Contains("console", error, StringComparison.Ordinal);
        Assert.Contains("bad.yaml:8:", error, StringComparison.Ordinal);
        Assert.Contains("STREAMSYNC_NO_SUCH_VARIABLE", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unreachable_cluster_is_told_with_file_and_line()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "far.yaml"), "org: test\nkafka:\n  bootstrap: 127.0.0.1:1\n  registry: http://127.0.0.1:1\nconsole: { port: 0 }\n");
        var (code, _, error) = await RunAsync("up", "--config", "far.yaml", "--data", "data");
        Assert.Equal(1, code);
        Assert.Contains("far.yaml:3:", error, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:1", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothing", "status")]
    [InlineData("nothing", "status", "--json")]
    [InlineData("nothing", "query", "select 1")]
    [InlineData("nothing", "person", "decisions")]
    [InlineData(".", "status")]
    [InlineData(".", "query", "select 1")]
    public async Task A_folder_without_data_is_no_stopped_instance(string data, params string[] verb)
    {
        var (code, output, error) = await RunAsync([.. verb, "--data", data]);
        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Contains("no StreamSync data in " + Path.GetFullPath(data, _folder), error, StringComparison.Ordinal);
        Assert.Contains("--data DIR", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("query", "select 1")]
    [InlineData("person", "show", "Ana")]
    [InlineData("person", "decisions")]
    public async Task While_StreamSync_starts_or_stops_a_command_says_so_and_waits(params string[] verb)
    {
        var folder = new DataFolder(Path.Combine(_folder, "data"));
        using var claim = FolderClaim.Make(folder);
        using var waiting = Start([.. verb, "--data", "data"]);
        Assert.Matches("StreamSync starts on .*; waiting up to 60 s", await waiting.StandardError.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(1)));
        Assert.Contains("\"state\": \"starting\"", (await RunAsync("status", "--json", "--data", "data")).Out, StringComparison.Ordinal);
        claim.SayStopping();
        Assert.Contains("StreamSync stops on ", (await RunAsync("status", "--data", "data")).Out, StringComparison.Ordinal);
        Assert.False(waiting.HasExited);
        claim.Dispose();
        await waiting.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Contains("StreamSync", await waiting.StandardError.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_on_which_another_process_starts_is_refused_and_left_as_it_is()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "empty.yaml"), "console: { port: 0 }\n");
        var folder = new DataFolder(Path.Combine(_folder, "data"));
        using var claim = FolderClaim.Make(folder);
        var (code, _, error) = await RunAsync("up", "--config", "empty.yaml", "--data", "data");
        Assert.Equal(1, code);
        Assert.Matches("StreamSync starts on .* stop it first, or name another folder", error);
        Assert.Equal([folder.ClaimFile], Directory.GetFileSystemEntries(folder.Root));
        Assert.Equal(Environment.ProcessId, FolderClaim.FindBusy(folder)!.Pid);
    }

    [Theory]
    [InlineData("broker: { port: PORT }\nconsole: { port: 0 }", 1)]
    [InlineData("console: { port: 0 }\nbroker:\n  registry_port: PORT", 3)]
    [InlineData("console:\n  port: PORT", 2)]
    [InlineData("console: { port: 0 }\nwarehouse: { port: PORT }", 2)]
    [InlineData("org: test\nconsole: { port: 0 }\nwebhooks: { port: PORT }\nsyncs: [{ id: d, connector: actblue, instance: main, streams: [contributions], secrets: { username: '${env:PATH}', password: '${env:HOME}' } }]", 3)]
    public async Task A_port_that_is_taken_is_one_line_with_the_place_that_names_it(string yaml, int line)
    {
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        var port = ((System.Net.IPEndPoint)taken.LocalEndpoint).Port;
        await File.WriteAllTextAsync(Path.Combine(_folder, "busy.yaml"), yaml.Replace("PORT", $"{port}", StringComparison.Ordinal));
        var (code, _, error) = await RunAsync("up", "--config", "busy.yaml", "--data", "data");
        Assert.Equal(2, code);
        var only = Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains($"busy.yaml:{line}:", only, StringComparison.Ordinal);
        Assert.Contains($"port {port} ", only, StringComparison.Ordinal);
        Assert.Contains("0 for any free one", only, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_without_a_sync_says_so_and_a_start_right_after_a_kill_succeeds()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "empty.yaml"), "console: { port: 0 }\n");
        string[] up = ["up", "--config", "empty.yaml", "--data", "data"];
        using (var first = Start(up))
        {
            Assert.Contains("configures no sync", await UntilAsync(first, "stop it"), StringComparison.Ordinal);
            var second = await RunAsync(up);
            Assert.Equal(1, second.Code);
            Assert.Contains($"runs already", second.Error, StringComparison.Ordinal);
            first.Kill();
        }

        using var again = Start(up);
        await UntilAsync(again, "stop it");
        using (Process.Start("kill", ["-TERM", $"{again.Id}"]))
        {
        }

        await again.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(0, again.ExitCode);
    }

    [Fact]
    public async Task The_broker_alone_says_ready_and_stops_on_a_signal()
    {
        using var process = Start("kafka", "--data", "kafka", "--port", "0", "--registry-port", "0");
        var line = await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Matches(@"^ready 127\.0\.0\.1:\d+$", line);
        using (Process.Start("kill", ["-TERM", $"{process.Id}"]))
        {
        }

        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(0, process.ExitCode);
    }

    /// <summary>What a process prints up to a word.</summary>
    static async Task<string> UntilAsync(Process process, string word)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var printed = new System.Text.StringBuilder();
        while (await process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            printed.AppendLine(line);
            if (line.Contains(word, StringComparison.Ordinal))
            {
                return printed.ToString();
            }
        }

        throw new InvalidOperationException($"it ended before it said '{word}': {printed}{await process.StandardError.ReadToEndAsync(patience.Token)}");
    }

    async Task<(int Code, string Out, string Error)> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        return (process.ExitCode, await output, await error);
    }

    Process Start(params string[] arguments)
    {
        var info = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "streamsync")) { WorkingDirectory = _folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
        {
            info.ArgumentList.Add(argument);
        }

        return Process.Start(info)!;
    }
}
