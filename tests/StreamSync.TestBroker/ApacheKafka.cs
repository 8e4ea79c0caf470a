using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace StreamSync.TestBroker;

/// <summary>A real Apache Kafka (KRaft, one node, loopback only) from <c>KAFKA_HOME</c>: its <c>start</c> script where it has one, the distribution's own scripts otherwise.</summary>
sealed class ApacheKafka : IAsyncDisposable
{
    const string HomeVariable = "KAFKA_HOME";

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
        var home = Environment.GetEnvironmentVariable(HomeVariable);
        Skip.If(string.IsNullOrEmpty(home), $"{TestCluster.Variable}=apache needs {HomeVariable}: the folder of an Apache Kafka");
        var port = FreePort();
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(StartTimeout);
        Process process;
        if (File.Exists(Path.Combine(home!, "start")))
        {
            process = Start(Path.Combine(home!, "start"), folder.FullName, "--port", $"{port}");
            await WaitForLineAsync(process, "ready", timeout.Token);
        }
        else
        {
            var properties = WriteProperties(folder, port);
            using (var format = Start(Path.Combine(home!, "bin", "kafka-storage.sh"), "format", "--standalone", "-t", "c3RyZWFtc3luYy10ZXN0MQ", "-c", properties))
            {
                await WaitForLineAsync(format, "Formatting", timeout.Token);
                format.StandardInput.Close();
                await format.WaitForExitAsync(timeout.Token);
            }

            process = Start(Path.Combine(home!, "bin", "kafka-server-start.sh"), properties);
            await WaitForLineAsync(process, "Kafka Server started", timeout.Token);
        }

        _ = DrainAsync(process.StandardOutput);
        return new ApacheKafka(process, port, home!);
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    static Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo("bash", ["-c", Wrapper, program, .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["KAFKA_HEAP_OPTS"] = Environment.GetEnvironmentVariable("KAFKA_HEAP_OPTS") ?? "-Xmx400M";
        return Process.Start(start)!;
    }

    static async Task WaitForLineAsync(Process process, string word, CancellationToken cancellationToken)
    {
        while (true)
        {
            var line = await process.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new InvalidOperationException($"Kafka ended before it said '{word}'");
            if (line.Contains(word, StringComparison.Ordinal))
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

    static string WriteProperties(DirectoryInfo folder, int port)
    {
        var file = Path.Combine(folder.FullName, "server.properties");
        File.WriteAllText(file, $"""
            process.roles=broker,controller
            node.id=1
            controller.quorum.bootstrap.servers=127.0.0.1:{port + 100}
            listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{port + 100}
            advertised.listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{port + 100}
            controller.listener.names=CONTROLLER
            listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
            log.dirs={folder.FullName}/data
            offsets.topic.replication.factor=1
            offsets.topic.num.partitions=8
            transaction.state.log.replication.factor=1
            transaction.state.log.num.partitions=8
            transaction.state.log.min.isr=1
            group.initial.rebalance.delay.ms=0
            auto.create.topics.enable=false
            """);
        return file;
    }

    /// <summary>
    /// A free port whose neighbour 100 higher, the controller's, is free as well. It is below those that the system gives out to whoever asks
    /// for any: one of these could be gone again, to an embedded broker even, before Apache Kafka has started.
    /// </summary>
    static int FreePort()
    {
        const int First = 10_000, Last = 30_000;
        while (true)
        {
            var port = Random.Shared.Next(First, Last);
            try
            {
                using var broker = new TcpListener(IPAddress.Loopback, port);
                broker.Start();
                using var controller = new TcpListener(IPAddress.Loopback, port + 100);
                controller.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken: look further.
            }
        }
    }

    static string Version(string home) =>
        Directory.EnumerateFiles(Path.Combine(home, "libs"), "kafka-clients-*.jar").Select(f => Path.GetFileNameWithoutExtension(f)["kafka-clients-".Length..]).FirstOrDefault() ?? "unknown version";
}
