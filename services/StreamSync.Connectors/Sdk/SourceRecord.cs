using Avro.Generic;
using StreamSync.Contracts.Source;

namespace StreamSync.Connectors.Sdk;

/// <summary>One change, ready for the host: made by <see cref="RecordFactory"/>, which gives it its key, times and fingerprint.</summary>
sealed class SourceRecord
{
    /// <summary>Source URN: the key.</summary>
    public required string Urn { get; init; }

    /// <summary>Parts of the unique ID, in order.</summary>
    public required IList<string> IdParts { get; init; }

    /// <summary>The record after the change; null for a delete.</summary>
    public GenericRecord? After { get; init; }

    /// <summary>The record before, as far as the source tells.</summary>
    public GenericRecord? Before { get; init; }

    /// <summary>What happened; null lets the host tell create from update by the row's state.</summary>
    public ChangeOp? Op { get; init; }

    /// <summary>How a delete shows: explicit, soft, masked, merged.</summary>
    public string? DeleteKind { get; init; }

    /// <summary>Names of the fields that the source sent; null for a full record.</summary>
    public IReadOnlyList<string>? ChangedFields { get; init; }

    /// <summary>Fields that the schema does not know, as a JSON object.</summary>
    public string? Extras { get; init; }

    /// <summary>Hash of all content: two reads with the same one are no change.</summary>
    public required ulong Fingerprint { get; init; }

    /// <summary>The source's own version as text, for the envelope.</summary>
    public string? Version { get; init; }

    /// <summary>The version as a number that only grows; null when the source has none.</summary>
    public long? VersionOrder { get; init; }

    /// <summary>When it happened by the source's clock.</summary>
    public TimeReading? Occurred { get; init; }

    /// <summary>Place in the source, such as <c>file.csv:12</c>.</summary>
    public string? Position { get; init; }

    /// <summary>The source's own id of this change, when it has one: redeliveries are told by it.</summary>
    public string? VendorChangeId { get; init; }

    /// <summary>Which complete snapshot the row would belong to; 0 when there is none.</summary>
    public int Scope { get; init; }

    /// <summary>What is odd about the record; noted when it is published, so that reading it again notes nothing.</summary>
    public IReadOnlyList<FindingNote> Notes { get; init; } = [];
}

/// <summary>What a reader knows about a change before the factory has looked at it.</summary>
readonly record struct RecordDraft
{
    public GenericRecord? After { get; init; }

    public GenericRecord? Before { get; init; }

    public ChangeOp? Op { get; init; }

    public string? DeleteKind { get; init; }

    public IReadOnlyList<string>? ChangedFields { get; init; }

    public string? Extras { get; init; }

    public string? Position { get; init; }

    public string? VendorChangeId { get; init; }

    /// <summary>A version that the reader knows (a log position), in place of the stream's <c>updated_at</c>.</summary>
    public long? VersionOrder { get; init; }

    public int Scope { get; init; }

    /// <summary>Paths of fields that the schema does not know; null for none, or when the reader tells them itself.</summary>
    public IReadOnlyList<string>? Unknown { get; init; }
}

/// <summary>Why a draft is no record.</summary>
/// <param name="ReasonCode">Machine word.</param>
/// <param name="Reason">What is wrong; names fields, never values.</param>
/// <param name="Remedy">What to do.</param>
sealed record Refusal(string ReasonCode, string Reason, string Remedy);

/// <summary>A time as a tool wrote it, understood.</summary>
/// <param name="Instant">Instant (UTC).</param>
/// <param name="Text">Exactly as the tool wrote it.</param>
/// <param name="Zone">IANA zone in which it was read; null when the text has its own offset.</param>
/// <param name="ZoneSource">explicit, location, org_default or assumed.</param>
readonly record struct TimeReading(DateTime Instant, string Text, string? Zone, string ZoneSource);
