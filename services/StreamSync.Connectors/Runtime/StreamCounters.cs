using System.Text.Json;
using System.Text.Json.Serialization;

namespace StreamSync.Connectors.Runtime;

/// <summary>Counts of a stream since it was set up; committed with the records that they count.</summary>
sealed record StreamCounters
{
    static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault };

    /// <summary>Records read, good or bad, changed or not.</summary>
    public long Read { get; init; }

    /// <summary>Changes published.</summary>
    public long Emitted { get; init; }

    /// <summary>Entries put in quarantine.</summary>
    public long Quarantined { get; init; }

    /// <summary>Entries whose place was read again.</summary>
    public long Settled { get; init; }

    /// <summary>Records that were as before.</summary>
    public long Unchanged { get; init; }

    /// <summary>Records older than what was published.</summary>
    public long Older { get; init; }

    /// <summary>Runs that brought something.</summary>
    public long Runs { get; init; }

    /// <summary>Failed runs.</summary>
    public long Errors { get; init; }

    /// <summary>Time of the newest change by the source's clock, ticks (UTC).</summary>
    public long LastChange { get; init; }

    /// <summary>When something was last read, a file without rows included, ticks (UTC).</summary>
    public long LastRead { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    public static StreamCounters Parse(string? json) => json is null ? new StreamCounters() : JsonSerializer.Deserialize<StreamCounters>(json, Json) ?? new StreamCounters();
}
