namespace StreamSync.Sinks;

/// <summary>What the sink of a process does now.</summary>
public sealed class SinkState
{
    readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the warehouse is open, its tables and views are there, and topics are read.</summary>
    public Task Ready => _ready.Task;

    /// <summary>What the sink waits for, in words; null while it works.</summary>
    public string? WaitingFor { get; private set; }

    internal void Working()
    {
        WaitingFor = null;
        _ready.TrySetResult();
    }

    internal void Waiting(string reason) => WaitingFor = reason;
}
