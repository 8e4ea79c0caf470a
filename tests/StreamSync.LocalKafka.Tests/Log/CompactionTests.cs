using StreamSync.LocalKafka.Log;
using StreamSync.LocalKafka.Log.Batches;
using StreamSync.LocalKafka.Log.Segments;
using StreamSync.LocalKafka.Protocol;

namespace StreamSync.LocalKafka.Tests.Log;

public sealed class CompactionTests
{
    static readonly LogOptions Options = new() { Cleanup = CleanupPolicy.Compact, SegmentBytes = 500, MinCleanableRatio = 0, RetentionMs = -1 };

    static void Put(LogFixture fixture, params (string Key, string? Value)[] records)
    {
        var result = fixture.Append(new TestBatch { Records = [.. records.Select(r => new TestRecord(r.Key, r.Value))] });
        Assert.Equal(ErrorCode.None, result.Error);
    }

    // The last segment is never compacted: this closes the one before it.
    static void Close(LogFixture fixture) => Put(fixture, ("filler", new string('f', 300)), ("filler2", new string('f', 80)));

    static List<(long, string?)> Data(LogFixture fixture) => [.. fixture.Values().Where(v => v.Value?.StartsWith('f') != true)];

    [Fact]
    public void Only_the_newest_record_of_each_key_stays_at_its_offset()
    {
        using var fixture = new LogFixture(Options);
        for (var i = 0; i < 40; i++)
        {
            Put(fixture, ($"k{i % 3}", $"{i}"), ("only" + i, "x" + i));
        }

        Close(fixture);
        Close(fixture);
        var size = fixture.Log.SizeBytes;
        fixture.Log.RunCompaction();
        Check();
        Assert.True(fixture.Log.SizeBytes < size);
        fixture.Crash();
        Check();
        fixture.Log.RunCompaction();
        Check();
        using var read = fixture.Log.Read(0, 1, false, true);
        Assert.Equal(0, read.LogStartOffset);

        void Check() => Assert.Equal(
            Enumerable.Range(0, 40).SelectMany(i => i >= 37 ? new[] { (i * 2L, $"{i}"), (i * 2L + 1, "x" + i) } : [(i * 2L + 1, "x" + i)]),
            Data(fixture).Select(v => (v.Item1, v.Item2!)));
    }

    [Fact]
    public void Segments_that_became_small_are_merged()
    {
        using var fixture = new LogFixture(Options);
        for (var i = 0; i < 60; i++)
        {
            Put(fixture, ("same", new string('v', 100)));
        }

        Close(fixture);
        Close(fixture);
        var before = Directory.GetFiles(fixture.PartitionDirectory, "*.log").Length;
        fixture.Log.RunCompaction();
        Close(fixture);
        fixture.Log.RunCompaction();
        Assert.True(Directory.GetFiles(fixture.PartitionDirectory, "*.log").Length < before / 4);
        Assert.Equal("same", System.Text.Encoding.UTF8.GetString(fixture.Log.ReadRecords(0).First().Key!));
        Assert.Equal(59, fixture.Log.ReadRecords(0).First().Offset);
        Assert.Empty(Directory.GetFiles(fixture.PartitionDirectory, "*" + FileNames.Cleaned).Concat(Directory.GetFiles(fixture.PartitionDirectory, "*" + FileNames.Swap)));
    }

    [Fact]
    public void A_tombstone_outlives_its_first_pass_by_the_retention_of_deletes()
    {
        using var fixture = new LogFixture(Options with { DeleteRetentionMs = 60_000 });
        Put(fixture, ("a", "1"), ("b", "1"));
        Put(fixture, ("a", null));
        Close(fixture);
        Close(fixture);
        fixture.Log.RunCompaction();
        Assert.Equal([(1, "1"), (2, null)], Data(fixture));
        var tombstone = fixture.Log.ReadRecords(2).First();
        Assert.Equal(LogFixture.Start.ToUnixTimeMilliseconds(), tombstone.Timestamp);

        fixture.Clock.Advance(TimeSpan.FromSeconds(59));
        Close(fixture);
        fixture.Log.RunCompaction();
        Assert.Equal([(1, "1"), (2, null)], Data(fixture));

        fixture.Clock.Advance(TimeSpan.FromSeconds(1));
        Close(fixture);
        fixture.Log.RunCompaction();
        Assert.Equal([(1, "1")], Data(fixture));
        Assert.Equal(ErrorCode.None, fixture.Log.Read(0, 1000, false, true).Error);
    }

    [Fact]
    public void Compaction_waits_until_enough_is_dirty_or_a_record_is_overdue()
    {
        using var fixture = new LogFixture(Options with { MinCleanableRatio = 0.9, MaxCompactionLagMs = 600_000 });
        Put(fixture, ("a", "1"));
        Put(fixture, ("a", "2"));
        Close(fixture);
        Close(fixture);
        fixture.Log.RunCompaction();
        Assert.Equal([(1, "2")], Data(fixture)); // nothing was clean before
        Put(fixture, ("a", "3"));
        Close(fixture);
        Close(fixture);
        fixture.Log.RunCompaction();
        Assert.Equal([(1, "2"), (6, "3")], Data(fixture));
        fixture.Clock.Advance(TimeSpan.FromMinutes(11));
        fixture.Log.RunCompaction();
        Assert.Equal([(6, "3")], Data(fixture));
    }

    [Fact]
    public void Young_records_and_undecided_transactions_are_left_alone()
    {
        using var fixture = new LogFixture(Options with { MinCompactionLagMs = 60_000 });
        Put(fixture, ("a", "1"));
        Put(fixture, ("a", "2"));
        Close(fixture);
        Close(fixture);
        fixture.Log.RunCompaction();
        Assert.Equal(2, Data(fixture).Count);
        fixture.Append(new TestBatch { ProducerId = 1, ProducerEpoch = 0, BaseSequence = 0, Transactional = true, Records = [new("a", "open")] });
        Close(fixture);
        Close(fixture);
        fixture.Clock.Advance(TimeSpan.FromMinutes(2));
        fixture.Log.RunCompaction();
        Assert.Equal(["2", "open"], Data(fixture).Select(d => d.Item2));
    }

    [Fact]
    public void Aborted_records_go_first_and_their_marker_when_its_time_has_come()
    {
        using var fixture = new LogFixture(Options with { DeleteRetentionMs = 60_000 });
        Put(fixture, ("a", "before")); // 0
        Transaction(1, 0, "a", "aborted"); // 1
        fixture.Log.AppendControl(1, 0, commit: false, 0); // 2
        Transaction(2, 0, "b", "old"); // 3
        fixture.Log.AppendControl(2, 0, commit: true, 0); // 4
        Transaction(2, 1, "b", "new"); // 5
        fixture.Log.AppendControl(2, 0, commit: true, 0); // 6
        Transaction(1, 1, "c", "kept"); // 7
        fixture.Log.AppendControl(1, 0, commit: true, 0); // 8
        Close(fixture);
        Close(fixture);
        fixture.Log.RunCompaction();
        Assert.Equal([(0, "before"), (5, "new"), (7, "kept")], Data(fixture));
        Assert.Equal([2, 4, 6, 8], Markers());
        Assert.Equal([new AbortedTxn(1, 1)], Aborted()); // its marker is still there, and needed by who reads from before

        // The next pass finds the aborted transaction empty and gives its marker a horizon; commit 4 has one already.
        fixture.Clock.Advance(TimeSpan.FromMinutes(2));
        Close(fixture);
        fixture.Log.RunCompaction();
        fixture.Crash();
        fixture.Clock.Advance(TimeSpan.FromMinutes(2));
        Close(fixture);
        fixture.Log.RunCompaction();
        Assert.Equal([6, 8], Markers());
        Assert.Equal([(0, "before"), (5, "new"), (7, "kept")], Data(fixture));
        Assert.Empty(Aborted());
        Assert.Equal(fixture.Log.LogEndOffset, fixture.Log.LastStableOffset);

        void Transaction(long producer, int sequence, string key, string value) => Assert.Equal(ErrorCode.None, fixture.Append(new TestBatch
        {
            ProducerId = producer,
            ProducerEpoch = 0,
            BaseSequence = sequence,
            Transactional = true,
            Records = [new(key, value)],
        }).Error);

        List<long> Markers() => [.. fixture.Log.ReadRecords(0).Where(r => r.Control is not null).Select(r => r.Offset)];

        IReadOnlyList<AbortedTxn> Aborted()
        {
            using var read = fixture.Log.Read(0, 1 << 20, readCommitted: true, true);
            return read.Aborted!;
        }
    }

    [Fact]
    public void A_producer_goes_on_where_it_was_although_its_last_record_was_compacted_away()
    {
        using var fixture = new LogFixture(Options);
        fixture.Append(new TestBatch { ProducerId = 1, ProducerEpoch = 0, BaseSequence = 0, Records = [new("a", "1"), new("b", "1")] });
        Put(fixture, ("a", "2"), ("b", "2"));
        Close(fixture);
        Close(fixture);
        fixture.Log.RunCompaction();
        Assert.Equal([(2, "2"), (3, "2")], Data(fixture));
        fixture.Crash(d => File.Delete(Path.Combine(d, FileNames.State)));
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, Append(3).Error);
        Assert.Equal(0, fixture.Append(new TestBatch { ProducerId = 1, ProducerEpoch = 0, BaseSequence = 0, Records = [new("a", "1"), new("b", "1")] }).BaseOffset);
        Assert.Equal(ErrorCode.None, Append(2).Error);

        AppendResult Append(int sequence) => fixture.Append(new TestBatch { ProducerId = 1, ProducerEpoch = 0, BaseSequence = sequence });
    }

    [Fact]
    public void Every_codec_and_header_survives_a_rewrite()
    {
        foreach (var codec in Enum.GetValues<CompressionType>().Where(c => c != CompressionType.Producer))
        {
            using var fixture = new LogFixture(Options);
            fixture.Append(new TestBatch
            {
                Codec = codec,
                Records = [new("gone", "1", 0), new("kept", "2", 7, ("h", "x"), ("n", null)), new("gone", null, 9), new("tomb", null, 11)],
            });
            Close(fixture);
            Close(fixture);
            fixture.Log.RunCompaction();
            using var read = fixture.Log.Read(0, 1, false, true);
            var header = BatchHeader.Parse(read.Records.Span);
            Assert.Equal((codec, 0, 3, 3, 4), (header.Codec, header.BaseOffset, header.LastOffsetDelta, header.Count, fixture.Log.ReadRecords(0).First(r => r.Offset > 3).Offset));
            Assert.Equal(header.Crc, BatchHeader.ComputeCrc(read.Records.Span));
            Assert.Equal(
                [(1, LogFixture.Start.ToUnixTimeMilliseconds() + 7), (2, LogFixture.Start.ToUnixTimeMilliseconds() + 9), (3, LogFixture.Start.ToUnixTimeMilliseconds() + 11)],
                fixture.Log.ReadRecords(0).Take(3).Select(r => (r.Offset, r.Timestamp)));
            using var payload = BatchPayload.Unpack(read.Records, codec);
            var records = new RecordReader(payload.Records.Span);
            records.Next();
            Assert.Equal([4, 2, (byte)'h', 2, (byte)'x', 2, (byte)'n', 1], records.RawHeaders.ToArray());
        }
    }

    [Theory]
    [InlineData("cleaned")]
    [InlineData("swap")]
    [InlineData("swap-half-deleted")]
    public void A_crash_at_any_point_of_the_exchange_leaves_all_records(string point)
    {
        using var fixture = new LogFixture(Options);
        Put(fixture, ("once", "v"));
        for (var i = 0; i < 10; i++)
        {
            Put(fixture, ($"k{i % 2}", new string('v', 60) + i));
        }

        Close(fixture);
        Close(fixture);
        fixture.Log.Flush();
        var old = fixture.PartitionDirectory + ".old";
        LogFixture.CopyDirectory(fixture.PartitionDirectory, old);
        fixture.Log.RunCompaction();
        var compacted = File.ReadAllBytes(fixture.SegmentFile(0));
        var expected = fixture.Values();
        var bases = Directory.GetFiles(fixture.PartitionDirectory, "*.log").Select(f => long.Parse(Path.GetFileNameWithoutExtension(f), System.Globalization.CultureInfo.InvariantCulture)).Order().ToList();
        fixture.Crash(directory =>
        {
            // What a crash while the first group was being exchanged would have left.
            Directory.Delete(directory, recursive: true);
            LogFixture.CopyDirectory(old, directory);
            var name = point == "cleaned" ? FileNames.Offset(0) + FileNames.Cleaned : FileNames.SwapName(0, bases[1]);
            File.WriteAllBytes(Path.Combine(directory, name), point == "cleaned" ? compacted[..20] : compacted);
            if (point == "swap-half-deleted")
            {
                File.Delete(fixture.IndexFile(0));
                var second = Directory.GetFiles(directory, "*.log").Order().ElementAt(1);
                if (long.Parse(Path.GetFileNameWithoutExtension(second), System.Globalization.CultureInfo.InvariantCulture) < bases[1])
                {
                    File.Delete(second);
                }
            }
        });
        fixture.Log.RunCompaction();
        Assert.Equal(expected, fixture.Values());
        Assert.Empty(Directory.GetFiles(fixture.PartitionDirectory, "*" + FileNames.Swap));
    }

    [Fact]
    public async Task Readers_beside_compaction_retention_and_appends_never_miss_the_newest_record()
    {
        using var fixture = new LogFixture(Options with { SegmentBytes = 2000, Cleanup = CleanupPolicy.CompactDelete, DeleteRetentionMs = 0 });
        Put(fixture, ("k", "0"));
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            var rounds = 0;
            while (!stop.IsCancellationRequested || rounds == 0)
            {
                var acknowledged = fixture.Log.LogEndOffset - 1;
                var last = -1L;
                for (var next = fixture.Log.LogStartOffset; ;)
                {
                    using var read = fixture.Log.Read(next, 10_000, false, true);
                    if (read.Error == ErrorCode.OffsetOutOfRange)
                    {
                        Assert.True(read.LogStartOffset > next);
                        next = read.LogStartOffset;
                        continue;
                    }

                    Assert.Equal(ErrorCode.None, read.Error);
                    if (read.Records.IsEmpty)
                    {
                        break;
                    }

                    for (var rest = read.Records; !rest.IsEmpty;)
                    {
                        var header = BatchHeader.Parse(rest.Span);
                        Assert.True(header.BaseOffset > last);
                        Assert.Equal(header.Crc, BatchHeader.ComputeCrc(rest.Span[..(int)header.TotalSize]));
                        last = header.LastOffset;
                        rest = rest[(int)header.TotalSize..];
                    }

                    next = last + 1;
                }

                Assert.True(last >= acknowledged, $"{last} < {acknowledged}");
                rounds++;
            }
        })).ToList();
        for (var i = 0; i < 2000; i++)
        {
            Put(fixture, ($"k{i % 7}", $"{i}"), ("big", new string('x', 100)));
            if (i % 20 == 0)
            {
                fixture.Log.RunCompaction();
            }

            if (i % 500 == 0)
            {
                fixture.Log.DeleteRecordsBefore(i, out _);
                fixture.Log.Maintain();
            }
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);
        Assert.Equal(4001, fixture.Log.LogEndOffset);
    }
}
