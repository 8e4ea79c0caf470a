using Confluent.Kafka;
using Streamiz.Kafka.Net.Processors.Public;

namespace StreamSync.Processors.Streaming;

/// <summary>How a stage is made for each task.</summary>
/// <param name="Name">Name of the stage.</param>
/// <param name="Create">Makes the stage.</param>
/// <param name="Store">Name of its store; null when it keeps nothing.</param>
/// <param name="Run">What the topology's run shares.</param>
/// <param name="Place">Place in the flow of records.</param>
/// <param name="IsBeside">True when it works beside the stream thread; it needs a store then.</param>
sealed record StageFactory(string Name, Func<IStage> Create, string? Store, StageRun Run, int Place, bool IsBeside);

/// <summary>Runs an <see cref="IStage"/> inside Streamiz.</summary>
sealed class StageTransformer : ITransformer<byte[], byte[], byte[], byte[]>
{
    static readonly byte[] NoKey = [];

    // Where the record comes from that a stage beside sends on: Streamiz knows only what it reads itself.
    [ThreadStatic]
    static TopicPartitionOffset? _origin;

    readonly StageFactory _factory;
    readonly IStage _stage;
    Context? _context;
    StageStore? _store;
    IStageState? _state;
    StageWorker? _worker;
    (int Group, int Partition) _task;
    bool _sent;

    /// <summary>Streamiz wants this constructor and never uses what it makes.</summary>
    public StageTransformer()
        : this(new StageFactory(string.Empty, static () => throw new InvalidOperationException("a stage needs its factory"), null, new StageRun(), 0, false))
    {
    }

    public StageTransformer(StageFactory factory)
    {
        _factory = factory;
        _stage = factory.Name.Length == 0 ? null! : factory.Create();
    }

    public void Init(ProcessorContext<byte[], byte[]> context)
    {
        var store = _factory.Store is null ? null : (StageStore)context.GetStateStore(_factory.Store);
        if (store is not null && ReferenceEquals(store.State, _state))
        {
            // Streamiz calls once for each way that leads to a node.
            return;
        }

        (_store, _state) = (store, store?.State);
        _context = new Context(context, _factory, this);
        if (!_factory.IsBeside)
        {
            _stage.Start(_context);
            return;
        }

        _task = (context.Id.Id, context.Id.Partition);
        var node = new StreamizNode(store!.Task!);
        var worker = _worker = new StageWorker(_stage, _factory.Run.Ledger);
        _stage.Start(new BesideContext(_context, worker, store));
        _context.Every(BesideContext.Interval, () =>
        {
            SendOn(worker);
            _sent |= store.WriteCollected();
        });
        _factory.Run.Barrier.Add(_task, _factory.Place, () =>
        {
            worker.Post(store.Collect);
            worker.Finish();
            node.Act(() => SendOn(worker));
        });
    }

    public Record<byte[], byte[]> Process(Record<byte[], byte[]> record)
    {
        _store?.Touch();
        var place = _origin ?? record.TopicPartitionOffset;
        var input = new StageRecord
        {
            Topic = place.Topic,
            Partition = place.Partition.Value,
            Offset = place.Offset.Value,
            Key = record.Key ?? NoKey,
            Value = record.Value,
            Headers = record.Headers,
        };
        var run = _factory.Run;
        if (run.Ledger.IsHopeless(input))
        {
            _context!.Send(StageOutputs.Quarantine, StageRun.QuarantineKey(_factory.Name, input), run.QuarantineValue(_factory.Name, input));
        }
        else if (_worker is not null)
        {
            _worker.Post(input);
        }
        else
        {
            try
            {
                _stage.Process(input);
            }
            catch (Exception e)
            {
                run.Ledger.Fail(input, e);
                throw;
            }
        }

        run.Counted();
        return null!;
    }

    public void Close()
    {
        if (_worker is not null)
        {
            _worker.Stop();
            _factory.Run.Barrier.Remove(_task, _factory.Place);
            _worker = null;
        }

        _state = null;
    }

    void SendOn(StageWorker worker)
    {
        try
        {
            foreach (var sending in worker.TakeSent())
            {
                _origin = sending.Origin;
                _context!.Send(sending.Output, sending.Key, sending.Value, sending.Headers);
            }
        }
        finally
        {
            _origin = null;
        }
    }

    sealed class Context(ProcessorContext<byte[], byte[]> context, StageFactory factory, StageTransformer owner) : IStageContext
    {
        readonly Dictionary<string, string> _outputs = [];

        public int Partition => context.Id.Partition;

        public TState State<TState>()
            where TState : IStageState => (TState)((StageStore)context.GetStateStore(factory.Store)).State;

        public void Send(string output, byte[] key, byte[]? value, Headers? headers = null)
        {
            if (!_outputs.TryGetValue(output, out var node))
            {
                _outputs[output] = node = StageOutputs.Node(factory.Name, output);
            }

            owner._sent = true;

            // Streamiz would send the input's headers on.
            context.SetHeaders(headers);
            context.Forward(key, value!, node);
        }

        public void Every(TimeSpan interval, Action action) => context.Schedule(
            interval,
            PunctuationType.PROCESSING_TIME,
            _ =>
            {
                // Streamiz calls it also while the state is being read back.
                if (!factory.Run.IsRestored(factory.Store, Partition))
                {
                    return;
                }

                try
                {
                    owner._sent = false;
                    action();
                    if (owner._sent && owner._store is not { IsTouched: true })
                    {
                        // Streamiz would commit what was sent, but keep no state of a task that took no record since the last commit.
                        context.Commit();
                    }
                }
                catch (Exception e)
                {
                    factory.Run.Ledger.Fail(e);
                    throw;
                }
            });
    }

    /// <summary>What a stage sees that works beside the stream thread.</summary>
    sealed class BesideContext(Context inner, StageWorker worker, StageStore store) : IStageContext
    {
        /// <summary>Time after which the stream thread looks at what was sent; no less is possible.</summary>
        public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

        public int Partition => inner.Partition;

        public TState State<TState>()
            where TState : IStageState => inner.State<TState>();

        public void Send(string output, byte[] key, byte[]? value, Headers? headers = null) => worker.Send(output, key, value, headers);

        public void Every(TimeSpan interval, Action action)
        {
            var waits = false;
            inner.Every(interval, () =>
            {
                // A stage that lags behind is called once, not as often as it should have been.
                if (!Interlocked.Exchange(ref waits, true))
                {
                    worker.Post(() =>
                    {
                        Volatile.Write(ref waits, false);
                        action();

                        // After what the clock makes a stage do, most of its state rests for a while.
                        store.Collect();
                    });
                }
            });
        }
    }
}
