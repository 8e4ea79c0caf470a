using System.Buffers;
using System.Text.Json;

namespace StreamSync.LocalKafka.Admin;

/// <summary>
/// The catalogue as JSON. Written and read by hand: the serialiser's generic code is compiled at the first use, and the broker
/// would start later for it.
/// </summary>
static class CatalogJson
{
    static readonly JsonWriterOptions Indented = new() { Indented = true };

    public static ReadOnlySpan<byte> Write(StoredCatalog catalog)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text, Indented))
        {
            json.WriteStartObject();
            json.WriteString("clusterId", catalog.ClusterId);
            json.WriteNumber("nextProducerId", catalog.NextProducerId);
            json.WriteStartObject("topics");
            foreach (var (name, topic) in catalog.Topics)
            {
                json.WriteStartObject(name);
                json.WriteString("id", topic.Id);
                json.WriteNumber("partitions", topic.Partitions);
                json.WriteStartObject("configs");
                foreach (var (key, value) in topic.Configs)
                {
                    json.WriteString(key, value);
                }

                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteStartArray("deleting");
            foreach (var name in catalog.Deleting)
            {
                json.WriteStringValue(name);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return text.WrittenSpan;
    }

    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="InvalidOperationException">A value is of another kind.</exception>
    /// <exception cref="FormatException">A value cannot be what it stands for.</exception>
    /// <exception cref="KeyNotFoundException">A value is missing.</exception>
    public static StoredCatalog Read(ReadOnlyMemory<byte> text)
    {
        using var document = JsonDocument.Parse(text);
        var root = document.RootElement;
        var catalog = new StoredCatalog
        {
            ClusterId = root.GetProperty("clusterId").GetString() ?? throw new FormatException("clusterId is null"),
            NextProducerId = root.GetProperty("nextProducerId").GetInt64(),
        };
        foreach (var topic in root.GetProperty("topics").EnumerateObject())
        {
            var stored = new StoredTopic { Id = topic.Value.GetProperty("id").GetGuid(), Partitions = topic.Value.GetProperty("partitions").GetInt32() };
            foreach (var config in topic.Value.GetProperty("configs").EnumerateObject())
            {
                stored.Configs[config.Name] = config.Value.GetString() ?? throw new FormatException($"{config.Name} of {topic.Name} is null");
            }

            catalog.Topics[topic.Name] = stored;
        }

        foreach (var name in root.GetProperty("deleting").EnumerateArray())
        {
            catalog.Deleting.Add(name.GetString() ?? throw new FormatException("the name of a topic is null"));
        }

        return catalog;
    }
}
