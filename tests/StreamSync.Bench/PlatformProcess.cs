using System.Diagnostics;
using System.Text.Json;

namespace StreamSync.Bench;

/// <summary>The built command, run as a user runs it.</summary>
sealed class PlatformProcess : IDisposable
{
    readonly Process _process;
    readonly string _data;

    PlatformProcess(Process process, string data)
    {
        _process = process;
        _data = data;
    }

    public static string Command { get; } = FindCommand();

    public static PlatformProcess Start(string config, string data)
    {
        var info = new ProcessStartInfo(Command) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[] { "up", "--config", config, "--data", data })
        {
            info.ArgumentList.Add(argument);
        }

        var process = Process.Start(info)!;
        process.OutputDataReceived += (_, e) => Console.Error.WriteLine(e.Data);
        process.ErrorDataReceived += (_, e) => Console.Error.WriteLine(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new PlatformProcess(process, data);
    }

    public bool HasExited => _process.HasExited;

    /// <summary>Processor time used so far.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Highest resident memory so far, MiB.</summary>
    public double PeakMemoryMib() => ProcessFacts.Mib(_process.Id, "VmHWM");

    /// <summary>The instance's own description; null until it is ready.</summary>
    public JsonElement? Instance()
    {
        var file = Path.Combine(_data, "instance.json");
        try
        {
            return File.Exists(file) ? JsonDocument.Parse(File.ReadAllText(file)).RootElement : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            ProcessFacts.Terminate(_process.Id);
            if (!_process.WaitForExit(TimeSpan.FromSeconds(30)))
            {
                _process.Kill(entireProcessTree: true);
            }
        }

        _process.Dispose();
    }

    static string FindCommand()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var command = Path.Combine(folder.FullName, "artifacts", "streamsync");
            if (File.Exists(command))
            {
                return command;
            }
        }

        throw new FileNotFoundException("artifacts/streamsync is not built: run make build");
    }
}
