using Microsoft.Extensions.Logging;

namespace StreamSync.Kafka.Clients;

/// <summary>Reads the bytes of a value.</summary>
/// <typeparam name="TValue">What they mean.</typeparam>
/// <param name="value">The bytes.</param>
public delegate TValue ValueReader<TValue>(ReadOnlySpan<byte> value);

/// <summary>A compacted topic as a table in memory: the latest committed value of each key.</summary>
/// <typeparam name="TValue">What the values mean.</typeparam>
public sealed class CompactedTable<TValue> : IAsyncDisposable
    where TValue : class
{
    /// <summary>Creates it; nothing is read before <see cref="LoadAsync"/>.</summary>
    /// <param name="connection">The cluster.</param>
    /// <param name="topic">Topic; it must exist.</param>
    /// <param name="read">Reads a value.</param>
    /// <param name="logger">Takes values that can't be read, by place.</param>
    /// <param name="filter">Keys to keep; null keeps all.</param>
    public CompactedTable(KafkaConnection connection, string topic, ValueReader<TValue> read, ILogger logger, Func<string, bool>? filter = null)
    {
    }

    /// <summary>A copy of the table as it is now.</summary>
    public IReadOnlyDictionary<string, TValue> Items => throw new NotImplementedException();

    /// <summary>Number of keys.</summary>
    public int Count => throw new NotImplementedException();

    /// <summary>The value of a key, or null.</summary>
    /// <param name="key">Key.</param>
    public TValue? Find(string key) => throw new NotImplementedException();

    /// <summary>Reads the topic from its beginning up to its committed end as of the call.</summary>
    /// <param name="cancellationToken">Stops.</param>
    public Task LoadAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Goes on reading after <see cref="LoadAsync"/>; ends only by the token.</summary>
    /// <param name="onChange">Called in order for each change with the key and its new value, null when deleted; may be null.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task FollowAsync(Action<string, TValue?>? onChange, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
