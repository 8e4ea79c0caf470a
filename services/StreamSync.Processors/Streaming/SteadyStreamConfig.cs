using System.Collections.Concurrent;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Streamiz.Kafka.Net;

namespace StreamSync.Processors.Streaming;

/// <summary>
/// Streamiz's configuration, with answers kept that it would compute anew for each record: the admin client's settings for each record sent,
/// and whether records are processed in parallel (they never are: stages keep their order) at each node that a record passes.
/// </summary>
sealed class SteadyStreamConfig(ILoggerFactory loggers) : StreamConfig(null, loggers), IStreamConfig
{
    readonly ConcurrentDictionary<string, AdminClientConfig> _admins = new(StringComparer.Ordinal);

    bool IStreamConfig.ParallelProcessing
    {
        get => false;
        set => _ = value ? throw new NotSupportedException("stages take their records in order") : value;
    }

    AdminClientConfig IStreamConfig.ToAdminConfig(string clientId) => _admins.GetOrAdd(clientId, ToAdminConfig);
}
