using System.Buffers.Binary;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using K4os.Compression.LZ4;
using K4os.Compression.LZ4.Streams;
using StreamSync.LocalKafka.Log;
using StreamSync.LocalKafka.Log.Batches;
using StreamSync.LocalKafka.Protocol;

namespace StreamSync.LocalKafka.Tests.Log;

public sealed class CodecTests
{
    public static TheoryData<string> Codecs => ["None", "Gzip", "Snappy", "Lz4", "Zstd"];

    static CompressionType Codec(string name) => Enum.Parse<CompressionType>(name);

    [Property]
    public bool A_number_is_read_back_from_as_many_bytes_as_its_size_says(long value)
    {
        Span<byte> buffer = stackalloc byte[Varint.MaxBytes];
        var written = Varint.Write(buffer, value);
        var at = 0;
        return written == Varint.SizeOf(value) && Varint.TryRead64(buffer, ref at, out var read) && read == value && at == written;
    }

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    [InlineData(63)]
    [InlineData(-64)]
    [InlineData(64)]
    public void Numbers_at_the_limits_are_read_back(long value) =>
        Assert.True(A_number_is_read_back_from_as_many_bytes_as_its_size_says(value));

    [Fact]
    public void A_number_that_is_cut_off_or_too_long_is_refused()
    {
        var at = 0;
        Assert.False(Varint.TryRead64([0x80, 0x80], ref at, out _));
        at = 0;
        Assert.False(Varint.TryRead32([0x80, 0x80, 0x80, 0x80, 0x80, 0x01], ref at, out _));
        at = 0;
        Assert.False(Varint.TryRead64([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], ref at, out _));
        at = 0;
        Assert.False(Varint.TryRead32([0xFF, 0xFF, 0xFF, 0xFF, 0x7F], ref at, out _)); // 35 bits
    }

    [Property]
    public bool The_checksum_is_that_of_the_slow_definition(byte[] data) => Crc32C.Compute(data) == TestBatch.SlowCrc(data);

    [Fact]
    public void The_checksum_of_the_standard_test_vector_is_right() =>
        Assert.Equal(0xE3069283u, Crc32C.Compute("123456789"u8)); // RFC 3720's check value

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Every_codec_gives_back_what_it_took(string name)
    {
        var codec = Codec(name);
        var random = new Random(7);
        foreach (var size in new[] { 1, 10, 1000, 32 * 1024, 64 * 1024, 64 * 1024 + 1, 1_000_000 })
        {
            foreach (var entropy in new[] { 1, 4, 256 })
            {
                var data = new byte[size];
                random.NextBytes(data);
                for (var i = 0; i < size; i++)
                {
                    data[i] &= (byte)(entropy - 1);
                }

                byte[]? pooled = null;
                var batch = new byte[BatchHeader.Size].Concat(BatchWriter.Compress(codec, data, ref pooled).ToArray()).ToArray();
                using var payload = BatchPayload.Unpack(batch, codec);
                Assert.True(payload.Records.Span.SequenceEqual(data), $"{codec} {size} {entropy}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Batches_of_the_Java_client_are_stored_unopened_and_decoded(string codec)
    {
        using var stream = typeof(CodecTests).Assembly.GetManifestResourceStream("JavaBatches.txt")!;
        var line = new StreamReader(stream).ReadToEnd().Split('\n').Single(l => l.StartsWith(codec, StringComparison.OrdinalIgnoreCase));
        var batch = Convert.FromBase64String(line.Split(' ')[1]);
        using var fixture = new LogFixture();
        var original = (byte[])batch.Clone();

        Assert.Equal(ErrorCode.None, fixture.Log.Append(batch, true).Error);

        using var read = fixture.Log.Read(0, 1 << 20, false, true);
        BatchHeader.Assign(original, 0, PartitionLog.LeaderEpoch);
        Assert.Equal(original, read.Records.ToArray());
        var records = fixture.Log.ReadRecords(0).ToList();
        Assert.Equal(20, records.Count);
        for (var i = 0L; i < 20; i++)
        {
            Assert.Equal((i, 1_700_000_000_000 + i * 3, 4711L, (short)3), (records[(int)i].Offset, records[(int)i].Timestamp, records[(int)i].ProducerId, records[(int)i].ProducerEpoch));
            Assert.Equal(i % 5 == 4 ? null : $"key-{i}", Text(records[(int)i].Key));
            Assert.Equal(i % 7 == 6 ? null : $"value-{i}-{new string('x', (int)i * 40)}", Text(records[(int)i].Value));
        }

        // Sequence numbers ran past 2^31-1 within the batch.
        Assert.Equal(11, Assert.Single(fixture.Log.ActiveProducers()).LastSequence);
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void A_topic_with_a_codec_of_its_own_stores_every_batch_in_it(string name)
    {
        var target = Codec(name);
        foreach (var source in Enum.GetValues<CompressionType>().Where(c => c != CompressionType.Producer))
        {
            using var fixture = new LogFixture(new LogOptions { Compression = target });
            var records = Enumerable.Range(0, 50).Select(i => new TestRecord($"k{i}", $"v{i}", i, ("h", "1"))).ToList();
            var sent = new TestBatch { Codec = source, Records = records, ProducerId = 5, ProducerEpoch = 2, BaseSequence = 9 };

            Assert.Equal(ErrorCode.None, fixture.Append(sent).Error);

            using var read = fixture.Log.Read(0, 1 << 20, false, true);
            var header = BatchHeader.Parse(read.Records.Span);
            Assert.Equal(target, header.Codec);
            Assert.Equal((5L, (short)2, 9, 50, 49), (header.ProducerId, header.ProducerEpoch, header.BaseSequence, header.Count, header.LastOffsetDelta));
            Assert.Equal(header.Crc, BatchHeader.ComputeCrc(read.Records.Span));
            Assert.Equal(fixture.NowMs + 49, header.MaxTimestamp);
            Assert.Equal(records.Select(r => r.Value), fixture.Values().Select(v => v.Value));
        }
    }

    [Fact]
    public void Raw_snappy_as_librdkafka_sends_it_is_read()
    {
        using var fixture = new LogFixture();
        var plain = new TestBatch().Build(fixture.NowMs)[BatchHeader.Size..];
        Assert.Equal(ErrorCode.None, fixture.Append(new TestBatch { Codec = CompressionType.Snappy, Payload = Snappier.Snappy.CompressToArray(plain) }).Error);
        Assert.Equal("v", Assert.Single(fixture.Values()).Value);
    }

    [Fact]
    public void A_frame_of_linked_LZ4_blocks_is_refused_because_Java_consumers_cannot_read_it()
    {
        using var fixture = new LogFixture();
        var plain = new TestBatch { Records = [.. Enumerable.Range(0, 100_000).Select(i => new TestRecord("k", "v"))] }.Build(fixture.NowMs)[BatchHeader.Size..];
        foreach (var chained in new[] { false, true })
        {
            using var frame = new MemoryStream();
            using (var encoder = LZ4Stream.Encode(frame, new LZ4EncoderSettings { ChainBlocks = chained, BlockSize = 64 * 1024 }, leaveOpen: true))
            {
                encoder.Write(plain);
            }

            var result = fixture.Append(new TestBatch { Codec = CompressionType.Lz4, Payload = frame.ToArray(), Count = 100_000 });

            Assert.Equal(chained ? ErrorCode.UnknownServerError : ErrorCode.None, result.Error);
        }
    }

    [Theory]
    [InlineData("Gzip")]
    [InlineData("Lz4")]
    [InlineData("Zstd")]
    public void Flipped_bits_in_compressed_records_never_crash_and_are_mostly_refused(string name)
    {
        var codec = Codec(name);
        using var fixture = new LogFixture();
        var plain = new TestBatch { Records = [.. Enumerable.Range(0, 200).Select(i => new TestRecord($"key-{i}", $"value-{i * 7919}"))] };
        byte[]? pooled = null;
        var payload = BatchWriter.Compress(codec, plain.Build(fixture.NowMs).AsSpan(BatchHeader.Size), ref pooled).ToArray();
        var refused = 0;
        for (var bit = 0; bit < payload.Length * 8; bit += 5)
        {
            var harmed = (byte[])payload.Clone();
            harmed[bit / 8] ^= (byte)(1 << (bit % 8));
            var result = fixture.Append(plain with { Codec = codec, Payload = harmed });
            Assert.True(result.Error is ErrorCode.None or ErrorCode.UnknownServerError or ErrorCode.InvalidRecord or ErrorCode.InvalidTimestamp, $"{result.Error}");
            refused += result.Error == ErrorCode.None ? 0 : 1;
        }

        Assert.True(refused > 0);
        Assert.Equal(fixture.Log.LogEndOffset, fixture.Log.ReadRecords(0).Count());
    }

    [Fact]
    public void A_frame_that_unfolds_without_end_takes_little_memory()
    {
        // 2 GB of zeros in under 100 KB: one record whose value never ends.
        using var fixture = new LogFixture();
        using var head = new MemoryStream();
        TestBatch.Varint(head, int.MaxValue);
        head.Write([0, 0, 0, 1]);
        TestBatch.Varint(head, int.MaxValue - 100);
        using var frame = new MemoryStream();
        using (var zstd = new ZstdSharp.CompressionStream(frame, 1, leaveOpen: true))
        {
            zstd.Write(head.ToArray());
            var zeros = new byte[1 << 20];
            for (var i = 0; i < 1500; i++)
            {
                zstd.Write(zeros);
            }
        }

        var batch = new TestBatch { Codec = CompressionType.Zstd, Payload = frame.ToArray() }.Build(fixture.NowMs);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var result = fixture.Log.Append(batch, true);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(ErrorCode.InvalidRecord, result.Error);
        Assert.Contains("unfold", result.Message, StringComparison.Ordinal);

        // The window through which records are looked at, and as much again for the decoder, the error and all else.
        Assert.True(allocated < 2 * 64 * 1024, $"{allocated} bytes");
    }

    [Fact]
    public void A_snappy_block_that_claims_gigabytes_is_refused_unopened()
    {
        using var fixture = new LogFixture();
        var result = fixture.Append(new TestBatch { Codec = CompressionType.Snappy, Payload = [0xFF, 0xFF, 0xFF, 0xFF, 0x07, 1, 2, 3] });
        Assert.Equal(ErrorCode.UnknownServerError, result.Error);
    }

    [Property(MaxTest = 60)]
    public Property Any_batch_comes_back_as_it_went_in()
    {
        var text = Gen.OneOf(Gen.Constant<string?>(null), Gen.Choose(0, 300).Select(n => (string?)new string('s', n)), Gen.Choose(0, 99).Select(n => (string?)$"é{n}"));
        var record = from key in text
                     from value in text
                     from delta in Gen.Choose(-1000, 1000)
                     from headers in Gen.Choose(0, 3)
                     select new TestRecord(key, value, delta, [.. Enumerable.Range(0, headers).Select(i => ($"h{i}", i == 1 ? null : (string?)$"{i}"))]);
        var batch = from records in record.NonEmptyListOf()
                    from codec in Gen.Elements(CompressionType.None, CompressionType.Gzip, CompressionType.Snappy, CompressionType.Lz4, CompressionType.Zstd)
                    select new TestBatch { Records = [.. records], Codec = codec };
        return Prop.ForAll(batch.ListOf().ToArbitrary(), batches =>
        {
            using var fixture = new LogFixture(new LogOptions { SegmentBytes = 4000, IndexIntervalBytes = 100, MaxMessageBytes = 1 << 20 });
            var expected = new List<(string?, string?, long)>();
            foreach (var b in batches)
            {
                if (fixture.Append(b).Error == ErrorCode.None)
                {
                    expected.AddRange(b.Records.Select(r => (r.Key, r.Value, fixture.NowMs + r.TimestampDelta)));
                }
            }

            fixture.Crash();
            return fixture.Log.ReadRecords(0).Select(r => (Text(r.Key), Text(r.Value), r.Timestamp)).SequenceEqual(expected);
        });
    }

    static string? Text(byte[]? bytes) => bytes is null ? null : Encoding.UTF8.GetString(bytes);
}
