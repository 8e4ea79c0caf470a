using Confluent.Kafka;
using Confluent.Kafka.Admin;
using StreamSync.Contracts;
using StreamSync.TestBroker;

namespace StreamSync.Kafka.Tests.Clients;

[Collection(ClusterCollection.Name)]
public class TopicAdminTests(ClusterFixture fixture)
{
    [SkippableFact]
    public async Task The_catalogue_is_created_with_its_settings_and_a_second_call_finds_nothing_to_do()
    {
        Skip.IfNot(fixture.Cluster.IsFresh, "the cluster is not ours alone");
        await using var room = new KafkaRoom(fixture.Cluster);
        await room.Topics.EnsureAsync(TopicCatalog.Platform, room.Timeout);
        Assert.Empty(await room.Topics.EnsureAsync(TopicCatalog.Platform, room.Timeout));

        using var admin = new AdminClientBuilder(room.Connection.Common("test")).Build();
        var metadata = admin.GetMetadata(KafkaRoom.Patience).Topics.ToDictionary(t => t.Topic);
        Assert.Equal(3, metadata["entity.person"].Partitions.Count);
        Assert.Single(metadata["ops.checkpoint"].Partitions);
        var settings = (await admin.DescribeConfigsAsync([Topic("entity.person"), Topic("identity.change")])).ToDictionary(r => r.ConfigResource.Name, r => r.Entries);
        Assert.Equal("compact", settings["entity.person"]["cleanup.policy"].Value);
        Assert.Equal("2592000000", settings["entity.person"]["delete.retention.ms"].Value);
        Assert.Equal("delete", settings["identity.change"]["cleanup.policy"].Value);
        Assert.Equal("31536000000", settings["identity.change"]["retention.ms"].Value);
    }

    [SkippableFact]
    public async Task A_topic_that_others_made_otherwise_is_reported_and_left()
    {
        await using var room = new KafkaRoom(fixture.Cluster);
        var topic = TopicCatalog.Touch with { Name = TestCluster.UniqueName("test") };
        using var admin = new AdminClientBuilder(room.Connection.Common("test")).Build();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = topic.Name, NumPartitions = 1, Configs = new() { ["cleanup.policy"] = "delete", ["max.message.bytes"] = "4194304", ["delete.retention.ms"] = "2592000000" } }]);
        var differences = await room.Topics.EnsureAsync([topic], room.Timeout);
        Assert.Equal([("partitions", "3", "1"), ("cleanup.policy", "compact", "delete")], differences.Select(d => (d.Setting, d.Expected, d.Actual)));
    }

    [SkippableFact]
    public async Task Two_services_that_start_together_both_find_their_topics()
    {
        await using var room = new KafkaRoom(fixture.Cluster);
        var topics = Enumerable.Range(0, 5).Select(_ => TopicCatalog.Touch with { Name = TestCluster.UniqueName("test") }).ToList();
        await Task.WhenAll(room.Topics.EnsureAsync(topics, room.Timeout), room.Topics.EnsureAsync(topics, room.Timeout));
        using var admin = new AdminClientBuilder(room.Connection.Common("test")).Build();
        var names = admin.GetMetadata(KafkaRoom.Patience).Topics.Select(t => t.Topic);
        Assert.Superset(topics.Select(t => t.Name).ToHashSet(), names.ToHashSet());
    }

    [SkippableFact]
    public async Task A_topic_that_the_cluster_refuses_is_named()
    {
        await using var room = new KafkaRoom(fixture.Cluster);
        var error = await Assert.ThrowsAsync<KafkaException>(() => room.Topics.EnsureAsync([TopicCatalog.Touch with { Name = "not a name" }], room.Timeout));
        Assert.StartsWith("the topic not a name could not be created", error.Message, StringComparison.Ordinal);
    }

    static ConfigResource Topic(string name) => new() { Type = ResourceType.Topic, Name = name };
}
