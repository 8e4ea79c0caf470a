namespace StreamSync.Contracts;

/// <summary>What every record of the data standard carries: where it came from, its unique ID there, and when.</summary>
public interface IEntity : Avro.Specific.ISpecificRecord
{
    /// <summary>Source URN, the key.</summary>
    string SourceUrn { get; set; }

    /// <summary>The group that owns the data.</summary>
    string Org { get; set; }

    /// <summary>The tool.</summary>
    string Vendor { get; set; }

    /// <summary>The account inside the tool.</summary>
    string Instance { get; set; }

    /// <summary>The record's id inside the tool and instance.</summary>
    string SourceId { get; set; }

    /// <summary>When the tool last changed the record (UTC), or null.</summary>
    DateTime? SourceUpdatedAt { get; set; }

    /// <summary>The tool's own version; a lower one never overwrites a higher one.</summary>
    string SourceVersion { get; set; }

    /// <summary>When StreamSync read this state (UTC).</summary>
    DateTime ObservedAt { get; set; }

    /// <summary>Deterministic id of the change behind this state.</summary>
    string ChangeId { get; set; }

    /// <summary>Vendor fields that no schema names, as a JSON object, or null.</summary>
    string Extras { get; set; }
}
