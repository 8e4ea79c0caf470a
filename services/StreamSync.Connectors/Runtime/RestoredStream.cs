namespace StreamSync.Connectors.Runtime;

/// <summary>What a stream's worker finds from before.</summary>
/// <param name="Checkpoints">Committed state of each part.</param>
/// <param name="States">States of rows; null for a stream that keeps none.</param>
/// <param name="Findings">Findings.</param>
sealed record RestoredStream(IReadOnlyDictionary<string, string> Checkpoints, RowStates? States, FindingLog Findings);
