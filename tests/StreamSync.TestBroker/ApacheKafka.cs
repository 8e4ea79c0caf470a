using System.Diagnostics;
using Xunit;

namespace StreamSync.TestBroker;

/// <summary>A real Apache Kafka (KRaft, one node, loopback only) from <c>KAFKA_HOME</c>.</summary>
sealed class ApacheKafka : IAsyncDisposable
{
    /// <summary>The shell ends the broker when its standard input closes: also when this process is killed.</summary>
    const string Wrapper = "\"$0\" \"$@\" & broker=$!; cat > /dev/null; kill -TERM $broker; wait $broker";

    static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);

    readonly Process _process;

    ApacheKafka(Process process, int port, string home)
    {
        _process = process;
        BootstrapServers = $"127.0.0.1:{port}";
        Description = $"Apache Kafka ({Version(home)})";
    }

    public string BootstrapServers { get; }

    public string Description { get; }

    public static async Task<ApacheKafka> StartAsync(DirectoryInfo folder, CancellationToken cancellationToken)
    {
        var home = ApacheDistribution.Home;
        Skip.If(home is null, $"{TestCluster.Variable}=apache needs {ApacheDistribution.HomeVariable}: the folder of an Apache Kafka");
        var port = ApacheDistribution.FreePort();
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(StartTimeout);
        var process = Start(ApacheDistribution.Command(home!, folder.FullName, port));
        await WaitUntilReadyAsync(process, timeout.Token);
        _ = DrainAsync(process.StandardOutput);
        return new ApacheKafka(process, port, home!);
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    static Process Start(ProcessStartInfo command)
    {
        var start = new ProcessStartInfo("bash", ["-c", Wrapper, command.FileName, .. command.ArgumentList]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["KAFKA_HEAP_OPTS"] = Environment.GetEnvironmentVariable("KAFKA_HEAP_OPTS") ?? "-Xmx400M";
        return Process.Start(start)!;
    }

    static async Task WaitUntilReadyAsync(Process process, CancellationToken cancellationToken)
    {
        while (true)
        {
            var line = await process.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new InvalidOperationException("Kafka ended before it was ready");
            if (ApacheDistribution.IsReady(line))
            {
                return;
            }
        }
    }

    /// <summary>A full pipe would stop the broker.</summary>
    static async Task DrainAsync(StreamReader output)
    {
        while (await output.ReadLineAsync() is not null)
        {
        }
    }

    static string Version(string home) =>
        Directory.EnumerateFiles(Path.Combine(home, "libs"), "kafka-clients-*.jar").Select(f => Path.GetFileNameWithoutExtension(f)["kafka-clients-".Length..]).FirstOrDefault() ?? "unknown version";
}
