using Confluent.Kafka;

namespace StreamSync.Processors.Streaming;

/// <summary>What a stage sent while it worked beside the stream thread.</summary>
/// <param name="Origin">The record that it handled then; null when the clock made it send.</param>
/// <param name="Output">Output of the stage.</param>
/// <param name="Key">Key.</param>
/// <param name="Value">Value; null is a tombstone.</param>
/// <param name="Headers">Headers; null for none.</param>
readonly record struct StageSending(TopicPartitionOffset? Origin, string Output, byte[] Key, byte[]? Value, Headers? Headers);

/// <summary>
/// Runs a stage beside the stream thread: it takes records and the clock's calls one after the other, as they were given, on some thread of the pool,
/// while the stream thread goes on with the stages before it. Before a commit the stream thread waits for it (<see cref="Finish"/>), so that a
/// transaction holds whole records.
/// </summary>
/// <param name="stage">The stage.</param>
/// <param name="ledger">Is told of failures at once, so that nothing is committed after one.</param>
sealed class StageWorker(IStage stage, FailureLedger ledger)
{
    // To wake a thread costs as much as a record: so many wait for it, or until somebody hurries.
    const int Batch = 64;

    // What waits for long is moved about by the garbage collector; a stage that lags is waited for.
    const int Most = 512;

    readonly object _gate = new();
    List<Work> _waiting = [];
    List<Work> _taken = [];
    List<StageSending> _sent = [];
    Exception? _failure;
    TopicPartitionOffset? _origin;
    bool _isRunning;
    bool _isStopped;

    /// <summary>Gives it a record.</summary>
    /// <exception cref="Exception">What it failed with before.</exception>
    public void Post(in StageRecord record) => Post(new Work(record, null));

    /// <summary>Lets it do something between records.</summary>
    /// <exception cref="Exception">What it failed with before.</exception>
    public void Post(Action action) => Post(new Work(default, action));

    /// <summary>Notes what the stage sends; on its thread.</summary>
    public void Send(string output, byte[] key, byte[]? value, Headers? headers)
    {
        var sending = new StageSending(_origin, output, key, value, headers);
        lock (_gate)
        {
            _sent.Add(sending);
        }
    }

    /// <summary>Waits until it has done all that it was given.</summary>
    /// <exception cref="Exception">What it failed with.</exception>
    public void Finish()
    {
        lock (_gate)
        {
            StartIfAny();
            while (_isRunning)
            {
                Monitor.Wait(_gate);
            }

            Check();
        }
    }

    /// <summary>Takes what the stage sent since the last call, and hurries it on with what waits.</summary>
    /// <exception cref="Exception">What it failed with.</exception>
    public List<StageSending> TakeSent()
    {
        lock (_gate)
        {
            Check();
            StartIfAny();
            var sent = _sent;
            _sent = [];
            return sent;
        }
    }

    /// <summary>Makes it forget what it was given, and waits until the stage is free: it may be started again.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _isStopped = true;
            while (_isRunning)
            {
                Monitor.Wait(_gate);
            }
        }
    }

    void Post(Work work)
    {
        lock (_gate)
        {
            while (_waiting.Count >= Most && _isRunning)
            {
                Monitor.Wait(_gate);
            }

            Check();
            _waiting.Add(work);
            if (_waiting.Count >= Batch)
            {
                StartIfAny();
            }
        }
    }

    void StartIfAny()
    {
        if (!_isRunning && _waiting.Count > 0)
        {
            _isRunning = true;
            ThreadPool.UnsafeQueueUserWorkItem(static worker => worker.Run(), this, preferLocal: false);
        }
    }

    void Check()
    {
        if (_failure is not null)
        {
            throw _failure;
        }
    }

    void Run()
    {
        while (true)
        {
            lock (_gate)
            {
                if (_isStopped || _failure is not null || _waiting.Count == 0)
                {
                    _waiting.Clear();
                    _isRunning = false;
                    Monitor.PulseAll(_gate);
                    return;
                }

                (_taken, _waiting) = (_waiting, _taken);
                if (_taken.Count >= Most)
                {
                    Monitor.PulseAll(_gate);
                }
            }

            foreach (var work in _taken)
            {
                if (Volatile.Read(ref _isStopped) || !TryDo(work))
                {
                    break;
                }
            }

            _taken.Clear();
        }
    }

    bool TryDo(in Work work)
    {
        try
        {
            if (work.Action is not null)
            {
                _origin = null;
                work.Action();
            }
            else
            {
                var record = work.Record;
                _origin = new TopicPartitionOffset(record.Topic, record.Partition, record.Offset);
                stage.Process(record);
            }

            return true;
        }
        catch (Exception e)
        {
            if (work.Action is null)
            {
                ledger.Fail(work.Record, e);
            }
            else
            {
                ledger.Fail(e);
            }

            lock (_gate)
            {
                _failure = e;
            }

            return false;
        }
    }

    readonly record struct Work(StageRecord Record, Action? Action);
}
