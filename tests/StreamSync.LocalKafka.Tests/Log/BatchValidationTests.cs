using System.Buffers.Binary;
using System.IO.Compression;
using StreamSync.LocalKafka.Log;
using StreamSync.LocalKafka.Log.Batches;
using StreamSync.LocalKafka.Protocol;

namespace StreamSync.LocalKafka.Tests.Log;

/// <summary>
/// What Apache Kafka 4.3.1 answered to each of these batches, sent as raw frames. Where the class under test differs on
/// purpose (it refuses what Apache stores and no one can read) the name says so.
/// </summary>
public sealed class BatchValidationTests
{
    static readonly TestRecord[] Three = [new("k", "v"), new("k", "v"), new("k", "v")];

    static AppendResult Append(TestBatch batch, LogOptions? options = null)
    {
        using var fixture = new LogFixture(options);
        return AppendRaw(fixture, batch.Build(fixture.NowMs));
    }

    static AppendResult AppendRaw(LogFixture fixture, byte[] bytes)
    {
        var result = fixture.Log.Append(bytes, true);
        if (result.Error != ErrorCode.None)
        {
            Assert.Equal((0, 0L), (fixture.Log.LogEndOffset, fixture.Log.SizeBytes));
            Assert.Equal((-1, -1), (result.BaseOffset, result.LogAppendTimeMs));
            Assert.False(string.IsNullOrEmpty(result.Message));
        }

        return result;
    }

    static ErrorCode Raw(Func<byte[], byte[]> change)
    {
        using var fixture = new LogFixture();
        return AppendRaw(fixture, change(new TestBatch().Build(fixture.NowMs))).Error;
    }

    static byte[] Gzip(params byte[][] parts)
    {
        using var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true))
        {
            foreach (var part in parts)
            {
                gzip.Write(part);
            }
        }

        return output.ToArray();
    }

    static byte[] Plain(TestBatch batch) => batch.Build(0)[BatchHeader.Size..];

    [Fact]
    public void A_wrong_checksum_is_corrupt() => Assert.Equal(ErrorCode.CorruptMessage, Append(new TestBatch { WrongCrc = true }).Error);

    [Theory]
    [InlineData(0, nameof(ErrorCode.InvalidRecord))]
    [InlineData(1, nameof(ErrorCode.InvalidRecord))]
    [InlineData(3, nameof(ErrorCode.CorruptMessage))]
    [InlineData(-1, nameof(ErrorCode.CorruptMessage))]
    public void Other_formats_than_2_are_refused(sbyte magic, string expected)
    {
        var result = Append(new TestBatch { Magic = magic });
        Assert.Equal(expected, result.Error.ToString());
        Assert.Contains("format", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_request_holds_exactly_one_batch()
    {
        Assert.Equal(ErrorCode.InvalidRecord, Raw(b => [.. b, .. b]));
        Assert.Equal(ErrorCode.InvalidRecord, Raw(_ => []));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(16)]
    [InlineData(40)]
    public void A_batch_that_is_cut_off_is_refused(int length) => Assert.Equal(ErrorCode.InvalidRecord, Raw(b => b[..length]));

    [Fact]
    public void A_batch_without_its_last_byte_is_refused() => Assert.Equal(ErrorCode.InvalidRecord, Raw(b => b[..^1]));

    [Fact]
    public void A_few_bytes_after_the_batch_are_ignored_and_many_are_corrupt()
    {
        Assert.Equal(ErrorCode.None, Raw(b => [.. b, .. new byte[5]]));
        Assert.Equal(ErrorCode.CorruptMessage, Raw(b => [.. b, .. new byte[70]]));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(13)]
    [InlineData(14)]
    [InlineData(48)]
    [InlineData(int.MinValue)]
    public void An_impossible_length_is_corrupt(int length) => Assert.Equal(ErrorCode.CorruptMessage, Raw(b =>
    {
        BinaryPrimitives.WriteInt32BigEndian(b.AsSpan(8), length);
        return b;
    }));

    [Fact]
    public void A_length_beyond_the_request_is_refused() => Assert.Equal(ErrorCode.InvalidRecord, Raw(b =>
    {
        BinaryPrimitives.WriteInt32BigEndian(b.AsSpan(8), int.MaxValue);
        return b;
    }));

    public static TheoryData<TestBatchCase> InvalidRecords =>
    [
        new("base offset 5", new TestBatch { BaseOffset = 5 }),
        new("count above", new TestBatch { Records = Three, Count = 4 }),
        new("count below", new TestBatch { Records = Three, Count = 2 }),
        new("last offset delta above", new TestBatch { Records = Three, LastOffsetDelta = 5 }),
        new("last offset delta below zero", new TestBatch { LastOffsetDelta = -5 }),
        new("no records", new TestBatch { Records = [], Count = 0 }),
        new("negative count", new TestBatch { Count = -1, LastOffsetDelta = 0 }),
        new("count of 2^31-1", new TestBatch { Count = int.MaxValue }),
        new("compressed, count above", new TestBatch { Records = Three, Count = 4, Codec = CompressionType.Gzip }),
        new("compressed, count below", new TestBatch { Records = Three, Count = 2, Codec = CompressionType.Gzip }),
        new("control batch", new TestBatch { Control = true }),
        new("control batch of a transaction", new TestBatch { Control = true, Transactional = true, ProducerId = 5, ProducerEpoch = 0, BaseSequence = 0 }),
        new("producer without sequence", new TestBatch { ProducerId = 7, ProducerEpoch = 0 }),
        new("transaction without producer", new TestBatch { Transactional = true }),
        new("bytes after the last record", new TestBatch { Plain = [.. Plain(new TestBatch()), 0, 0, 0] }),
        new("compressed, bytes after the last record", new TestBatch { Codec = CompressionType.Gzip, Payload = Gzip(Plain(new TestBatch()), new byte[3]) }),
        new("record length too large", new TestBatch { Plain = [200, 1, .. Plain(new TestBatch())[1..]] }),
        new("record length too small", new TestBatch { Plain = [12, .. Plain(new TestBatch())[1..]] }),
        new("record length negative", new TestBatch { Plain = [5, .. Plain(new TestBatch())[1..]] }),
        new("record longer than its fields", new TestBatch { Plain = [18, .. Plain(new TestBatch())[1..], 0, 0] }),
        new("negative header count", new TestBatch { Plain = [.. Plain(new TestBatch())[..^1], 1] }),
        new("header count beyond the record", new TestBatch { Plain = [.. Plain(new TestBatch())[..^1], 100] }),
        new("nothing compressed by zstd", new TestBatch { Codec = CompressionType.Zstd, Payload = [] }),
        new("negative header name", new TestBatch { Plain = [20, .. Plain(new TestBatch())[1..^1], 2, 1, 1] }),
    ];

    [Theory]
    [MemberData(nameof(InvalidRecords))]
    public void A_batch_that_no_reader_could_take_is_an_invalid_record(TestBatchCase invalid) =>
        Assert.Equal(ErrorCode.InvalidRecord, Append(invalid.Batch).Error);

    public static TheoryData<TestBatchCase> Undecodable =>
    [
        new("gzip garbage", new TestBatch { Codec = CompressionType.Gzip, Payload = "garbage garbage garbage"u8.ToArray() }),
        new("snappy garbage", new TestBatch { Codec = CompressionType.Snappy, Payload = "garbage garbage garbage"u8.ToArray() }),
        new("lz4 garbage", new TestBatch { Codec = CompressionType.Lz4, Payload = "garbage garbage garbage"u8.ToArray() }),
        new("zstd garbage", new TestBatch { Codec = CompressionType.Zstd, Payload = "garbage garbage garbage"u8.ToArray() }),
        new("nothing compressed by gzip", new TestBatch { Codec = CompressionType.Gzip, Payload = [] }),
        new("nothing compressed by snappy", new TestBatch { Codec = CompressionType.Snappy, Payload = [] }),
        new("nothing compressed by lz4", new TestBatch { Codec = CompressionType.Lz4, Payload = [] }),
        new("codec 5", new TestBatch { Codec = (CompressionType)5, Payload = [1, 2, 3] }),
        new("codec 7", new TestBatch { Codec = (CompressionType)7, Payload = [1, 2, 3] }),
    ];

    /// <summary>Apache Kafka has no better code for these.</summary>
    [Theory]
    [MemberData(nameof(Undecodable))]
    public void A_batch_that_cannot_be_decompressed_is_an_unknown_error(TestBatchCase invalid) =>
        Assert.Equal(ErrorCode.UnknownServerError, Append(invalid.Batch).Error);

    public static TheoryData<TestBatchCase> StricterThanApache =>
    [
        new("deltas that skip", new TestBatch { Records = Three, OffsetDelta = i => i * 2 }),
        new("deltas from one", new TestBatch { Records = Three, OffsetDelta = i => i + 1 }),
        new("deltas that repeat, compressed", new TestBatch { Records = Three, OffsetDelta = _ => 0, Codec = CompressionType.Gzip }),
        new("key length -2", new TestBatch { Plain = [12, 0, 0, 0, 3, 1, 0] }),
    ];

    [Theory]
    [MemberData(nameof(StricterThanApache))]
    public void A_batch_that_Apache_stores_although_readers_stumble_is_refused_here(TestBatchCase invalid) =>
        Assert.Equal(ErrorCode.InvalidRecord, Append(invalid.Batch).Error);

    public static TheoryData<TestBatchCase> Accepted =>
    [
        new("producer without epoch", new TestBatch { ProducerId = 8, BaseSequence = 0 }),
        new("epoch and sequence without producer", new TestBatch { ProducerEpoch = 3, BaseSequence = 5 }),
        new("producer -2", new TestBatch { ProducerId = -2, ProducerEpoch = 0, BaseSequence = 0 }),
        new("no timestamp", new TestBatch { BaseTimestamp = -1 }),
        new("negative timestamp", new TestBatch { BaseTimestamp = -5 }),
        new("append time attribute", new TestBatch { ExtraAttributes = 8 }),
        new("unused attribute", new TestBatch { ExtraAttributes = 0x4000 }),
        new("bytes after the gzip stream", new TestBatch { Codec = CompressionType.Gzip, Payload = [.. Gzip(Plain(new TestBatch())), 0, 0, 0] }),
        new("attributes of a record", new TestBatch { Plain = [16, 0x7F, .. Plain(new TestBatch())[2..]] }),
        new("header without value", new TestBatch { Records = [new("k", "v", 0, ("a", null))] }),
    ];

    [Theory]
    [MemberData(nameof(Accepted))]
    public void Harmless_oddities_are_stored_as_Apache_stores_them(TestBatchCase valid) => Assert.Equal(ErrorCode.None, Append(valid.Batch).Error);

    [Fact]
    public void Records_without_key_are_named_one_by_one_in_a_compacted_topic()
    {
        var compacted = new LogOptions { Cleanup = CleanupPolicy.Compact };
        foreach (var codec in new[] { CompressionType.None, CompressionType.Zstd })
        {
            var result = Append(new TestBatch { Records = [new("k", "v"), new(null, "v"), new(null, null)], Codec = codec }, compacted);
            Assert.Equal(ErrorCode.InvalidRecord, result.Error);
            Assert.Equal([1, 2], result.RecordErrors!.Select(e => e.BatchIndex));
            Assert.Equal("Compacted topic cannot accept message without key in topic partition topic-0", result.RecordErrors![0].Message);
        }

        Assert.Equal(ErrorCode.None, Append(new TestBatch { Records = [new("k", null)] }, compacted).Error);
    }

    [Fact]
    public void Timestamps_outside_the_allowed_range_are_named_one_by_one()
    {
        var result = Append(new TestBatch { Records = [new("k", "v"), new("k", "v", 7_200_000)] });
        Assert.Equal(ErrorCode.InvalidTimestamp, result.Error);
        Assert.Equal("One or more records have been rejected due to invalid timestamp", result.Message);
        Assert.Equal(1, Assert.Single(result.RecordErrors!).BatchIndex);
        Assert.Equal(0, result.LogStartOffset);

        var old = new LogOptions { TimestampBeforeMaxMs = 1000 };
        Assert.Equal(ErrorCode.None, Append(new TestBatch { Records = [new("k", "v", -1000)] }, old).Error);
        Assert.Equal(ErrorCode.InvalidTimestamp, Append(new TestBatch { Records = [new("k", "v", -1001)] }, old).Error);
        Assert.Equal(ErrorCode.None, Append(new TestBatch { Records = [new("k", "v", 7_200_000)] }, new LogOptions { TimestampAfterMaxMs = long.MaxValue }).Error);
    }

    [Fact]
    public void The_append_time_attribute_is_refused_where_the_broker_sets_the_time()
    {
        var options = new LogOptions { Timestamps = TimestampType.LogAppendTime };
        Assert.Equal(ErrorCode.InvalidTimestamp, Append(new TestBatch { ExtraAttributes = 8 }, options).Error);
        Assert.Equal(ErrorCode.None, Append(new TestBatch { BaseTimestamp = 5 }, options).Error);
    }

    [Fact]
    public void Sizes_are_limited_by_message_and_by_segment()
    {
        var large = new TestBatch { Records = [new("k", new string('x', 2000))] };
        Assert.Equal(ErrorCode.MessageTooLarge, Append(large, new LogOptions { MaxMessageBytes = 1000 }).Error);
        Assert.Equal(ErrorCode.RecordListTooLarge, Append(large, new LogOptions { SegmentBytes = 1000 }).Error);

        // What counts is the size on disk.
        var small = new LogOptions { MaxMessageBytes = 1000 };
        Assert.Equal(ErrorCode.None, Append(large with { Codec = CompressionType.Gzip }, small).Error);
        Assert.Equal(ErrorCode.MessageTooLarge, Append(large with { Codec = CompressionType.Gzip }, small with { Compression = CompressionType.None }).Error);
    }

    [Fact]
    public void A_wrong_largest_timestamp_is_set_right()
    {
        using var fixture = new LogFixture();
        fixture.Append(new TestBatch { Records = [new("k", "v", 3), new("k", "v", 1)], MaxTimestamp = 12345 });
        using var read = fixture.Log.Read(0, 1000, false, true);
        var header = BatchHeader.Parse(read.Records.Span);
        Assert.Equal(fixture.NowMs + 3, header.MaxTimestamp);
        Assert.Equal(header.Crc, BatchHeader.ComputeCrc(read.Records.Span));
    }

    [Fact]
    public void A_million_bad_records_are_counted_but_not_all_listed()
    {
        const int count = 1_000_000;
        var one = Plain(new TestBatch { Records = [new(null, null)] });
        using var plain = new MemoryStream();
        for (var i = 0; i < count; i++)
        {
            using var body = new MemoryStream();
            body.Write([0, 0]);
            TestBatch.Varint(body, i);
            body.Write([1, 1, 0]);
            TestBatch.Varint(plain, body.Length);
            body.WriteTo(plain);
        }

        Assert.NotEmpty(one);
        var result = Append(
            new TestBatch { Codec = CompressionType.Zstd, Plain = plain.ToArray(), Count = count },
            new LogOptions { Cleanup = CleanupPolicy.Compact, MaxMessageBytes = 64 << 20 });
        Assert.Equal(ErrorCode.InvalidRecord, result.Error);
        Assert.Contains("1000000 record errors", result.Message, StringComparison.Ordinal);
        Assert.Equal(1000, result.RecordErrors!.Count);
    }
}

/// <summary>A batch with a name that test output shows.</summary>
public sealed class TestBatchCase
{
    internal TestBatchCase(string name, TestBatch batch) => (Name, Batch) = (name, batch);

    public string Name { get; }

    internal TestBatch Batch { get; }

    public override string ToString() => Name;
}
