using System.Collections.Concurrent;
using Confluent.SchemaRegistry;

namespace StreamSync.Kafka.Tests.Serdes;

public sealed class MemoryRegistryTests
{
    const int Schemas = 5_000;

    [Fact]
    public async Task Schemas_registered_at_the_same_time_get_ids_of_their_own()
    {
        using var registry = MemoryRegistry.Create();
        var texts = new ConcurrentDictionary<int, string>();
        await Parallel.ForAsync(0, Schemas, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (n, _) =>
        {
            var text = $$"""{"type":"record","name":"R{{n}}","fields":[]}""";
            var id = await registry.RegisterSchemaAsync($"topic-{n}-value", new Schema(text, SchemaType.Avro));
            Assert.True(texts.TryAdd(id, text), $"id {id} was given to {texts[id]} and to {text}");
        });
        foreach (var (id, text) in texts)
        {
            Assert.Equal(text, (await registry.GetSchemaAsync(id)).SchemaString);
        }
    }
}
