using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using StreamSync.Connectors.Sdk;
using StreamSync.Kafka.Clients;
using StreamSync.Kafka.Serdes;

namespace StreamSync.Connectors.Runtime;

/// <summary>
/// Runs one stream for ever: reads, commits, waits, starts again where the last commit ended. Reading and writing go side by side; a source
/// or a broker that fails holds up no other stream.
/// </summary>
sealed class StreamWorker
{
    /// <summary>Batches that may be read ahead of the writer.</summary>
    const int ReadAhead = 4;

    static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(500);
    static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(60);

    /// <summary>How long a stop waits for a commit under way, and then for a rollback: a transaction that is left open holds readers up until it times out.</summary>
    static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);

    /// <summary>A transaction is committed when it has so many messages, or when nothing more is ready.</summary>
    readonly int _maxMessages;

    readonly StreamContext _context;
    readonly IStreamStyle _style;
    readonly StreamTopics _topics;
    readonly IStreamMemory _memory;
    readonly AvroCodecs _codecs;
    readonly StreamStatus _status;
    readonly ILogger _logger;
    int _failures;
    long _uncountedErrors;

    public StreamWorker(StreamPlan plan, IStreamMemory memory, AvroCodecs codecs, int maxMessages = 20_000)
    {
        _style = plan.Style;
        _topics = plan.Topics;
        _memory = memory;
        _codecs = codecs;
        _maxMessages = maxMessages;
        _logger = plan.Context.Logger;
        Status = _status = new StreamStatus(plan.Context, plan.Style.ComesByItself);
        _context = plan.Context with { WaitingFor = w => _status.WaitingFor = w, CaughtUp = _status.CaughtUp };
    }

    /// <summary>How the stream does.</summary>
    public StreamStatus Status { get; }

    public StreamContext Context => _context;

    /// <summary>Runs until the token, or until another instance takes over.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await RunSessionAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (PublisherFencedException)
            {
                _status.Failed("another instance reads this stream now", _context.Clock.GetUtcNow() + LastRetry);
                _logger.LogWarning("{Stream}: another instance took over; this one stops", _context.Key);
                return;
            }
            catch (Exception e)
            {
                _uncountedErrors++;
                if (!await BackOffAsync(e, cancellationToken))
                {
                    return;
                }
            }
        }
    }

    /// <summary>From taking over the stream's transactions to an error that leaves their outcome unknown.</summary>
    async Task RunSessionAsync(CancellationToken cancellationToken)
    {
        await using var log = _memory.OpenLog(_context);
        _status.WaitingFor = "the broker";
        await log.InitAsync(cancellationToken);
        _status.WaitingFor = "what was read before";
        var restored = await _memory.RestoreAsync(_context, _topics, _style.Redelivers, cancellationToken);
        var publisher = new StreamPublisher(_context, _topics, log, _codecs, restored, _style.Rereads, (keys, token) => _memory.FindUrnsAsync(_context, _topics, keys, token), (wanted, token) => _memory.FindQuarantinedAsync(_context, wanted, token));
        publisher.CountErrors(_uncountedErrors);
        _uncountedErrors = 0;
        _status.Loaded(publisher.Counters);
        await using var reader = _style.Open(_context);
        try
        {
            while (true)
            {
                await RunOnceAsync(reader, publisher, log, cancellationToken);
                await reader.WaitForMoreAsync(cancellationToken);
            }
        }
        catch (Exception e)
        {
            await RollbackAsync(e, publisher, log, cancellationToken);
            throw;
        }
    }

    /// <summary>Leaves nothing open behind; what can't be settled now is rolled back by the next start.</summary>
    async Task RollbackAsync(Exception reason, StreamPublisher publisher, ITransactionLog log, CancellationToken cancellationToken)
    {
        using var soon = new CancellationTokenSource(StopPatience, _context.Clock);
        try
        {
            var inDoubt = publisher.IsOpen && log.NeedsInit;
            await publisher.RollbackAsync(reason, abort: reason is not PublisherFencedException, soon.Token);
            if (inDoubt && cancellationToken.IsCancellationRequested && reason is not PublisherFencedException)
            {
                // No session follows that would settle it.
                await log.InitAsync(soon.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or PublisherFencedException or ClusterUnreachableException or Confluent.Kafka.KafkaException)
        {
            _logger.LogWarning("{Stream}: an open transaction could not be rolled back now: {Reason}", _context.Key, e.Message);
        }
    }

    async Task RunOnceAsync(IStreamReader reader, StreamPublisher publisher, ITransactionLog log, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                _status.RunStarted();
                await PumpAsync(reader, publisher, cancellationToken);
                _status.CaughtUp();
                _failures = 0;
                return;
            }
            catch (Exception e) when (e is SourceException or TransactionAbortedException && !log.NeedsInit)
            {
                await publisher.RollbackAsync(e, abort: true, cancellationToken);
                publisher.CountErrors(1);
                if (!await BackOffAsync(e, cancellationToken))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                }
            }
        }
    }

    /// <summary>One run: a task reads, this one writes.</summary>
    async Task PumpAsync(IStreamReader reader, StreamPublisher publisher, CancellationToken cancellationToken)
    {
        var run = _context.Clock.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmssfff'Z'", System.Globalization.CultureInfo.InvariantCulture);
        var batches = Channel.CreateBounded<ChangeBatch>(new BoundedChannelOptions(ReadAhead) { SingleReader = true, SingleWriter = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var start = new ReadStart(run, publisher.Checkpoints);
        var reading = Task.Run(() => ReadAsync(reader, start, batches.Writer, stop.Token), CancellationToken.None);
        try
        {
            await WriteAsync(batches.Reader, publisher, run, cancellationToken);
        }
        catch (Exception e)
        {
            await stop.CancelAsync();
            while (batches.Reader.TryRead(out var unread))
            {
                unread.OnSettled?.Invoke(e);
            }

            await reading;
            throw;
        }

        await reading;
    }

    /// <summary>Hands batches over; the channel carries the error that ends the reading.</summary>
    static async Task ReadAsync(IStreamReader reader, ReadStart start, ChannelWriter<ChangeBatch> batches, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var batch in reader.ReadAsync(start, cancellationToken).WithCancellation(cancellationToken))
            {
                try
                {
                    await batches.WriteAsync(batch, cancellationToken);
                }
                catch (Exception e)
                {
                    batch.OnSettled?.Invoke(e);
                    throw;
                }
            }

            batches.Complete();
        }
        catch (Exception e)
        {
            batches.Complete(e);
        }
    }

    async Task WriteAsync(ChannelReader<ChangeBatch> batches, StreamPublisher publisher, string run, CancellationToken cancellationToken)
    {
        var counted = false;
        using var late = new LateToken(StopPatience, _context.Clock, cancellationToken);
        while (await batches.WaitToReadAsync(cancellationToken))
        {
            while (publisher.Messages < _maxMessages && batches.TryRead(out var batch))
            {
                try
                {
                    var told = await publisher.AddAsync(batch, run, cancellationToken);
                    if (told > 0 && !counted)
                    {
                        publisher.CountRun();
                        counted = true;
                    }
                }
                catch (Exception e)
                {
                    batch.OnSettled?.Invoke(e);
                    throw;
                }
            }

            await publisher.CommitAsync(run, late.Token);
            _status.Committed(publisher.Counters);
            _failures = 0;
        }

        await batches.Completion;
    }

    /// <summary>Waits before the next try: twice as long each time, with jitter, so that many streams do not come back at once.</summary>
    /// <returns>False when the token ended the wait.</returns>
    async Task<bool> BackOffAsync(Exception error, CancellationToken cancellationToken)
    {
        _failures++;
        var most = TimeSpan.FromTicks(Math.Min(LastRetry.Ticks, FirstRetry.Ticks << Math.Min(_failures - 1, 20)));
        var wait = (error as SourceException)?.RetryAfter ?? most * (0.5 + (Random.Shared.NextDouble() / 2));
        var words = error is SourceException { Remedy: { } remedy } ? $"{error.Message} - {remedy}" : error is SourceException or TransactionAbortedException or ClusterUnreachableException ? error.Message : $"{error.GetType().Name}: {error.Message}";
        _status.Failed(words, _context.Clock.GetUtcNow() + wait);
        if (error is SourceException or TransactionAbortedException)
        {
            _logger.LogWarning("{Stream}: {Error}; next try in {Seconds:0.0} s", _context.Key, words, wait.TotalSeconds);
        }
        else
        {
            _logger.LogError(error, "{Stream}: unexpected error; next try in {Seconds:0.0} s", _context.Key, wait.TotalSeconds);
        }

        try
        {
            await Task.Delay(wait, _context.Clock, cancellationToken);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
