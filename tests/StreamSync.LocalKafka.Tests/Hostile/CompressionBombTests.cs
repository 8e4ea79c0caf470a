using StreamSync.LocalKafka.Log;
using StreamSync.LocalKafka.Log.Batches;
using StreamSync.LocalKafka.Protocol;
using StreamSync.LocalKafka.Protocol.Messages;
using StreamSync.LocalKafka.Tests.Wire;
using Xunit.Abstractions;

namespace StreamSync.LocalKafka.Tests.Hostile;

/// <summary>
/// Batches that are small on the wire and huge once unfolded. The broker looks through them piece by piece and says what is wrong; where it
/// would have to hold them whole it takes less. Another client works all the while.
/// </summary>
[Collection(nameof(Alone))]
public sealed class CompressionBombTests(ITestOutputHelper output) : BesideGoodClient
{
    const int TooMuch = BatchPayload.MaxUnpackedBytes + (64 << 20);

    [Theory]
    [InlineData("Gzip")]
    [InlineData("Zstd")]
    [InlineData("Lz4")]
    [InlineData("Snappy")]
    public Task A_batch_that_unfolds_to_more_than_a_gigabyte_is_refused(string codec) =>
        ThrowAsync(Bomb.Build(Codec(codec), TooMuch), "unfold", ErrorCode.InvalidRecord);

    /// <summary>A reader that has to hold one is not the broker.</summary>
    [Theory]
    [InlineData("Gzip")]
    [InlineData("Zstd")]
    [InlineData("Lz4")]
    [InlineData("Snappy")]
    public Task A_batch_that_unfolds_to_less_is_stored_as_it_came(string codec) => ThrowAsync(Bomb.Build(Codec(codec), 200 << 20), null, ErrorCode.None);

    [Theory]
    [InlineData("Gzip")]
    [InlineData("Zstd")]
    [InlineData("Lz4")]
    [InlineData("Snappy")]
    public async Task Where_theBroker_has_to_hold_it_less_is_allowed(string codec)
    {
        var bomb = Bomb.Build(Codec(codec), BatchPayload.MaxHeldBytes + (1 << 20));
        await ThrowAsync(bomb, "unfold", ErrorCode.InvalidRecord, ("cleanup.policy", "compact"));
        await ThrowAsync(bomb, "unfold", ErrorCode.InvalidRecord, ("compression.type", codec == nameof(CompressionType.Gzip) ? "zstd" : "gzip"));
    }

    static CompressionType Codec(string name) => Enum.Parse<CompressionType>(name);

    /// <param name="bomb">The batch.</param>
    /// <param name="why">What the refusal says.</param>
    /// <param name="expected">Its code.</param>
    /// <param name="settings">Of the topic that it is sent to.</param>
    async Task ThrowAsync(byte[] bomb, string? why, ErrorCode expected, params (string Name, string Value)[] settings)
    {
        const int AtOnce = 4;
        var topic = $"bombs-{Guid.NewGuid():N}";
        await using (var client = await RawClient.ConnectAsync(Broker.BootstrapServers))
        {
            await GoodClient.CreateTopicAsync(client, topic, [("max.message.bytes", "100000000"), .. settings]);
        }

        Good.Slowest();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var stop = new CancellationTokenSource();
        var watching = Task.Run(() => HighestAsync(stop.Token));
        var answers = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async _ =>
        {
            await using var client = await RawClient.ConnectAsync(Broker.BootstrapServers);
            return await client.SendAsync<ProduceResponse>(ApiKey.Produce, 9, new ProduceRequest
            {
                Acks = -1,
                TimeoutMs = 60_000,
                Topics = [new() { Name = topic, Partitions = [new() { Records = bomb }] }],
            });
        }));
        await Good.GoOnAsync();
        await stop.CancelAsync();
        var grown = await watching - before;
        var slowest = Good.Slowest();
        output.WriteLine($"{bomb.Length >> 10:N0} KiB, {AtOnce} at once: memory grew by {grown >> 10:N0} KiB; slowest round of the good client {slowest.TotalMilliseconds:N0} ms");
        foreach (var answer in answers.Select(a => a.Topics[0].Partitions[0]))
        {
            Assert.Equal(expected, answer.Error);
            Assert.True(why is null || answer.ErrorMessage!.Contains(why, StringComparison.Ordinal), answer.ErrorMessage);
        }

        // Each request and its copies on the way, a snappy block or two, and what the good client and the test leave to the collector.
        var most = AtOnce * 4L * bomb.Length + (64L << 20);
        Assert.True(grown < most, $"{grown} bytes more were alive at some time, {most} are allowed");
        Assert.True(slowest < LongestRound, $"a round of the good client took {slowest}");
    }

    static async Task<long> HighestAsync(CancellationToken stop)
    {
        var highest = 0L;
        while (!stop.IsCancellationRequested)
        {
            // What the collector has not looked at yet depends on how fast the machine is: only what outlives a collection is alive.
            GC.Collect();
            highest = Math.Max(highest, GC.GetTotalMemory(forceFullCollection: false));
            await Task.Delay(5, CancellationToken.None);
        }

        return highest;
    }
}
