using Microsoft.Extensions.Logging;
using StreamSync.Contracts;

namespace StreamSync.Kafka.Clients;

/// <summary>A setting of an existing topic that is not what the catalogue says.</summary>
/// <param name="Topic">Topic.</param>
/// <param name="Setting">Setting, or <c>partitions</c>.</param>
/// <param name="Expected">What the catalogue says.</param>
/// <param name="Actual">What the cluster has.</param>
public sealed record TopicDifference(string Topic, string Setting, string Expected, string Actual);

/// <summary>Creates topics with the catalogue's settings; never changes an existing one.</summary>
public sealed class TopicAdmin
{
    /// <summary>Creates it.</summary>
    /// <param name="connection">The cluster.</param>
    /// <param name="logger">Takes differences as warnings.</param>
    public TopicAdmin(KafkaConnection connection, ILogger<TopicAdmin> logger)
    {
    }

    /// <summary>Creates the missing ones of the topics and waits until every broker knows them.</summary>
    /// <param name="topics">Topics.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>What differs in topics that were there before.</returns>
    /// <exception cref="ClusterUnreachableException">No broker answers.</exception>
    public Task<IReadOnlyList<TopicDifference>> EnsureAsync(IEnumerable<TopicSpec> topics, CancellationToken cancellationToken) => throw new NotImplementedException();
}
