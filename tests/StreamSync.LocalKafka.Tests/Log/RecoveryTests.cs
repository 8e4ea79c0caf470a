using StreamSync.LocalKafka.Log;
using StreamSync.LocalKafka.Log.Batches;
using StreamSync.LocalKafka.Log.Segments;
using StreamSync.LocalKafka.Protocol;

namespace StreamSync.LocalKafka.Tests.Log;

public sealed class RecoveryTests
{
    [Fact]
    public void A_write_torn_at_any_byte_is_cut_off_and_all_before_it_stays()
    {
        using var fixture = new LogFixture();
        fixture.AppendValues("a", "b");
        fixture.AppendValues("c");
        var before = (int)fixture.Log.SizeBytes;
        fixture.AppendValues("torn", "off");
        var after = (int)fixture.Log.SizeBytes;
        var whole = File.ReadAllBytes(fixture.SegmentFile(0));
        for (var size = before; size < after; size++)
        {
            var length = size;
            fixture.Crash(_ => File.WriteAllBytes(fixture.SegmentFile(0), whole[..length]));
            Assert.Equal((3, before), (fixture.Log.LogEndOffset, fixture.Log.SizeBytes));
            Assert.Equal(before, new FileInfo(fixture.SegmentFile(0)).Length);
            Assert.Equal(3, fixture.AppendValues("again"));
            Assert.Equal([(0, "a"), (1, "b"), (2, "c"), (3, "again")], fixture.Values());
        }

        Assert.Empty(Directory.GetFiles(fixture.PartitionDirectory, "*" + FileNames.Damaged));
    }

    [Fact]
    public void Zeros_that_a_power_failure_left_at_the_end_are_cut_off()
    {
        using var fixture = new LogFixture();
        fixture.AppendValues("a");
        fixture.Crash(_ =>
        {
            using var file = File.OpenWrite(fixture.SegmentFile(0));
            file.SetLength(file.Length + 100_000);
        });
        Assert.Equal(1, fixture.AppendValues("b"));
        Assert.Equal([(0, "a"), (1, "b")], fixture.Values());
    }

    [Fact]
    public void A_payload_that_looks_like_a_batch_inside_a_torn_write_is_not_taken_for_one()
    {
        using var fixture = new LogFixture();
        fixture.AppendValues("a");
        var bait = new TestBatch().Build(fixture.NowMs);
        BatchHeader.Assign(bait, 1, 0);
        var carrier = new TestBatch { Plain = [.. new byte[40], .. bait, .. new byte[40]] }.Build(fixture.NowMs);
        BatchHeader.Assign(carrier, 1, 0);
        fixture.Crash(_ =>
        {
            using var file = new FileStream(fixture.SegmentFile(0), FileMode.Append);
            file.Write(carrier.AsSpan(..^10));
        });
        Assert.Equal(1, fixture.Log.LogEndOffset);
    }

    // Every byte of the middle batch, header and records; two bits of each.
    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 2)]
    [InlineData(false, 1)]
    public void A_flipped_byte_costs_at_most_its_own_batch(bool inClosedSegment, int followers)
    {
        using var fixture = new LogFixture(new LogOptions { SegmentBytes = inClosedSegment ? 350 : 1 << 20 });
        fixture.AppendValues("a", "b");
        var from = (int)fixture.Log.SizeBytes;
        fixture.AppendValues("damaged", "too");
        var to = (int)fixture.Log.SizeBytes;
        for (var i = 0; i < followers; i++)
        {
            fixture.AppendValues($"c{i}");
        }

        if (inClosedSegment)
        {
            fixture.AppendValues(new string('x', 100));
            Assert.True(File.Exists(fixture.SegmentFile(6)));
            fixture.Log.Flush();
        }

        var all = fixture.Values();
        var without = all.Where(v => v.Offset is < 2 or > 3).ToList();
        var good = fixture.PartitionDirectory + ".good";
        LogFixture.CopyDirectory(fixture.PartitionDirectory, good);
        var restored = 0;
        for (var at = from; at < to; at++)
        {
            foreach (var mask in new byte[] { 1, 0x80 })
            {
                var position = at;
                fixture.Crash(directory =>
                {
                    Directory.Delete(directory, recursive: true);
                    LogFixture.CopyDirectory(good, directory);
                    Flip(fixture.SegmentFile(0), position, mask);
                });
                var left = fixture.Values();
                Assert.True(left.SequenceEqual(all) || left.SequenceEqual(without), $"byte {at - from}: {string.Join(' ', left)}");
                restored += left.Count == all.Count ? 1 : 0;
                fixture.Crash();
                Assert.Equal(left, fixture.Values());
                Assert.Equal(left.Count == all.Count ? 0 : 1, Directory.GetFiles(fixture.PartitionDirectory, "*" + FileNames.Damaged).Length);
                var next = fixture.AppendValues("after");
                Assert.Equal(all[^1].Offset + 1, next);
                Assert.Equal([.. left, (next, "after")], fixture.Values());
                fixture.Reopen();
                Assert.Equal([.. left, (next, "after")], fixture.Values());
            }
        }

        // Offset, length, epoch and format lie outside the checksum and can be told from the rest.
        Assert.Equal(17 * 2, restored);
    }

    [Fact]
    public void A_flipped_byte_in_the_last_batch_costs_that_batch_and_its_bytes_are_kept()
    {
        using var fixture = new LogFixture();
        fixture.AppendValues("a");
        fixture.AppendValues("b");
        fixture.Crash(_ => Flip(fixture.SegmentFile(0), (int)new FileInfo(fixture.SegmentFile(0)).Length - 3, 4));
        Assert.Equal([(0, "a")], fixture.Values());
        Assert.Single(Directory.GetFiles(fixture.PartitionDirectory, "*" + FileNames.Damaged));
    }

    [Fact]
    public void Damage_behind_the_recovery_point_is_found_by_the_reader_that_meets_it()
    {
        using var fixture = new LogFixture(new LogOptions { SegmentBytes = 400 });
        for (var i = 0; i < 20; i++)
        {
            fixture.AppendValues($"value-{i}");
        }

        fixture.Reopen();
        Flip(fixture.SegmentFile(0), 150, 1); // in the records of the second batch
        fixture.Reopen();
        Assert.Equal([0, .. Enumerable.Range(2, 18)], fixture.Values().Select(v => (int)v.Offset));
        Assert.Equal(20, fixture.Log.LogEndOffset);
    }

    [Theory]
    [InlineData("*" + FileNames.Index)]
    [InlineData("*.state")]
    public void A_flipped_byte_anywhere_in_what_is_saved_beside_the_records_costs_none_of_them(string files)
    {
        using var fixture = new LogFixture(new LogOptions { IndexIntervalBytes = 1 });
        fixture.AppendValues("a", "b");
        fixture.AppendValues("c");
        fixture.Log.Flush();
        fixture.AppendValues("d");
        var expected = fixture.Values();
        var whole = Path.Combine(fixture.Directory, "whole");
        LogFixture.CopyDirectory(fixture.PartitionDirectory, whole);
        var file = Path.GetFileName(Assert.Single(Directory.GetFiles(whole, files)));
        for (var at = 0; at < new FileInfo(Path.Combine(whole, file)).Length; at++)
        {
            fixture.Crash(directory =>
            {
                Directory.Delete(directory, recursive: true);
                LogFixture.CopyDirectory(whole, directory);
                Flip(Path.Combine(directory, file), at, 16);
            });
            Assert.Equal(expected, fixture.Values());
            fixture.AppendValues("e");
            Assert.Equal([.. expected, (4, "e")], fixture.Values());
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Lost_or_damaged_index_files_are_built_anew(bool lose)
    {
        using var fixture = new LogFixture(new LogOptions { SegmentBytes = 600, IndexIntervalBytes = 1 });
        for (var i = 0; i < 10; i++)
        {
            fixture.AppendValues($"a{i}", $"b{i}");
            fixture.Append(new TestBatch { ProducerId = i, ProducerEpoch = 0, BaseSequence = 0, Transactional = true });
            fixture.Log.AppendControl(i, 0, commit: i % 2 == 0, 0);
        }

        var expected = fixture.Values();
        var aborted = Aborted();
        Assert.Equal(5, aborted.Count);
        fixture.Log.Flush();
        fixture.Crash(Harm);
        Assert.Equal(expected, fixture.Values());
        Assert.Equal(aborted, Aborted());

        // And when they go while the log is open.
        fixture.Reopen();
        Harm(fixture.PartitionDirectory);
        Assert.Equal(expected, fixture.Values());
        Assert.Equal(aborted, Aborted());
        fixture.AppendValues("c");
        Assert.Equal([.. expected, (40, "c")], fixture.Values());
        fixture.Crash();
        Assert.Equal([.. expected, (40, "c")], fixture.Values());

        void Harm(string directory)
        {
            foreach (var file in Directory.GetFiles(directory, "*" + FileNames.Index))
            {
                if (lose)
                {
                    File.Delete(file);
                }
                else
                {
                    Flip(file, (int)new FileInfo(file).Length - 1, 16);
                }
            }
        }

        HashSet<AbortedTxn> Aborted()
        {
            var found = new HashSet<AbortedTxn>();
            for (var offset = 0; offset < 40; offset++)
            {
                using var read = fixture.Log.Read(offset, 1, readCommitted: true, minOneBatch: true);
                found.UnionWith(read.Aborted!);
            }

            return found;
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_lost_or_damaged_state_file_costs_a_scan_and_nothing_else(bool lose)
    {
        using var fixture = new LogFixture(new LogOptions { SegmentBytes = 400 });
        for (var i = 0; i < 12; i++)
        {
            fixture.Append(new TestBatch { ProducerId = 1, ProducerEpoch = 0, BaseSequence = i });
        }

        fixture.Append(new TestBatch { ProducerId = 2, ProducerEpoch = 0, BaseSequence = 0, Transactional = true });
        fixture.Log.Flush();
        fixture.Crash(d =>
        {
            var file = Path.Combine(d, FileNames.State);
            if (lose)
            {
                File.Delete(file);
            }
            else
            {
                Flip(file, 30, 1);
            }
        });
        Assert.Equal((13, 12), (fixture.Log.LogEndOffset, fixture.Log.LastStableOffset));
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, fixture.Append(new TestBatch { ProducerId = 1, ProducerEpoch = 0, BaseSequence = 13 }).Error);
        Assert.Equal(8, fixture.Append(new TestBatch { ProducerId = 1, ProducerEpoch = 0, BaseSequence = 8 }).BaseOffset);
        Assert.Equal(13, fixture.Values().Count);
    }

    [Fact]
    public void A_clean_stop_leaves_nothing_to_scan_and_a_crash_only_what_came_after_the_recovery_point()
    {
        using var fixture = new LogFixture(new LogOptions { SegmentBytes = 1 << 20 });
        for (var i = 0; i < 200; i++)
        {
            fixture.AppendValues(new string('x', 10_000));
        }

        // Damage that a scan would notice.
        fixture.Log.Flush();
        var behind = fixture.SegmentFile(0);
        fixture.AppendValues("tail");
        fixture.Crash(_ => Flip(behind, 5000, 1));
        Assert.Empty(Directory.GetFiles(fixture.PartitionDirectory, "*" + FileNames.Damaged));
        var io = new CountingIo();
        fixture.Io = io;
        fixture.Reopen();
        Assert.Equal((201, 0), (fixture.Log.LogEndOffset, io.LogsOpened));
    }

    [Fact]
    public void Deleted_segments_at_the_front_move_the_log_start()
    {
        using var fixture = new LogFixture(new LogOptions { SegmentBytes = 200 });
        for (var i = 0; i < 10; i++)
        {
            fixture.AppendValues($"value-{i}");
        }

        var second = Directory.GetFiles(fixture.PartitionDirectory, "*.log").Order().ElementAt(1);
        fixture.Crash(_ => File.Delete(fixture.SegmentFile(0)));
        Assert.Equal(long.Parse(Path.GetFileNameWithoutExtension(second), System.Globalization.CultureInfo.InvariantCulture), fixture.Log.LogStartOffset);
        Assert.Equal(10, fixture.Log.LogEndOffset);
    }

    [Fact]
    public void Records_whose_segments_are_missing_at_the_front_are_told_once()
    {
        using var fixture = new LogFixture(new LogOptions { SegmentBytes = 200 });
        for (var i = 0; i < 10; i++)
        {
            fixture.AppendValues($"value-{i}");
        }

        var second = Directory.GetFiles(fixture.PartitionDirectory, "*.log").Order().ElementAt(1);
        fixture.Log.Flush();
        fixture.Crash(_ => File.Delete(fixture.SegmentFile(0)));
        var told = Assert.Single(fixture.Said.Lines, l => l.Contains("missing", StringComparison.Ordinal));
        Assert.Contains($"from offset 0 to {fixture.Log.LogStartOffset - 1} are lost, as their segment files are missing", told, StringComparison.Ordinal);
        Assert.Equal(FileNames.Offset(fixture.Log.LogStartOffset) + FileNames.Log, Path.GetFileName(second));

        // The log begins there from now on.
        fixture.Said.Lines.Clear();
        fixture.Reopen();
        fixture.Crash();
        Assert.Empty(fixture.Said.Lines);
    }

    [Theory]
    [InlineData(0, "first segment file begins at offset 1")]
    [InlineData(2, "from offset 2 to 2 are lost")]
    public void A_log_that_was_never_saved_tells_of_missing_segments_once(int lost, string expected)
    {
        using var fixture = new LogFixture(new LogOptions { SegmentBytes = 200 });
        for (var i = 0; i < 5; i++)
        {
            fixture.AppendValues($"a value of its own segment {i}");
        }

        fixture.Crash(_ => File.Delete(fixture.SegmentFile(lost)));
        Assert.Contains(expected, Assert.Single(fixture.Said.Lines, l => l.Contains("missing", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(0, 5).Where(i => i != lost), fixture.Values().Select(v => (int)v.Offset));

        fixture.Said.Lines.Clear();
        fixture.Reopen();
        fixture.Crash();
        Assert.Empty(fixture.Said.Lines);
    }

    [Fact]
    public void A_missing_last_segment_is_told_once()
    {
        using var fixture = new LogFixture(new LogOptions { SegmentBytes = 200 });
        for (var i = 0; i < 5; i++)
        {
            fixture.AppendValues($"a value of its own segment {i}");
        }

        fixture.Log.Flush();
        fixture.Crash(_ => File.Delete(fixture.SegmentFile(4)));
        var told = Assert.Single(fixture.Said.Lines, l => l.Contains("missing", StringComparison.Ordinal));
        Assert.Contains("from offset 4 to 4 are lost", told, StringComparison.Ordinal);
        Assert.Equal([0, 1, 2, 3], fixture.Values().Select(v => v.Offset));

        fixture.Said.Lines.Clear();
        Assert.Equal(4, fixture.AppendValues("next"));
        fixture.Crash();
        Assert.Empty(fixture.Said.Lines);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Segments_that_went_by_retention_or_on_request_are_no_loss(bool onRequest)
    {
        using var fixture = new LogFixture(new LogOptions { SegmentBytes = 200, RetentionMs = onRequest ? -1 : 1000 });
        for (var i = 0; i < 10; i++)
        {
            fixture.AppendValues($"value-{i}");
        }

        fixture.Log.Flush();
        fixture.Clock.Advance(TimeSpan.FromDays(1));
        if (onRequest)
        {
            fixture.Log.DeleteRecordsBefore(7, out _);
        }

        fixture.Log.RunRetention();
        Assert.False(File.Exists(fixture.SegmentFile(0)));
        fixture.Crash();
        Assert.Empty(fixture.Said.Lines);
    }

    [Fact]
    public void Offsets_never_start_again_after_all_segments_are_gone()
    {
        using var fixture = new LogFixture();
        fixture.AppendValues("a", "b", "c");
        fixture.Log.Flush();
        fixture.Crash(_ => File.Delete(fixture.SegmentFile(0)));
        Assert.Equal(3, fixture.AppendValues("d"));
    }

    static void Flip(string file, int position, byte mask)
    {
        var bytes = File.ReadAllBytes(file);
        bytes[position] ^= mask;
        File.WriteAllBytes(file, bytes);
    }

    sealed class CountingIo : LogIo
    {
        public int LogsOpened { get; private set; }

        public override Microsoft.Win32.SafeHandles.SafeFileHandle Open(string path, FileMode mode)
        {
            LogsOpened += path.EndsWith(FileNames.Log, StringComparison.Ordinal) ? 1 : 0;
            return base.Open(path, mode);
        }
    }
}
