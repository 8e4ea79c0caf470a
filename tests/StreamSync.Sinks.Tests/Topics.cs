using Avro;
using Avro.Generic;
using StreamSync.Contracts;

namespace StreamSync.Sinks.Tests;

/// <summary>Small topics for tests of one thing.</summary>
static class Topics
{
    /// <summary>A topic keyed by <c>id</c>, whose further fields are given as Avro JSON.</summary>
    public static TopicSpec Of(string name, params string[] fields) => new(name, "id", Record(fields), TopicCleanup.Compact);

    public static RecordSchema Record(params string[] fields) =>
        (RecordSchema)Schema.Parse($$"""{"type":"record","name":"T","fields":[{{string.Join(',', fields.Prepend("""{"name":"id","type":"string","doc":"The key."}"""))}}]}""");

    public static GenericRecord Row(RecordSchema schema, string id, params (string Field, object? Value)[] values)
    {
        var row = new GenericRecord(schema);
        row.Add("id", id);
        foreach (var (field, value) in values)
        {
            row.Add(field, value);
        }

        return row;
    }

    public static GenericRecord Row(TopicSpec topic, string id, params (string Field, object? Value)[] values) => Row((RecordSchema)topic.ValueSchema, id, values);
}
