using Avro.Generic;

namespace StreamSync.Contracts.Source;

/// <summary>One change read from a tool: the value of a <c>source.*</c> record. Field meanings stand in <c>schemas/source/change.avsc</c>.</summary>
public sealed class SourceChange
{
    /// <summary>What happened.</summary>
    public required ChangeOp Op { get; init; }

    /// <summary>How a delete shows: explicit, soft, absence, masked or merged; null when <see cref="Op"/> is no delete.</summary>
    public string? DeleteKind { get; init; }

    /// <summary>The vendor's record before the change, as far as it is known.</summary>
    public GenericRecord? Before { get; init; }

    /// <summary>The vendor's record after the change; null for a delete.</summary>
    public GenericRecord? After { get; init; }

    /// <summary>Names of the fields that the change carries; null means the full record. An absent field is not null.</summary>
    public IReadOnlyList<string>? ChangedFields { get; init; }

    /// <summary>Where the change came from.</summary>
    public required Origin Source { get; init; }

    /// <summary>The tool's clock for the change (UTC).</summary>
    public DateTime? OccurredAt { get; init; }

    /// <summary>That time exactly as the tool wrote it.</summary>
    public string? OccurredAtText { get; init; }

    /// <summary>IANA zone in which the text was read.</summary>
    public string? TimeZone { get; init; }

    /// <summary>explicit, location, org_default or assumed.</summary>
    public string? TimeZoneSource { get; init; }

    /// <summary>When StreamSync read it (UTC).</summary>
    public required DateTime ObservedAt { get; init; }

    /// <summary>The tool's own version of the record; a lower one never overwrites a higher one.</summary>
    public string? SourceVersion { get; init; }

    /// <summary>Vendor fields that the schema does not know, as a JSON object.</summary>
    public string? Extras { get; init; }

    /// <summary>Deterministic id, so that a redelivery is recognisable.</summary>
    public required string ChangeId { get; init; }
}

/// <summary>What happened to a record; the letters are Debezium's, with <c>m</c> for a vendor's merge.</summary>
public enum ChangeOp
{
    /// <summary><c>c</c>: created.</summary>
    Create,

    /// <summary><c>u</c>: updated.</summary>
    Update,

    /// <summary><c>d</c>: deleted.</summary>
    Delete,

    /// <summary><c>r</c>: read in a snapshot.</summary>
    Read,

    /// <summary><c>m</c>: merged away by the vendor.</summary>
    Merge,
}

/// <summary>The letters of <see cref="ChangeOp"/> on the wire.</summary>
public static class ChangeOps
{
    /// <summary>The letter of an operation.</summary>
    /// <param name="op">The operation.</param>
    public static string ToLetter(this ChangeOp op) => op switch
    {
        ChangeOp.Create => "c",
        ChangeOp.Update => "u",
        ChangeOp.Delete => "d",
        ChangeOp.Read => "r",
        _ => "m",
    };

    /// <summary>The operation of a letter.</summary>
    /// <param name="letter">One of c, u, d, r, m.</param>
    /// <exception cref="FormatException">Another letter.</exception>
    public static ChangeOp FromLetter(string letter) => letter switch
    {
        "c" => ChangeOp.Create,
        "u" => ChangeOp.Update,
        "d" => ChangeOp.Delete,
        "r" => ChangeOp.Read,
        "m" => ChangeOp.Merge,
        _ => throw new FormatException($"'{letter}' is no change operation: c, u, d, r or m"),
    };
}
