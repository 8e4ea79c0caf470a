using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using StreamSync.Contracts;
using StreamSync.Kafka.Clients;
using StreamSync.TestBroker;

namespace StreamSync.Kafka.Tests.Clients;

[Collection(ClusterCollection.Name)]
public class CompactedTableTests(ClusterFixture fixture)
{
    [SkippableFact]
    public async Task The_latest_value_of_each_key_is_loaded_and_then_followed()
    {
        await using var room = new KafkaRoom(fixture.Cluster);
        var topic = await room.TopicAsync(TopicCatalog.Checkpoint, partitions: 3);
        await using var publisher = room.Publisher(TestCluster.UniqueName("writer"));
        await publisher.InitAsync(room.Timeout);
        await Send(publisher, room, topic, ("a", "1"), ("b", "1"), ("c", "1"));
        await Send(publisher, room, topic, ("a", "2"), ("b", null), ("unreadable", "?"));

        await using var table = new CompactedTable<string>(room.Connection, topic.Name, Read, NullLogger.Instance);
        await table.LoadAsync(room.Timeout);
        Assert.Equal(new Dictionary<string, string> { ["a"] = "2", ["c"] = "1" }, table.Items);
        Assert.Equal((2, "2", null), (table.Count, table.Find("a"), table.Find("b")));

        var changes = Channel.CreateUnbounded<(string, string?)>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(room.Timeout);
        var following = table.FollowAsync((key, value) => changes.Writer.TryWrite((key, value)), stop.Token);
        await Send(publisher, room, topic, ("a", "3"));
        Assert.Equal(("a", "3"), await changes.Reader.ReadAsync(room.Timeout));
        await Send(publisher, room, topic, ("a", null));
        Assert.Equal(("a", null), await changes.Reader.ReadAsync(room.Timeout));
        Assert.Equal(new Dictionary<string, string> { ["c"] = "1" }, table.Items);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => following);
    }

    [SkippableFact]
    public async Task An_empty_topic_loads_at_once_and_a_filter_keeps_what_it_names()
    {
        await using var room = new KafkaRoom(fixture.Cluster);
        var topic = await room.TopicAsync(TopicCatalog.Checkpoint);
        await using var table = new CompactedTable<string>(room.Connection, topic.Name, Read, NullLogger.Instance, key => key.StartsWith("mine/", StringComparison.Ordinal));
        await table.LoadAsync(room.Timeout);
        Assert.Empty(table.Items);

        await using var publisher = room.Publisher(TestCluster.UniqueName("writer"));
        await publisher.InitAsync(room.Timeout);
        await Send(publisher, room, topic, ("mine/a", "1"), ("theirs/a", "1"));
        await table.LoadAsync(room.Timeout);
        Assert.Equal(["mine/a"], table.Items.Keys);
    }

    [SkippableFact]
    public async Task What_was_rolled_back_at_the_end_of_the_topic_does_not_hold_up_loading()
    {
        await using var room = new KafkaRoom(fixture.Cluster);
        var topic = await room.TopicAsync(TopicCatalog.Checkpoint);
        await using var publisher = room.Publisher(TestCluster.UniqueName("writer"));
        await publisher.InitAsync(room.Timeout);
        await Send(publisher, room, topic, ("a", "1"));
        publisher.Begin();
        publisher.Produce(topic.Name, "a", "2"u8.ToArray());
        await publisher.FlushAsync(room.Timeout);
        await publisher.AbortAsync(room.Timeout);
        await using var table = new CompactedTable<string>(room.Connection, topic.Name, Read, NullLogger.Instance);
        await table.LoadAsync(room.Timeout);
        Assert.Equal("1", table.Find("a"));
    }

    static string Read(ReadOnlySpan<byte> value)
    {
        var text = Encoding.UTF8.GetString(value);
        return text == "?" ? throw new InvalidDataException("no value") : text;
    }

    static async Task Send(TransactionalPublisher publisher, KafkaRoom room, TopicSpec topic, params (string Key, string? Value)[] records)
    {
        publisher.Begin();
        foreach (var (key, value) in records)
        {
            publisher.Produce(topic.Name, key, value is null ? null : Encoding.UTF8.GetBytes(value));
        }

        await publisher.CommitAsync(room.Timeout);
    }
}
