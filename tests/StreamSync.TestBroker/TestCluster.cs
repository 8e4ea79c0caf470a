using StreamSync.LocalKafka;
using StreamSync.LocalKafka.Registry;
using Xunit;

namespace StreamSync.TestBroker;

/// <summary>
/// The Kafka that tests run against. <c>STREAMSYNC_TEST_KAFKA</c> chooses: <c>local</c> (default: embedded broker, in this process),
/// <c>apache</c> (a real Apache Kafka from <c>KAFKA_HOME</c>), <c>testcontainers</c> (Docker), or host:port of a running cluster. The schema
/// registry is the embedded one in front of it, always.
/// </summary>
public sealed class TestCluster : IAsyncDisposable
{
    /// <summary>The environment variable that chooses.</summary>
    public const string Variable = "STREAMSYNC_TEST_KAFKA";

    readonly IAsyncDisposable? _broker;
    readonly SchemaRegistryServer _registry;
    readonly DirectoryInfo _folder;

    TestCluster(string description, string bootstrapServers, bool isFresh, IAsyncDisposable? broker, SchemaRegistryServer registry, DirectoryInfo folder)
    {
        Description = description;
        BootstrapServers = bootstrapServers;
        IsFresh = isFresh;
        _broker = broker;
        _registry = registry;
        _folder = folder;
    }

    /// <summary>Address for clients.</summary>
    public string BootstrapServers { get; }

    /// <summary>URL of the schema registry.</summary>
    public string RegistryUrl => _registry.Url.ToString().TrimEnd('/');

    /// <summary>Which Kafka it is, for people.</summary>
    public string Description { get; }

    /// <summary>True when it started empty and belongs to this process: then tests may use the catalogue's own topic names.</summary>
    public bool IsFresh { get; }

    /// <summary>A port that is free, and stays so: the system gives it out to nobody who asks for any.</summary>
    public static int FreePort() => ApacheDistribution.FreePort();

    /// <summary>Starts the chosen one.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SkipException">The chosen one can't run here; the message says why.</exception>
    public static async Task<TestCluster> StartAsync(CancellationToken cancellationToken = default)
    {
        var choice = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? named : "local";
        var folder = Directory.CreateTempSubdirectory("streamsync-test-");
        IAsyncDisposable? broker = null;
        try
        {
            string bootstrap, description;
            switch (choice)
            {
                case "local":
                    var local = await LocalKafkaBroker.StartAsync(new LocalKafkaOptions { DataDirectory = Path.Combine(folder.FullName, "log") }, cancel: cancellationToken);
                    (broker, bootstrap, description) = (local, local.BootstrapServers, "the embedded broker");
                    break;
                case "apache":
                    var apache = await ApacheKafka.StartAsync(folder, cancellationToken);
                    (broker, bootstrap, description) = (apache, apache.BootstrapServers, apache.Description);
                    break;
                case "testcontainers":
                    var container = await KafkaInDocker.StartAsync(cancellationToken);
                    (broker, bootstrap, description) = (container, container.BootstrapServers, KafkaInDocker.Description);
                    break;
                default:
                    Skip.IfNot(choice.Contains(':', StringComparison.Ordinal), $"{Variable} is '{choice}': write local, apache, testcontainers or host:port");
                    (bootstrap, description) = (choice, "the cluster at " + choice);
                    break;
            }

            var registry = await SchemaRegistryServer.StartAsync(new SchemaRegistryOptions { BootstrapServers = bootstrap }, cancellationToken: cancellationToken);
            return new TestCluster(description, bootstrap, broker is not null, broker, registry, folder);
        }
        catch
        {
            if (broker is not null)
            {
                await broker.DisposeAsync();
            }

            folder.Delete(true);
            throw;
        }
    }

    /// <summary>A topic or group name that no other test uses.</summary>
    /// <param name="word">A word to recognise it by.</param>
    public static string UniqueName(string word) => $"{word}-{Guid.NewGuid():N}";

    /// <summary>Stops registry and broker and removes what they wrote.</summary>
    public async ValueTask DisposeAsync()
    {
        await _registry.DisposeAsync();
        if (_broker is not null)
        {
            await _broker.DisposeAsync();
        }

        _folder.Delete(true);
    }
}
