using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace StreamSync.Clients.Tests.Clients;

/// <summary>Topics for clients that cannot make their own.</summary>
static class Topics
{
    public static async Task CreateAsync(string bootstrapServers, string topic, int partitions)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrapServers }).Build();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = partitions, ReplicationFactor = 1 }]);
    }
}
