using DotNet.Testcontainers.Builders;
using Testcontainers.Kafka;
using Xunit;

namespace StreamSync.TestBroker;

/// <summary>Apache Kafka in a container.</summary>
sealed class KafkaInDocker : IAsyncDisposable
{
    const string Image = "apache/kafka:4.1.0";

    readonly KafkaContainer _container;

    KafkaInDocker(KafkaContainer container) => _container = container;

    public string BootstrapServers => _container.GetBootstrapAddress().Replace("PLAINTEXT://", "", StringComparison.Ordinal).TrimEnd('/');

    public const string Description = Image + " in Docker";

    public static async Task<KafkaInDocker> StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            var container = new KafkaBuilder(Image).Build();
            await container.StartAsync(cancellationToken);
            return new KafkaInDocker(container);
        }
        catch (DockerUnavailableException e)
        {
            throw new SkipException($"{TestCluster.Variable}=testcontainers needs Docker, which does not run here: {e.Message.Split('\n')[0].Trim()}");
        }
    }

    public ValueTask DisposeAsync() => _container.DisposeAsync();
}
