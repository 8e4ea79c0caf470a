using Confluent.Kafka;
using StreamSync.Contracts;
using StreamSync.Kafka.Clients;
using StreamSync.Kafka.Configuration;
using StreamSync.Kafka.Hosting;
using StreamSync.Sinks.Mirror;

namespace StreamSync.Sinks;

/// <summary>
/// Keeps a warehouse up to date. Whatever goes wrong, nothing is lost and nothing is written twice: reading starts again from the
/// offsets that the warehouse holds, as often as it takes.
/// </summary>
sealed class SinkWorker(
    StreamSyncConfig config,
    KafkaConnection connection,
    TopicAdmin topics,
    SchemaAdmin schemas,
    OpsPublisher publisher,
    IMirror mirror,
    IProgressBoard board,
    SinkState state,
    TimeProvider clock,
    ILoggerFactory loggers) : BackgroundService
{
    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    readonly ILogger _logger = loggers.CreateLogger<SinkWorker>();
    readonly SinkProgress _progress = new(board);
    readonly SinkReports _reports = new(publisher, config.Org ?? config.Syncs.Select(s => s.Org).FirstOrDefault(string.Empty), clock);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = FirstPause;
        var lastReason = string.Empty;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await topics.EnsureAsync(TopicCatalog.Mirrored, stoppingToken);
                await schemas.EnsureAsync([TopicCatalog.Quarantine, TopicCatalog.Finding], stoppingToken);

                // DuckDB and librdkafka block: they get a thread of their own.
                await Task.Factory.StartNew(
                    () => new MirrorRun(config, connection, mirror, _reports, _progress, state, clock, loggers).Run(
                        onWrite: () =>
                        {
                            pause = FirstPause;
                            lastReason = string.Empty;
                        },
                        stoppingToken),
                    stoppingToken,
                    TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
                    TaskScheduler.Default);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                if (error.Message != lastReason)
                {
                    _logger.LogWarning("the warehouse stands still and is tried again until it works: {Reason}", error.Message);
                    _logger.LogDebug(error, "the error behind it");
                    lastReason = error.Message;
                }

                state.Waiting(error.Message);
                _progress.ReportWarehouse(error.Message);
                await Task.Delay(pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
            }
        }

        mirror.Close();
    }
}
