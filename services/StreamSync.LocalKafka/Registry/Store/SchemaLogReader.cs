using System.Diagnostics;
using System.Text.Json;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace StreamSync.LocalKafka.Registry.Store;

/// <summary>Reads the schemas topic from its beginning, on a thread of its own, and tells how far it has come.</summary>
sealed class SchemaLogReader : IDisposable
{
    /// <summary>
    /// A header on the last record of a transaction. The commit marker that follows it is never handed to a reader, so without the
    /// header nobody could tell, short of an empty long poll, that the record before the end of the log was the last one.
    /// </summary>
    public const string LastOfTransaction = "last";

    /// <summary>How long a stop may go unnoticed by the reading thread.</summary>
    const int PollMs = 100;

    readonly IConsumer<byte[]?, byte[]?> _consumer;
    readonly TopicPartition _partition;
    readonly Action<RegistryRecord> _apply;
    readonly ILogger _logger;
    readonly Thread _thread;
    readonly Lock _gate = new();
    readonly List<(long Target, TaskCompletionSource Waiter)> _waiters = [];
    volatile bool _stopping;
    long _reached;
    Exception? _failure;

    public SchemaLogReader(ConsumerConfig config, string topic, Action<RegistryRecord> apply, ILogger logger)
    {
        _partition = new TopicPartition(topic, new Partition(0));
        _apply = apply;
        _logger = logger;
        _consumer = new ConsumerBuilder<byte[]?, byte[]?>(config)
            .SetErrorHandler((_, error) => logger.LogDebug("Reader of {Topic}: {Reason}", topic, error.Reason))
            .SetLogHandler((_, message) => logger.LogDebug("Reader of {Topic}: {Message}", topic, message.Message))
            .Build();
        _thread = new Thread(Run) { IsBackground = true, Name = "schema registry reader" };
    }

    /// <summary>The client underneath, for admin requests that need no connection of their own.</summary>
    public Handle Handle => _consumer.Handle;

    /// <summary>Where the log ends; to be asked before reading starts, as an answer afterwards would queue up behind a long poll.</summary>
    /// <exception cref="KafkaException">The cluster does not tell.</exception>
    public long End(TimeSpan timeout)
    {
        using var admin = new DependentAdminClientBuilder(_consumer.Handle).Build();
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return _consumer.QueryWatermarkOffsets(_partition, timeout).High.Value;
            }
            catch (KafkaException e) when (e.Error.Code is ErrorCode.Local_UnknownPartition or ErrorCode.UnknownTopicOrPart or ErrorCode.LeaderNotAvailable && Stopwatch.GetElapsedTime(started) < timeout)
            {
                // Another registry has just made the topic: the client must hear of it first.
                admin.GetMetadata(_partition.Topic, timeout);
            }
        }
    }

    public void Start()
    {
        _consumer.Assign(new TopicPartitionOffset(_partition, new Offset(0)));
        _thread.Start();
    }

    /// <summary>Waits until every record below an offset is applied.</summary>
    /// <exception cref="TimeoutException">It took too long.</exception>
    /// <exception cref="KafkaException">Reading has ended, so that it would never be.</exception>
    public async Task WaitForAsync(long offset, TimeSpan timeout, TimeProvider clock, CancellationToken cancellationToken)
    {
        TaskCompletionSource waiter;
        lock (_gate)
        {
            if (_reached >= offset)
            {
                return;
            }
            if (_failure is not null)
            {
                throw Ended(_failure);
            }
            waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((offset, waiter));
        }
        try
        {
            await waiter.Task.WaitAsync(timeout, clock, cancellationToken);
        }
        finally
        {
            lock (_gate)
            {
                _waiters.RemoveAll(one => ReferenceEquals(one.Waiter, waiter));
            }
        }
    }

    void Run()
    {
        while (!_stopping)
        {
            try
            {
                if (_consumer.Consume(PollMs) is { } result)
                {
                    Take(result);
                }
            }
            catch (ConsumeException problem) when (!problem.Error.IsFatal)
            {
                _logger.LogWarning("Reading {Topic} failed and is tried again: {Reason}", _partition.Topic, problem.Error.Reason);
            }
            catch (Exception problem)
            {
                // Nobody else is on this thread to catch it: it would end the process.
                Fail(problem);
                return;
            }
        }
    }

    void Take(ConsumeResult<byte[]?, byte[]?> result)
    {
        if (result.IsPartitionEOF)
        {
            Reached(result.Offset.Value);
            return;
        }
        try
        {
            _apply(RegistryRecordCodec.Decode(
                result.Message.Key, result.Message.Value, result.Message.Value is null, result.Message.Timestamp.UnixTimestampMs));
        }
        catch (JsonException problem)
        {
            _logger.LogWarning("Offset {Offset} of {Topic} is no registry record and is left out: {Reason}", result.Offset.Value, _partition.Topic, problem.Message);
        }
        var marker = result.Message.Headers is { Count: > 0 } headers && headers.TryGetLastBytes(LastOfTransaction, out _) ? 1 : 0;
        Reached(result.Offset.Value + 1 + marker);
    }

    void Reached(long offset)
    {
        lock (_gate)
        {
            _reached = Math.Max(_reached, offset);
            foreach (var (_, waiter) in _waiters.Where(one => one.Target <= _reached).ToArray())
            {
                waiter.TrySetResult();
            }
        }
    }

    /// <summary>Ends reading: whoever waits is told at once, and whoever comes later.</summary>
    void Fail(Exception problem)
    {
        _logger.LogError("Reading {Topic} has ended, so nothing can be written any more; start the registry again: {Reason}", _partition.Topic, problem.Message);
        lock (_gate)
        {
            _failure = problem;
            foreach (var (_, waiter) in _waiters)
            {
                waiter.TrySetException(Ended(problem));
            }
        }
    }

    KafkaException Ended(Exception problem) =>
        new(new Error(ErrorCode.Local_Fatal, $"reading {_partition.Topic} has ended, start the registry again ({problem.Message})"), problem);

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping = true;
        if (_thread.IsAlive)
        {
            _thread.Join();
        }
        _consumer.Dispose();
    }
}
