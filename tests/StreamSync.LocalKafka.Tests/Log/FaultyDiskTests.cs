using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;
using StreamSync.LocalKafka.Log;
using StreamSync.LocalKafka.Log.Segments;
using StreamSync.LocalKafka.Protocol;

namespace StreamSync.LocalKafka.Tests.Log;

public sealed class FaultyDiskTests
{
    /// <summary>A disk of which the test decides how much it still takes.</summary>
    sealed class FaultyIo : LogIo
    {
        public long Space { get; set; } = long.MaxValue;

        public bool RefusesFlush { get; set; }

        public bool RefusesTruncation { get; set; }

        public int Flushes { get; private set; }

        public override SafeFileHandle Open(string path, FileMode mode) =>
            Space == 0 && !File.Exists(path) ? throw new IOException("No space left on device") : base.Open(path, mode);

        public override void Write(SafeFileHandle file, ReadOnlySpan<byte> data, long position)
        {
            var n = (int)Math.Min(Space, data.Length);
            base.Write(file, data[..n], position);
            Space -= Space == long.MaxValue ? 0 : n;
            if (n < data.Length)
            {
                throw new IOException("No space left on device");
            }
        }

        public override void SetLength(SafeFileHandle file, long length)
        {
            if (RefusesTruncation)
            {
                throw new IOException("Input/output error");
            }

            base.SetLength(file, length);
        }

        public override void Flush(SafeFileHandle file)
        {
            Flushes++;
            if (RefusesFlush)
            {
                throw new IOException("Input/output error");
            }

            base.Flush(file);
        }
    }

    static void Refused(LogFixture fixture, string value = "refused")
    {
        var end = fixture.Log.LogEndOffset;
        var result = fixture.Append(new TestBatch { Records = [new(value, value)] });
        Assert.Equal((ErrorCode.KafkaStorageError, -1), (result.Error, result.BaseOffset));
        Assert.Contains("nothing was stored", result.Message, StringComparison.Ordinal);
        Assert.Equal(end, fixture.Log.LogEndOffset);
    }

    [Fact]
    public void A_full_disk_refuses_the_append_whole_and_later_appends_work()
    {
        var io = new FaultyIo();
        using var fixture = new LogFixture { Io = io };
        fixture.AppendValues("a");
        for (var space = 0; space < 70; space += 7)
        {
            io.Space = space;
            Refused(fixture);
            Assert.Equal(fixture.Log.SizeBytes, new FileInfo(fixture.SegmentFile(0)).Length);
            Assert.Equal(ErrorCode.KafkaStorageError, Assert.Throws<LogAppendException>(() => fixture.Log.AppendInternal([new([1], [2])])).Error);
            Assert.Equal(ErrorCode.KafkaStorageError, Assert.Throws<LogAppendException>(() => fixture.Log.AppendControl(1, 0, true, 0)).Error);
        }

        Assert.Contains("could not be written", Assert.Single(fixture.Said.Lines), StringComparison.Ordinal);
        io.Space = long.MaxValue;
        Assert.Equal(1, fixture.AppendValues("b"));
        Assert.Contains("can be written again", fixture.Said.Lines[^1], StringComparison.Ordinal);
        fixture.Crash();
        Assert.Equal([(0, "a"), (1, "b")], fixture.Values());
    }

    [Fact]
    public void A_refused_batch_may_come_again_with_the_same_sequence()
    {
        var io = new FaultyIo();
        using var fixture = new LogFixture { Io = io };
        var batch = new TestBatch { ProducerId = 1, ProducerEpoch = 0, BaseSequence = 0, Transactional = true };
        fixture.AppendValues("a");
        io.Space = 10;
        Assert.Equal(ErrorCode.KafkaStorageError, fixture.Append(batch).Error);
        Assert.Equal((1, 1), (fixture.Log.LogEndOffset, fixture.Log.LastStableOffset));
        Assert.Empty(fixture.Log.ActiveProducers());
        io.Space = long.MaxValue;
        Assert.Equal(1, fixture.Append(batch).BaseOffset);
        Assert.Equal(1, fixture.Append(batch).BaseOffset);
        Assert.Equal(2, fixture.Log.LogEndOffset);
    }

    [Fact]
    public void A_new_segment_that_cannot_be_made_refuses_the_append()
    {
        var io = new FaultyIo();
        using var fixture = new LogFixture(new LogOptions { SegmentBytes = 150 }) { Io = io };
        fixture.AppendValues("a");
        fixture.AppendValues("b");
        io.Space = 0;
        Refused(fixture);
        io.Space = long.MaxValue;
        Assert.Equal(2, fixture.AppendValues("c"));
        Assert.Equal(3, fixture.Values().Count);
    }

    [Fact]
    public void What_could_not_be_cut_off_at_once_is_cut_off_before_the_next_write_or_start()
    {
        foreach (var restart in new[] { false, true })
        {
            var io = new FaultyIo();
            using var fixture = new LogFixture { Io = io };
            fixture.AppendValues("a");
            (io.Space, io.RefusesTruncation) = (50, true);
            Refused(fixture);
            io.Space = long.MaxValue;
            Refused(fixture); // still there
            Assert.Equal([(0, "a")], fixture.Values());
            io.RefusesTruncation = false;
            if (restart)
            {
                fixture.Crash();
            }

            Assert.Equal(1, fixture.AppendValues("b"));
            Assert.Equal([(0, "a"), (1, "b")], fixture.Values());
            fixture.Crash();
            Assert.Equal([(0, "a"), (1, "b")], fixture.Values());
        }
    }

    [Fact]
    public void With_fsync_for_each_batch_a_failing_fsync_refuses_the_append()
    {
        var io = new FaultyIo();
        using var fixture = new LogFixture(new LogOptions { Fsync = FsyncPolicy.PerBatch }) { Io = io };
        fixture.AppendValues("a");
        Assert.Equal(1, io.Flushes);
        io.RefusesFlush = true;
        Refused(fixture);
        io.RefusesFlush = false;
        Assert.Equal(1, fixture.AppendValues("b"));
    }

    [Fact]
    public void Retention_frees_space_although_its_own_state_cannot_be_saved()
    {
        var io = new FaultyIo();
        using var fixture = new LogFixture(new LogOptions { SegmentBytes = 200, RetentionBytes = 300 }) { Io = io };
        for (var i = 0; i < 10; i++)
        {
            fixture.AppendValues($"value-{i}");
        }

        io.Space = 0;
        fixture.Log.Maintain();
        Assert.True(fixture.Log.LogStartOffset > 0);
        Assert.False(File.Exists(fixture.SegmentFile(0)));
        var expected = fixture.Values();
        fixture.Crash();
        Assert.Equal(expected, fixture.Values());
        Assert.Equal(10, fixture.Log.LogEndOffset);
    }

    [Fact]
    public void Compaction_that_runs_out_of_space_leaves_the_log_as_it_was()
    {
        var io = new FaultyIo();
        using var fixture = new LogFixture(new LogOptions { SegmentBytes = 300, Cleanup = CleanupPolicy.Compact, MinCleanableRatio = 0 }) { Io = io };
        for (var i = 0; i < 20; i++)
        {
            fixture.AppendValues("same", $"{i}");
        }

        var expected = fixture.Values();
        fixture.Log.Flush();
        io.Space = 30;
        Assert.Throws<IOException>(fixture.Log.RunCompaction);
        Assert.Equal(expected, fixture.Values());
        Assert.Empty(Directory.GetFiles(fixture.PartitionDirectory, "*" + FileNames.Cleaned));
        io.Space = long.MaxValue;
        fixture.Log.RunCompaction();
        Assert.True(fixture.Values().Count < expected.Count);
    }

    [SkippableFact]
    public void On_a_small_real_disk_everything_acknowledged_is_there_after_it_was_full()
    {
        using var disk = SmallDisk.Mount("4m");
        var name = Path.Combine(disk.Path, "t-0");
        var options = new LogOptions { SegmentBytes = 1 << 20, RetentionMs = -1 };
        var expected = new List<long>();
        using (var log = PartitionLog.Open(name, "t", 0, options, TimeProvider.System, NullLogger.Instance))
        {
            var value = new string('x', 20_000);
            ErrorCode error;
            do
            {
                var result = log.Append(new TestBatch { Records = [new("k", value)], BaseTimestamp = -1 }.Build(0), true);
                error = result.Error;
                if (error == ErrorCode.None)
                {
                    expected.Add(result.BaseOffset);
                }
            }
            while (error == ErrorCode.None);

            Assert.Equal(ErrorCode.KafkaStorageError, error);
            Assert.InRange(expected.Count, 100, 250);
            Assert.Equal(expected, log.ReadRecords(0).Select(r => r.Offset));
            Assert.Equal(ErrorCode.KafkaStorageError, log.Append(new TestBatch { Records = [new("k", value)], BaseTimestamp = -1 }.Build(0), true).Error);
            log.DeleteRecordsBefore(120, out _);
            for (var i = 0; i < 30; i++)
            {
                Assert.Equal(ErrorCode.None, log.Append(new TestBatch { Records = [new("k", value)], BaseTimestamp = -1 }.Build(0), true).Error);
            }
        }

        using var again = PartitionLog.Open(name, "t", 0, options, TimeProvider.System, NullLogger.Instance);
        Assert.Equal(expected.Count + 30, again.LogEndOffset);
        Assert.Equal(again.LogEndOffset - 120, again.ReadRecords(0).Count());
    }

    [SkippableFact]
    public void A_read_only_directory_is_refused_with_its_name_and_a_remedy()
    {
        using var disk = SmallDisk.Mount("1m");
        var directory = Path.Combine(disk.Path, "data");
        LogStore.Open(directory, TimeProvider.System, NullLogger.Instance).Dispose();
        disk.Remount("ro");
        var error = Assert.Throws<IOException>(() => LogStore.Open(directory, TimeProvider.System, NullLogger.Instance));
        Assert.Contains(directory, error.Message, StringComparison.Ordinal);
        Assert.Contains("cannot be written", error.Message, StringComparison.Ordinal);
        Assert.Contains("choose another directory", error.Message, StringComparison.Ordinal);
        var missing = Assert.Throws<IOException>(() => LogStore.Open(Path.Combine(disk.Path, "new"), TimeProvider.System, NullLogger.Instance));
        Assert.Contains("cannot be made", missing.Message, StringComparison.Ordinal);
    }

    /// <summary>A file system of a few megabytes, where this user may mount one.</summary>
    sealed class SmallDisk : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("log-disk-").FullName;

        public static SmallDisk Mount(string size)
        {
            var disk = new SmallDisk();
            if (!OperatingSystem.IsLinux() || !Run("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", disk.Path))
            {
                Directory.Delete(disk.Path);
                Skip.If(true, "This user cannot mount a file system.");
            }

            return disk;
        }

        public void Remount(string option) => Assert.True(Run("mount", "-o", $"remount,{option}", Path));

        static bool Run(string command, params string[] arguments)
        {
            try
            {
                using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
                process.WaitForExit();
                return process.ExitCode == 0;
            }
            catch (System.ComponentModel.Win32Exception)
            {
                return false;
            }
        }

        public void Dispose()
        {
            Run("umount", Path);
            Directory.Delete(Path, recursive: true);
        }
    }
}
