using Microsoft.Extensions.Logging;
using StreamSync.Connectors.Sdk;
using StreamSync.Contracts;
using StreamSync.Contracts.Ops;
using StreamSync.Kafka.Clients;
using StreamSync.Kafka.Serdes;

namespace StreamSync.Connectors.Runtime;

/// <summary>Where a stream's worker opens its log and finds what was committed before.</summary>
interface IStreamMemory
{
    ITransactionLog OpenLog(StreamContext context);

    /// <summary>What was committed; call it after the log was initialised, so that no older instance can still write.</summary>
    Task<RestoredStream> RestoreAsync(StreamContext context, StreamTopics topics, bool remembersChanges, CancellationToken cancellationToken);

    /// <summary>URNs of rows by their keys.</summary>
    Task<IReadOnlyList<string>> FindUrnsAsync(StreamContext context, StreamTopics topics, IReadOnlySet<UInt128> keys, CancellationToken cancellationToken);

    /// <summary>Entries that the stream has in quarantine.</summary>
    Task<IReadOnlyList<QuarantineEntry>> FindQuarantinedAsync(StreamContext context, Func<QuarantineEntry, bool> wanted, CancellationToken cancellationToken);
}

/// <summary>The cluster itself is the memory.</summary>
sealed class KafkaMemory(KafkaConnection connection, AvroCodecs codecs, CheckpointStore checkpoints, ILoggerFactory loggers) : IStreamMemory
{
    readonly ILogger _logger = loggers.CreateLogger<KafkaMemory>();

    public ITransactionLog OpenLog(StreamContext context)
    {
        var publisher = new TransactionalPublisher(connection, $"streamsync-connector/{context.Key}", codecs, loggers.CreateLogger<TransactionalPublisher>());
        var name = $"{context.Connector.Vendor}.{context.Stream.Name}";
        return new KafkaTransactionLog(publisher, $"/{context.Sync.Org}/{context.Connector.Vendor}/{context.Sync.Instance}/{context.Stream.Name}", "streamsync.source." + name);
    }

    public async Task<RestoredStream> RestoreAsync(StreamContext context, StreamTopics topics, bool remembersChanges, CancellationToken cancellationToken)
    {
        var findings = new FindingLog(context);
        await using (var table = new CompactedTable<Finding>(connection, TopicCatalog.Finding.Name, v => codecs.For<Finding>(TopicCatalog.Finding).Decode(v), _logger, k => k.StartsWith(context.Key + "/", StringComparison.Ordinal)))
        {
            await table.LoadAsync(cancellationToken);
            foreach (var finding in table.Items.Values)
            {
                findings.Load(finding);
            }
        }

        RowStates? states = null;
        if (context.Stream.RowState)
        {
            states = new RowStates(remembersChanges);
            await using var table = States(context, topics, IsOurs(context));
            await table.LoadAsync(cancellationToken);
            foreach (var (urn, state) in table.Items)
            {
                states.Load(urn, state);
            }
        }

        var parts = new Dictionary<string, string>();
        foreach (var (key, checkpoint) in await checkpoints.LoadAsync(context.Key, cancellationToken))
        {
            if (key.Length == context.Key.Length || key[context.Key.Length] == '/')
            {
                parts[key[Math.Min(key.Length, context.Key.Length + 1)..]] = checkpoint.State;
            }
        }

        return new RestoredStream(parts, states, findings);
    }

    public async Task<IReadOnlyList<string>> FindUrnsAsync(StreamContext context, StreamTopics topics, IReadOnlySet<UInt128> keys, CancellationToken cancellationToken)
    {
        var ours = IsOurs(context);
        await using var table = States(context, topics, urn => ours(urn) && keys.Contains(RowStates.KeyOf(urn)));
        await table.LoadAsync(cancellationToken);
        return [.. table.Items.Keys];
    }

    public async Task<IReadOnlyList<QuarantineEntry>> FindQuarantinedAsync(StreamContext context, Func<QuarantineEntry, bool> wanted, CancellationToken cancellationToken)
    {
        // Entries hold up to 64 KB each: those of others are not kept.
        var nothing = new QuarantineEntry();
        QuarantineEntry Read(ReadOnlySpan<byte> value)
        {
            var entry = codecs.For<QuarantineEntry>(TopicCatalog.Quarantine).Decode(value);
            return entry.Org == context.Sync.Org && entry.SyncId == context.Sync.Id && entry.Stream == context.Stream.Name && wanted(entry) ? entry : nothing;
        }

        await using var table = new CompactedTable<QuarantineEntry>(connection, TopicCatalog.Quarantine.Name, Read, _logger);
        await table.LoadAsync(cancellationToken);
        return [.. table.Items.Values.Where(e => !ReferenceEquals(e, nothing))];
    }

    CompactedTable<RowState> States(StreamContext context, StreamTopics topics, Func<string, bool> filter) =>
        new(connection, topics.State.Name, RowStateCodec.Decode, _logger, filter);

    static Func<string, bool> IsOurs(StreamContext context)
    {
        var prefix = SourceUrn.Create(context.Sync.Org, context.Connector.Vendor, context.Sync.Instance, context.Stream.Entity, "x").ToString()[..^1];
        return urn => urn.StartsWith(prefix, StringComparison.Ordinal);
    }
}
