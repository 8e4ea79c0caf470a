using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace StreamSync.Processors.Streaming;

/// <summary>
/// What the stages of a task must still do before their states are written for a commit. Streamiz writes one state after the other and knows no moment
/// before; the first of them to be written calls here.
/// </summary>
sealed class CommitBarrier
{
    readonly ConcurrentDictionary<(int Group, int Partition), ImmutableSortedDictionary<int, Action>> _tasks = new();

    /// <summary>Adds a stage; what it does reaches those after it before their turn comes.</summary>
    /// <param name="task">The task.</param>
    /// <param name="place">Place of the stage in the flow of records.</param>
    /// <param name="finish">What it does; on the stream thread.</param>
    public void Add((int Group, int Partition) task, int place, Action finish) =>
        _tasks.AddOrUpdate(task, _ => ImmutableSortedDictionary<int, Action>.Empty.Add(place, finish), (_, stages) => stages.SetItem(place, finish));

    /// <summary>Forgets a stage.</summary>
    public void Remove((int Group, int Partition) task, int place)
    {
        if (_tasks.TryGetValue(task, out var stages))
        {
            _tasks[task] = stages.Remove(place);
        }
    }

    /// <summary>Lets every stage of a task finish.</summary>
    public void Finish((int Group, int Partition) task)
    {
        foreach (var (_, finish) in _tasks.GetValueOrDefault(task, ImmutableSortedDictionary<int, Action>.Empty))
        {
            finish();
        }
    }
}
