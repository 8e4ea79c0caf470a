namespace StreamSync.Sinks.Mirror;

/// <summary>A record that a table could not take.</summary>
/// <param name="Topic">Topic.</param>
/// <param name="Partition">Partition.</param>
/// <param name="Offset">Offset.</param>
/// <param name="TimestampMs">The record's time in milliseconds since 1970 (UTC).</param>
/// <param name="Key">Its key, or null when it has none or the key is no UTF-8.</param>
/// <param name="Value">Its value as it came (personal).</param>
/// <param name="Code">Machine word for the reason.</param>
/// <param name="Reason">What is wrong, without values.</param>
/// <param name="Remedy">What to do.</param>
/// <param name="StopsTable">True when the table stands still at this record until the remedy is done; false when it went on without it.</param>
sealed record RejectedRecord(
    string Topic, int Partition, long Offset, long TimestampMs, string? Key, byte[]? Value, string Code, string Reason, string Remedy, bool StopsTable)
{
    /// <summary>Where the record lies: <c>topic-partition-offset</c>.</summary>
    public string Place => $"{Topic}-{Partition}-{Offset}";
}
