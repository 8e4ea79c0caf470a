namespace StreamSync.Processors.Streaming;

/// <summary>Names by which stages send.</summary>
static class StageOutputs
{
    /// <summary>The output that every stage has for records that it can't use.</summary>
    public static string Quarantine { get; } = Contracts.TopicCatalog.Quarantine.Name;

    /// <summary>Streamiz's name of the node behind a stage's output.</summary>
    public static string Node(string stage, string output) => $"{stage}-to-{output}";
}
