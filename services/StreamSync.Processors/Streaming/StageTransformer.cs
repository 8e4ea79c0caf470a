using Confluent.Kafka;
using Streamiz.Kafka.Net.Processors.Public;

namespace StreamSync.Processors.Streaming;

/// <summary>How a stage is made for each task.</summary>
/// <param name="Name">Name of the stage.</param>
/// <param name="Create">Makes the stage.</param>
/// <param name="Store">Name of its store; null when it keeps nothing.</param>
/// <param name="Run">What the topology's run shares.</param>
sealed record StageFactory(string Name, Func<IStage> Create, string? Store, StageRun Run);

/// <summary>Runs an <see cref="IStage"/> inside Streamiz.</summary>
sealed class StageTransformer : ITransformer<byte[], byte[], byte[], byte[]>
{
    static readonly byte[] NoKey = [];

    readonly StageFactory _factory;
    readonly IStage _stage;
    Context? _context;

    // Of the stage, not of a context: Streamiz starts a stage once for each of its sources, and whichever timer runs sends by the last context.
    bool _sent;

    StageStore? _store;

    /// <summary>Streamiz wants this constructor and never uses what it makes.</summary>
    public StageTransformer()
        : this(new StageFactory(string.Empty, static () => throw new InvalidOperationException("a stage needs its factory"), null, new StageRun()))
    {
    }

    public StageTransformer(StageFactory factory)
    {
        _factory = factory;
        _stage = factory.Name.Length == 0 ? null! : factory.Create();
    }

    public void Init(ProcessorContext<byte[], byte[]> context)
    {
        _context = new Context(context, _factory, this);
        _store = _factory.Store is null ? null : (StageStore)context.GetStateStore(_factory.Store);
        _stage.Start(_context);
    }

    public Record<byte[], byte[]> Process(Record<byte[], byte[]> record)
    {
        _store?.Touch();
        var place = record.TopicPartitionOffset;
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
}
