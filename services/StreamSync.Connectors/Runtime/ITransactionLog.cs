namespace StreamSync.Connectors.Runtime;

/// <summary>A transactional writer to Kafka: what a stream's worker needs of one, so that tests can break it at any place.</summary>
interface ITransactionLog : IAsyncDisposable
{
    /// <summary>Takes over the writer's name: older instances can't write any more, and what they left open is rolled back.</summary>
    Task InitAsync(CancellationToken cancellationToken);

    /// <summary>True when the outcome of the last transaction is in doubt, or nothing was begun yet: call <see cref="InitAsync"/> and read what is committed.</summary>
    bool NeedsInit { get; }

    void Begin();

    /// <summary>Adds a record; null is a tombstone.</summary>
    /// <param name="topic">Topic.</param>
    /// <param name="key">Key.</param>
    /// <param name="value">Value.</param>
    /// <param name="changeId">For changes: the id that goes into the CloudEvents headers.</param>
    void Produce(string topic, string key, byte[]? value, string? changeId = null);

    /// <exception cref="Kafka.Clients.TransactionAbortedException">Rolled back; retry.</exception>
    /// <exception cref="Kafka.Clients.PublisherFencedException">Another instance took over; stop.</exception>
    Task CommitAsync(CancellationToken cancellationToken);

    Task AbortAsync(CancellationToken cancellationToken);
}
