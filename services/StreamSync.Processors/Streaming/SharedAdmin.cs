using System.Reflection;
using Confluent.Kafka;

namespace StreamSync.Processors.Streaming;

/// <summary>
/// One admin client for all that Streamiz asks of one, which would otherwise be three for each thread: disposing of it is left to the owner,
/// and deleting consumed records of topics between stages, which Streamiz does after every commit, happens at most every few seconds.
/// </summary>
class SharedAdmin : DispatchProxy
{
    static readonly TimeSpan DeleteInterval = TimeSpan.FromSeconds(5);

    IAdminClient? _inner;
    TimeProvider _clock = TimeProvider.System;
    long _lastDelete;

    public static IAdminClient Wrap(IAdminClient inner, TimeProvider clock)
    {
        var wrapped = Create<IAdminClient, SharedAdmin>();
        var proxy = (SharedAdmin)wrapped;
        (proxy._inner, proxy._clock, proxy._lastDelete) = (inner, clock, clock.GetTimestamp());
        return wrapped;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        switch (targetMethod!.Name)
        {
            case nameof(IDisposable.Dispose):
                return null;
            case nameof(IAdminClient.DeleteRecordsAsync) when _clock.GetElapsedTime(_lastDelete) < DeleteInterval:
                return Task.FromResult(new List<Confluent.Kafka.Admin.DeleteRecordsResult>());
            case nameof(IAdminClient.DeleteRecordsAsync):
                _lastDelete = _clock.GetTimestamp();
                break;
            default:
                break;
        }

        try
        {
            return targetMethod.Invoke(_inner, args);
        }
        catch (TargetInvocationException e) when (e.InnerException is { } cause)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(cause);
            throw;
        }
    }
}
