namespace StreamSync.Connectors.Sdk;

/// <summary>
/// Reads one stream of one sync. The host calls <see cref="ReadAsync"/> (a run), then <see cref="WaitForMoreAsync"/>, and so on. After an
/// abort or a retriable error it calls <see cref="ReadAsync"/> again with the last committed checkpoints: a reader keeps no position of its own
/// between runs that the checkpoints do not hold.
/// </summary>
interface IStreamReader : IAsyncDisposable
{
    /// <summary>
    /// One run: everything that is new, in batches, each with the checkpoints that it reaches. Ends when the stream is caught up; a log or a
    /// listener may go on until the token.
    /// </summary>
    /// <param name="start">Where to go on.</param>
    /// <param name="cancellationToken">Ends the run; what was yielded and not committed is read again.</param>
    /// <exception cref="SourceException">The source can't be read now; the host reports it and retries.</exception>
    IAsyncEnumerable<ChangeBatch> ReadAsync(ReadStart start, CancellationToken cancellationToken);

    /// <summary>Ends when the next run is due: a poll interval has passed, a file has changed.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    Task WaitForMoreAsync(CancellationToken cancellationToken);
}

/// <summary>Where a run starts.</summary>
/// <param name="Run">Id of the run.</param>
/// <param name="Checkpoints">Committed position of each part as JSON; the part of a stream with a single position is "".</param>
sealed record ReadStart(string Run, IReadOnlyDictionary<string, string> Checkpoints)
{
    /// <summary>The position of a stream with a single one, or null at the very start.</summary>
    public string? Checkpoint => Checkpoints.GetValueOrDefault(string.Empty);
}

/// <summary>The source can't be read: not reachable, not allowed, or its counts disagree. Holds neither secrets nor personal data.</summary>
sealed class SourceException : Exception
{
    /// <param name="message">What is wrong, in words for the owner of the sync.</param>
    /// <param name="remedy">What to do; null when waiting is all.</param>
    /// <param name="retryAfter">When the source says it may be asked again; null lets the host choose.</param>
    /// <param name="innerException">Cause.</param>
    public SourceException(string message, string? remedy = null, TimeSpan? retryAfter = null, Exception? innerException = null)
        : base(message, innerException)
    {
        Remedy = remedy;
        RetryAfter = retryAfter;
    }

    public string? Remedy { get; }

    public TimeSpan? RetryAfter { get; }
}
