using System.Text;
using Confluent.Kafka;
using StreamSync.Contracts;
using StreamSync.Contracts.Ops;
using StreamSync.Kafka.Clients;
using StreamSync.Kafka.Tests.Serdes;
using StreamSync.TestBroker;

namespace StreamSync.Kafka.Tests.Clients;

[Collection(ClusterCollection.Name)]
public class TransactionalPublisherTests(ClusterFixture fixture)
{
    [SkippableFact]
    public async Task A_committed_transaction_is_visible_and_an_aborted_one_is_not()
    {
        await using var room = new KafkaRoom(fixture.Cluster);
        var topic = await room.TopicAsync(TopicCatalog.Checkpoint);
        await using var publisher = room.Publisher(TestCluster.UniqueName("writer"));
        await publisher.InitAsync(room.Timeout);

        publisher.Begin();
        publisher.Produce(topic.Name, "a", "1"u8.ToArray());
        publisher.Produce(topic.Name, "b", null);
        await publisher.CommitAsync(room.Timeout);
        publisher.Begin();
        publisher.Produce(topic.Name, "a", "2"u8.ToArray());
        await publisher.AbortAsync(room.Timeout);
        publisher.Begin();
        publisher.Produce(topic.Name, "c", []);
        await publisher.CommitAsync(room.Timeout);

        Assert.Equal([("a", "1"), ("b", null), ("c", "")], await room.ReadAsync(topic.Name));
    }

    [SkippableFact]
    public async Task Rolling_back_at_once_and_often_leaves_the_writer_usable()
    {
        await using var room = new KafkaRoom(fixture.Cluster);
        var topic = await room.TopicAsync(TopicCatalog.Checkpoint);
        await using var publisher = room.Publisher(TestCluster.UniqueName("writer"));
        await publisher.InitAsync(room.Timeout);
        for (var i = 0; i < 30; i++)
        {
            publisher.Begin();
            publisher.Produce(topic.Name, "a", [(byte)i]);
            await (i % 3 == 0 ? publisher.CommitAsync(room.Timeout) : publisher.AbortAsync(room.Timeout));
        }

        Assert.Equal(Enumerable.Range(0, 10).Select(i => i * 3), (await room.ReadAllAsync(topic.Name)).Select(r => (int)r.Message.Value![0]));
    }

    [SkippableFact]
    public async Task Headers_and_time_arrive_as_given()
    {
        await using var room = new KafkaRoom(fixture.Cluster);
        var topic = await room.TopicAsync(TopicCatalog.Checkpoint);
        await using var publisher = room.Publisher(TestCluster.UniqueName("writer"));
        await publisher.InitAsync(room.Timeout);
        var time = new DateTime(2024, 11, 5, 1, 2, 3, 456, DateTimeKind.Utc);

        publisher.Begin();
        publisher.Produce(topic.Name, "a", [1], new Headers { new Header("ce_type", "x"u8.ToArray()) }, time);
        await publisher.CommitAsync(room.Timeout);

        var record = Assert.Single(await room.ReadAllAsync(topic.Name));
        Assert.Equal(time, record.Message.Timestamp.UtcDateTime);
        Assert.Equal("x", Encoding.UTF8.GetString(record.Message.Headers.GetLastBytes("ce_type")));
    }

    [SkippableFact]
    public async Task Records_and_their_checkpoint_are_one()
    {
        Skip.IfNot(fixture.Cluster.IsFresh, "the cluster is not ours alone");
        await using var room = new KafkaRoom(fixture.Cluster);
        var topic = await room.TopicAsync(TopicCatalog.Finding);
        await room.EnsureAsync(TopicCatalog.Checkpoint);
        var (org, id) = (TestCluster.UniqueName("org"), TestCluster.UniqueName("writer"));

        await using (var first = room.Publisher(id))
        {
            await first.InitAsync(room.Timeout);
            Assert.Empty(await room.Checkpoints.LoadAsync(org + "/", room.Timeout));
            first.Begin();
            first.Publish(topic, "1", (Finding)Samples.Fill(typeof(Finding), true));
            first.Publish(TopicCatalog.Checkpoint, org + "/s/a", Checkpoint(org, "a1"));
            await first.CommitAsync(room.Timeout);
            first.Begin();
            first.Publish(topic, "2", (Finding)Samples.Fill(typeof(Finding), true));
            first.Publish(TopicCatalog.Checkpoint, org + "/s/a", Checkpoint(org, "a2"));

            // And dies here: the second one takes over what the first left open.
            await using var second = room.Publisher(id);
            await second.InitAsync(room.Timeout);
            var checkpoint = Assert.Single(await room.Checkpoints.LoadAsync(org + "/", room.Timeout));
            Assert.Equal((org + "/s/a", "a1"), (checkpoint.Key, checkpoint.Value.State));
            Assert.Equal("1", Assert.Single(await room.ReadAsync(topic.Name)).Key);

            await Assert.ThrowsAsync<PublisherFencedException>(() => first.CommitAsync(room.Timeout));
            Assert.True(first.NeedsInit);
        }
    }

    [SkippableFact]
    public async Task A_checkpoint_behind_anothers_open_transaction_is_waited_for_not_missed()
    {
        Skip.IfNot(fixture.Cluster.IsFresh, "the cluster is not ours alone");
        await using var room = new KafkaRoom(fixture.Cluster);
        await room.EnsureAsync(TopicCatalog.Checkpoint);
        var org = TestCluster.UniqueName("org");
        await using var slow = room.Publisher(TestCluster.UniqueName("slow"));
        await slow.InitAsync(room.Timeout);
        await using var quick = room.Publisher(TestCluster.UniqueName("quick"));
        await quick.InitAsync(room.Timeout);

        slow.Begin();
        slow.Publish(TopicCatalog.Checkpoint, "slow/s/a", Checkpoint("slow", "x"));
        await slow.FlushAsync(room.Timeout);
        quick.Begin();
        quick.Publish(TopicCatalog.Checkpoint, org + "/s/a", Checkpoint(org, "q1"));
        await quick.CommitAsync(room.Timeout);

        var loading = room.Checkpoints.LoadAsync(org + "/", room.Timeout);
        await slow.CommitAsync(room.Timeout);
        Assert.Equal("q1", Assert.Single(await loading).Value.State);
    }

    [SkippableFact]
    public async Task A_record_too_large_is_refused_and_the_transaction_goes_on()
    {
        await using var room = new KafkaRoom(fixture.Cluster);
        var topic = await room.TopicAsync(TopicCatalog.Checkpoint);
        await using var publisher = room.Publisher(TestCluster.UniqueName("writer"));
        await publisher.InitAsync(room.Timeout);

        publisher.Begin();
        publisher.Produce(topic.Name, "a", new byte[3 * 1024 * 1024]);
        var error = Assert.Throws<InvalidDataException>(() => publisher.Produce(topic.Name, "b", new byte[5 * 1024 * 1024]));
        Assert.Contains("has 5242880 bytes", error.Message, StringComparison.Ordinal);
        await publisher.CommitAsync(room.Timeout);

        Assert.Equal(3 * 1024 * 1024, Assert.Single(await room.ReadAllAsync(topic.Name)).Message.Value!.Length);
    }

    [SkippableFact]
    public async Task A_transaction_that_can_not_be_delivered_is_rolled_back_and_the_next_one_works()
    {
        await using var room = new KafkaRoom(fixture.Cluster);
        var topic = await room.TopicAsync(TopicCatalog.Checkpoint);
        await using var publisher = room.Publisher(TestCluster.UniqueName("writer"));
        await publisher.InitAsync(room.Timeout);

        publisher.Begin();
        publisher.Produce(topic.Name, "a", [1]);
        publisher.Produce(TestCluster.UniqueName("no-such-topic"), "a", [1]);
        await Assert.ThrowsAsync<TransactionAbortedException>(() => publisher.CommitAsync(room.Timeout));

        if (publisher.NeedsInit)
        {
            await publisher.InitAsync(room.Timeout);
        }

        publisher.Begin();
        publisher.Produce(topic.Name, "b", [2]);
        await publisher.CommitAsync(room.Timeout);
        Assert.Equal("b", Assert.Single(await room.ReadAsync(topic.Name)).Key);
    }

    [SkippableFact]
    public async Task More_than_the_send_queue_holds_waits_for_room_and_arrives_in_order()
    {
        const int Records = 120_000;
        await using var room = new KafkaRoom(fixture.Cluster);
        var topic = await room.TopicAsync(TopicCatalog.Checkpoint);
        await using var publisher = room.Publisher(TestCluster.UniqueName("writer"));
        await publisher.InitAsync(room.Timeout);

        publisher.Begin();
        for (var i = 0; i < Records; i++)
        {
            publisher.Produce(topic.Name, "k", BitConverter.GetBytes(i));
        }

        await publisher.CommitAsync(room.Timeout);
        Assert.Equal(Enumerable.Range(0, Records), (await room.ReadAllAsync(topic.Name)).Select(r => BitConverter.ToInt32(r.Message.Value)));
    }

    [SkippableFact]
    public async Task A_commit_that_is_given_up_leaves_the_writer_to_be_initialised_again()
    {
        await using var room = new KafkaRoom(fixture.Cluster);
        var topic = await room.TopicAsync(TopicCatalog.Checkpoint);
        await using var publisher = room.Publisher(TestCluster.UniqueName("writer"));
        Assert.Throws<InvalidOperationException>(publisher.Begin);
        await publisher.InitAsync(room.Timeout);
        publisher.Begin();
        Assert.Throws<InvalidOperationException>(publisher.Begin);
        publisher.Produce(topic.Name, "a", [1]);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publisher.CommitAsync(new CancellationToken(true)));
        Assert.True(publisher.NeedsInit);
        await publisher.InitAsync(room.Timeout);
        publisher.Begin();
        publisher.Produce(topic.Name, "b", [1]);
        await publisher.CommitAsync(room.Timeout);
        Assert.Equal("b", Assert.Single(await room.ReadAsync(topic.Name)).Key);
    }

    // hash: Apache Kafka's own murmur2 test values (UtilsTest.testMurmur2).
    [SkippableTheory]
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("a-little-bit-longer-string", -1486304829)]
    [InlineData("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)]
    [InlineData("abc", 479470107)]
    public async Task Keys_go_where_Apache_Kafkas_own_clients_would_put_them(string key, int hash)
    {
        const int Partitions = 7;
        await using var room = new KafkaRoom(fixture.Cluster);
        var topic = await room.TopicAsync(TopicCatalog.Checkpoint, Partitions);
        await using var publisher = room.Publisher(TestCluster.UniqueName("writer"));
        await publisher.InitAsync(room.Timeout);
        publisher.Begin();
        publisher.Produce(topic.Name, key, [1]);
        await publisher.CommitAsync(room.Timeout);
        Assert.Equal((hash & int.MaxValue) % Partitions, Assert.Single(await room.ReadAllAsync(topic.Name)).Partition.Value);
    }

    static Checkpoint Checkpoint(string org, string state) => new() { CheckpointKey = org + "/s/a", Org = org, State = state, WrittenAt = Samples.Instant };
}
