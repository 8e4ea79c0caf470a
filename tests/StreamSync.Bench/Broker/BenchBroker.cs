using System.Diagnostics;
using System.Globalization;

namespace StreamSync.Bench.Broker;

/// <summary>A broker as a process of its own: the embedded one, or a real Apache Kafka from <c>KAFKA_HOME</c>.</summary>
sealed class BenchBroker : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    readonly string _home;
    readonly string _data;
    readonly int _port = ApacheDistribution.FreePort();
    Process? _process;

    BenchBroker(string name, string home, string data) => (Name, _home, _data) = (name, home, data);

    /// <summary>How its figures begin.</summary>
    public string Name { get; }

    /// <summary>Address for clients.</summary>
    public string BootstrapServers => $"127.0.0.1:{_port}";

    public static BenchBroker Local(string data) => new("local", "", data);

    /// <summary>The Apache Kafka that <c>KAFKA_HOME</c> names, or null.</summary>
    public static BenchBroker? Apache(string data) =>
        ApacheDistribution.Home is { } home ? new("apache", home, data) : null;

    /// <summary>Starts it on its directory.</summary>
    /// <returns>Time from the launch until it says that it is ready.</returns>
    public TimeSpan Start()
    {
        Directory.CreateDirectory(_data);
        var launched = Stopwatch.GetTimestamp();
        var port = _port.ToString(CultureInfo.InvariantCulture);
        var start = _home.Length == 0
            ? new ProcessStartInfo(PlatformProcess.Command, ["kafka", "--data", _data, "--port", port, "--registry-port", "0"])
            : ApacheDistribution.Command(_home, _data, _port);
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, e) => Note(e.Data);
        _process.BeginErrorReadLine();
        while (_process.StandardOutput.ReadLine() is { } line)
        {
            if (ApacheDistribution.IsReady(line))
            {
                var took = Stopwatch.GetElapsedTime(launched);

                // A full pipe would stop it.
                _ = _process.StandardOutput.ReadToEndAsync();
                return took;
            }
        }

        throw new InvalidOperationException($"{Name} ended before it was ready");
    }

    /// <summary>Ends it as a crash would, and all processes that it started.</summary>
    public void Kill()
    {
        _process!.Kill(entireProcessTree: true);
        _process.WaitForExit(Patience);
        _process.Dispose();
        _process = null;
    }

    /// <summary>Lets it stop in its own way.</summary>
    public void Stop()
    {
        ProcessFacts.Terminate(_process!.Id);
        _process.WaitForExit(Patience);
        _process.Dispose();
        _process = null;
    }

    /// <summary>Memory in use by it and what it started (VmRSS), MiB.</summary>
    public double MemoryMib() => Tree().Sum(process => ProcessFacts.Mib(process.Id, "VmRSS"));

    /// <summary>Processor time that it and what it started have used.</summary>
    public TimeSpan CpuTime() => TimeSpan.FromTicks(Tree().Sum(process => process.TotalProcessorTime.Ticks));

    public void Dispose()
    {
        if (_process is not null)
        {
            Kill();
        }
    }

    List<Process> Tree()
    {
        var tree = new List<Process> { Process.GetProcessById(_process!.Id) };
        for (var i = 0; i < tree.Count; i++)
        {
            var children = $"/proc/{tree[i].Id}/task/{tree[i].Id}/children";
            tree.AddRange(File.ReadAllText(children).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => Process.GetProcessById(int.Parse(id, CultureInfo.InvariantCulture))));
        }

        return tree;
    }

    void Note(string? line)
    {
        if (!string.IsNullOrEmpty(line))
        {
            Console.Error.WriteLine($"{Name}: {line}");
        }
    }
}
