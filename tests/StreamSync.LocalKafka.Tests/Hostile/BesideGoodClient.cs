namespace StreamSync.LocalKafka.Tests.Hostile;

/// <summary>A broker under attack with a client that behaves, which goes on working all the while.</summary>
public abstract class BesideGoodClient : IAsyncLifetime
{
    /// <summary>A round of the good client takes a few milliseconds; on a machine that does much else, this long at most.</summary>
    private protected static readonly TimeSpan LongestRound = TimeSpan.FromSeconds(10);

    readonly string _folder = Directory.CreateTempSubdirectory("hostile-").FullName;

    private protected LocalKafkaBroker Broker { get; private set; } = null!;

    private protected GoodClient Good { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Broker = await LocalKafkaBroker.StartAsync(new LocalKafkaOptions { DataDirectory = _folder });
        Good = await GoodClient.StartAsync(Broker.BootstrapServers);
    }

    /// <summary>Takes another broker, which is empty.</summary>
    private protected async Task RestartAsync(int maxConnections)
    {
        await StopAsync();
        Broker = await LocalKafkaBroker.StartAsync(new LocalKafkaOptions { DataDirectory = Path.Combine(_folder, "small"), MaxConnections = maxConnections });
        Good = await GoodClient.StartAsync(Broker.BootstrapServers);
    }

    public async Task DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    async Task StopAsync()
    {
        await Good.DisposeAsync();
        await Broker.DisposeAsync();
    }
}
