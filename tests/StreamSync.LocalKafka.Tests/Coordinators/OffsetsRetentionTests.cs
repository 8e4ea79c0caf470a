using Microsoft.Extensions.Time.Testing;
using StreamSync.LocalKafka.Protocol;
using StreamSync.LocalKafka.Protocol.Messages;
using StreamSync.LocalKafka.Tests.Wire;

namespace StreamSync.LocalKafka.Tests.Coordinators;

/// <summary>
/// Which committed offsets go when nobody uses them. An Apache Kafka 4.3.1 with <c>offsets.retention.minutes=1</c> did the same, a minute
/// for each hour here.
/// </summary>
public sealed class OffsetsRetentionTests : IDisposable
{
    static readonly TimeSpan BetweenLooks = TimeSpan.FromMinutes(10);

    readonly string _directory = Directory.CreateTempSubdirectory("offsets-test-").FullName;
    readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch.AddYears(56));

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Offsets_go_when_nobody_has_used_them_for_long_and_empty_groups_with_them()
    {
        await using var broker = await LocalKafkaBroker.StartAsync(
            new LocalKafkaOptions { DataDirectory = _directory, OffsetsRetention = TimeSpan.FromHours(1) }, clock: _clock);
        await using var client = await RawClient.ConnectAsync(broker.BootstrapServers);
        await client.SendAsync<CreateTopicsResponse>(
            ApiKey.CreateTopics, 5, new CreateTopicsRequest { Topics = [.. new[] { "one", "two" }.Select(name => new CreateTopicsRequest.Topic { Name = name, Partitions = 1, ReplicationFactor = 1 })] });

        await CommitAsync("alone", null, "one", "two");
        var left = await JoinAsync("left");
        await CommitAsync("left", left, "one", "two");
        await LeaveAsync("left", left);
        var stays = await JoinAsync("stays");
        await CommitAsync("stays", stays, "one", "two");
        await LeaveAsync("never", await JoinAsync("never"));
        Assert.Equal(["alone", "left", "never", "stays"], await GroupsAsync());

        await PassAsync(2);
        Assert.Equal(["alone", "left", "stays"], await GroupsAsync());
        await CommitAsync("alone", null, "two");
        await CommitAsync("left", null, "two");

        await PassAsync(3);
        Assert.Equal("5 5", await OffsetsAsync("alone"));
        Assert.Equal("5 5", await OffsetsAsync("left"));
        Assert.Equal("5 5", await OffsetsAsync("stays"));

        // The later commit kept one offset of the client without a group and none of the group that was left.
        await PassAsync(1);
        Assert.Equal("-1 5", await OffsetsAsync("alone"));
        Assert.Equal("-1 -1", await OffsetsAsync("left"));
        Assert.Equal("5 -1", await OffsetsAsync("stays"));
        Assert.Equal(["alone", "stays"], await GroupsAsync());

        await PassAsync(2);
        Assert.Equal(["stays"], await GroupsAsync());

        async Task PassAsync(int looks)
        {
            for (var i = 0; i < looks; i++)
            {
                _clock.Advance(BetweenLooks);
                var beat = await client.SendAsync<HeartbeatResponse>(ApiKey.Heartbeat, 3, new HeartbeatRequest { GroupId = "stays", MemberId = stays.MemberId, GenerationId = stays.GenerationId });
                Assert.Equal(ErrorCode.None, beat.Error);
            }
        }

        // Joins as the group's only member, which subscribes to the first topic.
        async Task<JoinGroupResponse> JoinAsync(string group)
        {
            var joined = await client.SendAsync<JoinGroupResponse>(ApiKey.JoinGroup, 3, new JoinGroupRequest
            {
                GroupId = group,
                SessionTimeoutMs = 1_800_000,
                RebalanceTimeoutMs = 60_000,
                ProtocolType = "consumer",
                Protocols = [new() { Name = "range", Metadata = [0, 0, 0, 0, 0, 1, 0, 3, .. "one"u8, 0xff, 0xff, 0xff, 0xff] }],
            });
            var synced = await client.SendAsync<SyncGroupResponse>(ApiKey.SyncGroup, 2, new SyncGroupRequest { GroupId = group, MemberId = joined.MemberId, GenerationId = joined.GenerationId });
            Assert.Equal((ErrorCode.None, ErrorCode.None), (joined.Error, synced.Error));
            return joined;
        }

        async Task LeaveAsync(string group, JoinGroupResponse member)
        {
            var answer = await client.SendAsync<LeaveGroupResponse>(ApiKey.LeaveGroup, 2, new LeaveGroupRequest { GroupId = group, Members = [new() { MemberId = member.MemberId }] });
            Assert.Equal(ErrorCode.None, answer.Error);
        }

        async Task CommitAsync(string group, JoinGroupResponse? member, params string[] topics)
        {
            var answer = await client.SendAsync<OffsetCommitResponse>(ApiKey.OffsetCommit, 7, new OffsetCommitRequest
            {
                GroupId = group,
                MemberId = member?.MemberId ?? "",
                GenerationId = member?.GenerationId ?? -1,
                Topics = [.. topics.Select(topic => new OffsetCommitRequest.Topic { Name = topic, Partitions = [new() { Offset = 5 }] })],
            });
            Assert.All(answer.Topics, topic => Assert.Equal(ErrorCode.None, topic.Partitions[0].Error));
        }

        async Task<string> OffsetsAsync(string group)
        {
            var asked = new OffsetFetchRequest.Group { GroupId = group, Topics = [.. new[] { "one", "two" }.Select(topic => new OffsetFetchRequest.Topic { Name = topic, Partitions = [0] })] };
            var answer = await client.SendAsync<OffsetFetchResponse>(ApiKey.OffsetFetch, 8, new OffsetFetchRequest { Groups = [asked] });
            return string.Join(' ', answer.Groups[0].Topics.Select(topic => topic.Partitions[0].Offset));
        }

        async Task<string[]> GroupsAsync() =>
            [.. (await client.SendAsync<ListGroupsResponse>(ApiKey.ListGroups, 2, new ListGroupsRequest())).Groups.Select(group => group.GroupId).Order(StringComparer.Ordinal)];
    }
}
