using StreamSync.Connectors.Runtime;
using StreamSync.Connectors.Sdk;
using StreamSync.Contracts;
using StreamSync.Contracts.Ops;
using StreamSync.Contracts.Source;
using StreamSync.Kafka.Clients;
using StreamSync.Kafka.Serdes;

namespace StreamSync.Connectors.Tests.Support;

/// <summary>
/// What the committed topics hold, and transactions that can be broken at any step: for tests of the worker's own logic. That real brokers keep the
/// same promises is tested on real brokers.
/// </summary>
sealed class MemoryCluster : IStreamMemory
{
    readonly Lock _gate = new();
    readonly List<(string Topic, string Key, byte[]? Value, string? ChangeId)> _committed = [];
    int _epoch;

    public AvroCodecs Codecs { get; } = new(new SchemaIds(MemoryRegistry.Create()));

    /// <summary>Called before each step with its name ("produce", "commit", "after-commit"); throws to break it.</summary>
    public Action<string> Fault { get; set; } = _ => { };

    /// <summary>Set when a transaction was committed.</summary>
    public event Action? Committed;

    public int Transactions { get; private set; }

    public IReadOnlyList<(string Topic, string Key, byte[]? Value, string? ChangeId)> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _committed];
            }
        }
    }

    public int CountOf(StreamTopics topics)
    {
        lock (_gate)
        {
            return _committed.Count(r => r.Topic == topics.Source.Name);
        }
    }

    public IReadOnlyList<SourceChange?> Changes(StreamTopics topics) => [.. All.Where(r => r.Topic == topics.Source.Name).Select(r => r.Value is null ? null : Codecs.ForSource(topics.Source).Decode(r.Value))];

    public IReadOnlyList<QuarantineEntry> Quarantine => [.. All.Where(r => r.Topic == TopicCatalog.Quarantine.Name).Select(r => Codecs.For<QuarantineEntry>(TopicCatalog.Quarantine).Decode(r.Value))];

    /// <summary>Latest state of each finding that stands.</summary>
    public IReadOnlyDictionary<string, Finding> Findings =>
        All.Where(r => r.Topic == TopicCatalog.Finding.Name).GroupBy(r => r.Key).Where(g => g.Last().Value is not null).ToDictionary(g => g.Key, g => Codecs.For<Finding>(TopicCatalog.Finding).Decode(g.Last().Value));

    /// <summary>Entries in quarantine that are open.</summary>
    public IReadOnlyList<QuarantineEntry> OpenQuarantine => [.. Quarantine.GroupBy(e => e.QuarantineId).Select(g => g.Last()).Where(e => e.ClosedAt is null)];

    public ITransactionLog OpenLog(StreamContext context) => new Log(this);

    public Task<RestoredStream> RestoreAsync(StreamContext context, StreamTopics topics, bool remembersChanges, CancellationToken cancellationToken)
    {
        var states = context.Stream.RowState ? new RowStates(remembersChanges) : null;
        foreach (var (_, key, value, _) in All.Where(r => r.Topic == topics.State.Name))
        {
            states?.Load(key, RowStateCodec.Decode(value));
        }

        var findings = new FindingLog(context);
        foreach (var finding in Findings.Values)
        {
            findings.Load(finding);
        }

        var parts = new Dictionary<string, string>();
        foreach (var (_, key, value, _) in All.Where(r => r.Topic == TopicCatalog.Checkpoint.Name))
        {
            var part = key == context.Key ? string.Empty : key[(context.Key.Length + 1)..];
            if (value is null)
            {
                parts.Remove(part);
            }
            else
            {
                parts[part] = Codecs.For<Checkpoint>(TopicCatalog.Checkpoint).Decode(value).State;
            }
        }

        return Task.FromResult(new RestoredStream(parts, states, findings));
    }

    public Task<IReadOnlyList<string>> FindUrnsAsync(StreamContext context, StreamTopics topics, IReadOnlySet<UInt128> keys, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<string>>([.. All.Where(r => r.Topic == topics.State.Name).Select(r => r.Key).Distinct().Where(k => keys.Contains(RowStates.KeyOf(k)))]);

    public Task<IReadOnlyList<QuarantineEntry>> FindQuarantinedAsync(StreamContext context, Func<QuarantineEntry, bool> wanted, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<QuarantineEntry>>([.. Quarantine.GroupBy(e => e.QuarantineId).Select(g => g.Last()).Where(e => e.SyncId == context.Sync.Id && e.Stream == context.Stream.Name && wanted(e))]);

    sealed class Log(MemoryCluster cluster) : ITransactionLog
    {
        readonly List<(string Topic, string Key, byte[]? Value, string? ChangeId)> _pending = [];
        int _epoch;
        bool _open;

        public bool NeedsInit { get; private set; } = true;

        public Task InitAsync(CancellationToken cancellationToken)
        {
            _epoch = ++cluster._epoch;
            NeedsInit = false;
            return Task.CompletedTask;
        }

        public void Begin()
        {
            Assert.False(_open);
            Assert.False(NeedsInit);
            _open = true;
        }

        public void Produce(string topic, string key, byte[]? value, string? changeId = null)
        {
            Assert.True(_open);
            cluster.Fault("produce");
            _pending.Add((topic, key, value, changeId));
        }

        public Task CommitAsync(CancellationToken cancellationToken)
        {
            Assert.True(_open);
            if (_epoch != cluster._epoch)
            {
                throw new PublisherFencedException("fenced");
            }

            try
            {
                cluster.Fault("commit");
                lock (cluster._gate)
                {
                    cluster._committed.AddRange(_pending);
                    cluster.Transactions++;
                }

                NeedsInit = true;
                cluster.Fault("after-commit");
                NeedsInit = false;
            }
            finally
            {
                _open = false;
                _pending.Clear();
            }

            cluster.Committed?.Invoke();
            return Task.CompletedTask;
        }

        public Task AbortAsync(CancellationToken cancellationToken)
        {
            _open = false;
            _pending.Clear();
            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
