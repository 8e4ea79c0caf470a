using StreamSync.Contracts;
using StreamSync.Contracts.Ops;
using StreamSync.Kafka.Clients;
using StreamSync.Kafka.Serdes;

namespace StreamSync.Console.Ops;

/// <summary>The state of every stream and the findings on it, as <c>ops.sync</c> and <c>ops.finding</c> have them now.</summary>
sealed class OpsTables(KafkaConnection connection, AvroCodecs codecs, TopicAdmin topics, TimeProvider clock, ILoggerFactory loggers) : BackgroundService
{
    static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    readonly ILogger _logger = loggers.CreateLogger<OpsTables>();
    CompactedTable<SyncStatus>? _syncs;
    CompactedTable<Finding>? _findings;

    /// <summary>Why nothing can be read now, or null.</summary>
    public string? Trouble { get; private set; } = "the state of the syncs is being read";

    /// <summary>Every stream of every sync.</summary>
    public IEnumerable<SyncStatus> Syncs => _syncs?.Items.Values ?? [];

    /// <summary>Every finding.</summary>
    public IEnumerable<Finding> Findings => _findings?.Items.Values ?? [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await topics.EnsureAsync([TopicCatalog.SyncStatus, TopicCatalog.Finding], stoppingToken);
                await using var syncs = Table<SyncStatus>(TopicCatalog.SyncStatus);
                await using var findings = Table<Finding>(TopicCatalog.Finding);
                await Task.WhenAll(syncs.LoadAsync(stoppingToken), findings.LoadAsync(stoppingToken));
                _syncs = syncs;
                _findings = findings;
                Trouble = null;
                using var both = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                var follow = new[] { syncs.FollowAsync(null, both.Token), findings.FollowAsync(null, both.Token) };
                await Task.WhenAny(follow);
                await both.CancelAsync();
                await Task.WhenAll(follow);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                _logger.LogWarning("the state of the syncs can't be read, it is tried again: {Reason}", error.Message);
                Trouble = error.Message;
                await Task.Delay(RetryAfter, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    CompactedTable<T> Table<T>(TopicSpec topic)
        where T : class, Avro.Specific.ISpecificRecord => new(connection, topic.Name, codecs.For<T>(topic).Decode, _logger);
}
