using System.Text.Json.Nodes;
using Avro;

namespace StreamSync.SchemaGenerator;

/// <summary>Reads <c>schemas/</c>: files may name records of other files; each schema comes out whole.</summary>
public static class SchemaFolder
{
    static readonly string[] Rooms = ["common", "entity", "identity", "activity", "ops"];

    /// <summary>Loads all schemas that get a class.</summary>
    /// <param name="folder">The folder <c>schemas/</c>.</param>
    /// <returns>Full Avro name to schema, sorted by name.</returns>
    /// <exception cref="InvalidOperationException">A file names a record that no file defines.</exception>
    public static SortedDictionary<string, Schema> Load(string folder)
    {
        var texts = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        var files = Rooms.SelectMany(r => Directory.EnumerateFiles(Path.Combine(folder, r), "*.avsc"))
            .Append(Path.Combine(folder, "source", "origin.avsc"));
        foreach (var file in files)
        {
            var json = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
            texts[$"{json["namespace"]}.{json["name"]}"] = json;
        }

        var result = new SortedDictionary<string, Schema>(StringComparer.Ordinal);
        foreach (var (name, json) in texts)
        {
            var whole = Inline(json.DeepClone(), texts, [], name)!;
            result[name] = Schema.Parse(whole.ToJsonString());
        }

        return result;
    }

    /// <summary>Puts the definition of a named record where it is first used, and leaves its name afterwards.</summary>
    static JsonNode? Inline(JsonNode? node, IReadOnlyDictionary<string, JsonObject> known, HashSet<string> seen, string owner)
    {
        switch (node)
        {
            case JsonObject o:
                if (o["type"] is JsonValue kind && kind.TryGetValue<string>(out var kindName) && (kindName is "record" or "enum"))
                {
                    seen.Add($"{o["namespace"]}.{o["name"]}");
                }

                foreach (var key in o.Select(p => p.Key).Where(k => k is "type" or "items" or "values" or "fields").ToList())
                {
                    var child = o[key];
                    o[key] = null;
                    o[key] = Inline(child, known, seen, owner);
                }

                return o;
            case JsonArray a:
                return new JsonArray([.. a.Select(i => Inline(i?.DeepClone(), known, seen, owner))]);
            case JsonValue v when v.TryGetValue<string>(out var s) && s.Contains('.', StringComparison.Ordinal):
                if (seen.Contains(s))
                {
                    return JsonValue.Create(s);
                }

                return known.TryGetValue(s, out var definition)
                    ? Inline(definition.DeepClone(), known, seen, owner)
                    : throw new InvalidOperationException($"schema {owner} names {s}, which no file in schemas/ defines");
            default:
                return node?.DeepClone();
        }
    }
}
