using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace StreamSync.LocalKafka.Tests.Conformance;

/// <summary>A running broker that the conformance tests are held against.</summary>
public abstract class BrokerUnderTest : IAsyncLifetime
{
    /// <summary>Null when this machine has no such broker.</summary>
    public string? BootstrapServers { get; protected set; }

    protected string Folder { get; } = Directory.CreateTempSubdirectory("streamsync-broker-").FullName;

    public abstract Task InitializeAsync();

    public virtual Task DisposeAsync()
    {
        Directory.Delete(Folder, recursive: true);
        return Task.CompletedTask;
    }
}

/// <summary>The embedded broker, in this process.</summary>
public sealed class LocalKafkaUnderTest : BrokerUnderTest
{
    LocalKafkaBroker? _broker;

    public override async Task InitializeAsync()
    {
        _broker = await LocalKafkaBroker.StartAsync(new LocalKafkaOptions { DataDirectory = Folder });
        BootstrapServers = _broker.BootstrapServers;
    }

    public override async Task DisposeAsync()
    {
        if (_broker is not null)
        {
            await _broker.DisposeAsync();
        }

        await base.DisposeAsync();
    }
}

/// <summary>Apache Kafka from <c>KAFKA_HOME</c>: by its own <c>start</c> script where it has one, else by the scripts of Apache's distribution.</summary>
public sealed class ApacheKafkaUnderTest : BrokerUnderTest
{
    /// <summary>Compaction and retention are looked after at once instead of minutes later.</summary>
    static readonly string[] Impatient =
    [
        "log.cleaner.backoff.ms=200", "log.retention.check.interval.ms=500", "log.initial.task.delay.ms=500",
    ];

    readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    Process? _process;

    public override async Task InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("KAFKA_HOME") is not { Length: > 0 } home)
        {
            return;
        }

        var port = FreePorts();
        var start = Path.Combine(home, "start");
        var info = File.Exists(start)
            ? new ProcessStartInfo(start, [Folder, "--port", $"{port}", .. Impatient.SelectMany(s => new[] { "--set", s })])
            : Distribution(home, port);
        info.RedirectStandardOutput = true;
        _process = Process.Start(info)!;
        _process.OutputDataReceived += (_, line) => Look(line.Data);
        _process.BeginOutputReadLine();
        await _ready.Task.WaitAsync(TimeSpan.FromSeconds(120));
        BootstrapServers = $"127.0.0.1:{port}";
    }

    public override async Task DisposeAsync()
    {
        if (_process is not null)
        {
            using (Process.Start("kill", ["-TERM", $"{_process.Id}"]))
            {
                await _process.WaitForExitAsync();
            }

            _process.Dispose();
        }

        await base.DisposeAsync();
    }

    void Look(string? line)
    {
        if (line is null)
        {
            _ready.TrySetException(new InvalidOperationException("Apache Kafka ended before it was ready"));
        }
        else if (line.StartsWith("ready ", StringComparison.Ordinal) || line.Contains("Kafka Server started", StringComparison.Ordinal))
        {
            _ready.TrySetResult();
        }
    }

    ProcessStartInfo Distribution(string home, int port)
    {
        var properties = Path.Combine(Folder, "server.properties");
        File.WriteAllLines(properties,
        [
            "process.roles=broker,controller", "node.id=1", $"controller.quorum.voters=1@127.0.0.1:{port + 100}",
            $"listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{port + 100}", $"advertised.listeners=PLAINTEXT://127.0.0.1:{port}",
            "controller.listener.names=CONTROLLER", "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            $"log.dirs={Folder}/data", "offsets.topic.replication.factor=1", "transaction.state.log.replication.factor=1",
            "transaction.state.log.min.isr=1", "group.initial.rebalance.delay.ms=0", "auto.create.topics.enable=false",
            .. Impatient,
        ]);
        using (var format = Process.Start(
            Path.Combine(home, "bin", "kafka-storage.sh"), ["format", "-t", "c3RyZWFtc3luYy10ZXN0MQ", "-c", properties]))
        {
            format.WaitForExit();
        }

        return new ProcessStartInfo(Path.Combine(home, "bin", "kafka-server-start.sh"), [properties]);
    }

    /// <summary>
    /// A port that is free, and free 100 further on for the controller. It is below those that the system gives out to whoever asks for
    /// any: one of these could be gone again, to an embedded broker even, before Apache Kafka has started.
    /// </summary>
    static int FreePorts()
    {
        const int First = 10_000, Last = 30_000;
        while (true)
        {
            var port = Random.Shared.Next(First, Last);
            try
            {
                using var first = new TcpListener(IPAddress.Loopback, port);
                first.Start();
                using var second = new TcpListener(IPAddress.Loopback, port + 100);
                second.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken: look further.
            }
        }
    }
}

[CollectionDefinition(nameof(OnLocalKafka))]
public sealed class OnLocalKafka : ICollectionFixture<LocalKafkaUnderTest>;

[CollectionDefinition(nameof(OnApacheKafka))]
public sealed class OnApacheKafka : ICollectionFixture<ApacheKafkaUnderTest>;
