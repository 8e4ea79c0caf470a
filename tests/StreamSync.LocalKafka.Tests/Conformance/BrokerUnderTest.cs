using System.Diagnostics;

namespace StreamSync.LocalKafka.Tests.Conformance;

/// <summary>A running broker that the conformance tests are held against.</summary>
public abstract class BrokerUnderTest : IAsyncLifetime
{
    /// <summary>Null when this machine has no such broker.</summary>
    public string? BootstrapServers { get; protected set; }

    /// <summary>More than all tests but the one of this limit need (<c>group.max.size</c>).</summary>
    public const int MaxGroupSize = 12;

    protected string Folder { get; } = Directory.CreateTempSubdirectory("streamsync-broker-").FullName;

    public abstract Task InitializeAsync();

    /// <summary>Waits until requests see the topics and settings as the answers so far said they are.</summary>
    public virtual Task SettleAsync() => Task.CompletedTask;

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
        _broker = await LocalKafkaBroker.StartAsync(new LocalKafkaOptions { DataDirectory = Folder, MaxGroupSize = MaxGroupSize });
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

/// <summary>Apache Kafka from <c>KAFKA_HOME</c>.</summary>
public sealed class ApacheKafkaUnderTest : BrokerUnderTest
{
    /// <summary>Compaction and retention are looked after at once instead of minutes later, and groups have a limit that a test can reach.</summary>
    static readonly string[] Settings =
    [
        $"group.max.size={MaxGroupSize}", "log.cleaner.backoff.ms=200", "log.retention.check.interval.ms=500", "log.initial.task.delay.ms=500",
    ];

    readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    Process? _process;
    MetadataBarrier? _barrier;

    public override async Task InitializeAsync()
    {
        if (ApacheDistribution.Home is not { } home)
        {
            return;
        }

        var port = ApacheDistribution.FreePort();
        var info = ApacheDistribution.Command(home, Folder, port, Settings);
        info.RedirectStandardOutput = true;
        _process = Process.Start(info)!;
        _process.OutputDataReceived += (_, line) => Look(line.Data);
        _process.BeginOutputReadLine();
        await _ready.Task.WaitAsync(TimeSpan.FromSeconds(120));
        BootstrapServers = $"127.0.0.1:{port}";
        _barrier = new MetadataBarrier(BootstrapServers);
    }

    public override Task SettleAsync() => _barrier!.PassAsync();

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
        else if (ApacheDistribution.IsReady(line))
        {
            _ready.TrySetResult();
        }
    }
}

[CollectionDefinition(nameof(OnLocalKafka))]
public sealed class OnLocalKafka : ICollectionFixture<LocalKafkaUnderTest>;

[CollectionDefinition(nameof(OnApacheKafka))]
public sealed class OnApacheKafka : ICollectionFixture<ApacheKafkaUnderTest>;
