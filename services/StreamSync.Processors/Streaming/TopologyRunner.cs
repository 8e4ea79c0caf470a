using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Streamiz.Kafka.Net;
using Streamiz.Kafka.Net.SerDes;
using StreamSync.Contracts;
using StreamSync.Kafka.Clients;
using StreamSync.Kafka.Hosting;

namespace StreamSync.Processors.Streaming;

/// <summary>What every topology is run with.</summary>
/// <param name="Connection">The cluster.</param>
/// <param name="Instance">Name of this process that outlives it.</param>
/// <param name="StateFolder">Folder for Streamiz's files.</param>
/// <param name="CommitInterval">Time between commits.</param>
/// <param name="Topics">Makes topics.</param>
/// <param name="Schemas">Registers schemas.</param>
/// <param name="Board">Takes progress.</param>
/// <param name="Clock">Clock.</param>
/// <param name="Loggers">Loggers.</param>
sealed record RunnerSettings(
    KafkaConnection Connection, string Instance, string StateFolder, TimeSpan CommitInterval, TopicAdmin Topics, SchemaAdmin Schemas, IProgressBoard Board, TimeProvider Clock, ILoggerFactory Loggers);

/// <summary>A topology as its room describes it.</summary>
/// <param name="Name">Name: part of the application's id.</param>
/// <param name="Topics">Catalogue topics that must exist, those that it reads and those that it writes.</param>
/// <param name="Build">Builds it for one run.</param>
sealed record TopologyDefinition(string Name, IReadOnlyList<TopicSpec> Topics, Func<StageTopologyBuilder, StageTopology> Build)
{
    public string ApplicationId => ApplicationIdOf(Name);

    public static string ApplicationIdOf(string topology) => "streamsync-" + topology;
}

/// <summary>Runs a topology until it is told to stop; one that fails is reported and started anew.</summary>
sealed class TopologyRunner
{
    static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(200);
    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    static readonly TimeSpan Healthy = TimeSpan.FromMinutes(1);
    static readonly Avro.Schema InternalSchema = Avro.Schema.Parse("\"bytes\"");

    readonly TopologyDefinition _definition;
    readonly RunnerSettings _settings;
    readonly StageRun _run;
    readonly ILogger _logger;
    readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TopologyRunner(TopologyDefinition definition, RunnerSettings settings, StageRun run)
    {
        _definition = definition;
        _settings = settings;
        _run = run;
        _logger = settings.Loggers.CreateLogger("StreamSync.Processors." + definition.Name);
    }

    /// <summary>Ends when the topology runs with its state restored for the first time.</summary>
    public Task Ready => _ready.Task;

    public async Task RunAsync(CancellationToken stopping)
    {
        var pause = FirstPause;
        while (!stopping.IsCancellationRequested)
        {
            var started = _settings.Clock.GetTimestamp();
            try
            {
                _run.Ledger.Reset();
                await RunOnceAsync(stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                pause = _settings.Clock.GetElapsedTime(started) > Healthy ? FirstPause : pause;
                _logger.LogError(e, "the topology {Topology} failed; it starts again in {Pause} s", _definition.Name, pause.TotalSeconds);
                Report(null, $"restart after a failure ({(_run.Ledger.Failure ?? e).GetType().Name}, see the log)");
                try
                {
                    await Task.Delay(pause, _settings.Clock, stopping);
                }
                catch (OperationCanceledException)
                {
                    return;
                }

                pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
            }
        }
    }

    async Task RunOnceAsync(CancellationToken stopping)
    {
        var topology = _definition.Build(new StageTopologyBuilder(_definition.ApplicationId, _run, _settings.Connection.Partitions));
        Report(null, "its topics");
        var differences = await _settings.Topics.EnsureAsync(
            [.. _definition.Topics, .. topology.Internals.Select(t => new TopicSpec(t.Name, "internal", InternalSchema, t.Compacted ? TopicCleanup.Compact : TopicCleanup.Delete))], stopping);
        if (differences.FirstOrDefault(d => d.Setting == "partitions" && (topology.Sources.Contains(d.Topic) || topology.Internals.Any(t => t.Name == d.Topic))) is { } wrong)
        {
            throw new InvalidOperationException($"the topic {wrong.Topic} has {wrong.Actual} partitions, not {wrong.Expected}: set kafka.partitions to {wrong.Actual}, or delete the topic");
        }

        await _settings.Schemas.EnsureAsync(_definition.Topics, stopping);
        Report(null, "its place in the group");
        var failed = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var clients = new StageClients(_settings.Connection, _definition.ApplicationId, _settings.Instance, _run.Ledger, _settings.Clock, _logger);
        using var stream = new KafkaStream(topology.Topology, Configure(), clients);
        var restoring = 0;
        var running = false;
        stream.OnRestoreStartEvent += (_, _, _, _) => Interlocked.Increment(ref restoring);
        stream.OnRestoreEndEvent += (partition, store, _) =>
        {
            Interlocked.Decrement(ref restoring);
            _run.Restored(store, partition.Partition.Value);
        };
        stream.StateChanged += (_, now) =>
        {
            Volatile.Write(ref running, now == KafkaStream.State.RUNNING);
            if (now == KafkaStream.State.ERROR)
            {
                failed.TrySetResult(_run.Ledger.Failure ?? new InvalidOperationException("the stream thread ended; its own message is above"));
            }
        };
        await stream.StartAsync(CancellationToken.None);
        using var timer = new PeriodicTimer(ReportInterval, _settings.Clock);
        while (!failed.Task.IsCompleted && !stopping.IsCancellationRequested)
        {
            await Task.WhenAny(failed.Task, NextAsync(timer, stopping));
            if (Volatile.Read(ref running) && Volatile.Read(ref restoring) <= 0)
            {
                Report(LagOf(clients.Input), null);
                _ready.TrySetResult();
            }
            else
            {
                Report(null, Volatile.Read(ref running) ? "its state, which is read from the changelog" : "its partitions");
            }
        }

        // Disposing waits for the stream's thread.
        await Task.Run(stream.Dispose, CancellationToken.None);
        if (failed.Task.IsCompleted)
        {
            throw await failed.Task;
        }
    }

    static async Task NextAsync(PeriodicTimer timer, CancellationToken stopping)
    {
        try
        {
            await timer.WaitForNextTickAsync(stopping);
        }
        catch (OperationCanceledException)
        {
            // The loop looks at the token.
        }
    }

    SteadyStreamConfig Configure()
    {
        var config = new SteadyStreamConfig(new QuietLoggerFactory(_settings.Loggers))
        {
            ApplicationId = _definition.ApplicationId,
            ClientId = _definition.ApplicationId,
            BootstrapServers = _settings.Connection.BootstrapServers,
            Guarantee = ProcessingGuarantee.EXACTLY_ONCE,
            DefaultKeySerDes = new ByteArraySerDes(),
            DefaultValueSerDes = new ByteArraySerDes(),
            DefaultTimestampExtractor = new LenientTimestamps(),
            StateDir = _settings.StateFolder,
            TransactionTimeout = TimeSpan.FromSeconds(30),
            QueryWatermarkOffsetsTimeout = TimeSpan.FromSeconds(30),

            // A poll lasts its whole time when there is less than a full batch: this is latency, and the clock of an idle thread.
            PollMs = 10,
            MaxPollRecords = 1000,
            MaxPollRestoringRecords = 10_000,
            MetricsIntervalMs = (long)TimeSpan.FromDays(1).TotalMilliseconds,
            LogProcessingSummary = TimeSpan.FromDays(1),
        };

        // After the guarantee, which sets its own.
        config.CommitIntervalMs = (long)_settings.CommitInterval.TotalMilliseconds;
        return config;
    }

    void Report(long? lag, string? waitingFor) => _settings.Board.Report("processors", _definition.Name, _run.Records, lag, waitingFor);

    static long? LagOf(IConsumer<byte[], byte[]>? consumer)
    {
        if (consumer is null)
        {
            return null;
        }

        try
        {
            long lag = 0;
            foreach (var partition in consumer.Assignment)
            {
                var (end, position) = (consumer.GetWatermarkOffsets(partition).High, consumer.Position(partition));
                lag += end != Offset.Unset && position != Offset.Unset ? Math.Max(end.Value - position.Value, 0) : 0;
            }

            return lag;
        }
        catch (Exception e) when (e is KafkaException or ObjectDisposedException)
        {
            return null;
        }
    }
}
