using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StreamSync.Contracts;
using StreamSync.Kafka.Clients;
using StreamSync.Kafka.Hosting;
using StreamSync.Kafka.Serdes;

namespace StreamSync.Connectors.Runtime;

/// <summary>The hosted service: makes the topics, runs a worker for each stream, and says how they do.</summary>
sealed class ConnectorsService(
    IReadOnlyList<StreamPlan> plans,
    IStreamMemory memory,
    AvroCodecs codecs,
    TopicAdmin topics,
    SchemaAdmin schemas,
    OpsPublisher ops,
    IProgressBoard board,
    TimeProvider clock,
    ILogger<ConnectorsService> logger) : BackgroundService
{
    static readonly TimeSpan StatusInterval = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        TopicSpec[] needed = [
            TopicCatalog.Checkpoint, TopicCatalog.Finding, TopicCatalog.Quarantine, TopicCatalog.SyncStatus,
            .. plans.SelectMany(p => new[] { p.Topics.Source, p.Topics.State }).DistinctBy(t => t.Name)];
        await topics.EnsureAsync(needed, stoppingToken);
        await schemas.EnsureAsync(needed, stoppingToken);

        var workers = plans.Select(p => new StreamWorker(p, memory, codecs)).ToList();
        logger.LogInformation("Reading {Streams} streams of {Syncs} syncs", workers.Count, plans.Select(p => p.Context.Sync.Id).Distinct().Count());
        var reporting = ReportAsync(workers, stoppingToken);
        await Task.WhenAll(workers.Select(w => w.RunAsync(stoppingToken)));
        await reporting;
    }

    async Task ReportAsync(List<StreamWorker> workers, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(StatusInterval, clock);
        try
        {
            do
            {
                foreach (var worker in workers)
                {
                    await ReportAsync(worker, cancellationToken);
                }
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
        }
    }

    async Task ReportAsync(StreamWorker worker, CancellationToken cancellationToken)
    {
        var context = worker.Context;
        board.Report("connectors", $"{context.Sync.Id}/{context.Stream.Name}", worker.Status.EmittedSinceStart, lag: null, worker.Status.WaitingFor);
        if (worker.Status.TakeNews() is not { } row)
        {
            return;
        }

        try
        {
            await ops.PublishAsync(TopicCatalog.SyncStatus, row.SyncKey, row, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            logger.LogWarning("The status of {Stream} could not be published: {Reason}", context.Key, e.Message);
        }
    }
}
