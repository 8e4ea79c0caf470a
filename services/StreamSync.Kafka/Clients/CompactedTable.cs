using System.Collections.Concurrent;
using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;

namespace StreamSync.Kafka.Clients;

/// <summary>Reads the bytes of a value.</summary>
/// <typeparam name="TValue">What they mean.</typeparam>
/// <param name="value">The bytes.</param>
/// <exception cref="InvalidDataException">The bytes mean nothing.</exception>
public delegate TValue ValueReader<TValue>(ReadOnlySpan<byte> value);

/// <summary>A compacted topic as a table in memory: the latest committed value of each key. Reading it is safe while it follows.</summary>
/// <typeparam name="TValue">What the values mean.</typeparam>
public sealed class CompactedTable<TValue> : IAsyncDisposable
    where TValue : class
{
    static readonly TimeSpan PollTime = TimeSpan.FromMilliseconds(200);

    readonly ConcurrentDictionary<string, TValue> _items = new();
    readonly string _topic;
    readonly ValueReader<TValue> _read;
    readonly ILogger _logger;
    readonly Func<string, bool>? _filter;
    readonly Lazy<IConsumer<byte[], byte[]?>> _consumer;

    /// <summary>Creates it; nothing is read before <see cref="LoadAsync"/>.</summary>
    /// <param name="connection">The cluster.</param>
    /// <param name="topic">Topic; it must exist.</param>
    /// <param name="read">Reads a value.</param>
    /// <param name="logger">Takes values that can't be read, by place.</param>
    /// <param name="filter">Keys to keep; null keeps all.</param>
    public CompactedTable(KafkaConnection connection, string topic, ValueReader<TValue> read, ILogger logger, Func<string, bool>? filter = null)
    {
        _topic = topic;
        _read = read;
        _logger = logger;
        _filter = filter;
        _consumer = new Lazy<IConsumer<byte[], byte[]?>>(() =>
        {
            var name = "streamsync-table-" + topic;
            var settings = connection.Consumer(name);
            settings.EnablePartitionEof = true;
            return new ConsumerBuilder<byte[], byte[]?>(settings)
                .SetLogHandler((_, message) => ClientLog.Write(logger, message))
                .SetErrorHandler((_, error) => ClientLog.Write(logger, name, error))
                .SetValueDeserializer(Deserializers.ByteArray!)
                .Build();
        });
    }

    /// <summary>A copy of the table as it is now.</summary>
    public IReadOnlyDictionary<string, TValue> Items => new Dictionary<string, TValue>(_items);

    /// <summary>Number of keys.</summary>
    public int Count => _items.Count;

    /// <summary>The value of a key, or null.</summary>
    /// <param name="key">Key.</param>
    public TValue? Find(string key) => _items.GetValueOrDefault(key);

    /// <summary>
    /// Reads the topic from its beginning up to its end as of the call. Waits for transactions that are open below that end: what they commit
    /// may lie before what others committed already.
    /// </summary>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="KafkaException">The topic does not exist or can't be read.</exception>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        _items.Clear();
        var ends = await EndsAsync(cancellationToken);
        _consumer.Value.Assign(ends.Keys.Select(p => new TopicPartitionOffset(p, Offset.Beginning)));
        foreach (var empty in ends.Where(e => e.Value == 0).ToList())
        {
            ends.Remove(empty.Key);
        }

        await Blocking.RunAsync(
            () =>
            {
                while (ends.Count > 0)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    if (_consumer.Value.Consume(PollTime) is { } result)
                    {
                        Apply(result, null);
                        var next = result.IsPartitionEOF ? result.Offset.Value : result.Offset.Value + 1;
                        if (ends.TryGetValue(result.TopicPartition, out var end) && next >= end)
                        {
                            ends.Remove(result.TopicPartition);
                        }
                    }
                }
            },
            cancellationToken);
    }

    /// <summary>Goes on reading after <see cref="LoadAsync"/>; ends only by the token.</summary>
    /// <param name="onChange">Called in order for each change with the key and its new value, null when deleted; may be null.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="OperationCanceledException">By the token.</exception>
    public Task FollowAsync(Action<string, TValue?>? onChange, CancellationToken cancellationToken) => Blocking.RunAsync(
        () =>
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (_consumer.Value.Consume(PollTime) is { } result)
                {
                    Apply(result, onChange);
                }
            }
        },
        cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_consumer.IsValueCreated)
        {
            await Blocking.RunAsync(_consumer.Value.Dispose, CancellationToken.None);
        }
    }

    void Apply(ConsumeResult<byte[], byte[]?> result, Action<string, TValue?>? onChange)
    {
        if (result.IsPartitionEOF || result.Message.Key is null)
        {
            return;
        }

        var key = Encoding.UTF8.GetString(result.Message.Key);
        if (_filter is not null && !_filter(key))
        {
            return;
        }

        TValue? value = null;
        if (result.Message.Value is { } bytes)
        {
            try
            {
                value = _read(bytes);
            }
            catch (InvalidDataException e)
            {
                _logger.LogWarning("{Place} can't be read and is left out: {Reason}", result.TopicPartitionOffset, e.Message);
                return;
            }

            _items[key] = value;
        }
        else
        {
            _items.TryRemove(key, out _);
        }

        onChange?.Invoke(key, value);
    }

    /// <summary>The end of each partition, uncommitted records included: an open transaction may hold the committed end back.</summary>
    async Task<Dictionary<TopicPartition, long>> EndsAsync(CancellationToken cancellationToken)
    {
        using var admin = new DependentAdminClientBuilder(_consumer.Value.Handle).Build();
        var partitions = Array.Empty<TopicPartition>();
        await Blocking.RunAsync(
            () =>
            {
                var metadata = admin.GetMetadata(_topic, TimeSpan.FromSeconds(30)).Topics.Single();
                partitions = metadata.Error.IsError ? throw new KafkaException(metadata.Error) : [.. metadata.Partitions.Select(p => new TopicPartition(_topic, p.PartitionId))];
            },
            cancellationToken);
        var ends = await admin.ListOffsetsAsync(
            partitions.Select(p => new TopicPartitionOffsetSpec { TopicPartition = p, OffsetSpec = OffsetSpec.Latest() }),
            new ListOffsetsOptions { IsolationLevel = IsolationLevel.ReadUncommitted, RequestTimeout = TimeSpan.FromSeconds(30) }).WaitAsync(cancellationToken);
        return ends.ResultInfos.ToDictionary(r => r.TopicPartitionOffsetError.TopicPartition, r => r.TopicPartitionOffsetError.Offset.Value);
    }
}
