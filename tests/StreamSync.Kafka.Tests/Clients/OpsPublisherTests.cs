using Microsoft.Extensions.Logging.Abstractions;
using StreamSync.Contracts;
using StreamSync.Contracts.Ops;
using StreamSync.Kafka.Clients;
using StreamSync.Kafka.Tests.Serdes;
using StreamSync.TestBroker;

namespace StreamSync.Kafka.Tests.Clients;

[Collection(ClusterCollection.Name)]
public class OpsPublisherTests(ClusterFixture fixture)
{
    [SkippableFact]
    public async Task An_event_is_there_when_the_task_ends()
    {
        await using var room = new KafkaRoom(fixture.Cluster);
        var topic = await room.TopicAsync(TopicCatalog.Finding);
        await using var publisher = new OpsPublisher(room.Connection, room.Codecs, NullLogger<OpsPublisher>.Instance);
        await publisher.FlushAsync(room.Timeout);
        await publisher.PublishAsync(topic, "f", (Finding)Samples.Fill(typeof(Finding), true), room.Timeout);
        await publisher.PublishAsync<Finding>(topic, "f", null, room.Timeout);
        Assert.Equal(["f", "f"], (await room.ReadAsync(topic.Name)).Select(r => r.Key));
        await Assert.ThrowsAsync<InvalidDataException>(() => publisher.PublishAsync(topic, "f", new Finding(), room.Timeout));
    }
}
