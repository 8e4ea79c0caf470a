namespace StreamSync.Identity;

/// <summary>Adds up field weights, and writes them down when somebody asks why.</summary>
ref struct ScoreSheet(ICollection<FieldEvidence>? evidence)
{
    public int Sum { get; private set; }

    public PairFlags Flags { get; set; }

    public void Add(string field, string level, int weight)
    {
        Sum += weight;
        evidence?.Add(new FieldEvidence(field, level, weight));
    }
}
