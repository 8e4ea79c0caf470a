namespace StreamSync.LocalKafka.Registry;

/// <summary>Where a schema registry listens and which cluster keeps its schemas.</summary>
public sealed class SchemaRegistryOptions
{
    /// <summary>Bootstrap servers of the cluster that keeps the schemas, <c>host:port</c> separated by commas.</summary>
    public required string BootstrapServers { get; init; }

    /// <summary>The loopback port to listen on; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>The compacted topic of one partition that holds the schemas; created if the cluster lacks it.</summary>
    public string Topic { get; init; } = "_schemas";

    /// <summary>How many copies of a topic that has to be created are wanted; a cluster with fewer brokers gets as many as it has.</summary>
    public short ReplicationFactor { get; init; } = 3;

    /// <summary>
    /// Whether <see cref="SchemaRegistryServer.StartAsync"/> comes back only when all schemas have been read. Without it the server
    /// listens at once and a request waits for them; a store that cannot be opened then shows in the log and in every answer.
    /// </summary>
    public bool WaitForStore { get; init; } = true;

    /// <summary>How long the cluster may take to answer when the registry opens its store.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a write may take before the caller is told that it timed out (its outcome is then unknown).</summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Further settings of the Kafka clients (security.protocol, sasl.mechanism and so on), as librdkafka names them.</summary>
    public IReadOnlyDictionary<string, string> ClientSettings { get; init; } = new Dictionary<string, string>();
}
