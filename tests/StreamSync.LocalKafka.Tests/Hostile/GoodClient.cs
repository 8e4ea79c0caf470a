using System.Diagnostics;
using StreamSync.LocalKafka.Protocol;
using StreamSync.LocalKafka.Protocol.Messages;
using StreamSync.LocalKafka.Tests.Wire;

namespace StreamSync.LocalKafka.Tests.Hostile;

/// <summary>A producer and consumer that goes on working all the time, and remembers how long a round took at worst.</summary>
sealed class GoodClient : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    readonly CancellationTokenSource _stop = new();
    readonly Task _working;
    int _rounds;
    long _slowestTicks;

    GoodClient(string bootstrap, string topic) => _working = Task.Run(() => WorkAsync(bootstrap, topic));

    public static async Task<GoodClient> StartAsync(string bootstrap)
    {
        const string Topic = "good";
        await using var client = await RawClient.ConnectAsync(bootstrap);
        await CreateTopicAsync(client, Topic);
        var good = new GoodClient(bootstrap, Topic);
        await good.GoOnAsync();
        return good;
    }

    /// <summary>Creates a topic that keeps records with timestamps of long ago.</summary>
    public static async Task CreateTopicAsync(RawClient client, string topic, params (string Name, string Value)[] settings)
    {
        var response = await client.SendAsync<CreateTopicsResponse>(ApiKey.CreateTopics, 7, new CreateTopicsRequest
        {
            Topics = [new() { Name = topic, Partitions = 1, ReplicationFactor = 1, Configs = [new() { Name = "retention.ms", Value = "-1" }, .. settings.Select(s => new ConfigEntry { Name = s.Name, Value = s.Value })] }],
        });
        Assert.Equal(ErrorCode.None, response.Topics[0].Error);
    }

    /// <summary>The longest that one produce and the fetch of its record took since the last call.</summary>
    public TimeSpan Slowest() => TimeSpan.FromTicks(Interlocked.Exchange(ref _slowestTicks, 0));

    /// <summary>Waits until it has done ten more rounds.</summary>
    public async Task GoOnAsync()
    {
        var goal = Volatile.Read(ref _rounds) + 10;
        var start = Stopwatch.GetTimestamp();
        while (Volatile.Read(ref _rounds) < goal)
        {
            if (_working.IsCompleted)
            {
                await _working;
            }

            Assert.True(Stopwatch.GetElapsedTime(start) < Patience, "the good client is held up");
            await Task.Delay(5);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _working;
        _stop.Dispose();
    }

    async Task WorkAsync(string bootstrap, string topic)
    {
        await using var client = await RawClient.ConnectAsync(bootstrap, "good");
        for (var offset = 0L; !_stop.IsCancellationRequested; offset++)
        {
            var start = Stopwatch.GetTimestamp();
            var produced = await client.SendAsync<ProduceResponse>(ApiKey.Produce, 9, new ProduceRequest
            {
                Acks = -1,
                Topics = [new() { Name = topic, Partitions = [new() { Records = new TestBatch { Values = [$"{offset}", new string('x', 20_000)] }.ToBytes() }] }],
            });
            Assert.Equal((ErrorCode.None, 2 * offset), (produced.Topics[0].Partitions[0].Error, produced.Topics[0].Partitions[0].BaseOffset));
            var fetched = await client.SendAsync<FetchResponse>(ApiKey.Fetch, 12, new FetchRequest
            {
                MaxWaitMs = 1000,
                MinBytes = 1,
                Topics = [new() { Name = topic, Partitions = [new() { FetchOffset = 2 * offset, MaxBytes = 1 << 20 }] }],
            });
            Assert.Equal(ErrorCode.None, fetched.Topics[0].Partitions[0].Error);
            Assert.Equal((2 * offset, $"{offset}"), TestBatch.Read(fetched.Topics[0].Partitions[0].Records!.Value.Span)[0]);
            var ticks = Stopwatch.GetElapsedTime(start).Ticks;
            if (ticks > Volatile.Read(ref _slowestTicks))
            {
                Volatile.Write(ref _slowestTicks, ticks);
            }

            Interlocked.Increment(ref _rounds);
        }
    }
}
