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
using StreamSync.Processors.Identity.Sharing;
using StreamSync.Processors.Standardiser;
using StreamSync.Processors.Streaming;

namespace StreamSync.Processors;

/// <summary>What the processors are started with.</summary>
/// <param name="Config">Configuration.</param>
/// <param name="Vendors">The configured vendors' mappings.</param>
/// <param name="Identity">What identity resolution goes by.</param>
sealed record ProcessorsOptions(StreamSyncConfig Config, IReadOnlyList<VendorFolder> Vendors, ConfiguredIdentity Identity);

/// <summary>Runs the topologies side by side: a failure of one is its own.</summary>
sealed class ProcessorsService : BackgroundService, IProcessorsReady
{
    readonly IReadOnlyList<TopologyRunner> _runners;
    readonly TopologyRunner? _formerSharing;
    readonly TopicAdmin _topics;
    readonly ILogger _logger;

    public ProcessorsService(
        ProcessorsOptions options, KafkaConnection connection, DataFolder data, EvidenceDesk desk, AvroCodecs codecs, TopicAdmin topics, SchemaAdmin schemas, IProgressBoard board, TimeProvider clock, ILoggerFactory loggers)
    {
        var settings = new RunnerSettings(
            connection, InstanceName.Of(data), Path.Combine(data.State, "streamiz"), TimeSpan.FromMilliseconds(options.Config.Processors.CommitMs), topics, schemas, board, clock, loggers);
        _topics = topics;
        _logger = loggers.CreateLogger<ProcessorsService>();
        var runners = new List<TopologyRunner>();
        var identity = options.Identity;
        Add(run => StandardiserTopology.Define(options.Config, options.Vendors, codecs, run));
        Add(run => IdentityTopology.Define(codecs, connection.Partitions, run, identity.Model, identity.Region, desk));
        desk.Ready = runners[^1].Ready;
        Add(run => ActivityTopology.Define(options.Config, codecs, connection.Partitions, run));
        Add(run => SharingTopology.Define(options.Config.Sharing, codecs, connection.Partitions, run, identity.Model, identity.Region));
        if (options.Config.Sharing.Count == 0)
        {
            _formerSharing = runners[^1];
            runners.RemoveAt(runners.Count - 1);
        }

        _runners = runners;

        void Add(Func<StageRun, TopologyDefinition?> define)
        {
            var run = new StageRun { EncodeQuarantine = codecs.For<QuarantineEntry>(TopicCatalog.Quarantine).Encode, Clock = clock, Restores = true, WorksBeside = Environment.ProcessorCount > 1 };
            if (define(run) is { } definition)
            {
                runners.Add(new TopologyRunner(definition, settings, run));
            }
        }
    }

    public Task WaitAsync(CancellationToken cancellationToken) => Task.WhenAll(_runners.Select(r => r.Ready)).WaitAsync(cancellationToken);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        _runners.Select(r => Task.Run(() => r.RunAsync(stoppingToken), CancellationToken.None)).Append(Task.Run(() => EndFormerSharingAsync(stoppingToken), CancellationToken.None)));

    /// <summary>Where the last agreement was taken out of the configuration, what crossed by it is taken back.</summary>
    async Task EndFormerSharingAsync(CancellationToken stopping)
    {
        if (_formerSharing is null)
        {
            return;
        }

        try
        {
            if (!await _topics.ExistsAsync(SharingTopology.Memory, stopping))
            {
                return;
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return;
        }
        catch (Exception e)
        {
            // The topology itself waits for the cluster; where nothing ever crossed it finds nothing to do.
            _logger.LogWarning(e, "the cluster does not say whether people were shared before");
        }

        await _formerSharing.RunAsync(stopping);
    }
}
