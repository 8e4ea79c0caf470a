using System.Globalization;

namespace StreamSync.LocalKafka.Log.Segments;

/// <summary>Names of the files in a partition's directory.</summary>
static class FileNames
{
    /// <summary>Batches, named by the offset of the first, in Apache Kafka's own format and naming.</summary>
    public const string Log = ".log";

    /// <summary>Sparse index and aborted transactions of a segment; can be lost and is rebuilt.</summary>
    public const string Index = ".index";

    /// <summary>What compaction or repair is still writing; void after a crash.</summary>
    public const string Cleaned = ".cleaned";

    /// <summary>A finished replacement for the segments from its first offset up to its second; completed after a crash.</summary>
    public const string Swap = ".swap";

    /// <summary>Bytes that failed their checksum, kept for inspection.</summary>
    public const string Damaged = ".damaged";

    public const string Temporary = ".tmp";

    /// <summary>Log start, recovery point and producers of a partition.</summary>
    public const string State = "partition.state";

    public static string Offset(long offset) => offset.ToString("D20", CultureInfo.InvariantCulture);

    /// <summary>Reads the offset that a file name begins with.</summary>
    public static bool TryParse(string path, out long offset) =>
        long.TryParse(Path.GetFileNameWithoutExtension(path.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out offset);

    public static string SwapName(long from, long to) => $"{Offset(from)}-{Offset(to)}{Swap}";

    public static bool TryParseSwap(string path, out long from, out long to)
    {
        to = 0;
        var name = Path.GetFileNameWithoutExtension(path.AsSpan());
        var dash = name.IndexOf('-');
        from = 0;
        return dash > 0
            && long.TryParse(name[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out from)
            && long.TryParse(name[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out to);
    }
}
