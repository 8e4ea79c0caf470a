using System.Text.Json;
using Avro;
using Avro.Generic;
using StreamSync.Connectors.Sdk;

namespace StreamSync.Connectors.Tests.Sdk;

public class JsonRecordReaderTests
{
    static readonly RecordSchema Schema = (RecordSchema)Avro.Schema.Parse(
        """
        {"type": "record", "name": "R", "fields": [
          {"name": "id", "type": ["null", "long"], "default": null},
          {"name": "name", "type": ["null", "string"], "default": null},
          {"name": "osdi_people", "type": ["null", {"type": "record", "name": "P", "fields": [{"name": "age", "type": ["null", "int"], "default": null}]}], "default": null},
          {"name": "tags", "type": {"type": "array", "items": "string"}, "default": []},
          {"name": "custom", "type": {"type": "map", "values": "string"}, "default": {}},
          {"name": "either", "type": ["null", "boolean", "string", "double"], "default": null}
        ]}
        """);

    [Fact]
    public void Objects_become_records_and_names_that_avro_forbids_are_found()
    {
        var read = Read("""{"id": 7, "osdi:people": {"age": 3}, "tags": ["a", null, "b"], "custom": {"x": 1, "y": null, "z": {"q": 2}}, "either": 1.5}""");
        Assert.Equal(7L, read.Record["id"]);
        Assert.Equal(3, ((GenericRecord)read.Record["osdi_people"])["age"]);
        Assert.Equal(["a", "b"], ((object[])read.Record["tags"]).Cast<string>());
        Assert.Equal(new Dictionary<string, object> { ["x"] = "1", ["z"] = """{"q": 2}""" }, (IDictionary<string, object>)read.Record["custom"]);
        Assert.Equal(1.5, read.Record["either"]);
        Assert.Null(read.Extras);
    }

    [Fact]
    public void Unknown_fields_are_kept_by_path()
    {
        var read = Read("""{"id": 7, "new": [1], "osdi:people": {"shoe": "42"}}""");
        Assert.Equal(["new", "osdi:people.shoe"], read.Unknown);
        Assert.Equal("""{"new":[1],"osdi:people.shoe":"42"}""", read.Extras);
    }

    [Fact]
    public void Absent_fields_are_told_from_null_ones()
    {
        Assert.Equal(["name"], Read("""{"name": null}""").Present);
        Assert.Empty(((object[])Read("{}").Record["tags"]));
    }

    [Fact]
    public void A_text_field_takes_numbers_booleans_and_nested_json_as_they_are()
    {
        Assert.Equal("12.50", Read("""{"name": 12.50}""").Record["name"]);
        Assert.Equal("true", Read("""{"name": true}""").Record["name"]);
        Assert.Equal("""{"a": 1}""", Read("""{"name": {"a": 1}}""").Record["name"]);
    }

    [Theory]
    [InlineData("""{"id": "seven"}""", "'id'")]
    [InlineData("""{"id": 1.5}""", "'id'")]
    [InlineData("""{"osdi:people": [1]}""", "'osdi:people'")]
    [InlineData("""{"osdi:people": {"age": 99999999999}}""", "'osdi:people.age'")]
    [InlineData("""{"tags": {"a": 1}}""", "'tags'")]
    [InlineData("""{"either": [1]}""", "'either'")]
    [InlineData("[1]", "array")]
    [InlineData("\"x\"", "string")]
    public void Another_type_refuses_the_object_and_names_the_field(string json, string expected)
    {
        using var document = JsonDocument.Parse(json);
        Assert.False(new JsonRecordReader(Schema).TryRead(document.RootElement, out _, out var refusal));
        Assert.Equal("wrong_type", refusal.ReasonCode);
        Assert.Contains(expected, refusal.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("seven", refusal.Reason, StringComparison.Ordinal);
    }

    static JsonRecord Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        Assert.True(new JsonRecordReader(Schema).TryRead(document.RootElement, out var read, out var refusal), refusal?.Reason);
        return read;
    }
}
