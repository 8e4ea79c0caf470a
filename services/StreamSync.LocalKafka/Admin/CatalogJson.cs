using System.Buffers;
using System.Text;
using System.Text.Json;
using StreamSync.LocalKafka.Log.Batches;

namespace StreamSync.LocalKafka.Admin;

/// <summary>
/// The catalogue as JSON. Written and read by hand: the serialiser's generic code is compiled at the first use, and the broker
/// would start later for it. Its last property is a checksum of all before it, as a flipped bit may leave JSON that says something else.
/// </summary>
static class CatalogJson
{
    const string Checksum = "checksum";
    const int ChecksumDigits = 8;
    static readonly byte[] End = "\"\n}"u8.ToArray();
    static readonly JsonWriterOptions Indented = new() { Indented = true, NewLine = "\n" };

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
            json.WriteString(Checksum, new string('0', ChecksumDigits));
            json.WriteEndObject();
        }

        var written = text.WrittenSpan.ToArray();
        Sum(written).CopyTo(Digits(written));
        return written;
    }

    /// <exception cref="InvalidDataException">It is not what was written.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="InvalidOperationException">A value is of another kind.</exception>
    /// <exception cref="FormatException">A value cannot be what it stands for.</exception>
    /// <exception cref="KeyNotFoundException">A value is missing.</exception>
    public static StoredCatalog Read(Memory<byte> text)
    {
        using var document = JsonDocument.Parse(text);
        var root = document.RootElement;
        CheckSum(root, text.Span);
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

    static void CheckSum(JsonElement root, Span<byte> text)
    {
        // Earlier versions wrote none. A flipped bit can rename a property, but not take it away.
        if (root.EnumerateObject().Count() == 4)
        {
            return;
        }

        if (!root.TryGetProperty(Checksum, out var stated) || !text.EndsWith(End)
            || !Digits(text).SequenceEqual(Encoding.UTF8.GetBytes(stated.GetString() ?? "")) || !Digits(text).SequenceEqual(Sum(text)))
        {
            throw new InvalidDataException("its checksum is not that of its content, so it was damaged, or changed by other hands");
        }
    }

    /// <summary>The digits of the checksum, which are the last of the text but for its end.</summary>
    static Span<byte> Digits(Span<byte> text) => text[^(ChecksumDigits + End.Length)..^End.Length];

    static byte[] Sum(ReadOnlySpan<byte> text) => Encoding.UTF8.GetBytes($"{Crc32C.Compute(text[..^(ChecksumDigits + End.Length)]):x8}");
}
