using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace StreamSync;

/// <summary>How a real Apache Kafka is started as one node on loopback: by its own <c>start</c> script where it has one, else by the scripts of Apache's distribution.</summary>
static class ApacheDistribution
{
    /// <summary>Environment variable that names the folder of an Apache Kafka.</summary>
    public const string HomeVariable = "KAFKA_HOME";

    /// <summary>That folder; null when there is none.</summary>
    public static string? Home => Environment.GetEnvironmentVariable(HomeVariable) is { Length: > 0 } home ? home : null;

    /// <summary>The command that runs it in the foreground; its storage is formatted before where that is needed.</summary>
    /// <param name="home">Folder of the Apache Kafka.</param>
    /// <param name="folder">Where it keeps its data.</param>
    /// <param name="port">Its port, see <see cref="FreePort"/>.</param>
    /// <param name="settings">Further settings, <c>name=value</c>.</param>
    public static ProcessStartInfo Command(string home, string folder, int port, params string[] settings)
    {
        var start = Path.Combine(home, "start");
        if (File.Exists(start))
        {
            return new ProcessStartInfo(start, [folder, "--port", $"{port}", .. settings.SelectMany(s => new[] { "--set", s })]);
        }

        var properties = Path.Combine(folder, "server.properties");
        File.WriteAllLines(properties,
        [
            "process.roles=broker,controller", "node.id=1", $"controller.quorum.voters=1@127.0.0.1:{port + 100}",
            $"listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{port + 100}", $"advertised.listeners=PLAINTEXT://127.0.0.1:{port}",
            "controller.listener.names=CONTROLLER", "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            $"log.dirs={folder}/data", "offsets.topic.replication.factor=1", "offsets.topic.num.partitions=8",
            "transaction.state.log.replication.factor=1", "transaction.state.log.num.partitions=8", "transaction.state.log.min.isr=1",
            "group.initial.rebalance.delay.ms=0", "auto.create.topics.enable=false",
            .. settings,
        ]);
        var format = new ProcessStartInfo(Path.Combine(home, "bin", "kafka-storage.sh"), ["format", "--ignore-formatted", "-t", "c3RyZWFtc3luYy10ZXN0MQ", "-c", properties]);
        format.RedirectStandardOutput = true;
        using (var formatting = Process.Start(format)!)
        {
            formatting.StandardOutput.ReadToEnd();
            formatting.WaitForExit();
        }

        return new ProcessStartInfo(Path.Combine(home, "bin", "kafka-server-start.sh"), [properties]);
    }

    /// <summary>Whether a line of its output says that it serves.</summary>
    public static bool IsReady(string line) =>
        line.StartsWith("ready ", StringComparison.Ordinal) || line.Contains("Kafka Server started", StringComparison.Ordinal);

    /// <summary>
    /// A port that is free, and free 100 further on for the controller. It is below those that the system gives out to whoever asks for
    /// any: one of these could be gone again, to an embedded broker even, before Apache Kafka has started.
    /// </summary>
    public static int FreePort()
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
}
