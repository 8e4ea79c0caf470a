using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
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
    static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(30);
    static readonly TimeSpan MetadataInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>How long a tombstone stays in a compacted topic: a warehouse that was away for so long still learns of the delete.</summary>
    static readonly TimeSpan TombstoneRetention = TimeSpan.FromDays(30);

    readonly KafkaConnection _connection;
    readonly TimeProvider _clock;
    readonly ILogger _logger;

    /// <summary>Creates it.</summary>
    /// <param name="connection">The cluster.</param>
    /// <param name="clock">Clock for waiting.</param>
    /// <param name="logger">Takes differences as warnings.</param>
    public TopicAdmin(KafkaConnection connection, TimeProvider clock, ILogger<TopicAdmin> logger)
    {
        _connection = connection;
        _clock = clock;
        _logger = logger;
    }

    /// <summary>Creates the missing ones of the topics and waits until the cluster knows a leader for each partition.</summary>
    /// <param name="topics">Topics.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>What differs in topics that others made.</returns>
    /// <exception cref="ClusterUnreachableException">No broker answers.</exception>
    /// <exception cref="KafkaException">The cluster refuses a topic; the message names it.</exception>
    public async Task<IReadOnlyList<TopicDifference>> EnsureAsync(IEnumerable<TopicSpec> topics, CancellationToken cancellationToken)
    {
        var wanted = topics.DistinctBy(t => t.Name).ToList();
        using var admin = new AdminClientBuilder(_connection.Common("streamsync-admin"))
            .SetLogHandler((_, message) => ClientLog.Write(_logger, message))
            .SetErrorHandler((_, error) => ClientLog.Write(_logger, "streamsync-admin", error))
            .Build();
        var known = await MetadataAsync(admin, cancellationToken);
        var missing = wanted.Where(t => !known.ContainsKey(t.Name)).ToList();
        var existing = wanted.Where(t => known.ContainsKey(t.Name)).ToList();
        if (missing.Count > 0)
        {
            existing.AddRange(await CreateAsync(admin, missing, cancellationToken));
            foreach (var topic in await WaitForLeadersAsync(admin, missing, cancellationToken))
            {
                known[topic.Topic] = topic;
            }
        }

        var differences = await DifferencesAsync(admin, existing, known, cancellationToken);
        foreach (var d in differences)
        {
            _logger.LogWarning("the topic {Topic} has {Setting} {Actual}, not {Expected}: it was made by others or by an older version, and is left as it is", d.Topic, d.Setting, d.Actual, d.Expected);
        }

        return differences;
    }

    /// <summary>True when the cluster has the topic.</summary>
    /// <param name="topic">Name.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="ClusterUnreachableException">No broker answers.</exception>
    public async Task<bool> ExistsAsync(string topic, CancellationToken cancellationToken)
    {
        using var admin = new AdminClientBuilder(_connection.Common("streamsync-admin"))
            .SetLogHandler((_, message) => ClientLog.Write(_logger, message))
            .SetErrorHandler((_, error) => ClientLog.Write(_logger, "streamsync-admin", error))
            .Build();
        return (await MetadataAsync(admin, cancellationToken)).ContainsKey(topic);
    }

    int PartitionsOf(TopicSpec topic) => topic.Partitions ?? _connection.Partitions;

    static Dictionary<string, string> SettingsOf(TopicSpec topic)
    {
        var settings = new Dictionary<string, string>
        {
            ["cleanup.policy"] = topic.Cleanup == TopicCleanup.Compact ? "compact" : "delete",
            ["max.message.bytes"] = KafkaConnection.MaxMessageBytes.ToString(CultureInfo.InvariantCulture),
        };
        if (topic.Cleanup == TopicCleanup.Compact)
        {
            settings["delete.retention.ms"] = Milliseconds(TombstoneRetention);
        }
        else
        {
            settings["retention.ms"] = topic.Retention is { } retention ? Milliseconds(retention) : "-1";
        }

        return settings;
    }

    static string Milliseconds(TimeSpan span) => ((long)span.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);

    /// <summary>Creates topics. Returns those that somebody else made in the meantime.</summary>
    async Task<List<TopicSpec>> CreateAsync(IAdminClient admin, List<TopicSpec> missing, CancellationToken cancellationToken)
    {
        var others = new HashSet<string>();
        var specifications = missing.Select(t => new TopicSpecification { Name = t.Name, NumPartitions = PartitionsOf(t), ReplicationFactor = -1, Configs = SettingsOf(t) });
        try
        {
            await admin.CreateTopicsAsync(specifications, new CreateTopicsOptions { RequestTimeout = RequestTimeout, OperationTimeout = RequestTimeout }).WaitAsync(cancellationToken);
        }
        catch (CreateTopicsException e)
        {
            // Another service may have been faster: what counts is that the topic is there.
            var failed = e.Results.FirstOrDefault(r => r.Error.IsError && r.Error.Code != ErrorCode.TopicAlreadyExists);
            if (failed is not null)
            {
                throw new KafkaException(new Error(failed.Error.Code, $"the topic {failed.Topic} could not be created: {failed.Error.Reason}"));
            }

            others.UnionWith(e.Results.Where(r => r.Error.IsError).Select(r => r.Topic));
        }

        var made = missing.Where(t => !others.Contains(t.Name)).Select(t => t.Name).ToList();
        if (made.Count > 0)
        {
            _logger.LogInformation("created {Count} topics: {Topics}", made.Count, string.Join(", ", made));
        }

        return [.. missing.Where(t => others.Contains(t.Name))];
    }

    async Task<IEnumerable<TopicMetadata>> WaitForLeadersAsync(IAdminClient admin, List<TopicSpec> created, CancellationToken cancellationToken)
    {
        while (true)
        {
            var metadata = await MetadataAsync(admin, cancellationToken);
            if (created.All(t => metadata.TryGetValue(t.Name, out var known) && known.Partitions.Count > 0 && known.Partitions.All(p => p.Leader >= 0)))
            {
                return created.Select(t => metadata[t.Name]);
            }

            // Kafka has no event for it.
            await Task.Delay(MetadataInterval, _clock, cancellationToken);
        }
    }

    async Task<Dictionary<string, TopicMetadata>> MetadataAsync(IAdminClient admin, CancellationToken cancellationToken)
    {
        Metadata? metadata = null;
        try
        {
            await Blocking.RunAsync(() => metadata = admin.GetMetadata(RequestTimeout), cancellationToken);
        }
        catch (KafkaException e) when (e.Error.Code is ErrorCode.Local_Transport or ErrorCode.Local_TimedOut or ErrorCode.Local_AllBrokersDown)
        {
            throw ConnectionCheck.BrokerUnreachable(_connection, e.Error.Reason, e);
        }

        return metadata!.Topics.Where(t => !t.Error.IsError).ToDictionary(t => t.Topic);
    }

    async Task<List<TopicDifference>> DifferencesAsync(IAdminClient admin, List<TopicSpec> existing, Dictionary<string, TopicMetadata> metadata, CancellationToken cancellationToken)
    {
        var differences = new List<TopicDifference>();
        if (existing.Count == 0)
        {
            return differences;
        }

        var described = await SettingsAsync(admin, existing, cancellationToken);
        foreach (var topic in existing)
        {
            var partitions = metadata[topic.Name].Partitions.Count;
            if (partitions != PartitionsOf(topic))
            {
                differences.Add(new TopicDifference(topic.Name, "partitions", PartitionsOf(topic).ToString(CultureInfo.InvariantCulture), partitions.ToString(CultureInfo.InvariantCulture)));
            }

            foreach (var (setting, expected) in SettingsOf(topic))
            {
                if (described[topic.Name].TryGetValue(setting, out var actual) && actual.Value != expected)
                {
                    differences.Add(new TopicDifference(topic.Name, setting, expected, actual.Value));
                }
            }
        }

        return differences;
    }

    /// <summary>Settings by topic. A broker that has not heard of a new topic yet is asked again.</summary>
    async Task<Dictionary<string, Dictionary<string, ConfigEntryResult>>> SettingsAsync(IAdminClient admin, List<TopicSpec> topics, CancellationToken cancellationToken)
    {
        var resources = topics.Select(t => new ConfigResource { Type = ResourceType.Topic, Name = t.Name }).ToList();
        var start = _clock.GetTimestamp();
        while (true)
        {
            try
            {
                var described = await admin.DescribeConfigsAsync(resources, new DescribeConfigsOptions { RequestTimeout = RequestTimeout }).WaitAsync(cancellationToken);
                return described.ToDictionary(r => r.ConfigResource.Name, r => r.Entries);
            }
            catch (DescribeConfigsException e) when (
                e.Results.All(r => !r.Error.IsError || r.Error.Code == ErrorCode.UnknownTopicOrPart) && _clock.GetElapsedTime(start) < RequestTimeout)
            {
                await Task.Delay(MetadataInterval, _clock, cancellationToken);
            }
        }
    }
}
