using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StreamSync.Contracts;
using StreamSync.Contracts.Ops;
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

    /// <summary>How long a stop may wait for the broker to take the last rows.</summary>
    static readonly TimeSpan LastWord = TimeSpan.FromSeconds(3);

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
        using var soon = new CancellationTokenSource(LastWord, clock);
        await Task.WhenAll(workers.Select(w => PublishAsync(w, w.Status.TakeLast(), soon.Token)));
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
        await PublishAsync(worker, worker.Status.TakeNews(), cancellationToken);
    }

    async Task PublishAsync(StreamWorker worker, SyncStatus? row, CancellationToken cancellationToken)
    {
        if (row is null)
        {
            return;
        }

        try
        {
            await ops.PublishAsync(TopicCatalog.SyncStatus, row.SyncKey, row, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            logger.LogWarning("The status of {Stream} could not be published: {Reason}", worker.Context.Key, e.Message);
        }
        catch (OperationCanceledException)
        {
            // The process stops: the next one tells the counts.
        }
    }
}
