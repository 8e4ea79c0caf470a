using System.Text.Json;
using System.Text.Json.Serialization;
using StreamSync.Connectors.Sdk;

namespace StreamSync.Connectors.Files;

/// <summary>How far a file has been read: the checkpoint of its part.</summary>
sealed record FileState
{
    static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault };

    /// <summary>Size when it was last looked at, bytes.</summary>
    public long Size { get; init; }

    /// <summary>Time of the last write then, ticks (UTC).</summary>
    public long Modified { get; init; }

    /// <summary>Bytes of the text (unpacked, as UTF-8) that are read and done with.</summary>
    public long Offset { get; init; }

    /// <summary>Hash of these bytes: another one means another file of the same name.</summary>
    public string? Hash { get; init; }

    /// <summary>Lines read.</summary>
    public long Line { get; init; }

    /// <summary>Rows read.</summary>
    public long Rows { get; init; }

    /// <summary>Rows in quarantine.</summary>
    public long Rejected { get; init; }

    /// <summary>Code page of the file's encoding; a guess stays what it was when the file grows.</summary>
    public int CodePage { get; init; }

    /// <summary>True when nothing is left to do unless the file changes.</summary>
    public bool Done { get; init; }

    /// <summary>Rows behind <see cref="Offset"/>, whose end can't be told for sure: they count, but are read again when the file grows.</summary>
    public long TailRows { get; init; }

    /// <summary>How many of them are in quarantine.</summary>
    public long TailRejected { get; init; }

    /// <summary>Findings that stand on the file as it is; null for none.</summary>
    public IReadOnlyList<FindingKey>? Notes { get; init; }

    /// <summary>Findings from the reading before: those that are not made again are withdrawn when the file has been read.</summary>
    public IReadOnlyList<FindingKey>? OldNotes { get; init; }

    /// <summary>First line of what is read again, and may be mended; 0 for nothing.</summary>
    public long MendsFrom { get; init; }

    /// <summary>When that reading began, ticks (UTC).</summary>
    public long MendsBefore { get; init; }

    /// <summary>Rows of it that are in quarantine from the reading before.</summary>
    public long Mends { get; init; }

    /// <summary>Reason code when the whole file was refused.</summary>
    public string? Refused { get; init; }

    /// <summary>Every finding that may stand because of the file.</summary>
    [JsonIgnore]
    public IEnumerable<FindingKey> AllNotes => (Notes ?? []).Union(OldNotes ?? []);

    [JsonIgnore]
    public bool HasNotes => Notes is { Count: > 0 } || OldNotes is { Count: > 0 };

    public FileState With(FindingKey note) => Notes?.Contains(note) == true ? this : this with { Notes = [.. Notes ?? [], note] };

    public bool IsOf(long size, DateTime modifiedUtc) => Size == size && Modified == modifiedUtc.Ticks;

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    public static FileState? Parse(string? json) => json is null ? null : JsonSerializer.Deserialize<FileState>(json, Json);
}
