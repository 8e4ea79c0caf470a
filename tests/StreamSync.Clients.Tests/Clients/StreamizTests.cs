using System.Globalization;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Streamiz.Kafka.Net;
using Streamiz.Kafka.Net.SerDes;
using Streamiz.Kafka.Net.Stream;
using Streamiz.Kafka.Net.Table;
using StreamSync.Clients.Tests.Broker;

namespace StreamSync.Clients.Tests.Clients;

/// <summary>Streamiz, the Kafka Streams of .NET, with exactly-once: state, changelog, repartition topic, transactions and their offsets.</summary>
[Collection(SharedBrokerCollection.Name)]
public sealed class StreamizTests(SharedBroker broker)
{
    const int Records = 2000;
    const int Words = 20;
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    readonly string _name = Tool.UniqueName("streamiz");

    [Fact]
    public async Task A_count_over_a_repartitioned_stream_counts_each_record_once_across_a_restart()
    {
        await Topics.CreateAsync(broker.BootstrapServers, _name + "-in", 2);
        await Topics.CreateAsync(broker.BootstrapServers, _name + "-out", 2);
        var counts = new Dictionary<string, long>();
        using var reader = new ConsumerBuilder<string, string>(new ConsumerConfig
        {
            BootstrapServers = broker.BootstrapServers,
            GroupId = _name + "-reader",
            AutoOffsetReset = AutoOffsetReset.Earliest,
            IsolationLevel = IsolationLevel.ReadCommitted,
        }).Build();
        reader.Subscribe(_name + "-out");

        for (var round = 1; round <= 2; round++)
        {
            await ProduceAsync();
            var stream = new KafkaStream(Topology(), Settings());
            await stream.StartAsync();
            try
            {
                await Task.Run(() => ReadUntil(counts, reader, total: round * Records));
            }
            finally
            {
                stream.Dispose();
            }
        }

        Assert.Equal(Enumerable.Range(0, Words).ToDictionary(w => $"word{w}", _ => 2L * Records / Words), counts);
    }

    static void ReadUntil(Dictionary<string, long> counts, IConsumer<string, string> reader, long total)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (counts.Values.Sum() < total)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Patience, $"counted {counts.Values.Sum()} of {total}");
            if (reader.Consume(TimeSpan.FromMilliseconds(200)) is { } record)
            {
                var count = long.Parse(record.Message.Value, CultureInfo.InvariantCulture);
                Assert.True(count >= counts.GetValueOrDefault(record.Message.Key), $"the count of {record.Message.Key} went back to {count}");
                counts[record.Message.Key] = count;
            }
        }
    }

    async Task ProduceAsync()
    {
        using var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = broker.BootstrapServers, EnableIdempotence = true }).Build();
        await Task.WhenAll(Enumerable.Range(0, Records).Select(i => producer.ProduceAsync(_name + "-in", new Message<string, string> { Key = $"{i}", Value = $"word{i % Words}" })));
    }

    Topology Topology()
    {
        var builder = new StreamBuilder();
        builder.Stream<string, string>(_name + "-in")
            .SelectKey((_, word, _) => word)
            .GroupByKey()
            .Count(InMemory.As<string, long>("counts"))
            .ToStream()
            .MapValues((count, _) => count.ToString(CultureInfo.InvariantCulture))
            .To(_name + "-out");
        return builder.Build();
    }

    StreamConfig<StringSerDes, StringSerDes> Settings() => new()
    {
        ApplicationId = _name,
        BootstrapServers = broker.BootstrapServers,
        AutoOffsetReset = AutoOffsetReset.Earliest,
        Guarantee = ProcessingGuarantee.EXACTLY_ONCE,
        CommitIntervalMs = 100,
        Logger = NullLoggerFactory.Instance,
        StateDir = Path.Combine(Path.GetTempPath(), _name),
    };
}
