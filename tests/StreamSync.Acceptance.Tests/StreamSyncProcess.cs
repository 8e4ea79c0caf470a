using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace StreamSync.Acceptance.Tests;

/// <summary>The <c>streamsync</c> command, run as a user runs it.</summary>
sealed class StreamSyncProcess : IAsyncDisposable
{
    static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);
    readonly Process _process;
    readonly StringBuilder _output = new();
    readonly HttpClient _http = new();

    StreamSyncProcess(Process process, string data)
    {
        _process = process;
        Data = data;
        _process.OutputDataReceived += (_, e) => Note(e.Data);
        _process.ErrorDataReceived += (_, e) => Note(e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The built command.</summary>
    public static string Command { get; } = Path.Combine(AppContext.BaseDirectory, "streamsync");

    /// <summary>The data folder.</summary>
    public string Data { get; }

    /// <summary>instance.json, once it is ready.</summary>
    public JsonElement Instance { get; private set; }

    /// <summary>Everything it wrote so far.</summary>
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

    /// <summary>Runs a verb to its end.</summary>
    public static async Task<(int Code, string Out, string Error)> RunAsync(string folder, params string[] arguments)
    {
        using var process = Process.Start(Info(folder, arguments))!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(StartTimeout);
        return (process.ExitCode, await output, await error);
    }

    /// <summary>Starts <c>streamsync up</c>; returns at once.</summary>
    public static StreamSyncProcess Start(string data, string? config = null)
    {
        var arguments = config is null ? new[] { "up", "--data", data } : ["up", "--data", data, "--config", config];
        return new StreamSyncProcess(Process.Start(Info(Path.GetDirectoryName(data)!, arguments))!, data);
    }

    /// <summary>Waits until it has taken the data folder, which is before it is ready.</summary>
    public Task StartingAsync() => WaitAsync("the claim", StartTimeout, () => Task.FromResult(File.Exists(Path.Combine(Data, "process.json"))));

    /// <summary>Waits until it says that it is ready.</summary>
    public async Task<StreamSyncProcess> ReadyAsync()
    {
        var file = Path.Combine(Data, "instance.json");
        await WaitAsync("the instance file", StartTimeout, async () =>
        {
            if (!File.Exists(file))
            {
                return false;
            }

            var instance = JsonDocument.Parse(await File.ReadAllTextAsync(file)).RootElement;
            if (instance.GetProperty("pid").GetInt32() != _process.Id)
            {
                return false;
            }

            Instance = instance;
            return true;
        });
        _http.BaseAddress = new Uri(Instance.GetProperty("console_url").GetString()!);
        return this;
    }

    /// <summary>Waits until a query gives one row whose first value is true; fails with what it gave last.</summary>
    public async Task UntilAsync(string condition, TimeSpan timeout)
    {
        string? last = null;
        await WaitAsync(
            condition,
            timeout,
            async () =>
            {
                var (ok, body) = await TryQueryAsync("select " + condition);
                last = body.ToString();
                return ok && body.GetProperty("rows")[0][0].ValueKind == JsonValueKind.True;
            },
            () => last);
    }

    /// <summary>The first value of the first row of a query, as text.</summary>
    public async Task<string> ScalarAsync(string sql)
    {
        var (ok, body) = await TryQueryAsync(sql);
        Assert.True(ok, $"{sql}: {body}");
        return body.GetProperty("rows")[0][0].ToString();
    }

    /// <summary>All rows of a query, each joined by '|'.</summary>
    public async Task<IReadOnlyList<string>> RowsAsync(string sql)
    {
        var (ok, body) = await TryQueryAsync(sql);
        Assert.True(ok, $"{sql}: {body}");
        return [.. body.GetProperty("rows").EnumerateArray().Select(r => string.Join('|', r.EnumerateArray().Select(v => v.ToString())))];
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, then the exit code.</summary>
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
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _http.Dispose();
    }

    async Task<(bool Ok, JsonElement Body)> TryQueryAsync(string sql)
    {
        using var response = await _http.PostAsJsonAsync("/api/query", new { sql, max_rows = 100_000 });
        return (response.IsSuccessStatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }

    async Task WaitAsync(string what, TimeSpan timeout, Func<Task<bool>> done, Func<string?>? detail = null)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        var watch = Stopwatch.StartNew();
        while (await timer.WaitForNextTickAsync())
        {
            Assert.False(_process.HasExited, $"streamsync ended while {what} was awaited:\n{Output}");
            if (await done())
            {
                return;
            }

            Assert.True(watch.Elapsed < timeout, $"not so after {timeout.TotalSeconds:0} s: {what} ({detail?.Invoke()})\n{Output}");
        }
    }

    void Note(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }

    static ProcessStartInfo Info(string folder, string[] arguments)
    {
        var info = new ProcessStartInfo(Command) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        foreach (var argument in arguments)
        {
            info.ArgumentList.Add(argument);
        }

        return info;
    }
}
