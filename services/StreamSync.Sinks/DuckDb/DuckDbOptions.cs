namespace StreamSync.Sinks.DuckDb;

/// <summary>How a DuckDB file is opened.</summary>
/// <param name="Path">The file.</param>
/// <param name="MemoryMb">Memory that DuckDB may use, in MB; what needs more goes to disk beside the file.</param>
/// <param name="Threads">Threads that DuckDB may use; with two, small batches cost twice the CPU time.</param>
public sealed record DuckDbOptions(string Path, int MemoryMb = 128, int Threads = 1);
