using System.Globalization;
using System.Text;
using Avro;
using StreamSync.Contracts;
using StreamSync.Kafka.Configuration;

namespace StreamSync.Cli;

/// <summary>The pages that are written from code and schemas; a test fails when the checkout holds another text.</summary>
static class GeneratedDocs
{
    /// <summary>All pages: path in the checkout and text.</summary>
    public static IEnumerable<(string Path, string Text)> All()
    {
        yield return ("services/StreamSync.Kafka/Configuration/REFERENCE.md", ConfigReference.ToMarkdown());
        yield return ("schemas/README.md", Standard());
    }

    static string Standard()
    {
        var text = new StringBuilder();
        text.Append("# The data standard\n\n");
        text.Append("Written by `make generate` from the schemas in this folder; do not edit.\n\n");
        text.Append("Each topic is mirrored in the warehouse as the table named here. Keys are UTF-8 text, values are Avro in Confluent's wire format.\n\n");
        text.Append("| topic | table | key | cleanup | partitions |\n|---|---|---|---|---|\n");
        foreach (var topic in TopicCatalog.Platform)
        {
            var cleanup = topic.Cleanup == TopicCleanup.Compact
                ? "compact"
                : string.Create(CultureInfo.InvariantCulture, $"delete after {topic.Retention?.TotalDays} days");
            var table = TopicCatalog.Mirrored.Contains(topic) ? $"`{topic.Table}`" : "";
            text.Append(CultureInfo.InvariantCulture, $"| `{topic.Name}` | {table} | {topic.Key} | {cleanup} | {topic.Partitions?.ToString(CultureInfo.InvariantCulture) ?? "as configured"} |\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"| `source.<vendor>.<stream>` |  | source URN | delete after {TopicCatalog.SourceRetention.TotalDays} days | as configured |\n");
        foreach (var topic in TopicCatalog.Platform)
        {
            var schema = (RecordSchema)topic.ValueSchema;
            text.Append(CultureInfo.InvariantCulture, $"\n## {topic.Name}\n\n{schema.Documentation}\n\n| field | type | meaning |\n|---|---|---|\n");
            foreach (var field in schema.Fields)
            {
                text.Append(CultureInfo.InvariantCulture, $"| `{field.Name}` | {TypeName(field.Schema)} | {field.Documentation.Replace("|", "\\|", StringComparison.Ordinal)} |\n");
            }
        }

        return text.ToString();
    }

    static string TypeName(Schema schema) => schema switch
    {
        UnionSchema union => string.Join(" or ", union.Schemas.Where(s => s.Tag != Schema.Type.Null).Select(TypeName)) + "?",
        ArraySchema array => "list of " + TypeName(array.ItemSchema),
        MapSchema map => "map of " + TypeName(map.ValueSchema),
        LogicalSchema logical => logical.LogicalTypeName,
        NamedSchema named => named.Name,
        _ => schema.Name,
    };
}
