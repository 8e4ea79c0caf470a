using StreamSync.Contracts;

namespace StreamSync.Sinks.Mirror;

/// <summary>How far a topic has been mirrored.</summary>
/// <param name="TopicId">The broker's id of the topic when it was read, or null where brokers don't tell.</param>
/// <param name="Next">Offset to read next by partition.</param>
/// <param name="Stopped">Why the topic's table takes no rows, or null.</param>
sealed record TopicPosition(string? TopicId, IReadOnlyDictionary<int, long> Next, string? Stopped);

/// <summary>
/// A warehouse that mirrors topics as tables. Rows and the offsets behind them are kept in one transaction, so that reading
/// goes on exactly where the tables stand. Used by one thread.
/// </summary>
interface IMirror : IDisposable
{
    /// <summary>Opens the warehouse, brings its tables and views up to date, and says how far each topic is.</summary>
    /// <exception cref="WarehouseWriteException">It can't be opened now.</exception>
    IReadOnlyDictionary<string, TopicPosition> Open(IReadOnlyList<TopicSpec> topics);

    /// <summary>Closes the warehouse, so that the next <see cref="Open"/> starts afresh.</summary>
    void Close();

    /// <summary>Writes a batch in one transaction. Afterwards the batch holds what was written: where a table stopped, the rest is cut off.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="publish">Puts rejected records into quarantine; returns when they are safe. Called before anything is kept.</param>
    /// <returns>Topics whose table stopped in this batch, with the reason.</returns>
    /// <exception cref="WarehouseWriteException">Nothing was kept; open again and retry.</exception>
    IReadOnlyDictionary<string, string> Write(MirrorBatch batch, Action<IReadOnlyList<RejectedRecord>> publish);

    /// <summary>Forgets how far a topic was read, because it was made anew; its rows stay, marked, until the topic brings them again.</summary>
    /// <param name="topic">Topic.</param>
    /// <param name="topicId">The broker's id of the new topic, or null where brokers don't tell.</param>
    void Restart(string topic, string? topicId);

    /// <summary>Keeps the broker's id of a topic.</summary>
    void Identify(string topic, string topicId);
}
