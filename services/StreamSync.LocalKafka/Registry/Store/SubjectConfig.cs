using System.Text.Json.Nodes;
using StreamSync.LocalKafka.Registry.Avro;

namespace StreamSync.LocalKafka.Registry.Store;

/// <summary>The settings of a subject, or of the registry as a whole.</summary>
/// <param name="Level">The compatibility level, or null where none was given: the server's default then.</param>
/// <param name="Normalize">Whether every schema is normalized before it is looked up or registered.</param>
/// <param name="ValidateNewSchemas">Whether names and defaults of new schemas are held to the specification (they are unless this is false).</param>
sealed record SubjectConfig(CompatibilityLevel? Level, bool? Normalize, bool? ValidateNewSchemas)
{
    /// <summary>What holds when nothing was ever set.</summary>
    public static SubjectConfig Default { get; } = new(CompatibilityLevel.Backward, null, null);

    /// <summary>Settings that another registry wrote and this one knows nothing of: kept, answered and written back.</summary>
    public JsonObject? Extras { get; init; }

    public CompatibilityLevel EffectiveLevel => Level ?? Default.Level!.Value;
}
