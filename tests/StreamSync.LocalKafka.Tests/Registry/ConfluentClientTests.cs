using Avro;
using Avro.Generic;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Confluent.Kafka.SyncOverAsync;
using Confluent.SchemaRegistry;
using Confluent.SchemaRegistry.Serdes;
using StreamSync.LocalKafka.Registry;
using StreamSync.LocalKafka.Registry.Avro.Binary;
using Schema = Confluent.SchemaRegistry.Schema;

namespace StreamSync.LocalKafka.Tests.Registry;

/// <summary>Confluent's own client for .NET, with its defaults, against our registry.</summary>
[Collection(RegistryCollection.Name)]
public sealed class ConfluentClientTests(RegistryBroker broker)
{
    const string First = """{"type":"record","name":"Knock","namespace":"org.example.canvass","fields":[{"name":"door","type":"string"}]}""";
    const string Second = """{"type":"record","name":"Knock","namespace":"org.example.canvass","fields":[{"name":"door","type":"string"},{"name":"n","type":"int","default":0}]}""";
    const string Incompatible = """{"type":"record","name":"Knock","namespace":"org.example.canvass","fields":[{"name":"door","type":"int"}]}""";
    const string Subject = "org/canvass knocks-value";

    [Fact]
    public async Task The_client_registers_looks_up_and_compares()
    {
        await using var registry = await SchemaRegistryServer.StartAsync(broker.NewRegistry());
        using var client = Client(registry);

        var id = await client.RegisterSchemaAsync(Subject, new Schema(First, SchemaType.Avro));
        Assert.True(id > 0);
        using var other = Client(registry);
        Assert.Equal(id, await other.RegisterSchemaAsync(Subject, new Schema(First, SchemaType.Avro)));
        Assert.Equal(id, await other.GetSchemaIdAsync(Subject, new Schema(First, SchemaType.Avro)));
        Assert.Equal(First, (await other.GetSchemaAsync(id)).SchemaString);
        Assert.Equal([Subject], await client.GetAllSubjectsAsync());

        Assert.True(await client.IsCompatibleAsync(Subject, new Schema(Second, SchemaType.Avro)));
        Assert.False(await client.IsCompatibleAsync(Subject, new Schema(Incompatible, SchemaType.Avro)));
        var refused = await Assert.ThrowsAsync<SchemaRegistryException>(() => client.RegisterSchemaAsync(Subject, new Schema(Incompatible, SchemaType.Avro)));
        Assert.Equal(409, (int)refused.Status);

        var second = await client.RegisterSchemaAsync(Subject, new Schema(Second, SchemaType.Avro));
        Assert.NotEqual(id, second);
        Assert.Equal([1, 2], await client.GetSubjectVersionsAsync(Subject));
        var latest = await client.GetLatestSchemaAsync(Subject);
        Assert.Equal((2, second, Second), (latest.Version, latest.Id, latest.SchemaString));
        Assert.Equal(First, (await client.GetRegisteredSchemaAsync(Subject, 1)).SchemaString);
        Assert.Equal(second, (await client.LookupSchemaAsync(Subject, new Schema(Second, SchemaType.Avro), ignoreDeletedSchemas: true)).Id);

        Assert.Equal(Compatibility.Backward, await client.GetCompatibilityAsync());
        Assert.Equal(Compatibility.None, await client.UpdateCompatibilityAsync(Compatibility.None, Subject));
        Assert.Equal(Compatibility.None, await client.GetCompatibilityAsync(Subject));
        Assert.True(await client.RegisterSchemaAsync(Subject, new Schema(Incompatible, SchemaType.Avro)) > 0);
    }

    [Fact]
    public async Task The_client_registers_a_schema_with_references()
    {
        await using var registry = await SchemaRegistryServer.StartAsync(broker.NewRegistry());
        using var client = Client(registry);
        await client.RegisterSchemaAsync("address-value", new Schema("""{"type":"record","name":"Address","namespace":"org.example","fields":[{"name":"zip","type":"string"}]}""", SchemaType.Avro));
        var venue = new Schema(
            """{"type":"record","name":"Venue","namespace":"org.example","fields":[{"name":"address","type":"Address"}]}""",
            [new SchemaReference("org.example.Address", "address-value", 1)],
            SchemaType.Avro);

        var id = await client.RegisterSchemaAsync("venue-value", venue);
        using var other = Client(registry);
        var found = await other.GetSchemaAsync(id);
        Assert.Equal(venue.SchemaString, found.SchemaString);
        Assert.Equal([("org.example.Address", "address-value", 1)], found.References.Select(one => (one.Name, one.Subject, one.Version)));
    }

    [Fact]
    public async Task Serializer_and_deserializer_carry_a_record_through_a_topic_and_a_new_version_of_its_schema()
    {
        await using var registry = await SchemaRegistryServer.StartAsync(broker.NewRegistry());
        using var client = Client(registry);
        var topic = $"knocks-{Guid.NewGuid():N}";
        using (var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.BootstrapServers }).Build())
        {
            await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = 1, ReplicationFactor = 1 }]);
        }
        using var producer = new ProducerBuilder<Null, GenericRecord>(new ProducerConfig { BootstrapServers = broker.BootstrapServers })
            .SetValueSerializer(new AvroSerializer<GenericRecord>(client)).Build();
        foreach (var (text, fill) in new (string, Action<GenericRecord>)[] { (First, _ => { }), (Second, record => record.Add("n", 7)) })
        {
            var record = new GenericRecord((RecordSchema)RecordSchema.Parse(text));
            record.Add("door", "12 Elm St");
            fill(record);
            await producer.ProduceAsync(topic, new Message<Null, GenericRecord> { Value = record });
        }

        using var consumer = new ConsumerBuilder<Ignore, GenericRecord>(new ConsumerConfig { BootstrapServers = broker.BootstrapServers, GroupId = topic, AutoOffsetReset = AutoOffsetReset.Earliest })
            .SetValueDeserializer(new AvroDeserializer<GenericRecord>(client).AsSyncOverAsync()).Build();
        consumer.Assign(new TopicPartition(topic, 0));
        Assert.Equal(["door"], Read().Schema.Fields.Select(field => field.Name));
        Assert.Equal(7, Read()["n"]);
        Assert.Equal([1, 2], await client.GetSubjectVersionsAsync($"{topic}-value"));

        using var raw = new ConsumerBuilder<Ignore, byte[]>(new ConsumerConfig { BootstrapServers = broker.BootstrapServers, GroupId = topic, AutoOffsetReset = AutoOffsetReset.Earliest }).Build();
        raw.Assign(new TopicPartitionOffset(topic, 0, Offset.Beginning));
        var message = raw.Consume(TimeSpan.FromSeconds(60)).Message.Value;
        Assert.Equal("""{"door":"12 Elm St","n":0}""", AvroMessage.ToJson(message, id => client.GetSchemaAsync(id).GetAwaiter().GetResult().SchemaString, Second));

        GenericRecord Read() => consumer.Consume(TimeSpan.FromSeconds(60)).Message.Value;
    }

    static CachedSchemaRegistryClient Client(SchemaRegistryServer registry) => new(new SchemaRegistryConfig { Url = registry.Url.ToString() });
}
