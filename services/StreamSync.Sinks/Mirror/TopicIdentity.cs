using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace StreamSync.Sinks.Mirror;

/// <summary>A topic as the cluster knows it.</summary>
/// <param name="Id">The topic's id, or null where brokers give none (before Kafka 2.8).</param>
/// <param name="Partitions">Number of partitions.</param>
sealed record TopicIdentity(string? Id, int Partitions)
{
    /// <summary>Asks the cluster; topics that it does not know are left out.</summary>
    public static IReadOnlyDictionary<string, TopicIdentity> Describe(Handle handle, IEnumerable<string> topics, CancellationToken cancellationToken)
    {
        using var admin = new DependentAdminClientBuilder(handle).Build();
        var request = admin.DescribeTopicsAsync(
            TopicCollection.OfTopicNames(topics), new DescribeTopicsOptions { IncludeAuthorizedOperations = false, RequestTimeout = TimeSpan.FromSeconds(30) });
        return request.WaitAsync(cancellationToken).GetAwaiter().GetResult().TopicDescriptions
            .Where(t => !t.Error.IsError)
            .ToDictionary(t => t.Name, t => new TopicIdentity(IdOf(t), t.Partitions.Count));
    }

    static string? IdOf(TopicDescription topic) =>
        topic.TopicId is { } id && (id.MostSignificantBits != 0 || id.LeastSignificantBits != 0) ? id.ToString() : null;
}
