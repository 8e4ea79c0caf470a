namespace StreamSync.LocalKafka.Server;

/// <summary>
/// Bytes that all connections together may hold for large requests and responses. Who finds none left waits in line, so that many
/// clients with large frames cost time and not memory.
/// </summary>
sealed class MemoryBudget
{
    readonly Lock _lock = new();
    readonly LinkedList<(long Bytes, TaskCompletionSource Granted)> _waiting = [];
    readonly long _total;
    long _left;

    public MemoryBudget(long total) => _left = _total = total;

    /// <summary>Bytes not taken at present.</summary>
    public long Left
    {
        get
        {
            lock (_lock)
            {
                return _left;
            }
        }
    }

    /// <summary>Whether somebody waits in line.</summary>
    public bool IsWanted
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count > 0;
            }
        }
    }

    /// <summary>Takes bytes, at once if nobody waits and enough are left. More than the total counts as the total.</summary>
    public async ValueTask TakeAsync(long bytes, CancellationToken cancel)
    {
        bytes = Math.Min(bytes, _total);
        LinkedListNode<(long, TaskCompletionSource Granted)> node;
        lock (_lock)
        {
            if (_waiting.Count == 0 && _left >= bytes)
            {
                _left -= bytes;
                return;
            }

            node = _waiting.AddLast((bytes, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
        }

        await using var registration = cancel.Register(() => Cancel(node, cancel));
        await node.Value.Granted.Task;
    }

    /// <summary>Takes up to so many bytes of what is left, without waiting.</summary>
    /// <returns>Bytes taken, perhaps 0.</returns>
    public long TakeUpTo(long bytes)
    {
        lock (_lock)
        {
            var taken = _waiting.Count > 0 ? 0 : Math.Min(bytes, _left);
            _left -= taken;
            return taken;
        }
    }

    public void Return(long bytes)
    {
        if (bytes == 0)
        {
            return;
        }

        lock (_lock)
        {
            _left += Math.Min(bytes, _total);
            Grant();
        }
    }

    void Grant()
    {
        while (_waiting.First is { } first && first.Value.Bytes <= _left)
        {
            _waiting.RemoveFirst();
            _left -= first.Value.Bytes;
            first.Value.Granted.TrySetResult();
        }
    }

    void Cancel(LinkedListNode<(long, TaskCompletionSource Granted)> node, CancellationToken cancel)
    {
        lock (_lock)
        {
            if (node.List is not null)
            {
                _waiting.Remove(node);
                node.Value.Granted.TrySetCanceled(cancel);
                Grant();
            }
        }
    }
}
