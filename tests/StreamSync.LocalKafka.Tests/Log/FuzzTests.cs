using System.Buffers.Binary;
using StreamSync.LocalKafka.Log;
using StreamSync.LocalKafka.Log.Batches;
using StreamSync.LocalKafka.Protocol;

namespace StreamSync.LocalKafka.Tests.Log;

/// <summary>Hostile bytes: whatever comes, nothing is thrown, little memory is taken, and what is stored can be read.</summary>
public sealed class FuzzTests
{
    const int Rounds = 4000;

    /// <summary>
    /// What one append may allocate: the largest block of an LZ4 frame, the window through which compressed records are looked at, as many
    /// messages as are listed (200 characters each, made from a format with four boxed numbers), and the indexes of the log, which
    /// double now and then, with an entry for each of the batches that were taken.
    /// </summary>
    const long AllocationLimit = LargestBlock + ScanWindow + ListedErrors * ErrorBytes + 2 * Rounds * IndexEntryBytes + Plain;

    const long LargestBlock = 4 << 20, ScanWindow = 64 << 10, ListedErrors = 1000, ErrorBytes = 2 * 200 + 300, IndexEntryBytes = 16, Plain = 64 << 10;

    static readonly int[] Extremes = [int.MinValue, -2, -1, 0, 1, 13, 14, 48, 49, 60, 61, 1 << 20, int.MaxValue - 12, int.MaxValue - 11, int.MaxValue];

    static void AppendHostile(LogFixture fixture, byte[] bytes)
    {
        var (end, size) = (fixture.Log.LogEndOffset, fixture.Log.SizeBytes);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var result = fixture.Log.Append(bytes, true);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < AllocationLimit, $"{allocated} bytes for {result}");
        if (result.Error != ErrorCode.None)
        {
            Assert.Equal((end, size), (fixture.Log.LogEndOffset, fixture.Log.SizeBytes));
        }
    }

    static void ExpectReadable(LogFixture fixture)
    {
        var offsets = fixture.Log.ReadRecords(0).Select(r => r.Offset).ToList();
        Assert.Equal(Enumerable.Range(0, (int)fixture.Log.LogEndOffset).Select(i => (long)i), offsets);
        fixture.Crash();
        Assert.Equal(offsets, fixture.Log.ReadRecords(0).Select(r => r.Offset));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Random_bytes(int seed)
    {
        var random = new Random(seed);
        using var fixture = new LogFixture();
        for (var i = 0; i < Rounds; i++)
        {
            var bytes = new byte[random.Next(300)];
            random.NextBytes(bytes);
            if (bytes.Length > 20 && i % 2 == 0)
            {
                // Past the first gate.
                BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(8), random.Next(4) == 0 ? Extremes[random.Next(Extremes.Length)] : bytes.Length - 12);
                bytes[16] = 2;
            }

            AppendHostile(fixture, bytes);
        }

        Assert.Equal(0, fixture.Log.LogEndOffset);
    }

    [Theory]
    [InlineData("None", 3)]
    [InlineData("Gzip", 4)]
    [InlineData("Snappy", 5)]
    [InlineData("Lz4", 6)]
    [InlineData("Zstd", 7)]
    public void Good_batches_with_fields_changed_and_the_checksum_set_right(string codec, int seed)
    {
        var random = new Random(seed);
        using var fixture = new LogFixture(new LogOptions { Cleanup = CleanupPolicy.CompactDelete });
        var good = new TestBatch
        {
            Codec = Enum.Parse<CompressionType>(codec),
            Records = [.. Enumerable.Range(0, 10).Select(i => new TestRecord($"key-{i}", new string('v', i * 9), i, ("h", "v"), ("n", null)))],
            ProducerId = 3,
            ProducerEpoch = 1,
            BaseSequence = 0,
        }.Build(fixture.NowMs);
        for (var i = 0; i < Rounds; i++)
        {
            var bytes = (byte[])good.Clone();
            for (var changes = 1 + random.Next(3); changes > 0; changes--)
            {
                Change(random, ref bytes);
            }

            if (random.Next(10) > 0 && bytes.Length > BatchHeader.Size)
            {
                BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(17), BatchHeader.ComputeCrc(bytes));
            }

            AppendHostile(fixture, bytes);
        }

        ExpectReadable(fixture);
    }

    static void Change(Random random, ref byte[] bytes)
    {
        switch (random.Next(5))
        {
            case 0:
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                break;
            case 1:
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                break;
            case 2 when bytes.Length > 4:
                BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(random.Next(bytes.Length - 4)), Extremes[random.Next(Extremes.Length)]);
                break;
            case 3:
                bytes = bytes[..random.Next(1, bytes.Length + 1)];
                break;
            default:
                // Cut or doubled in the middle, with the length told right.
                var at = random.Next(bytes.Length);
                bytes = random.Next(2) == 0 ? [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + 1 + random.Next(9))..]] : [.. bytes[..at], .. bytes];
                if (bytes.Length >= 12)
                {
                    BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(8), bytes.Length - 12);
                }

                break;
        }

        if (bytes.Length == 0)
        {
            bytes = [0];
        }
    }

    [Fact]
    public void Segment_files_with_anything_in_them_are_opened_and_take_appends()
    {
        var random = new Random(8);
        using var fixture = new LogFixture(new LogOptions { SegmentBytes = 1000, IndexIntervalBytes = 100 });
        for (var i = 0; i < 30; i++)
        {
            fixture.Append(new TestBatch { ProducerId = 1, ProducerEpoch = 0, BaseSequence = i, Transactional = true, Records = [new("k", new string('v', random.Next(100)))] });
            if (i % 3 == 2)
            {
                fixture.Log.AppendControl(1, 0, commit: i % 2 == 0, 0);
            }
        }

        fixture.Log.Flush();
        var good = fixture.PartitionDirectory + ".good";
        LogFixture.CopyDirectory(fixture.PartitionDirectory, good);
        for (var round = 0; round < 150; round++)
        {
            fixture.Crash(directory =>
            {
                Directory.Delete(directory, recursive: true);
                LogFixture.CopyDirectory(good, directory);
                var files = Directory.GetFiles(directory).Order().ToArray();
                for (var changes = 1 + random.Next(4); changes > 0; changes--)
                {
                    var file = files[random.Next(files.Length)];
                    var bytes = File.ReadAllBytes(file);
                    if (bytes.Length > 0)
                    {
                        Change(random, ref bytes);
                        File.WriteAllBytes(file, bytes);
                    }
                }
            });
            var last = -1L;
            foreach (var record in fixture.Log.ReadRecords(0))
            {
                Assert.True(record.Offset > last);
                last = record.Offset;
            }

            Assert.True(last < fixture.Log.LogEndOffset);
            var next = fixture.AppendValues("after");
            Assert.Equal("after", Assert.Single(fixture.Values(next)).Value);
            using var committed = fixture.Log.Read(fixture.Log.LogStartOffset, 1 << 20, readCommitted: true, minOneBatch: true);
            Assert.Equal(ErrorCode.None, committed.Error);
        }
    }
}
