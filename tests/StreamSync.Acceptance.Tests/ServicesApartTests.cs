using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using StreamSync.Simulators;
using StreamSync.TestBroker;

namespace StreamSync.Acceptance.Tests;

/// <summary>The services as compose runs them: each a process of its own, on a cluster that knows nothing of StreamSync.</summary>
public sealed class ServicesApartTests
{
    static readonly string[] Services = ["Connectors", "Processors", "Sinks", "Console"];

    [Fact]
    public async Task Each_in_its_own_process_they_bring_a_file_to_the_console_and_go_on_after_kills()
    {
        await using var cluster = await TestCluster.StartAsync();
        var root = Directory.CreateTempSubdirectory("streamsync-apart-").FullName;
        var drops = Directory.CreateDirectory(Path.Combine(root, "drops")).FullName;
        var (console, queries) = (TestCluster.FreePort(), TestCluster.FreePort());
        await File.WriteAllTextAsync(Path.Combine(root, "streamsync.yaml"), $$"""
            org: test
            kafka: { bootstrap: "{{cluster.BootstrapServers}}", registry: "{{cluster.RegistryUrl}}" }
            console: { port: {{console}} }
            warehouse: { port: {{queries}}, url: "http://127.0.0.1:{{queries}}" }
            syncs:
            {{Workplace.Canvass}}
            """);
        var running = new Dictionary<string, ServiceProcess>();
        try
        {
            foreach (var service in Services)
            {
                running[service] = new ServiceProcess(service, root);
            }

            using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{console}") };
            new SampleProgram(people: 40, contacts: 200, texts: 0, signups: 0, donations: 0).WriteVan(drops);
            await UntilAsync(http, running, "(select count(*) from activity_touch where person_id is not null and canvasser_name is not null) = 200");

            foreach (var service in Services)
            {
                await running[service].KillAsync();
                running[service] = new ServiceProcess(service, root);
            }

            var more = Directory.CreateDirectory(Path.Combine(root, "more")).FullName;
            new SampleProgram(people: 40, contacts: 300, texts: 0, signups: 0, donations: 0).WriteVan(more);
            foreach (var file in Directory.EnumerateFiles(more))
            {
                File.Move(file, Path.Combine(drops, "later-" + Path.GetFileName(file)));
            }

            await UntilAsync(http, running, "(select count(*) from activity_touch where person_id is not null and canvasser_name is not null) = 300");
            var page = await http.GetStringAsync(new Uri("/", UriKind.Relative));
            Assert.Contains("Field team", page, StringComparison.Ordinal);
            foreach (var service in running.Values)
            {
                Assert.Equal(0, await service.StopAsync());
            }
        }
        finally
        {
            foreach (var service in running.Values)
            {
                await service.DisposeAsync();
            }

            Directory.Delete(root, recursive: true);
        }
    }

    [Fact]
    public async Task A_console_whose_port_is_taken_says_so_in_one_line_with_the_place()
    {
        await using var cluster = await TestCluster.StartAsync();
        var root = Directory.CreateTempSubdirectory("streamsync-apart-").FullName;
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        try
        {
            await File.WriteAllTextAsync(Path.Combine(root, "streamsync.yaml"), $$"""
                org: test
                kafka: { bootstrap: "{{cluster.BootstrapServers}}", registry: "{{cluster.RegistryUrl}}" }
                console: { port: {{((System.Net.IPEndPoint)taken.LocalEndpoint).Port}} }
                """);
            using var process = Process.Start(new ProcessStartInfo(ServiceProcess.ProgramOf("Console")) { WorkingDirectory = root, RedirectStandardError = true })!;
            var error = await process.StandardError.ReadToEndAsync().WaitAsync(TimeSpan.FromMinutes(1));
            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
            Assert.Equal(2, process.ExitCode);
            Assert.StartsWith("streamsync.yaml:3:12: ", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries), l => !l.Contains(" info: ", StringComparison.Ordinal)), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    /// <summary>Asks the console, which asks the sink, until the condition is true.</summary>
    static async Task UntilAsync(HttpClient http, Dictionary<string, ServiceProcess> running, string condition)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        var watch = Stopwatch.StartNew();
        var last = "nothing";
        while (await timer.WaitForNextTickAsync())
        {
            var ended = running.Values.FirstOrDefault(s => s.HasExited);
            Assert.True(ended is null, $"{ended?.Name} ended:\n{ended?.Output}");
            try
            {
                using var answer = await http.PostAsJsonAsync("/api/query", new { sql = "select " + condition });
                var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
                last = body.ToString();
                if (answer.IsSuccessStatusCode && body.GetProperty("rows")[0][0].ValueKind == JsonValueKind.True)
                {
                    return;
                }
            }
            catch (HttpRequestException e)
            {
                last = e.Message;
            }

            Assert.True(watch.Elapsed < TimeSpan.FromMinutes(2), $"not so after 2 min: {condition} ({last})\n{string.Join('\n', running.Values.Select(s => s.Name + ":\n" + s.Output))}");
        }
    }

    /// <summary>One service, run by its own program from where it was built: there it has only what it needs itself.</summary>
    sealed class ServiceProcess : IAsyncDisposable
    {
        readonly Process _process;
        readonly StringBuilder _output = new();

        /// <summary>The program of a service, as its project builds it.</summary>
        public static string ProgramOf(string name)
        {
            var own = new DirectoryInfo(AppContext.BaseDirectory);
            return Path.Combine(own.Parent!.Parent!.FullName, "StreamSync." + name, own.Name, "StreamSync." + name);
        }

        public ServiceProcess(string name, string folder)
        {
            Name = name;
            var info = new ProcessStartInfo(ProgramOf(name)) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
            info.ArgumentList.Add("--data");
            info.ArgumentList.Add(Path.Combine(folder, "data"));
            _process = Process.Start(info)!;
            _process.OutputDataReceived += (_, e) => Note(e.Data);
            _process.ErrorDataReceived += (_, e) => Note(e.Data);
            _process.BeginOutputReadLine();
            _process.BeginErrorReadLine();
        }

        public string Name { get; }

        public bool HasExited => _process.HasExited;

        public string Output
        {
            get
            {
                lock (_output)
                {
                    return _output.ToString();
                }
            }
        }

        public async Task KillAsync()
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        public async Task<int> StopAsync()
        {
            using (Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]))
            {
            }

            await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
            return _process.ExitCode;
        }

        public async ValueTask DisposeAsync()
        {
            try
            {
                if (!_process.HasExited)
                {
                    _process.Kill(entireProcessTree: true);
                    await _process.WaitForExitAsync();
                }
            }
            catch (InvalidOperationException)
            {
                // Killed before.
            }

            _process.Dispose();
        }

        void Note(string? line)
        {
            lock (_output)
            {
                _output.AppendLine(line);
            }
        }
    }
}
