using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StreamSync.Contracts;
using StreamSync.Contracts.Ops;
using StreamSync.Kafka.Clients;
using StreamSync.Kafka.Configuration;
using StreamSync.Kafka.Hosting;
using StreamSync.Kafka.Serdes;
using StreamSync.Processors.Activity;
using StreamSync.Processors.Identity;
using StreamSync.Processors.Identity.Evidence;
using StreamSync.Processors.Standardiser;
using StreamSync.Processors.Streaming;

namespace StreamSync.Processors;

/// <summary>What the processors are started with.</summary>
/// <param name="Config">Configuration.</param>
/// <param name="Vendors">The configured vendors' mappings.</param>
sealed record ProcessorsOptions(StreamSyncConfig Config, IReadOnlyList<VendorFolder> Vendors);

/// <summary>Runs the topologies side by side: a failure of one is its own.</summary>
sealed class ProcessorsService : BackgroundService, IProcessorsReady
{
    readonly IReadOnlyList<TopologyRunner> _runners;

    public ProcessorsService(
        ProcessorsOptions options, KafkaConnection connection, DataFolder data, EvidenceDesk desk, AvroCodecs codecs, TopicAdmin topics, SchemaAdmin schemas, IProgressBoard board, TimeProvider clock, ILoggerFactory loggers)
    {
        var settings = new RunnerSettings(
            connection, InstanceName.Of(data), Path.Combine(data.State, "streamiz"), TimeSpan.FromMilliseconds(options.Config.Processors.CommitMs), topics, schemas, board, clock, loggers);
        var runners = new List<TopologyRunner>();
        Add(run => StandardiserTopology.Define(options.Config, options.Vendors, codecs, run));
        Add(run => IdentityTopology.Define(codecs, connection.Partitions, run, desk: desk));
        Add(run => ActivityTopology.Define(options.Config, codecs, connection.Partitions, run));
        _runners = runners;

        void Add(Func<StageRun, TopologyDefinition?> define)
        {
            var run = new StageRun { EncodeQuarantine = codecs.For<QuarantineEntry>(TopicCatalog.Quarantine).Encode, Clock = clock, Restores = true };
            if (define(run) is { } definition)
            {
                runners.Add(new TopologyRunner(definition, settings, run));
            }
        }
    }

    public Task WaitAsync(CancellationToken cancellationToken) => Task.WhenAll(_runners.Select(r => r.Ready)).WaitAsync(cancellationToken);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(_runners.Select(r => Task.Run(() => r.RunAsync(stoppingToken), CancellationToken.None)));
}
