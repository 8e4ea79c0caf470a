using System.Text;
using Avro.Specific;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Streamiz.Kafka.Net;
using Streamiz.Kafka.Net.Mock;
using Streamiz.Kafka.Net.SerDes;
using StreamSync.Contracts;
using StreamSync.Contracts.Ops;
using StreamSync.Kafka.Serdes;
using StreamSync.Kafka.Tests.Serdes;
using StreamSync.Processors.Streaming;

namespace StreamSync.Processors.Tests;

/// <summary>A record that a topology wrote.</summary>
sealed record Written(string Key, byte[]? Value, Headers? Headers);

/// <summary>Runs a topology on Streamiz's test driver: one partition, no broker, each record at once.</summary>
sealed class TopologyHarness : IDisposable
{
    readonly Dictionary<string, TestInputTopic<byte[], byte[]>> _inputs = [];
    readonly Dictionary<string, TestOutputTopic<byte[], byte[]>> _outputs = [];
    readonly TopologyTestDriver _driver;

    public TopologyHarness(TopologyDefinition definition, StageRun run)
    {
        var topology = definition.Build(new StageTopologyBuilder(definition.ApplicationId, run, partitions: 1));
        _driver = new TopologyTestDriver(topology.Topology, new StreamConfig(null, NullLoggerFactory.Instance) { ApplicationId = definition.ApplicationId });
    }

    /// <summary>Codecs over a registry in memory that knows every topic of the platform.</summary>
    public static AvroCodecs Codecs(params IReadOnlyList<TopicSpec> topics)
    {
        var registry = MemoryRegistry.Create();
        foreach (var topic in TopicCatalog.Platform.Concat(topics))
        {
            registry.RegisterSchemaAsync(topic.ValueSubject, new Confluent.SchemaRegistry.Schema(topic.ValueSchema.ToString(), Confluent.SchemaRegistry.SchemaType.Avro), false).GetAwaiter().GetResult();
        }

        return new AvroCodecs(new SchemaIds(registry));
    }

    public static StageRun Run(AvroCodecs codecs, FakeTimeProvider? clock = null) => new()
    {
        EncodeQuarantine = codecs.For<QuarantineEntry>(TopicCatalog.Quarantine).Encode,
        Clock = clock ?? new FakeTimeProvider(new DateTimeOffset(2024, 10, 1, 12, 0, 0, TimeSpan.Zero)),
    };

    public void Pipe(string topic, string key, byte[]? value, Headers? headers = null)
    {
        if (!_inputs.TryGetValue(topic, out var input))
        {
            _inputs[topic] = input = _driver.CreateInputTopic(topic, new ByteArraySerDes(), new ByteArraySerDes());
        }

        input.PipeInput(Encoding.UTF8.GetBytes(key), value!, headers ?? []);
    }

    /// <summary>What was written to a topic since the last call.</summary>
    public IReadOnlyList<Written> Read(string topic)
    {
        if (!_outputs.TryGetValue(topic, out var output))
        {
            // With a time-out the driver's reader stops early on a busy machine.
            _outputs[topic] = output = _driver.CreateOutputTopic(topic, TimeSpan.Zero, new ByteArraySerDes(), new ByteArraySerDes());
        }

        return [.. output.ReadKeyValueList().Select(record => new Written(Encoding.UTF8.GetString(record.Message.Key), record.Message.Value, record.Message.Headers))];
    }

    /// <summary>Lets time pass: what stages do now and then is done.</summary>
    public void Pass(TimeSpan time) => _driver.AdvanceWallClockTime(time);

    public void Dispose() => _driver.Dispose();
}

static class WrittenExtensions
{
    /// <summary>The latest value of each key; deleted keys are absent.</summary>
    public static Dictionary<string, T> Table<T>(this IEnumerable<Written> records, AvroCodec<T> codec)
        where T : class, ISpecificRecord
    {
        var table = new Dictionary<string, T>();
        foreach (var record in records)
        {
            if (record.Value is null)
            {
                table.Remove(record.Key);
            }
            else
            {
                table[record.Key] = codec.Decode(record.Value);
            }
        }

        return table;
    }
}
