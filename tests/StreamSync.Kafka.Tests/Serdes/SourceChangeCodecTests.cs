using Avro;
using Avro.Generic;
using Confluent.Kafka;
using Confluent.SchemaRegistry;
using Confluent.SchemaRegistry.Serdes;
using StreamSync.Contracts;
using StreamSync.Contracts.Source;
using StreamSync.Kafka.Serdes;

namespace StreamSync.Kafka.Tests.Serdes;

public sealed class SourceChangeCodecTests : IDisposable
{
    const string Record = """
        {"type":"record","name":"Person","fields":[
          {"name":"id","type":"string"},
          {"name":"age","type":["null","int"],"default":null},
          {"name":"big","type":["null","long"],"default":null},
          {"name":"score","type":["null","double"],"default":null},
          {"name":"active","type":["null","boolean"],"default":null},
          {"name":"seen","type":["null",{"type":"long","logicalType":"timestamp-micros"}],"default":null},
          {"name":"tags","type":{"type":"array","items":"string"},"default":[]}]}
        """;

    readonly ISchemaRegistryClient _registry = MemoryRegistry.Create();
    readonly SchemaIds _ids;
    readonly TopicSpec _topic = TopicCatalog.Source("tool", "people", SourceSchemas.Compose("tool", "people", Record));
    readonly SourceChangeCodec _codec;

    public SourceChangeCodecTests()
    {
        _ids = new SchemaIds(_registry);
        Register(_topic);
        _codec = new SourceChangeCodec(_ids, _topic);
    }

    [Fact]
    public void A_change_comes_back_as_it_was()
    {
        var change = Change(Person("7", 41), Person("7", null));
        var read = _codec.Decode(_codec.Encode(change));
        Assert.Equal(change.Op, read.Op);
        Assert.Equal(change.Before, read.Before);
        Assert.Equal(change.After, read.After);
        Assert.Equal(change.ChangedFields, read.ChangedFields);
        Assert.Equal(change.Source.IdParts, read.Source.IdParts);
        Assert.Equal(
            (change.Source.Org, change.Source.Vendor, change.Source.Instance, change.Source.Stream, change.Source.Entity, change.Source.ConnectorVersion, change.Source.SyncId, change.Source.SyncRun, change.Source.Position),
            (read.Source.Org, read.Source.Vendor, read.Source.Instance, read.Source.Stream, read.Source.Entity, read.Source.ConnectorVersion, read.Source.SyncId, read.Source.SyncRun, read.Source.Position));
        Assert.Equal(
            (change.DeleteKind, change.OccurredAt, change.OccurredAtText, change.TimeZone, change.TimeZoneSource, change.ObservedAt, change.SourceVersion, change.Extras, change.ChangeId),
            (read.DeleteKind, read.OccurredAt, read.OccurredAtText, read.TimeZone, read.TimeZoneSource, read.ObservedAt, read.SourceVersion, read.Extras, read.ChangeId));
        Assert.Equal(DateTimeKind.Utc, read.ObservedAt.Kind);
    }

    [Fact]
    public void A_delete_with_nothing_known_comes_back_as_it_was()
    {
        var change = new SourceChange { Op = ChangeOp.Delete, DeleteKind = "absence", Source = Origin(), ObservedAt = Samples.Instant, ChangeId = "c" };
        var read = _codec.Decode(_codec.Encode(change));
        Assert.Equal((ChangeOp.Delete, "absence"), (read.Op, read.DeleteKind));
        Assert.Null(read.Before);
        Assert.Null(read.After);
        Assert.Null(read.ChangedFields);
        Assert.Null(read.OccurredAt);
    }

    [Fact]
    public async Task Bytes_are_those_of_Confluents_generic_serdes()
    {
        var bytes = _codec.Encode(Change(null, Person("7", 41)));
        var context = new SerializationContext(MessageComponentType.Value, _topic.Name);
        var record = await new AvroDeserializer<GenericRecord>(_registry).DeserializeAsync(bytes, false, context);
        Assert.Equal("u", record["op"]);
        Assert.Equal("7", ((GenericRecord)record["after"])["id"]);
        var theirs = await new AvroSerializer<GenericRecord>(_registry).SerializeAsync(record, context);
        Assert.Equal(theirs, bytes);
    }

    [Fact]
    public void What_an_older_schema_of_the_vendors_record_wrote_is_read()
    {
        var newer = TopicCatalog.Source("tool", "people", SourceSchemas.Compose("tool", "people", Record.Replace("{\"name\":\"id\"", "{\"name\":\"nick\",\"type\":[\"null\",\"string\"],\"default\":null},{\"name\":\"id\"", StringComparison.Ordinal)));
        Register(newer);
        var read = new SourceChangeCodec(_ids, newer).Decode(_codec.Encode(Change(null, Person("7", 41))));
        Assert.Equal(("7", 41, null), ((string)read.After!["id"], (int)read.After["age"], read.After["nick"]));
    }

    [Fact]
    public void A_field_of_another_type_is_named_without_its_value()
    {
        var person = Person("7", 41);
        person.Add("age", "hunter2");
        var error = Assert.Throws<InvalidDataException>(() => _codec.Encode(Change(null, person)));
        Assert.StartsWith("a change of source.tool.people can't be written: 'after.age' does not hold", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", error.Message, StringComparison.Ordinal);
        person = new GenericRecord((RecordSchema)Avro.Schema.Parse("""{"type":"record","name":"Other","fields":[{"name":"id","type":"string"}]}"""));
        Assert.Contains("'after' was built with another schema", Assert.Throws<InvalidDataException>(() => _codec.Encode(Change(null, person))).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _ids.Dispose();

    GenericRecord Person(string id, int? age)
    {
        var person = new GenericRecord(_codec.RecordSchema);
        person.Add("id", id);
        person.Add("age", age);
        person.Add("big", 1L << 40);
        person.Add("score", 0.5);
        person.Add("active", true);
        person.Add("seen", Samples.Instant);
        person.Add("tags", new[] { "a", "ü" });
        return person;
    }

    static SourceChange Change(GenericRecord? before, GenericRecord? after) => new()
    {
        Op = ChangeOp.Update,
        Before = before,
        After = after,
        ChangedFields = ["age"],
        Source = Origin(),
        OccurredAt = Samples.Instant.AddHours(-1),
        OccurredAtText = "2024-11-05 07:14",
        TimeZone = "America/Detroit",
        TimeZoneSource = "org_default",
        ObservedAt = Samples.Instant,
        SourceVersion = "17",
        Extras = "{\"x\":1}",
        ChangeId = "abc",
    };

    static Origin Origin() => new()
    {
        Org = "mi-wtp",
        Vendor = "tool",
        Instance = "i",
        Stream = "people",
        Entity = "person",
        IdParts = ["7", "b"],
        ConnectorVersion = "1",
        SyncId = "s",
        SyncRun = "r",
        Position = "p:1",
    };

    void Register(TopicSpec topic) => _registry.RegisterSchemaAsync(topic.ValueSubject, SchemaIds.Text(topic.ValueSchema)).GetAwaiter().GetResult();
}
