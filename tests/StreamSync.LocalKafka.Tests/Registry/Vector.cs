using System.Text.Json;

namespace StreamSync.LocalKafka.Tests.Registry;

/// <summary>
/// Recorded answers of real implementations, read from the two files in Vectors. Each file says under "about" how it was obtained
/// and what its members mean.
/// </summary>
static class Vector
{
    static readonly Lazy<JsonElement> LazyAvro = new(() => Load("avro-vectors.json"));
    static readonly Lazy<JsonElement> LazyRegistry = new(() => Load("registry-vectors.json"));

    /// <summary>What Avro Java and Confluent's serializer answer.</summary>
    public static JsonElement Avro => LazyAvro.Value;

    /// <summary>What Confluent's registry answers.</summary>
    public static JsonElement Registry => LazyRegistry.Value;

    /// <summary>The ids of a list of vectors, as theory data; the name rides along so that a failure says what it is about.</summary>
    public static TheoryData<string, string> Ids(string list)
    {
        var data = new TheoryData<string, string>();
        foreach (var item in Avro.GetProperty(list).EnumerateArray())
        {
            data.Add(item.Text("id"), item.Text("name"));
        }
        return data;
    }

    public static JsonElement Find(string list, string id) =>
        Avro.GetProperty(list).EnumerateArray().Single(item => item.Text("id") == id);

    public static string Text(this JsonElement element, string member) => element.GetProperty(member).GetString()!;

    public static JsonElement? Member(this JsonElement element, string member) =>
        element.TryGetProperty(member, out var value) ? value : null;

    static JsonElement Load(string file)
    {
        using var stream = typeof(Vector).Assembly.GetManifestResourceStream(file)
            ?? throw new FileNotFoundException($"{file} is not embedded in the tests");
        using var document = JsonDocument.Parse(stream);
        return document.RootElement.Clone();
    }
}
