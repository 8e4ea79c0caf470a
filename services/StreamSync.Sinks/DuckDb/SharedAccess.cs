namespace StreamSync.Sinks.DuckDb;

/// <summary>Lets up to a number of users in together, or one alone.</summary>
sealed class SharedAccess(int maxShared) : IDisposable
{
    readonly SemaphoreSlim _slots = new(maxShared);
    readonly SemaphoreSlim _alone = new(1);

    /// <summary>Enters beside others; disposing the result leaves.</summary>
    public async Task<IDisposable> EnterSharedAsync(CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken);
        return new Leave(() => _slots.Release());
    }

    /// <summary>Enters when everyone else has left; disposing the result leaves.</summary>
    public async Task<IDisposable> EnterAloneAsync(CancellationToken cancellationToken)
    {
        await _alone.WaitAsync(cancellationToken);
        var taken = 0;
        try
        {
            for (; taken < maxShared; taken++)
            {
                await _slots.WaitAsync(cancellationToken);
            }
        }
        catch
        {
            LeaveAlone(taken);
            throw;
        }

        return new Leave(() => LeaveAlone(maxShared));
    }

    /// <summary>As <see cref="EnterAloneAsync"/>, for a thread of its own.</summary>
    public IDisposable EnterAlone()
    {
        _alone.Wait();
        for (var i = 0; i < maxShared; i++)
        {
            _slots.Wait();
        }

        return new Leave(() => LeaveAlone(maxShared));
    }

    public void Dispose()
    {
        _slots.Dispose();
        _alone.Dispose();
    }

    void LeaveAlone(int taken)
    {
        if (taken > 0)
        {
            _slots.Release(taken);
        }

        _alone.Release();
    }

    sealed class Leave(Action leave) : IDisposable
    {
        Action? _leave = leave;

        public void Dispose() => Interlocked.Exchange(ref _leave, null)?.Invoke();
    }
}
