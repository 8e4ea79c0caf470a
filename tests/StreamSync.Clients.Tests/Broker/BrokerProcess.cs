using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace StreamSync.Clients.Tests.Broker;

/// <summary><c>streamsync kafka</c> as a process of its own.</summary>
sealed class BrokerProcess : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    readonly Process _process;
    readonly StringBuilder _errors;

    BrokerProcess(Process process, StringBuilder errors, string bootstrapServers, Uri registry, TimeSpan startTime)
    {
        (_process, _errors) = (process, errors);
        (BootstrapServers, Registry, StartTime) = (bootstrapServers, registry, startTime);
    }

    /// <summary>The command as it was built with these tests.</summary>
    public static string Command { get; } = Path.Combine(AppContext.BaseDirectory, "streamsync");

    /// <summary>Address for clients.</summary>
    public string BootstrapServers { get; }

    /// <summary>The broker's TCP port.</summary>
    public int Port => int.Parse(BootstrapServers.AsSpan(BootstrapServers.LastIndexOf(':') + 1), CultureInfo.InvariantCulture);

    /// <summary>Address of the schema registry.</summary>
    public Uri Registry { get; }

    /// <summary>From the launch to <c>ready</c>.</summary>
    public TimeSpan StartTime { get; }

    /// <summary>What it wrote to its error stream so far.</summary>
    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return _errors.ToString();
            }
        }
    }

    /// <summary>Memory in use (Linux: VmRSS), in MiB.</summary>
    public double MemoryMib
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 / 1048576.0;
        }
    }

    /// <summary>Processor time used so far.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts it and waits until it is ready.</summary>
    /// <exception cref="InvalidOperationException">It ended before; the message holds what it wrote.</exception>
    public static async Task<BrokerProcess> StartAsync(string data, int port = 0, string? command = null)
    {
        var launched = Stopwatch.GetTimestamp();
        var info = new ProcessStartInfo(
            command ?? Command, ["kafka", "--data", data, "--port", port.ToString(CultureInfo.InvariantCulture), "--registry-port", "0"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var process = Process.Start(info)!;
        var errors = new StringBuilder();
        process.ErrorDataReceived += (_, e) =>
        {
            lock (errors)
            {
                errors.AppendLine(e.Data);
            }
        };
        process.BeginErrorReadLine();
        var bootstrap = await ValueAsync("ready ");
        var took = Stopwatch.GetElapsedTime(launched);
        return new BrokerProcess(process, errors, bootstrap, new Uri(await ValueAsync("registry ")), took);

        async Task<string> ValueAsync(string word)
        {
            var line = await process.StandardOutput.ReadLineAsync().WaitAsync(Patience);
            if (line is null)
            {
                await process.WaitForExitAsync().WaitAsync(Patience);
                throw new InvalidOperationException($"streamsync kafka ended with {process.ExitCode}: {errors}");
            }

            Assert.StartsWith(word, line, StringComparison.Ordinal);
            return line[word.Length..];
        }
    }

    /// <summary>Ends it as a crash would (SIGKILL).</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Asks it to stop (SIGTERM).</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync()
    {
        using (Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]))
        {
        }

        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }
}
