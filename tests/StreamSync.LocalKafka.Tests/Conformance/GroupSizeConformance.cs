using System.Text;
using StreamSync.LocalKafka.Protocol;
using StreamSync.LocalKafka.Protocol.Messages;
using StreamSync.LocalKafka.Tests.Wire;

namespace StreamSync.LocalKafka.Tests.Conformance;

[Collection(nameof(OnLocalKafka))]
public sealed class GroupSizeOnLocalKafka(LocalKafkaUnderTest broker) : GroupSizeConformance(broker);

[Collection(nameof(OnApacheKafka))]
public sealed class GroupSizeOnApacheKafka(ApacheKafkaUnderTest broker) : GroupSizeConformance(broker);

/// <summary>A group takes no more members than <c>group.max.size</c>.</summary>
public abstract class GroupSizeConformance(BrokerUnderTest broker) : ConformanceTest(broker)
{
    const int Most = BrokerUnderTest.MaxGroupSize;

    [SkippableFact]
    public async Task Those_who_come_first_are_in_and_a_member_that_comes_back_too_late_is_out()
    {
        var group = Unique("full");
        var clients = new List<RawClient>();
        try
        {
            await FindCoordinatorAsync(await ConnectedAsync(), group);

            // The first is alone in its generation; the others wait until it joins again.
            var first = await JoinAsync(clients[0], group);
            Assert.Equal((ErrorCode.None, 1), (first.Error, first.GenerationId));
            var waiting = new List<Task<JoinGroupResponse>>();
            for (var i = 0; i < Most; i++)
            {
                waiting.Add(JoinAsync(await ConnectedAsync(), group));
                await UntilMembersAsync(clients[0], group, i + 2);
            }

            var oneTooMany = await JoinAsync(await ConnectedAsync(), group);
            Assert.Equal((ErrorCode.GroupMaxSizeReached, ""), (oneTooMany.Error, oneTooMany.MemberId));
            Assert.DoesNotContain(waiting, w => w.IsCompleted);

            // There are as many as there may be without it. The others hear nothing of that before the time to join is up.
            var late = await JoinAsync(clients[0], group, first.MemberId);
            Assert.Equal((ErrorCode.GroupMaxSizeReached, ""), (late.Error, late.MemberId));
            var joined = await Task.WhenAll(waiting).WaitAsync(Patience);
            Assert.All(joined, j => Assert.Equal((ErrorCode.None, 2), (j.Error, j.GenerationId)));
            Assert.Equal(Most, joined.Single(j => j.Leader == j.MemberId).Members.Count);
            Assert.Equal(ErrorCode.UnknownMemberId, (await HeartbeatAsync(clients[0], group, first.MemberId, 2)).Error);

            // Nor is there room while the leader works, but whoever is in may ask again.
            Assert.Equal(ErrorCode.GroupMaxSizeReached, (await JoinAsync(await ConnectedAsync(), group)).Error);
            var again = await JoinAsync(clients[1], group, joined[0].MemberId);
            Assert.Equal((ErrorCode.None, 2), (again.Error, again.GenerationId));

            // Who leaves makes room.
            var left = await clients[1].SendAsync<LeaveGroupResponse>(ApiKey.LeaveGroup, 2, new LeaveGroupRequest { GroupId = group, Members = [new() { MemberId = joined[0].MemberId }] });
            Assert.Equal(ErrorCode.None, left.Error);
            var next = JoinAsync(await ConnectedAsync(), group);
            await UntilMembersAsync(clients[0], group, Most);
            var rest = joined.Skip(1).Select((j, i) => JoinAsync(clients[2 + i], group, j.MemberId)).ToList();
            Assert.Equal((ErrorCode.None, 3), ((await next.WaitAsync(Patience)).Error, (await next).GenerationId));
            Assert.All(await Task.WhenAll(rest).WaitAsync(Patience), j => Assert.Equal((ErrorCode.None, 3), (j.Error, j.GenerationId)));
        }
        finally
        {
            foreach (var client in clients)
            {
                await client.DisposeAsync();
            }
        }

        async Task<RawClient> ConnectedAsync()
        {
            clients.Add(await ConnectAsync());
            return clients[^1];
        }
    }

    static Task<JoinGroupResponse> JoinAsync(RawClient client, string group, string memberId = "")
    {
        return client.SendAsync<JoinGroupResponse>(ApiKey.JoinGroup, 3, new JoinGroupRequest
        {
            GroupId = group,
            SessionTimeoutMs = 30_000,
            RebalanceTimeoutMs = 5_000,
            MemberId = memberId,
            ProtocolType = "consumer",
            Protocols = [new() { Name = "range", Metadata = Encoding.ASCII.GetBytes("m") }],
        });
    }

    /// <summary>An Apache broker makes the topic of its coordinator when the first client asks for one.</summary>
    static async Task FindCoordinatorAsync(RawClient client, string group)
    {
        var start = TimeProvider.System.GetTimestamp();
        while ((await client.SendAsync<FindCoordinatorResponse>(ApiKey.FindCoordinator, 4, new FindCoordinatorRequest { Keys = [group] })).Coordinators[0].Error != ErrorCode.None
            || (await HeartbeatAsync(client, group, "nobody", 1)).Error != ErrorCode.UnknownMemberId)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Patience, "there is no coordinator");
            await Task.Delay(20);
        }
    }

    /// <summary>Waits until the coordinator has seen so many.</summary>
    static async Task UntilMembersAsync(RawClient client, string group, int count)
    {
        var start = TimeProvider.System.GetTimestamp();
        while ((await client.SendAsync<DescribeGroupsResponse>(ApiKey.DescribeGroups, 4, new DescribeGroupsRequest { Groups = [group] })).Groups[0].Members.Count != count)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Patience, $"the group never had {count} members");
            await Task.Delay(5);
        }
    }

    static Task<HeartbeatResponse> HeartbeatAsync(RawClient client, string group, string memberId, int generation) =>
        client.SendAsync<HeartbeatResponse>(ApiKey.Heartbeat, 3, new HeartbeatRequest { GroupId = group, MemberId = memberId, GenerationId = generation });
}
