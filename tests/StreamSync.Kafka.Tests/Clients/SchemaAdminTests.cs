using Avro;
using Confluent.SchemaRegistry;
using StreamSync.Contracts;
using StreamSync.Contracts.Ops;
using StreamSync.Kafka.Clients;
using StreamSync.Kafka.Serdes;
using StreamSync.Kafka.Tests.Serdes;
using StreamSync.TestBroker;

namespace StreamSync.Kafka.Tests.Clients;

[Collection(ClusterCollection.Name)]
public class SchemaAdminTests(ClusterFixture fixture)
{
    [SkippableFact]
    public async Task Schemas_are_registered_once_and_held_to_what_old_data_needs()
    {
        await using var room = new KafkaRoom(fixture.Cluster);
        await room.Schemas.EnsureAsync(TopicCatalog.Platform, room.Timeout);
        var id = room.Ids.IdOf("ops.checkpoint-value", TopicCatalog.Checkpoint.ValueSchema);
        await room.Schemas.EnsureAsync(TopicCatalog.Platform, room.Timeout);
        Assert.Equal(id, room.Ids.IdOf("ops.checkpoint-value", TopicCatalog.Checkpoint.ValueSchema));

        using var client = new CachedSchemaRegistryClient(room.Connection.Registry());
        Assert.Equal(Compatibility.BackwardTransitive, await client.GetCompatibilityAsync("ops.checkpoint-value"));
        Assert.Equal([1], await client.GetSubjectVersionsAsync("ops.checkpoint-value"));
    }

    [SkippableFact]
    public async Task A_value_written_by_one_process_is_read_by_another()
    {
        await using var room = new KafkaRoom(fixture.Cluster);
        await room.Schemas.EnsureAsync([TopicCatalog.Finding], room.Timeout);
        var bytes = room.Codecs.For<Finding>(TopicCatalog.Finding).Encode((Finding)Samples.Fill(typeof(Finding), true));
        await using var other = new KafkaRoom(fixture.Cluster);
        Assert.Equal(bytes, new AvroCodec<Finding>(room.Ids, TopicCatalog.Finding).Encode(other.Codecs.For<Finding>(TopicCatalog.Finding).Decode(bytes)));
    }

    [SkippableFact]
    public async Task A_schema_that_can_not_read_old_data_is_refused_with_subject_and_field()
    {
        await using var room = new KafkaRoom(fixture.Cluster);
        var topic = new TopicSpec(TestCluster.UniqueName("test"), "id", Record("""{"name":"id","type":"string"}"""), TopicCleanup.Compact);
        await room.Schemas.EnsureAsync([topic], room.Timeout);
        await room.Schemas.EnsureAsync([topic with { ValueSchema = Record("""{"name":"id","type":"string"},{"name":"more","type":["null","int"],"default":null}""") }], room.Timeout);

        var wrong = topic with { ValueSchema = Record("""{"name":"id","type":"string"},{"name":"needed","type":"int"}""") };
        var error = await Assert.ThrowsAsync<IncompatibleSchemaException>(() => room.Schemas.EnsureAsync([wrong], room.Timeout));
        Assert.Contains(topic.ValueSubject, error.Message, StringComparison.Ordinal);
        Assert.Contains("needed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_registry_that_is_away_is_named()
    {
        var connection = new KafkaConnection { BootstrapServers = "127.0.0.1:1", SchemaRegistryUrl = "http://127.0.0.1:1" };
        using var ids = new SchemaIds(connection);
        var admin = new SchemaAdmin(connection, ids, Microsoft.Extensions.Logging.Abstractions.NullLogger<SchemaAdmin>.Instance);
        var error = await Assert.ThrowsAsync<ClusterUnreachableException>(() => admin.EnsureAsync([TopicCatalog.Finding], CancellationToken.None));
        Assert.StartsWith("no schema registry answers at http://127.0.0.1:1 (", error.Message, StringComparison.Ordinal);
    }

    static Avro.Schema Record(string fields) => Avro.Schema.Parse($$"""{"type":"record","name":"R","fields":[{{fields}}]}""");
}
