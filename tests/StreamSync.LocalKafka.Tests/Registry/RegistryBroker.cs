using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using StreamSync.LocalKafka.Registry;

namespace StreamSync.LocalKafka.Tests.Registry;

/// <summary>
/// The cluster behind the registries under test, one for all of them: the embedded broker, or a real Apache Kafka where KAFKA_HOME
/// names one. Every test takes a topic of its own, so none sees another's schemas.
/// </summary>
public sealed class RegistryBroker : IAsyncLifetime
{
    readonly string _directory = Directory.CreateTempSubdirectory("registry-").FullName;
    Process? _kafka;
    LocalKafkaBroker? _local;
    int _topics;

    public string BootstrapServers { get; private set; } = string.Empty;

    /// <summary>Options of a registry with an empty topic of its own.</summary>
    public SchemaRegistryOptions NewRegistry() => new() { BootstrapServers = BootstrapServers, Topic = $"_schemas-{Interlocked.Increment(ref _topics)}" };

    public async Task InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("KAFKA_HOME") is not { Length: > 0 } home)
        {
            _local = await LocalKafkaBroker.StartAsync(new LocalKafkaOptions { DataDirectory = _directory });
            BootstrapServers = _local.BootstrapServers;
            return;
        }
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        // A child that shares the terminal would be stopped by it when the tests run in the background.
        _kafka = Process.Start(new ProcessStartInfo(Path.Combine(home, "start"), [_directory, "--port", $"{port}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _kafka.BeginErrorReadLine();
        while (await _kafka.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("ready ", StringComparison.Ordinal))
            {
                BootstrapServers = line["ready ".Length..];
                return;
            }
        }
        throw new InvalidOperationException("Apache Kafka did not start");
    }

    public async Task DisposeAsync()
    {
        if (_local is not null)
        {
            await _local.DisposeAsync();
        }
        if (_kafka is not null)
        {
            // The start script passes TERM on; there is no signal but KILL in .NET itself.
            using var kill = Process.Start(new ProcessStartInfo("kill", [$"{_kafka.Id}"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            });
            await _kafka.WaitForExitAsync();
            _kafka.Dispose();
        }
        Directory.Delete(_directory, recursive: true);
    }
}

[CollectionDefinition(Name)]
public sealed class RegistryCollection : ICollectionFixture<RegistryBroker>
{
    public const string Name = "schema registries";
}
