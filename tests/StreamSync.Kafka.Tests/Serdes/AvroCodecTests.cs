using System.Reflection;
using Avro.Specific;
using Confluent.Kafka;
using Confluent.SchemaRegistry;
using Confluent.SchemaRegistry.Serdes;
using StreamSync.Contracts;
using StreamSync.Contracts.Entity;
using StreamSync.Contracts.Identity;
using StreamSync.Contracts.Ops;
using StreamSync.Kafka.Serdes;

namespace StreamSync.Kafka.Tests.Serdes;

public sealed class AvroCodecTests : IDisposable
{
    readonly ISchemaRegistryClient _registry = MemoryRegistry.Create();
    readonly SchemaIds _ids;

    public AvroCodecTests() => _ids = new SchemaIds(_registry);

    public static TheoryData<string, bool> Topics()
    {
        var data = new TheoryData<string, bool>();
        foreach (var (topic, _) in Samples.Topics)
        {
            data.Add(topic.Name, true);
            data.Add(topic.Name, false);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Topics))]
    public void Bytes_are_those_of_Confluents_serdes_and_read_by_both(string topicName, bool optional)
    {
        var (topic, type) = Samples.Topics.Single(t => t.Topic.Name == topicName);
        GetType().GetMethod(nameof(Compare), BindingFlags.NonPublic | BindingFlags.Instance)!.MakeGenericMethod(type).Invoke(this, [topic, Samples.Fill(type, optional)]);
    }

    void Compare<T>(TopicSpec topic, T value)
        where T : class, ISpecificRecord
    {
        var context = new SerializationContext(MessageComponentType.Value, topic.Name);
        var theirs = new AvroSerializer<T>(_registry, new AvroSerializerConfig { AutoRegisterSchemas = true }).SerializeAsync(value, context).GetAwaiter().GetResult();
        var codec = new AvroCodec<T>(_ids, topic);
        var ours = codec.Encode(value);
        Assert.Equal(theirs, ours);
        AssertSame(value, codec.Decode(theirs));
        AssertSame(value, new AvroDeserializer<T>(_registry).DeserializeAsync(ours, false, context).GetAwaiter().GetResult());
        Assert.Equal(ours, codec.Encode(codec.Decode(ours)));
    }

    static void AssertSame<T>(T expected, T actual)
        where T : class, ISpecificRecord
    {
        foreach (var field in ((Avro.RecordSchema)expected.Schema).Fields)
        {
            var (a, b) = (expected.Get(field.Pos), actual.Get(field.Pos));
            if (a is DateTime)
            {
                Assert.Equal(DateTimeKind.Utc, ((DateTime)b).Kind);
            }

            if (a is ISpecificRecord)
            {
                AssertSame((ISpecificRecord)a, (ISpecificRecord)b);
            }
            else if (a is not System.Collections.IEnumerable || a is string)
            {
                Assert.Equal(a, b);
            }
        }
    }

    [Fact]
    public async Task A_reader_of_today_reads_what_an_older_schema_wrote()
    {
        // As it may have been before the optional fields came.
        var old = (Avro.RecordSchema)Avro.Schema.Parse("""
            {"type":"record","name":"Checkpoint","namespace":"StreamSync.Contracts.Ops","fields":[
              {"name":"written_at","type":{"type":"long","logicalType":"timestamp-micros"}},
              {"name":"checkpoint_key","type":"string"},{"name":"org","type":"string"},{"name":"gone","type":"int"},{"name":"state","type":"string"}]}
            """);
        var id = await _registry.RegisterSchemaAsync("ops.checkpoint-value", SchemaIds.Text(old));
        var record = new Avro.Generic.GenericRecord(old);
        record.Add("written_at", Samples.Instant);
        record.Add("checkpoint_key", "k");
        record.Add("org", "o");
        record.Add("gone", 7);
        record.Add("state", "{}");
        var bytes = WireFormat.Encode(id, record, (r, e) => new Avro.Generic.GenericWriter<Avro.Generic.GenericRecord>(old).Write(r, e));
        var read = new AvroCodec<Checkpoint>(_ids, TopicCatalog.Checkpoint).Decode(bytes);
        Assert.Equal(("k", "o", "{}", null, Samples.Instant), (read.CheckpointKey, read.Org, read.State, read.SyncRun, read.WrittenAt));
    }

    [Fact]
    public void A_missing_required_field_is_named()
    {
        Register(TopicCatalog.Checkpoint);
        var codec = new AvroCodec<Checkpoint>(_ids, TopicCatalog.Checkpoint);
        var error = Assert.Throws<InvalidDataException>(() => codec.Encode(new Checkpoint { CheckpointKey = "k", Org = "o" }));
        Assert.Equal("a value of ops.checkpoint-value can't be written: the required field 'state' is null", error.Message);
    }

    [Fact]
    public void A_schema_that_nobody_registered_is_an_error_that_says_so()
    {
        var codec = new AvroCodec<Checkpoint>(_ids, TopicCatalog.Checkpoint);
        var error = Assert.Throws<InvalidOperationException>(() => codec.Encode((Checkpoint)Samples.Fill(typeof(Checkpoint), true)));
        Assert.Contains("ops.checkpoint-value is not registered", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_no_value_are_refused_without_quoting_them()
    {
        Register(TopicCatalog.Checkpoint);
        var codec = new AvroCodec<Checkpoint>(_ids, TopicCatalog.Checkpoint);
        var good = codec.Encode((Checkpoint)Samples.Fill(typeof(Checkpoint), true));
        Assert.Throws<InvalidDataException>(() => codec.Decode([]));
        Assert.Throws<InvalidDataException>(() => codec.Decode("{\"json\":1}"u8));
        Assert.Throws<InvalidDataException>(() => codec.Decode([0, 0, 0, 0, 99, 1]));
        Assert.Throws<InvalidDataException>(() => codec.Decode([.. good, 1]));
        for (var length = 0; length < good.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => codec.Decode(good.AsSpan(0, length)));
        }

        Assert.Equal(good, codec.Encode(codec.Decode(good)));
    }

    [Fact]
    public void Random_bytes_are_a_value_or_an_error_and_never_anything_else()
    {
        Register(TopicCatalog.PersonMap);
        var codec = new AvroCodec<PersonMap>(_ids, TopicCatalog.PersonMap);
        var id = _ids.IdOf(TopicCatalog.PersonMap.ValueSubject, TopicCatalog.PersonMap.ValueSchema);
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = new byte[5 + random.Next(60)];
            random.NextBytes(bytes);
            (bytes[0], bytes[1], bytes[2], bytes[3], bytes[4]) = (0, 0, 0, 0, (byte)id);
            try
            {
                codec.Decode(bytes);
            }
            catch (InvalidDataException)
            {
            }
        }
    }

    [Fact]
    public void A_codec_of_another_class_is_refused() =>
        Assert.Throws<ArgumentException>(() => new AvroCodec<Person>(_ids, TopicCatalog.Checkpoint));

    [Fact]
    public void One_codec_serves_many_threads()
    {
        Register(TopicCatalog.Entity("person"));
        var codec = new AvroCodecs(_ids).For<Person>(TopicCatalog.Entity("person"));
        var people = new[] { true, false }.Select(o => (Person)Samples.Fill(typeof(Person), o)).ToArray();
        var expected = people.Select(codec.Encode).ToArray();
        Parallel.For(0, 4_000, i => Assert.Equal(expected[i % 2], codec.Encode(codec.Decode(codec.Encode(people[i % 2])))));
    }

    public void Dispose() => _ids.Dispose();

    void Register(TopicSpec topic) => _registry.RegisterSchemaAsync(topic.ValueSubject, SchemaIds.Text(topic.ValueSchema)).GetAwaiter().GetResult();
}
