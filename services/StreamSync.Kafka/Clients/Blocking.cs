namespace StreamSync.Kafka.Clients;

/// <summary>Runs librdkafka's blocking calls on a thread of their own, so that the pool stays free for others.</summary>
static class Blocking
{
    /// <summary>How long one call may block before the token is looked at.</summary>
    public static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(500);

    public static Task RunAsync(Action action, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(action, cancellationToken, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
}
