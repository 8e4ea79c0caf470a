using Streamiz.Kafka.Net;
using Streamiz.Kafka.Net.Crosscutting;
using Streamiz.Kafka.Net.Processors;
using Streamiz.Kafka.Net.SerDes;
using Streamiz.Kafka.Net.State;
using Streamiz.Kafka.Net.State.Enumerator;
using Streamiz.Kafka.Net.State.Supplier;
using Streamiz.Kafka.Net.Table;

namespace StreamSync.Processors.Streaming;

/// <summary>
/// Joins a stage's typed state to Streamiz: restores it from the changelog and, at each commit, writes what changed to it. Streamiz's own
/// stores write every single change and keep bytes; here a key that changes often within a commit is written once.
/// </summary>
sealed class StageStore : IStateStore
{
    readonly Func<IStageState> _create;
    readonly StageRun _run;
    readonly IKeyValueStore<byte[], byte[]> _log;
    readonly Action<byte[], byte[]?> _write;
    readonly Lock _collecting = new();
    List<(byte[] Key, byte[]? Value)> _collected = [];

    StageStore(string name, Func<IStageState> create, StageRun run, IStreamConfig config)
    {
        Name = name;
        _create = create;
        _run = run;
        State = create();

        // Streamiz's wrappers around a store that keeps nothing do the writing: they know the changelog's topic and partition.
        _log = Stores.KeyValueStoreBuilder(new LogOnlySupplier(name, this), new ByteArraySerDes(), new ByteArraySerDes()).Build(config);
        _write = _log.Put!;
    }

    public string Name { get; }

    public bool Persistent => false;

    public bool IsLocally => true;

    public bool IsOpen { get; private set; }

    public IStageState State { get; private set; }

    /// <summary>True when the stage took a record since the last commit, so that there will be another.</summary>
    public bool IsTouched { get; private set; }

    /// <summary>Notes that the stage took a record.</summary>
    public void Touch() => IsTouched = true;

    /// <summary>The task's own context; null before the store is first opened.</summary>
    public ProcessorContext? Task { get; private set; }

    // Streamiz keeps the store of a partition when the partition leaves, and takes it again when it comes back: it must start empty.
    public void Init(ProcessorContext context, IStateStore root)
    {
        State = _create();
        _collected = [];
        Task = context;
        _run.Restoring(Name, context.Id.Partition);
        _log.Init(context, this);
        IsOpen = true;
    }

    public void Flush()
    {
        if (Task is { } task)
        {
            _run.Barrier.Finish((task.Id.Id, task.Id.Partition));
        }

        WriteCollected();
        State.WriteChanges(_write);
        IsTouched = false;
    }

    /// <summary>
    /// Makes ready for the changelog what changed so far; on the thread of a stage that works beside. To encode it there spares the commit, in which
    /// every stage stands still.
    /// </summary>
    public void Collect()
    {
        lock (_collecting)
        {
            State.WriteChanges((key, value) => _collected.Add((key, value)));
        }
    }

    /// <summary>Writes to the changelog what was made ready; on the stream thread.</summary>
    /// <returns>True when there was something: it must be committed.</returns>
    public bool WriteCollected()
    {
        List<(byte[] Key, byte[]? Value)> collected;
        lock (_collecting)
        {
            collected = _collected;
            _collected = [];
        }

        foreach (var (key, value) in collected)
        {
            _write(key, value);
        }

        return collected.Count > 0;
    }

    public void Close()
    {
        State = _create();
        _collected = [];
        _log.Close();
        IsOpen = false;
    }

    /// <summary>Makes a store for each task.</summary>
    public sealed class Builder(string name, Func<IStageState> create, StageRun run) : IStoreBuilder
    {
        public bool IsWindowStore => false;

        public long RetentionMs => 0;

        public IDictionary<string, string> LogConfig { get; } = new Dictionary<string, string>();

        public bool LoggingEnabled => true;

        public string Name => name;

        public CacheSize CacheSize => null!;

        public IStateStore Build(IStreamConfig config) => new StageStore(name, create, run, config);
    }

    sealed class LogOnlySupplier(string name, StageStore owner) : IKeyValueBytesStoreSupplier
    {
        public string Name { get; set; } = name;

        public string MetricsScope => "stage";

        public IKeyValueStore<Bytes, byte[]> Get() => new LogOnlyStore(Name, owner);
    }

    sealed class LogOnlyStore(string name, StageStore owner) : IKeyValueStore<Bytes, byte[]>
    {
        public string Name => name;

        public bool Persistent => false;

        public bool IsLocally => true;

        public bool IsOpen { get; private set; }

        public void Init(ProcessorContext context, IStateStore root)
        {
            context.Register(root, (key, value, _) => owner.State.Restore(key.Get, value));
            IsOpen = true;
        }

        public void Put(Bytes key, byte[] value)
        {
        }

        public byte[] Delete(Bytes key) => null!;

        public void Flush()
        {
        }

        public void Close() => IsOpen = false;

        public void PutAll(IEnumerable<KeyValuePair<Bytes, byte[]>> entries) => throw WriteOnly();

        public byte[] PutIfAbsent(Bytes key, byte[] value) => throw WriteOnly();

        public byte[] Get(Bytes key) => throw WriteOnly();

        public IKeyValueEnumerator<Bytes, byte[]> Range(Bytes from, Bytes to) => throw WriteOnly();

        public IKeyValueEnumerator<Bytes, byte[]> ReverseRange(Bytes from, Bytes to) => throw WriteOnly();

        public IEnumerable<KeyValuePair<Bytes, byte[]>> All() => throw WriteOnly();

        public IEnumerable<KeyValuePair<Bytes, byte[]>> ReverseAll() => throw WriteOnly();

        public long ApproximateNumEntries() => 0;

        static NotSupportedException WriteOnly() => new("this store only writes a changelog; read the stage's state");
    }
}
