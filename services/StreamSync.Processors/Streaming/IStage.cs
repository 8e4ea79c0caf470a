using Confluent.Kafka;

namespace StreamSync.Processors.Streaming;

/// <summary>
/// One step of a topology, for one partition: takes records in order, keeps state, sends records on. One call ends before the next begins; they come
/// from the stream thread or, where the stage works beside it (<see cref="StageWorker"/>), from threads of the pool.
/// An exception stops the topology without committing; what is wrong with a record's data must go to quarantine instead.
/// </summary>
interface IStage
{
    /// <summary>Called once before any record; state may still be restored after it.</summary>
    void Start(IStageContext context);

    /// <summary>Handles one record.</summary>
    void Process(in StageRecord record);
}

/// <summary>What a stage may do beside computing.</summary>
interface IStageContext
{
    /// <summary>Partition that the stage works on.</summary>
    int Partition { get; }

    /// <summary>The stage's state, as its factory made it.</summary>
    TState State<TState>()
        where TState : IStageState;

    /// <summary>Sends a record, in the transaction of the input.</summary>
    /// <param name="output">Output of the stage, see <see cref="StageTopologyBuilder"/>.</param>
    /// <param name="key">Key; it decides the partition by murmur2.</param>
    /// <param name="value">Value; null is a tombstone.</param>
    /// <param name="headers">Headers; null for none.</param>
    void Send(string output, byte[] key, byte[]? value, Headers? headers = null);

    /// <summary>Calls an action again and again between records, as one of the stage's calls, once the state is complete; what it sends is part of the next commit.</summary>
    void Every(TimeSpan interval, Action action);
}

/// <summary>A record on its way into a stage.</summary>
readonly struct StageRecord
{
    public required string Topic { get; init; }

    public required int Partition { get; init; }

    public required long Offset { get; init; }

    public required byte[] Key { get; init; }

    /// <summary>Value; null for a tombstone.</summary>
    public required byte[]? Value { get; init; }

    public required Headers? Headers { get; init; }

    /// <summary>Place for messages: <c>topic-partition-offset</c>.</summary>
    public string Place => $"{Topic}-{Partition}-{Offset}";
}

/// <summary>
/// What a stage remembers, in memory. What changed is written to its changelog topic at each commit or before it, inside the commit's transaction, and
/// read back from there when the partition comes (again) to this process: so memory never holds what was not committed.
/// </summary>
interface IStageState
{
    /// <summary>Takes an entry of the changelog.</summary>
    /// <param name="key">Key.</param>
    /// <param name="value">Value; null when the key was deleted.</param>
    void Restore(byte[] key, byte[]? value);

    /// <summary>Writes the latest value of every key that changed since the last call.</summary>
    /// <param name="write">Takes key and value; null deletes the key.</param>
    void WriteChanges(Action<byte[], byte[]?> write);
}
