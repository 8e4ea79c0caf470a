using System.Reflection;
using Streamiz.Kafka.Net;

namespace StreamSync.Processors.Streaming;

/// <summary>
/// A node of Streamiz's topology, to send in its name outside of the calls that Streamiz makes to it: while states are written. Streamiz keeps whose
/// turn it is in a property of the task that is not public.
/// </summary>
/// <param name="task">The task's own context, as a store gets it.</param>
sealed class StreamizNode(ProcessorContext task)
{
    static readonly PropertyInfo Current = typeof(ProcessorContext).GetProperty("CurrentProcessor", BindingFlags.Instance | BindingFlags.NonPublic)
        ?? throw new MissingMemberException("this version of Streamiz keeps the current node elsewhere");

    readonly object? _node = Current.GetValue(task);

    /// <summary>Does something in the node's name.</summary>
    public void Act(Action action)
    {
        var before = Current.GetValue(task);
        Current.SetValue(task, _node);
        try
        {
            action();
        }
        finally
        {
            Current.SetValue(task, before);
        }
    }
}
