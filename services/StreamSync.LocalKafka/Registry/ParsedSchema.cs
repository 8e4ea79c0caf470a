using System.Text.Json.Nodes;
using StreamSync.LocalKafka.Registry.Avro;
using StreamSync.LocalKafka.Registry.Store;

namespace StreamSync.LocalKafka.Registry;

/// <summary>A schema as a client sent it.</summary>
/// <param name="Text">The schema, or null where the request holds none.</param>
/// <param name="SchemaType">Its type; only AVRO can be registered.</param>
/// <param name="References">Types of other subjects that it names.</param>
/// <param name="Id">The id it shall have (IMPORT mode only), or null.</param>
/// <param name="Version">The version it shall have, 0 for the next one, -1 for the latest one.</param>
/// <param name="Extras">Metadata and rule set, kept as they are, or null.</param>
sealed record SchemaRequest(string? Text, string SchemaType, IReadOnlyList<SchemaReference> References, int? Id, int Version, JsonObject? Extras);

/// <summary>A schema that has been parsed: what two versions are compared by.</summary>
/// <param name="Schema">The schema.</param>
/// <param name="Text">Its text as the registry keeps and answers it.</param>
/// <param name="References">What it refers to, "latest" replaced by a number.</param>
/// <param name="Extras">Metadata and rule set.</param>
sealed record ParsedSchema(AvroSchema Schema, string Text, IReadOnlyList<SchemaReference> References, JsonObject? Extras)
{
    public ContentHash Hash => field ??= ContentHash.Of(Text, References, Extras);

    /// <summary>Whether a subject that holds <paramref name="stored"/> as its version of that number already holds this schema.</summary>
    public bool IsSameAs(ParsedSchema stored, int version) =>
        // A schema sent whole, with every referenced type written out, is the same as the stored one that refers to them.
        (References.SequenceEqual(stored.References) || (References.Count == 0 && stored.References.Count > 0))
        && SchemaExtras.Same(Extras, stored.Extras, version)
        && SchemaEquality.Identical(Schema, stored.Schema);
}
