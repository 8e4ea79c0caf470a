using System.Collections.Concurrent;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace StreamSync.LocalKafka.Tests.Conformance;

[Collection(nameof(OnLocalKafka))]
public sealed class GroupsOnLocalKafka(LocalKafkaUnderTest broker) : GroupConformance(broker);

[Collection(nameof(OnApacheKafka))]
public sealed class GroupsOnApacheKafka(ApacheKafkaUnderTest broker) : GroupConformance(broker);

/// <summary>Consumers of librdkafka share a topic. What each answer says is in the transcripts; here it is whether clients get along.</summary>
public abstract class GroupConformance(BrokerUnderTest broker) : ConformanceTest(broker)
{
    const int Partitions = 6;

    [SkippableTheory]
    [InlineData(PartitionAssignmentStrategy.Range)]
    [InlineData(PartitionAssignmentStrategy.RoundRobin)]
    [InlineData(PartitionAssignmentStrategy.CooperativeSticky)]
    public async Task Members_come_and_go_and_the_partitions_are_always_shared_out(PartitionAssignmentStrategy strategy)
    {
        var topic = await NewTopicAsync(Partitions);
        var group = Unique("group");
        await using var first = new Member(this, group, topic, strategy);
        await Until(() => first.Count == Partitions);
        await using (var second = new Member(this, group, topic, strategy))
        {
            await Until(() => first.Count == Partitions / 2 && second.Count == Partitions / 2);
        }

        await Until(() => first.Count == Partitions);
    }

    [SkippableFact]
    public async Task Many_members_join_at_once()
    {
        var topic = await NewTopicAsync(Partitions);
        var group = Unique("group");
        var members = Enumerable.Range(0, Partitions).Select(_ => new Member(this, group, topic, PartitionAssignmentStrategy.Range)).ToList();
        await Until(() => members.TrueForAll(m => m.Count == 1));
        foreach (var member in members)
        {
            await member.DisposeAsync();
        }
    }

    [SkippableFact]
    public async Task A_static_member_that_comes_back_in_time_keeps_its_partitions_and_disturbs_nobody()
    {
        var topic = await NewTopicAsync(Partitions);
        var group = Unique("group");
        await using var stays = new Member(this, group, topic, PartitionAssignmentStrategy.Range, "stays");
        List<int> before;
        await using (var leaves = new Member(this, group, topic, PartitionAssignmentStrategy.Range, "leaves"))
        {
            await Until(() => stays.Count == Partitions / 2 && leaves.Count == Partitions / 2);
            before = leaves.Assigned;
        }

        var disturbed = stays.Changes;
        await using var back = new Member(this, group, topic, PartitionAssignmentStrategy.Range, "leaves");
        await Until(() => back.Count == Partitions / 2);
        Assert.Equal(before, back.Assigned);
        Assert.Equal(disturbed, stays.Changes);
    }

    [SkippableFact]
    public async Task A_group_reads_every_record_once_and_goes_on_where_it_committed()
    {
        var topic = await NewTopicAsync(Partitions);
        var group = Unique("group");
        using (var producer = Producer())
        {
            for (var i = 0; i < 300; i++)
            {
                producer.Produce(topic, new Message<string?, string?> { Key = $"{i}", Value = $"{i}" });
            }

            producer.Flush(Patience);
        }

        var seen = new List<string?>();
        using (var consumer = Consumer(group))
        {
            consumer.Subscribe(topic);
            seen.AddRange(Take(consumer, 100).Select(r => r.Message.Value));
            consumer.Commit();
            consumer.Close();
        }

        using (var consumer = Consumer(group))
        {
            consumer.Subscribe(topic);
            seen.AddRange(Take(consumer, 200).Select(r => r.Message.Value));
            consumer.Close();
        }

        Assert.Equal(Enumerable.Range(0, 300).Select(i => $"{i}").Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
    }

    [SkippableFact]
    public async Task Admin_clients_see_list_and_delete_groups_and_their_offsets()
    {
        var topic = await NewTopicAsync(Partitions);
        var group = Unique("group");
        using var admin = Admin();
        await using (var member = new Member(this, group, topic, PartitionAssignmentStrategy.Range))
        {
            await Until(() => member.Count == Partitions);
            var described = (await admin.DescribeConsumerGroupsAsync([group])).ConsumerGroupDescriptions.Single();
            Assert.Equal((ConsumerGroupState.Stable, "range"), (described.State, described.PartitionAssignor));
            Assert.Equal(Partitions, described.Members.Single().Assignment.TopicPartitions.Count);
            var refused = await Assert.ThrowsAsync<DeleteGroupsException>(() => admin.DeleteGroupsAsync([group]));
            Assert.Equal(Confluent.Kafka.ErrorCode.NonEmptyGroup, refused.Results.Single().Error.Code);
        }

        await admin.AlterConsumerGroupOffsetsAsync([new(group, [new TopicPartitionOffset(topic, 0, 0)])]);
        var listed = await admin.ListConsumerGroupOffsetsAsync([new(group, [new TopicPartition(topic, 0), new TopicPartition(topic, 1)])]);
        Assert.Equal([0, Offset.Unset.Value], listed.Single().Partitions.Select(p => p.Offset.Value));
        Assert.Contains((await admin.ListConsumerGroupsAsync()).Valid, g => g.GroupId == group);
        await admin.DeleteGroupsAsync([group]);
        Assert.DoesNotContain((await admin.ListConsumerGroupsAsync()).Valid, g => g.GroupId == group);
    }

    static async Task Until(Func<bool> isTrue)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!isTrue())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < 2 * Patience, "the group did not settle");
            await Task.Delay(10);
        }
    }

    /// <summary>A consumer that polls on a thread of its own, as librdkafka wants it, and knows what it has been given.</summary>
    sealed class Member : IAsyncDisposable
    {
        readonly ConcurrentDictionary<int, byte> _assigned = new();
        readonly CancellationTokenSource _stop = new();
        readonly Task _polling;
        int _changes;

        public Member(GroupConformance owner, string group, string topic, PartitionAssignmentStrategy strategy, string? instance = null)
        {
            var config = owner.Settings(new ConsumerConfig
            {
                GroupId = group,
                GroupInstanceId = instance,
                PartitionAssignmentStrategy = strategy,
                EnableAutoCommit = false,
                SessionTimeoutMs = 30_000,
                HeartbeatIntervalMs = 200,
            });
            _polling = Task.Factory.StartNew(() => Poll(config, topic), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }

        public int Count => _assigned.Count;

        public List<int> Assigned => [.. _assigned.Keys.Order()];

        public int Changes => Volatile.Read(ref _changes);

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _polling;
            _stop.Dispose();
        }

        void Poll(ConsumerConfig config, string topic)
        {
            using var consumer = new ConsumerBuilder<Ignore, Ignore>(config)
                .SetPartitionsAssignedHandler((_, partitions) => Change(() => partitions.ForEach(p => _assigned.TryAdd(p.Partition.Value, 0))))
                .SetPartitionsRevokedHandler((_, partitions) => Change(() => partitions.ForEach(p => _assigned.TryRemove(p.Partition.Value, out byte _))))
                .SetPartitionsLostHandler((_, partitions) => Change(() => partitions.ForEach(p => _assigned.TryRemove(p.Partition.Value, out byte _))))
                .Build();
            consumer.Subscribe(topic);
            while (!_stop.IsCancellationRequested)
            {
                consumer.Consume(TimeSpan.FromMilliseconds(50));
            }

            consumer.Close();
        }

        void Change(Action change)
        {
            change();
            Interlocked.Increment(ref _changes);
        }
    }
}
