using StreamSync.Contracts;
using StreamSync.Kafka.Hosting;
using StreamSync.Sinks.Mirror;

namespace StreamSync.Sinks;

/// <summary>Says on the progress board how far each table is, with counts since the process started.</summary>
sealed class SinkProgress(IProgressBoard board)
{
    const string Room = "sinks";

    readonly Dictionary<string, long> _done = [];

    /// <summary>Counts a batch that was kept.</summary>
    public void Add(MirrorBatch batch)
    {
        foreach (var (topic, records) in batch.Records)
        {
            _done[topic] = _done.GetValueOrDefault(topic) + records.Count;
        }
    }

    /// <summary>Reports a table.</summary>
    public void Report(TopicSpec topic, long? lag, string? waitingFor) => board.Report(Room, topic.Table, _done.GetValueOrDefault(topic.Name), lag, waitingFor);

    /// <summary>Reports that nothing goes on, and why; null when it does. Its count is 0: the tables have their own.</summary>
    public void ReportWarehouse(string? waitingFor) => board.Report(Room, "warehouse", 0, 0, waitingFor);
}
