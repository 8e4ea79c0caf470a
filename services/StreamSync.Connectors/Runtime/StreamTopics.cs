using StreamSync.Contracts;
using StreamSync.Contracts.Source;

namespace StreamSync.Connectors.Runtime;

/// <summary>The topics of a stream; syncs of the same vendor share them.</summary>
/// <param name="Source">Changes.</param>
/// <param name="State">Row states.</param>
sealed record StreamTopics(TopicSpec Source, TopicSpec State)
{
    /// <exception cref="FileNotFoundException">The stream has no schema.</exception>
    /// <exception cref="Avro.SchemaParseException">The schema is wrong.</exception>
    public static StreamTopics Of(string vendor, string stream) =>
        new(TopicCatalog.Source(vendor, stream, SourceSchemas.Load(vendor, stream)), RowStateCodec.Topic(vendor, stream));
}
