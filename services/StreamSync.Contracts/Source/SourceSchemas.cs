using System.Text.Json;
using System.Text.Json.Nodes;
using Avro;

namespace StreamSync.Contracts.Source;

/// <summary>
/// Schemas of the <c>source.*</c> topics: the envelope of <c>schemas/source/change.avsc</c> around the vendor's own record in
/// <c>schemas/source/&lt;vendor&gt;/&lt;stream&gt;.avsc</c>.
/// </summary>
public static class SourceSchemas
{
    /// <summary>The folder with the schemas that travel beside the binaries.</summary>
    public static string DefaultFolder { get; } = Path.Combine(AppContext.BaseDirectory, "schemas");

    /// <summary>Reads a stream's record schema and wraps it into the envelope.</summary>
    /// <param name="vendor">Vendor folder name.</param>
    /// <param name="stream">Stream name.</param>
    /// <param name="folder">Folder with <c>source/</c> below it; default <see cref="DefaultFolder"/>.</param>
    /// <exception cref="FileNotFoundException">No such schema file; the message names it.</exception>
    /// <exception cref="SchemaParseException">The file is no Avro record schema.</exception>
    public static RecordSchema Load(string vendor, string stream, string? folder = null)
    {
        var file = Path.Combine(folder ?? DefaultFolder, "source", vendor, stream + ".avsc");
        return File.Exists(file)
            ? Compose(vendor, stream, File.ReadAllText(file))
            : throw new FileNotFoundException($"the stream {vendor}.{stream} has no schema: write {file}", file);
    }

    /// <summary>Wraps a vendor record into the envelope.</summary>
    /// <param name="vendor">Vendor folder name; part of the envelope's namespace.</param>
    /// <param name="stream">Stream name; part of the envelope's namespace.</param>
    /// <param name="recordJson">Avro record schema of the vendor's record.</param>
    /// <exception cref="SchemaParseException">The text is no Avro record schema.</exception>
    public static RecordSchema Compose(string vendor, string stream, string recordJson)
    {
        var record = JsonNode.Parse(recordJson)!.AsObject();
        var space = $"streamsync.source.{Word(vendor)}.{Word(stream)}";
        record["namespace"] ??= space;
        var recordName = $"{record["namespace"]}.{record["name"]}";
        var envelope = JsonNode.Parse(File.ReadAllText(Path.Combine(DefaultFolder, "source", "change.avsc")))!.AsObject();
        var origin = JsonNode.Parse(Origin._SCHEMA.ToString());
        envelope["namespace"] = space;
        foreach (var field in envelope["fields"]!.AsArray().OfType<JsonObject>())
        {
            switch ((string)field["name"]!)
            {
                case "before":
                    field["type"] = new JsonArray("null", record.DeepClone());
                    break;
                case "after":
                    field["type"] = new JsonArray("null", recordName);
                    break;
                case "source":
                    field["type"] = origin!.DeepClone();
                    break;
                default:
                    break;
            }
        }

        return Schema.Parse(envelope.ToJsonString()) as RecordSchema ?? throw new SchemaParseException($"the schema of {vendor}.{stream} is no record");
    }

    /// <summary>The vendor's record schema inside a composed envelope.</summary>
    /// <param name="change">Composed envelope schema.</param>
    public static RecordSchema RecordOf(RecordSchema change) =>
        (RecordSchema)((UnionSchema)change["before"].Schema).Schemas.Single(s => s is RecordSchema);

    static string Word(string text) => text.Replace('-', '_').Replace('.', '_');
}
