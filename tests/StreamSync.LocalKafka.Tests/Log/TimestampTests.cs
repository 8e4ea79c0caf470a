using StreamSync.LocalKafka.Log;

namespace StreamSync.LocalKafka.Tests.Log;

public sealed class TimestampTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(200)]
    [InlineData(1 << 20)]
    public void The_first_record_at_or_after_a_timestamp_is_found(int indexInterval)
    {
        // Timestamps rise and fall, in batches of several.
        var random = new Random(3);
        using var fixture = new LogFixture(new LogOptions { SegmentBytes = 900, IndexIntervalBytes = indexInterval });
        var all = new List<long>();
        for (var i = 0; i < 60; i++)
        {
            var deltas = Enumerable.Range(0, 1 + random.Next(4)).Select(_ => (long)random.Next(1000)).ToList();
            fixture.Append(new TestBatch
            {
                BaseTimestamp = i * 100,
                Records = [.. deltas.Select(d => new TestRecord("k", "v", d))],
                Codec = i % 3 == 0 ? CompressionType.Lz4 : CompressionType.None,
            });
            all.AddRange(deltas.Select(d => i * 100 + d));
        }

        for (var restart = 0; restart < 3; restart++)
        {
            for (var timestamp = 0; timestamp < 7200; timestamp += 13)
            {
                var expected = all.FindIndex(t => t >= timestamp);
                var found = fixture.Log.OffsetForTimestamp(timestamp, readCommitted: false);
                Assert.Equal(expected < 0 ? (-1, -1) : (expected, all[expected]), (found.Offset, found.Timestamp));
            }

            var max = fixture.Log.OffsetForTimestamp(PartitionLog.MaxTimestamp, false);
            Assert.Equal((all.IndexOf(all.Max()), all.Max()), (max.Offset, max.Timestamp));
            _ = restart == 0 ? fixture.Crash() : fixture.Reopen();
        }
    }

    [Fact]
    public void An_empty_log_has_a_start_and_an_end_and_no_timestamp()
    {
        using var fixture = new LogFixture();
        Assert.Equal(new OffsetAndTimestamp(0, -1, 0), fixture.Log.OffsetForTimestamp(PartitionLog.LatestTimestamp, false));
        Assert.Equal(new OffsetAndTimestamp(0, -1, 0), fixture.Log.OffsetForTimestamp(PartitionLog.EarliestTimestamp, false));
        Assert.Equal(new OffsetAndTimestamp(0, -1, 0), fixture.Log.OffsetForTimestamp(PartitionLog.EarliestLocalTimestamp, false));
        Assert.Equal(-1, fixture.Log.OffsetForTimestamp(PartitionLog.MaxTimestamp, false).Offset);
        Assert.Equal(-1, fixture.Log.OffsetForTimestamp(0, false).Offset);
        Assert.Equal(-1, fixture.Log.OffsetForTimestamp(-5, false).Offset);
    }

    [Fact]
    public void Undecided_records_are_not_found_under_read_committed()
    {
        using var fixture = new LogFixture();
        fixture.AppendValues("a");
        fixture.Append(new TestBatch { BaseTimestamp = fixture.NowMs + 5, ProducerId = 1, ProducerEpoch = 0, BaseSequence = 0, Transactional = true });
        Assert.Equal(1, fixture.Log.OffsetForTimestamp(fixture.NowMs + 1, readCommitted: false).Offset);
        Assert.Equal(-1, fixture.Log.OffsetForTimestamp(fixture.NowMs + 1, readCommitted: true).Offset);
        Assert.Equal(1, fixture.Log.OffsetForTimestamp(PartitionLog.LatestTimestamp, readCommitted: true).Offset);
    }

    [Fact]
    public void Append_times_are_those_of_the_batch()
    {
        using var fixture = new LogFixture(new LogOptions { Timestamps = TimestampType.LogAppendTime });
        fixture.Append(new TestBatch { BaseTimestamp = 5, Records = [new("k", "v"), new("k", "v")] });
        var first = fixture.NowMs;
        fixture.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(fixture.NowMs, fixture.Append(new TestBatch { BaseTimestamp = 5, Records = [new("k", "v"), new("k", "v")] }).LogAppendTimeMs);
        Assert.Equal(new OffsetAndTimestamp(0, first, 0), fixture.Log.OffsetForTimestamp(6, false));
        Assert.Equal(new OffsetAndTimestamp(2, first + 1000, 0), fixture.Log.OffsetForTimestamp(first + 1, false));
        Assert.Equal(new OffsetAndTimestamp(2, first + 1000, 0), fixture.Log.OffsetForTimestamp(PartitionLog.MaxTimestamp, false));
        Assert.Equal([first, first, first + 1000, first + 1000], fixture.Log.ReadRecords(0).Select(r => r.Timestamp));
    }
}
