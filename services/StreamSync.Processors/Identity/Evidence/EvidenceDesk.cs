using System.Collections.Concurrent;
using StreamSync.Processors.Streaming;

namespace StreamSync.Processors.Identity.Evidence;

/// <summary>Questions to the state of a stage, which its own thread answers between records: nothing else may touch it.</summary>
sealed class StageQuestions<TState>
{
    readonly ConcurrentQueue<Action<TState>> _open = new();

    /// <summary>Asks.</summary>
    public Task<T> AskAsync<T>(Func<TState, T> question)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _open.Enqueue(state =>
        {
            try
            {
                answer.TrySetResult(question(state));
            }
            catch (Exception e)
            {
                // A question that fails is the asker's trouble, not the stage's.
                answer.TrySetException(e);
            }
        });
        return answer.Task;
    }

    /// <summary>Answers what was asked; on the stage's thread.</summary>
    public void Answer(TState state)
    {
        while (_open.TryDequeue(out var question))
        {
            question(state);
        }
    }
}

/// <summary>The identity stages that run in this process, by partition, for those who ask.</summary>
sealed class EvidenceDesk
{
    /// <summary>Time after which an unanswered question is given up: a partition may have gone to another process.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    readonly ConcurrentDictionary<int, StageQuestions<GraphState>> _graphs = new();
    readonly ConcurrentDictionary<int, StageQuestions<MatchState>> _matches = new();

    /// <summary>Ends when identity resolution runs here with its state restored; no question is answered before.</summary>
    public Task Ready { get; set; } = Task.CompletedTask;

    /// <summary>Who answers for a partition of orgs; null when nobody here does.</summary>
    public StageQuestions<GraphState>? Graph(int partition) => _graphs.GetValueOrDefault(partition);

    /// <summary>Who answers for the match keys.</summary>
    public IReadOnlyCollection<StageQuestions<MatchState>> Matches => [.. _matches.Values];

    /// <summary>Lets a stage answer from now on; it takes the place of one that ran before on the partition.</summary>
    public void Open(IStageContext context, GraphState state) => Open(context, _graphs, state);

    /// <summary>Lets a stage answer from now on; it takes the place of one that ran before on the partition.</summary>
    public void Open(IStageContext context, MatchState state) => Open(context, _matches, state);

    static void Open<TState>(IStageContext context, ConcurrentDictionary<int, StageQuestions<TState>> stages, TState state)
    {
        var questions = new StageQuestions<TState>();
        stages[context.Partition] = questions;
        context.Every(Interval, () => questions.Answer(state));
    }
}
