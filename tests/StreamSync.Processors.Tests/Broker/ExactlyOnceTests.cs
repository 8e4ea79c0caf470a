using System.Text;
using Confluent.Kafka;
using StreamSync.Contracts;
using StreamSync.Contracts.Ops;
using StreamSync.Kafka.Serdes;
using StreamSync.Processors.Streaming;

namespace StreamSync.Processors.Tests.Broker;

public sealed class ExactlyOnceTests() : ExactlyOnce(partitions: 2, worksBeside: false);

public sealed class ExactlyOnceBesideTests() : ExactlyOnce(partitions: 2, worksBeside: true);

public sealed class ExactlyOnceBesideInOneTaskTests() : ExactlyOnce(partitions: 1, worksBeside: true);

/// <summary>A topology that counts is restarted, failed and moved, and must count right.</summary>
/// <param name="partitions">Partitions: with one, stages follow each other in one task without a topic between them.</param>
/// <param name="worksBeside">True when the stages work beside the stream thread.</param>
public abstract class ExactlyOnce(int partitions, bool worksBeside) : IAsyncLifetime
{
    const int Keys = 50;

    readonly AvroCodecs _codecs = TopologyHarness.Codecs(CountTopology.Input, CountTopology.Output);
    readonly Dictionary<string, int> _sent = [];
    TestCluster _cluster = null!;
    IProducer<byte[], byte[]> _producer = null!;

    public async Task InitializeAsync()
    {
        _cluster = await TestCluster.StartAsync(partitions);
        await _cluster.EnsureAsync(CountTopology.Input, CountTopology.Output, TopicCatalog.Quarantine);
        _producer = _cluster.Producer();
    }

    public async Task DisposeAsync()
    {
        _producer.Dispose();
        await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task A_restart_repeats_nothing_and_forgets_nothing()
    {
        for (var round = 0; round < 3; round++)
        {
            await using var topology = Start("a");
            Send(500);
            await CountedAsync();
        }

        Assert.Equal(_sent.Values.Sum(), _cluster.ReadAll(CountTopology.Output.Name).Count);
    }

    [Fact]
    public async Task What_was_done_inside_a_transaction_that_never_ends_is_done_again_once()
    {
        await using var topology = Start("a");
        await topology.ReadyAsync();
        var random = new Random(7);
        for (var round = 0; round < 6; round++)
        {
            Send(1000);
            await Task.Delay(random.Next(400));

            // From here on nothing is committed: the run ends as if the process were killed, its transaction stays open behind it.
            topology.Run.Ledger.Fail(new InvalidOperationException("killed"));
            Send(500);
            await TestCluster.UntilAsync(() => topology.Run.Ledger.Failure is null, "a new run");
        }

        await CountedAsync();
        Assert.Equal(_sent.Values.Sum(), _cluster.ReadAll(CountTopology.Output.Name).Count);
    }

    [Fact]
    public async Task Instances_that_come_and_go_lose_and_double_nothing()
    {
        var first = Start("a");
        await first.ReadyAsync();
        RunningTopology? second = null;
        for (var round = 0; round < 3; round++)
        {
            Send(1000);
            second = Start("b");
            await second.ReadyAsync();
            Send(1000);
            await first.DisposeAsync();
            Send(500);
            first = Start("a");
            Send(500);
            await second.DisposeAsync();
        }

        await CountedAsync();
        await first.DisposeAsync();
        Assert.Equal(_sent.Values.Sum(), _cluster.ReadAll(CountTopology.Output.Name).Count);
    }

    [Fact]
    public async Task A_record_that_no_stage_can_take_goes_to_quarantine_and_the_rest_goes_on()
    {
        await using var topology = Start("a");
        Send(100);
        _producer.Produce(CountTopology.Input.Name, new Message<byte[], byte[]> { Key = "bad"u8.ToArray(), Value = "!"u8.ToArray() });
        Send(100);
        await CountedAsync();

        var entries = _cluster.ReadAll(TopicCatalog.Quarantine.Name);
        var entry = _codecs.For<QuarantineEntry>(TopicCatalog.Quarantine).Decode(Assert.Single(entries).Value);
        Assert.Equal(("processing_failed", "first"), (entry.ReasonCode, entry.Stage));
        Assert.Equal("!"u8.ToArray(), entry.Raw);
    }

    RunningTopology Start(string instance) => new(
        CountTopology.Define(), _cluster.Settings(instance, _codecs),
        new StageRun { EncodeQuarantine = _codecs.For<QuarantineEntry>(TopicCatalog.Quarantine).Encode, Restores = true, WorksBeside = worksBeside });

    void Send(int records)
    {
        for (var i = 0; i < records; i++)
        {
            var key = $"key-{i % Keys}";
            _sent[key] = _sent.GetValueOrDefault(key) + 1;
            _producer.Produce(CountTopology.Input.Name, new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes(key), Value = [1] });
        }

        _producer.Flush();
    }

    /// <summary>Waits until every key's count is what was sent.</summary>
    async Task CountedAsync()
    {
        var counts = new Dictionary<string, int>();
        await TestCluster.UntilAsync(
            () =>
            {
                foreach (var (key, value) in _cluster.ReadAll(CountTopology.Output.Name))
                {
                    counts[key] = CountTopology.CountOf(value!);
                }

                return _sent.All(s => counts.GetValueOrDefault(s.Key) >= s.Value);
            },
            "the last count");
        Assert.Equal(_sent.OrderBy(s => s.Key, StringComparer.Ordinal), counts.OrderBy(c => c.Key, StringComparer.Ordinal));
    }
}
