namespace StreamSync.Connectors.Runtime;

/// <summary>A token that is cancelled some time after another one: what is under way then may come to its end.</summary>
sealed class LateToken : IDisposable
{
    readonly CancellationTokenSource _source;
    readonly CancellationTokenRegistration _registration;

    /// <param name="after">How much later.</param>
    /// <param name="clock">Clock.</param>
    /// <param name="token">The token that comes first.</param>
    public LateToken(TimeSpan after, TimeProvider clock, CancellationToken token)
    {
        _source = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        _registration = token.UnsafeRegister(s => ((CancellationTokenSource)s!).CancelAfter(after), _source);
    }

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        _registration.Dispose();
        _source.Dispose();
    }
}
