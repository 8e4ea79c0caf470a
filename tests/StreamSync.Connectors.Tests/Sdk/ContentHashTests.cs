using Avro;
using Avro.Generic;
using StreamSync.Connectors.Sdk;

namespace StreamSync.Connectors.Tests.Sdk;

public class ContentHashTests
{
    static readonly RecordSchema Before = Parse("""{"name": "a", "type": ["null", "string"]}, {"name": "b", "type": ["null", "string"]}, {"name": "map", "type": {"type": "map", "values": "string"}}, {"name": "exported_at", "type": ["null", "string"]}""");
    static readonly RecordSchema After = Parse("""{"name": "new", "type": ["null", "string"]}, {"name": "a", "type": ["null", "string"]}, {"name": "b", "type": ["null", "string"]}, {"name": "map", "type": {"type": "map", "values": "string"}}, {"name": "exported_at", "type": ["null", "string"]}""");

    [Fact]
    public void A_schema_that_gains_a_field_changes_no_hash()
    {
        Assert.Equal(Hash(Before, ("a", "1"), ("b", "2")), Hash(After, ("a", "1"), ("b", "2")));
    }

    [Fact]
    public void Other_values_fields_and_extras_give_other_hashes()
    {
        ulong[] all =
        [
            Hash(Before), Hash(Before, ("a", "1")), Hash(Before, ("b", "1")), Hash(Before, ("a", "12")), Hash(Before, ("a", "1"), ("b", "2")), Hash(Before, ("a", "2"), ("b", "1")),
            Hash(Before, ("map", new Dictionary<string, object> { ["x"] = "1" })), Hash(Before, ("map", new Dictionary<string, object> { ["y"] = "1" })),
            new ContentHash([]).Of(new GenericRecord(Before), "{}"),
        ];
        Assert.Equal(all.Length, all.Distinct().Count());
    }

    [Fact]
    public void The_order_of_a_map_does_not_count_nor_do_ignored_fields()
    {
        Assert.Equal(
            Hash(Before, ("map", new Dictionary<string, object> { ["x"] = "1", ["y"] = "2" }), ("exported_at", "now")),
            Hash(Before, ("map", new Dictionary<string, object> { ["y"] = "2", ["x"] = "1" }), ("exported_at", "later")));
    }

    static ulong Hash(RecordSchema schema, params (string Name, object Value)[] values)
    {
        var record = new GenericRecord(schema);
        foreach (var (name, value) in values)
        {
            record.Add(name, value);
        }

        return new ContentHash(["exported_at"]).Of(record, null);
    }

    static RecordSchema Parse(string fields) => (RecordSchema)Schema.Parse($$"""{"type": "record", "name": "R", "fields": [{{fields}}]}""");
}
