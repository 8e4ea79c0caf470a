using System.Collections.Concurrent;
using System.Text;
using Confluent.Kafka;
using StreamSync.LocalKafka.Protocol;
using StreamSync.LocalKafka.Protocol.Messages;
using StreamSync.LocalKafka.Tests.Wire;

namespace StreamSync.LocalKafka.Tests.Conformance;

[Collection(nameof(OnLocalKafka))]
public sealed class ProduceFetchOnLocalKafka(LocalKafkaUnderTest broker) : ProduceFetchConformance(broker);

[Collection(nameof(OnApacheKafka))]
public sealed class ProduceFetchOnApacheKafka(ApacheKafkaUnderTest broker) : ProduceFetchConformance(broker);

/// <summary>Records go in and come out.</summary>
public abstract class ProduceFetchConformance(BrokerUnderTest broker) : ConformanceTest(broker)
{
    [SkippableTheory]
    [InlineData(CompressionType.None)]
    [InlineData(CompressionType.Gzip)]
    [InlineData(CompressionType.Snappy)]
    [InlineData(CompressionType.Lz4)]
    [InlineData(CompressionType.Zstd)]
    public async Task Records_of_every_codec_come_back_with_keys_headers_and_timestamps(CompressionType codec)
    {
        var topic = await NewTopicAsync();
        var failures = new ConcurrentBag<string>();
        using (var producer = Producer(c =>
        {
            c.CompressionType = codec;
            c.LingerMs = 50;
        }))
        {
            for (var i = 0; i < 100; i++)
            {
                producer.Produce(topic, new Message<string?, string?>
                {
                    Key = i % 3 == 0 ? null : $"key {i}",
                    Value = i % 5 == 0 ? null : new string((char)('a' + i % 26), 200),
                    Timestamp = new Timestamp(1_700_000_000_000 + i, TimestampType.CreateTime),
                    Headers = [new Header("number", Encoding.UTF8.GetBytes($"{i}")), new Header("nothing", null), new Header("empty", [])],
                }, report => failures.Add(report.Error.IsError ? report.Error.ToString() : ""));
            }

            producer.Flush(Patience);
        }

        Assert.Equal(Enumerable.Repeat("", 100), failures);

        using var consumer = Consumer(Unique("group"));
        consumer.Assign(new TopicPartitionOffset(topic, 0, Offset.Beginning));
        var found = Take(consumer, 100);
        for (var i = 0; i < 100; i++)
        {
            var message = found[i].Message;
            Assert.Equal(i, found[i].Offset.Value);
            Assert.Equal(i % 3 == 0 ? null : $"key {i}", message.Key);
            Assert.Equal(i % 5 == 0 ? null : new string((char)('a' + i % 26), 200), message.Value);
            Assert.Equal(new Timestamp(1_700_000_000_000 + i, TimestampType.CreateTime), message.Timestamp);
            Assert.Equal(["number", "nothing", "empty"], message.Headers.Select(h => h.Key));
            Assert.Equal($"{i}", Encoding.UTF8.GetString(message.Headers[0].GetValueBytes()));
            Assert.Null(message.Headers[1].GetValueBytes());
            Assert.Empty(message.Headers[2].GetValueBytes());
        }
    }

    [SkippableFact]
    public async Task A_waiting_fetch_is_answered_as_soon_as_something_is_appended()
    {
        var topic = await NewTopicAsync();
        await using var reader = await ConnectAsync();
        await using var writer = await ConnectAsync();
        var start = TimeProvider.System.GetTimestamp();
        var waiting = FetchAsync(reader, topic, 0, maxWaitMs: 20_000);
        await ProduceAsync(writer, topic, new TestBatch { Values = ["now"] }.ToBytes());
        var answer = await waiting;
        Assert.Equal([(0L, (string?)"now")], TestBatch.Read(answer.Records!.Value.Span));
        Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(10));
    }

    [SkippableFact]
    public async Task A_fetch_at_the_end_waits_for_its_time_and_returns_nothing()
    {
        var topic = await NewTopicAsync();
        await using var client = await ConnectAsync();
        var start = TimeProvider.System.GetTimestamp();
        var answer = await FetchAsync(client, topic, 0, maxWaitMs: 300);
        Assert.Equal(0, answer.Records!.Value.Length);
        Assert.Equal((ErrorCode.None, 0L, 0L, 0L), (answer.Error, answer.HighWatermark, answer.LastStableOffset, answer.LogStartOffset));
        Assert.True(TimeProvider.System.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(290));
    }

    [SkippableTheory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(11)]
    [InlineData(12)]
    public async Task A_fetch_returns_whole_batches_from_the_one_that_holds_the_offset(short version)
    {
        var topic = await NewTopicAsync();
        await using var client = await ConnectAsync();
        await ProduceAsync(client, topic, new TestBatch { Values = ["a", "b", "c"] }.ToBytes());
        await ProduceAsync(client, topic, new TestBatch { Values = ["d"] }.ToBytes());
        var answer = await FetchAsync(client, topic, 1, version: version);
        Assert.Equal([(0L, (string?)"a"), (1, "b"), (2, "c"), (3, "d")], TestBatch.Read(answer.Records!.Value.Span));
        Assert.Equal(4, answer.HighWatermark);
    }

    [SkippableFact]
    public async Task A_fetch_by_topic_id_finds_the_topic_and_refuses_an_unknown_id()
    {
        var topic = await NewTopicAsync();
        await using var client = await ConnectAsync();
        await ProduceAsync(client, topic, new TestBatch { Values = ["a"] }.ToBytes());
        var metadata = await client.SendAsync<MetadataResponse>(ApiKey.Metadata, 12, new MetadataRequest { Topics = [new() { Name = topic }] });
        var request = FetchRequest("", 0);
        request.Topics[0].TopicId = metadata.Topics.Single().TopicId;
        var found = await client.SendAsync<FetchResponse>(ApiKey.Fetch, 16, request);
        Assert.Equal([(0L, (string?)"a")], TestBatch.Read(found.Topics.Single().Partitions.Single().Records!.Value.Span));

        request.Topics[0].TopicId = Guid.NewGuid();
        var missing = await client.SendAsync<FetchResponse>(ApiKey.Fetch, 16, request);
        Assert.Equal(ErrorCode.UnknownTopicId, missing.Topics.Single().Partitions.Single().Error);
    }

    [SkippableFact]
    public async Task The_first_batch_is_returned_even_if_it_is_larger_than_the_limits()
    {
        var topic = await NewTopicAsync();
        await using var client = await ConnectAsync();
        await ProduceAsync(client, topic, new TestBatch { Values = [new string('x', 5000)] }.ToBytes());
        await ProduceAsync(client, topic, new TestBatch { Values = ["small"] }.ToBytes());
        var answer = await FetchAsync(client, topic, 0, maxBytes: 10);
        Assert.Single(TestBatch.Read(answer.Records!.Value.Span));
    }

    [SkippableTheory]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(1_000_000)]
    public async Task An_offset_outside_of_the_log_is_refused(long offset)
    {
        var topic = await NewTopicAsync();
        await using var client = await ConnectAsync();
        Assert.Equal(ErrorCode.OffsetOutOfRange, (await FetchAsync(client, topic, offset)).Error);
    }

    [SkippableFact]
    public async Task A_fetch_session_is_not_made_up_for_a_client_that_names_one()
    {
        var topic = await NewTopicAsync();
        await using var client = await ConnectAsync();
        var request = FetchRequest(topic, 0);
        (request.SessionId, request.SessionEpoch) = (123_456_789, 7);
        Assert.Equal(ErrorCode.FetchSessionIdNotFound, (await client.SendAsync<FetchResponse>(ApiKey.Fetch, 12, request)).Error);
    }

    [SkippableFact]
    public async Task An_unknown_topic_or_partition_is_refused()
    {
        var topic = await NewTopicAsync();
        await using var client = await ConnectAsync();
        var batch = new TestBatch().ToBytes();
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, (await ProduceAsync(client, Unique("missing"), batch)).Error);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, (await ProduceAsync(client, topic, batch, partition: 7)).Error);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, (await FetchAsync(client, Unique("missing"), 0)).Error);
    }

    [SkippableFact]
    public async Task Acks_must_be_one_of_three_numbers()
    {
        var topic = await NewTopicAsync();
        await using var client = await ConnectAsync();
        Assert.Equal(ErrorCode.InvalidRequiredAcks, (await ProduceAsync(client, topic, new TestBatch().ToBytes(), acks: 2)).Error);
    }

    [SkippableFact]
    public async Task Without_acknowledgement_nothing_is_answered_and_the_record_is_there()
    {
        var topic = await NewTopicAsync();
        await using var client = await ConnectAsync();
        await client.SendOnlyAsync(ApiKey.Produce, 9, ProduceRequest(topic, new TestBatch { Values = ["quiet"] }.ToBytes(), acks: 0));
        var answer = await FetchAsync(client, topic, 0, maxWaitMs: 5000);
        Assert.Equal([(0L, (string?)"quiet")], TestBatch.Read(answer.Records!.Value.Span));
    }

    [SkippableFact]
    public async Task Without_acknowledgement_an_error_closes_the_connection()
    {
        _ = await NewTopicAsync();
        await using var client = await ConnectAsync();
        await client.SendOnlyAsync(ApiKey.Produce, 9, ProduceRequest(Unique("missing"), new TestBatch().ToBytes(), acks: 0));
        Assert.True(await client.IsClosedByBrokerAsync());
    }

    [SkippableFact]
    public async Task A_batch_with_a_wrong_checksum_is_refused_and_leaves_nothing()
    {
        var topic = await NewTopicAsync();
        await using var client = await ConnectAsync();
        var batch = new TestBatch { Values = ["abc"] }.ToBytes();
        batch[^2] ^= 1;
        Assert.Equal(ErrorCode.CorruptMessage, (await ProduceAsync(client, topic, batch)).Error);
        Assert.Equal(0, (await FetchAsync(client, topic, 0)).HighWatermark);
    }

    [SkippableFact]
    public async Task A_batch_of_another_size_or_none_at_all_is_refused()
    {
        var topic = await NewTopicAsync();
        await using var client = await ConnectAsync();

        // Apache Kafka never answers a null here, so that case is not compared.
        Assert.Equal(ErrorCode.InvalidRecord, (await ProduceAsync(client, topic, [])).Error);
        byte[] two = [.. new TestBatch().ToBytes(), .. new TestBatch().ToBytes()];
        Assert.Equal(ErrorCode.InvalidRecord, (await ProduceAsync(client, topic, two)).Error);
    }

    [SkippableFact]
    public async Task A_batch_larger_than_the_topic_allows_is_refused()
    {
        var topic = await NewTopicAsync(configs: new() { ["max.message.bytes"] = "500" });
        await using var client = await ConnectAsync();
        Assert.Equal(ErrorCode.MessageTooLarge, (await ProduceAsync(client, topic, new TestBatch { Values = [new string('x', 600)] }.ToBytes())).Error);
        Assert.Equal(ErrorCode.None, (await ProduceAsync(client, topic, new TestBatch { Values = [new string('x', 300)] }.ToBytes())).Error);
    }

    [SkippableFact]
    public async Task A_compacted_topic_takes_no_record_without_a_key()
    {
        var topic = await NewTopicAsync(configs: new() { ["cleanup.policy"] = "compact" });
        await using var client = await ConnectAsync();
        var refused = await ProduceAsync(client, topic, new TestBatch { Values = ["no key"] }.ToBytes());
        Assert.Equal(ErrorCode.InvalidRecord, refused.Error);
        Assert.Equal([0], refused.RecordErrors.Select(e => e.BatchIndex));
        Assert.Equal(ErrorCode.None, (await ProduceAsync(client, topic, new TestBatch { Key = "key" }.ToBytes())).Error);
    }

    [SkippableFact]
    public async Task Timestamps_of_the_broker_replace_those_of_the_producer_where_the_topic_says_so()
    {
        var topic = await NewTopicAsync(configs: new() { ["message.timestamp.type"] = "LogAppendTime" });
        var before = DateTimeOffset.FromUnixTimeMilliseconds(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        using (var producer = Producer())
        {
            await producer.ProduceAsync(topic, new Message<string?, string?> { Value = "x", Timestamp = new Timestamp(1000, TimestampType.CreateTime) });
        }

        using var consumer = Consumer(Unique("group"));
        consumer.Assign(new TopicPartitionOffset(topic, 0, Offset.Beginning));
        var stamp = Take(consumer, 1)[0].Message.Timestamp;
        Assert.Equal(TimestampType.LogAppendTime, stamp.Type);
        Assert.InRange(stamp.UtcDateTime, before.UtcDateTime, before.UtcDateTime.AddMinutes(1));
    }

    [SkippableFact]
    public async Task A_timestamp_too_far_in_the_future_is_refused()
    {
        var topic = await NewTopicAsync();
        await using var client = await ConnectAsync();
        var future = TimeProvider.System.GetUtcNow().AddDays(1).ToUnixTimeMilliseconds();
        Assert.Equal(ErrorCode.InvalidTimestamp, (await ProduceAsync(client, topic, new TestBatch { Timestamp = future }.ToBytes())).Error);
    }

    [SkippableFact]
    public async Task Offsets_are_found_by_time()
    {
        var topic = await NewTopicAsync();
        await using var client = await ConnectAsync();
        foreach (var (timestamp, value) in new[] { (1_000_000L, "a"), (3_000_000, "b"), (2_000_000, "c") })
        {
            await ProduceAsync(client, topic, new TestBatch { Timestamp = timestamp, Values = [value] }.ToBytes());
        }

        async Task<(ErrorCode, long, long)> Find(long timestamp, short version = 7)
        {
            var response = await client.SendAsync<ListOffsetsResponse>(ApiKey.ListOffsets, version, new ListOffsetsRequest
            {
                Topics = [new() { Name = topic, Partitions = [new() { Timestamp = timestamp }] }],
            });
            var found = response.Topics.Single().Partitions.Single();
            return (found.Error, found.Offset, found.Timestamp);
        }

        Assert.Equal((ErrorCode.None, 3, -1), await Find(-1));
        Assert.Equal((ErrorCode.None, 0, -1), await Find(-2));
        Assert.Equal((ErrorCode.None, 1, 3_000_000), await Find(-3));
        Assert.Equal((ErrorCode.None, 0, -1), await Find(-4, version: 8));
        Assert.Equal((ErrorCode.None, -1, -1), await Find(-5, version: 9));
        Assert.Equal((ErrorCode.None, -1, -1), await Find(-6, version: 11));
        Assert.Equal((ErrorCode.None, 0, 1_000_000), await Find(0));
        Assert.Equal((ErrorCode.None, 1, 3_000_000), await Find(1_000_001));
        Assert.Equal((ErrorCode.None, 1, 3_000_000), await Find(2_000_000));
        Assert.Equal((ErrorCode.None, -1, -1), await Find(3_000_001));
        Assert.Equal(ErrorCode.UnsupportedVersion, (await Find(-3, version: 6)).Item1);
        Assert.Equal(ErrorCode.UnsupportedVersion, (await Find(-4, version: 7)).Item1);
        Assert.Equal(ErrorCode.UnsupportedVersion, (await Find(-7, version: 11)).Item1);
    }

    [SkippableFact]
    public async Task Leader_epochs_are_those_of_one_leader()
    {
        var topic = await NewTopicAsync();
        await using var client = await ConnectAsync();
        await ProduceAsync(client, topic, new TestBatch { Values = ["a", "b"] }.ToBytes());

        async Task<(ErrorCode, int, long)> End(int epoch, int current)
        {
            var response = await client.SendAsync<OffsetForLeaderEpochResponse>(ApiKey.OffsetForLeaderEpoch, 4, new OffsetForLeaderEpochRequest
            {
                Topics = [new() { Name = topic, Partitions = [new() { LeaderEpoch = epoch, CurrentLeaderEpoch = current }] }],
            });
            var found = response.Topics.Single().Partitions.Single();
            return (found.Error, found.LeaderEpoch, found.EndOffset);
        }

        Assert.Equal((ErrorCode.None, 0, 2), await End(0, 0));
        Assert.Equal((ErrorCode.None, 0, 2), await End(0, -1));
        Assert.Equal((ErrorCode.None, -1, -1), await End(5, -1));
        Assert.Equal(ErrorCode.UnknownLeaderEpoch, (await End(0, 9)).Item1);

        var request = FetchRequest(topic, 0);
        request.Topics[0].Partitions[0].CurrentLeaderEpoch = 9;
        var fetched = await client.SendAsync<FetchResponse>(ApiKey.Fetch, 12, request);
        Assert.Equal(ErrorCode.UnknownLeaderEpoch, fetched.Topics.Single().Partitions.Single().Error);
    }

    [SkippableFact]
    public async Task A_consumer_reads_what_a_producer_writes_meanwhile()
    {
        var topic = await NewTopicAsync(partitions: 3);
        using var consumer = Consumer(Unique("group"));
        consumer.Subscribe(topic);
        using var producer = Producer();
        for (var i = 0; i < 1000; i++)
        {
            producer.Produce(topic, new Message<string?, string?> { Key = $"{i % 50}", Value = $"{i}" });
        }

        producer.Flush(Patience);
        var found = Take(consumer, 1000);
        Assert.Equal(1000, found.Select(f => f.Message.Value).Distinct().Count());
        foreach (var key in found.GroupBy(f => f.Message.Key))
        {
            Assert.Equal(key.Select(f => int.Parse(f.Message.Value!)).Order(), key.Select(f => int.Parse(f.Message.Value!)));
        }
    }
}
