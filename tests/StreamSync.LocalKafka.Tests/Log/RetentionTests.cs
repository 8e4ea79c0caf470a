using StreamSync.LocalKafka.Log;
using StreamSync.LocalKafka.Protocol;

namespace StreamSync.LocalKafka.Tests.Log;

public sealed class RetentionTests
{
    static string[] Logs(LogFixture fixture) => Directory.GetFiles(fixture.PartitionDirectory, "*.log");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Segments_go_when_their_newest_record_is_too_old(bool restart)
    {
        using var fixture = new LogFixture(new LogOptions { SegmentBytes = 300, RetentionMs = 3_660_000 });
        for (var i = 0; i < 6; i++)
        {
            fixture.AppendValues(new string('a', 100));
            fixture.Clock.Advance(TimeSpan.FromMinutes(20));
        }

        if (restart)
        {
            fixture.Reopen();
        }

        var before = fixture.Log.LogStartOffset;
        fixture.Clock.Advance(TimeSpan.FromMinutes(1));
        fixture.Log.RunRetention(); // records are 21, 41, ... 121 minutes old
        Assert.Equal((0, 3), (before, fixture.Log.LogStartOffset));
        using var gone = fixture.Log.Read(2, 1000, false, true);
        Assert.Equal(ErrorCode.OffsetOutOfRange, gone.Error);
        Assert.Equal([3, 4, 5], fixture.Values().Select(v => v.Offset));
        fixture.Crash();
        Assert.Equal((3, 6), (fixture.Log.LogStartOffset, fixture.Log.LogEndOffset));
    }

    [Theory]
    [InlineData(7 * 86_400_000L, 30)]
    [InlineData(5_000, 5)]
    public void Records_of_the_past_stay_long_enough_to_be_read(long retentionMs, int seconds)
    {
        using var fixture = new LogFixture(new LogOptions { RetentionMs = retentionMs });
        void Append() => fixture.Append(new TestBatch { Records = [new("k", "v")], BaseTimestamp = 1_000, MaxTimestamp = 1_000 });
        Append();
        fixture.Clock.Advance(TimeSpan.FromSeconds(seconds - 1));
        fixture.Log.RunRetention();
        Assert.Equal(0, fixture.Log.LogStartOffset);

        // A restart does not know when they came.
        fixture.Reopen();
        fixture.Clock.Advance(TimeSpan.FromSeconds(seconds - 1));
        fixture.Log.RunRetention();
        Append();
        fixture.Clock.Advance(TimeSpan.FromSeconds(seconds - 1));
        fixture.Log.RunRetention();
        Assert.Equal(0, fixture.Log.LogStartOffset);
        fixture.Clock.Advance(TimeSpan.FromSeconds(1));
        fixture.Log.RunRetention();
        Assert.Equal((2, 2), (fixture.Log.LogStartOffset, fixture.Log.LogEndOffset));
    }

    [Fact]
    public void Even_the_last_segment_goes_and_offsets_go_on()
    {
        using var fixture = new LogFixture();
        fixture.AppendValues("a", "b");
        fixture.Clock.Advance(TimeSpan.FromDays(8));
        fixture.Log.RunRetention();
        fixture.Log.RunRetention();
        Assert.Equal((2, 2, 0), (fixture.Log.LogStartOffset, fixture.Log.LogEndOffset, fixture.Log.SizeBytes));
        Assert.Single(Logs(fixture));
        fixture.Crash();
        Assert.Equal(2, fixture.AppendValues("c"));
        Assert.Equal([(2, "c")], fixture.Values());
    }

    [Fact]
    public void The_oldest_segments_go_when_the_log_is_too_large()
    {
        using var fixture = new LogFixture(new LogOptions { SegmentBytes = 1000, RetentionBytes = 3000, RetentionMs = -1 });
        for (var i = 0; i < 100; i++)
        {
            fixture.AppendValues(new string('a', 100));
            fixture.Log.RunRetention();
            Assert.InRange(fixture.Log.SizeBytes, 0, 4000);
        }

        Assert.InRange(fixture.Log.SizeBytes, 3000, 4000);
        Assert.Equal(fixture.Log.LogEndOffset - fixture.Log.LogStartOffset, fixture.Values().Count);
    }

    [Fact]
    public void A_clock_that_is_set_back_deletes_nothing_and_append_times_never_decrease()
    {
        using var fixture = new LogFixture(new LogOptions { SegmentBytes = 200, RetentionMs = 60_000, Timestamps = TimestampType.LogAppendTime });
        var clock = new MovableClock { Now = LogFixture.Start };
        using var log = PartitionLog.Open(Path.Combine(fixture.Directory, "moved-0"), "moved", 0, fixture.Options, clock, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var times = new List<long>();
        foreach (var minute in new[] { 0, 600, 0, -600, 1 })
        {
            clock.Now = LogFixture.Start.AddMinutes(minute);
            times.Add(log.Append(new TestBatch { Records = [new("k", new string('v', 100))] }.Build(5), true).LogAppendTimeMs);
        }

        Assert.Equal(times.Order(), times);
        log.RunRetention();
        Assert.Equal(5, log.ReadRecords(0).Count(r => r.Offset > 0) + 1);
        Assert.Equal(times, log.ReadRecords(0).Select(r => r.Timestamp));
        log.Maintain();
        (clock.Now, clock.Passed) = (LogFixture.Start.AddMinutes(602), TimeSpan.FromMinutes(1));
        log.RunRetention();
        Assert.Equal(log.LogEndOffset, log.LogStartOffset);
    }

    [Fact]
    public void Records_without_timestamps_age_by_the_time_of_their_file()
    {
        using var fixture = new LogFixture(new LogOptions { RetentionMs = 3_600_000 });
        fixture.Append(new TestBatch { BaseTimestamp = -1 });
        File.SetLastWriteTimeUtc(fixture.SegmentFile(0), LogFixture.Start.UtcDateTime);
        fixture.Log.RunRetention();
        Assert.Equal(0, fixture.Log.LogStartOffset);
        fixture.Clock.Advance(TimeSpan.FromHours(2));
        fixture.Log.RunRetention();
        Assert.Equal(1, fixture.Log.LogStartOffset);
    }

    [Fact]
    public void A_compacted_topic_keeps_old_records_unless_it_deletes_too()
    {
        foreach (var (policy, start) in new[] { (CleanupPolicy.Compact, 0L), (CleanupPolicy.CompactDelete, 1L), (CleanupPolicy.None, 0L) })
        {
            using var fixture = new LogFixture(new LogOptions { Cleanup = policy });
            fixture.AppendValues("a");
            fixture.Clock.Advance(TimeSpan.FromDays(8));
            fixture.Log.RunRetention();
            Assert.Equal(start, fixture.Log.LogStartOffset);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(10)]
    public void Records_before_an_offset_are_deleted_for_good(int offset)
    {
        using var fixture = new LogFixture(new LogOptions { SegmentBytes = 300 });
        for (var i = 0; i < 5; i++)
        {
            fixture.AppendValues($"a{i}", $"b{i}");
        }

        var files = Logs(fixture).Length;
        Assert.Equal((ErrorCode.None, offset), (fixture.Log.DeleteRecordsBefore(offset, out var start), start));
        Check();
        if (offset >= 7)
        {
            Assert.True(Logs(fixture).Length < files);
        }

        fixture.Crash();
        Check();
        fixture.AppendValues("c");
        fixture.Reopen();
        Assert.Equal(11 - offset, fixture.Values().Count);

        void Check()
        {
            Assert.Equal((offset, 10), (fixture.Log.LogStartOffset, fixture.Log.LogEndOffset));
            Assert.Equal(Enumerable.Range(offset, 10 - offset).Select(i => (long)i), fixture.Values().Select(v => v.Offset));
            Assert.Equal(new OffsetAndTimestamp(offset, -1, 0), fixture.Log.OffsetForTimestamp(PartitionLog.EarliestTimestamp, false));
            Assert.Equal(offset == 10 ? -1 : offset, fixture.Log.OffsetForTimestamp(0, false).Offset);
            if (offset > 0)
            {
                using var read = fixture.Log.Read(offset - 1, 1000, false, true);
                Assert.Equal(ErrorCode.OffsetOutOfRange, read.Error);
            }
        }
    }

    [Fact]
    public void Deleting_records_answers_as_Apache_does()
    {
        using var fixture = new LogFixture();
        fixture.AppendValues("a", "b", "c");
        Assert.Equal((ErrorCode.OffsetOutOfRange, -1), (fixture.Log.DeleteRecordsBefore(4, out var start), start));
        Assert.Equal(ErrorCode.OffsetOutOfRange, fixture.Log.DeleteRecordsBefore(-2, out _));
        Assert.Equal((ErrorCode.None, 2), (fixture.Log.DeleteRecordsBefore(2, out start), start));
        Assert.Equal((ErrorCode.None, 2), (fixture.Log.DeleteRecordsBefore(1, out start), start));
        Assert.Equal((ErrorCode.None, 3), (fixture.Log.DeleteRecordsBefore(-1, out start), start));
        fixture.Log.UpdateOptions(fixture.Options with { Cleanup = CleanupPolicy.Compact });
        Assert.Equal(ErrorCode.PolicyViolation, fixture.Log.DeleteRecordsBefore(3, out _));
        fixture.Log.UpdateOptions(fixture.Options with { Cleanup = CleanupPolicy.CompactDelete });
        Assert.Equal(ErrorCode.None, fixture.Log.DeleteRecordsBefore(3, out _));
    }

    [Fact]
    public void Deleting_into_an_open_transaction_moves_the_last_stable_offset_along()
    {
        using var fixture = new LogFixture();
        for (var i = 0; i < 3; i++)
        {
            fixture.Append(new TestBatch { ProducerId = 1, ProducerEpoch = 0, BaseSequence = i, Transactional = true });
        }

        fixture.Log.DeleteRecordsBefore(2, out _);
        Assert.Equal(2, fixture.Log.LastStableOffset);
        fixture.Log.AppendControl(1, 0, true, 0);
        Assert.Equal(4, fixture.Log.LastStableOffset);
    }

    [Fact]
    public void A_segment_takes_no_more_records_than_its_age_allows()
    {
        using var fixture = new LogFixture(new LogOptions { SegmentMs = 60_000 });
        fixture.AppendValues("a");
        fixture.Clock.Advance(TimeSpan.FromSeconds(60));
        fixture.AppendValues("b");
        Assert.Single(Logs(fixture));
        fixture.Clock.Advance(TimeSpan.FromSeconds(1));
        fixture.AppendValues("c");
        Assert.Equal(2, Logs(fixture).Length);
    }

    sealed class MovableClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public TimeSpan Passed { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => Now;

        public override long GetTimestamp() => Passed.Ticks;
    }
}
