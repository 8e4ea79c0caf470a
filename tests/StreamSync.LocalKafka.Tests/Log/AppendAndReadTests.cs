using StreamSync.LocalKafka.Log;
using StreamSync.LocalKafka.Log.Batches;
using StreamSync.LocalKafka.Protocol;

namespace StreamSync.LocalKafka.Tests.Log;

public sealed class AppendAndReadTests
{
    [Fact]
    public void What_is_appended_is_read_back_byte_for_byte_but_for_offset_and_epoch()
    {
        using var fixture = new LogFixture();
        fixture.AppendValues("a", "b");
        var sent = new TestBatch { Records = [new("k", "v", 5, ("h", "x"), ("n", null)), new(null, null)] }.Build(fixture.NowMs);
        var expected = (byte[])sent.Clone();
        Assert.Equal(2, fixture.Log.Append(sent, true).BaseOffset);

        using var read = fixture.Log.Read(2, 1 << 20, false, true);

        BatchHeader.Assign(expected, 2, PartitionLog.LeaderEpoch);
        Assert.Equal(expected, read.Records.ToArray());
        Assert.Equal((4, 4, 0), (read.HighWatermark, read.LastStableOffset, read.LogStartOffset));
    }

    [Fact]
    public void Records_survive_a_clean_stop_and_a_crash_across_segments()
    {
        using var fixture = new LogFixture(new LogOptions { SegmentBytes = 300, IndexIntervalBytes = 64 });
        for (var i = 0; i < 50; i++)
        {
            fixture.AppendValues($"value-{i}", $"more-{i}");
        }

        var expected = fixture.Values();
        Assert.Equal(100, expected.Count);
        fixture.Reopen();
        Assert.Equal(expected, fixture.Values());
        fixture.AppendValues("after");
        fixture.Crash();
        Assert.Equal([.. expected, (100, "after")], fixture.Values());
        Assert.Equal(101, fixture.Log.LogEndOffset);
    }

    [Fact]
    public void A_read_starts_at_the_batch_that_holds_the_offset()
    {
        using var fixture = new LogFixture(new LogOptions { SegmentBytes = 1000, IndexIntervalBytes = 1 });
        for (var i = 0; i < 40; i++)
        {
            fixture.AppendValues("a", "b", "c");
        }

        for (var offset = 0; offset < 120; offset++)
        {
            using var read = fixture.Log.Read(offset, 1, false, minOneBatch: true);
            Assert.Equal(offset / 3 * 3, BatchHeader.Parse(read.Records.Span).BaseOffset);
            Assert.Equal(BatchHeader.Parse(read.Records.Span).TotalSize, read.Records.Length);
        }

        using var none = fixture.Log.Read(120, 1000, false, true);
        Assert.Equal((ErrorCode.None, 0), (none.Error, none.Records.Length));
        using var beyond = fixture.Log.Read(121, 1000, false, true);
        Assert.Equal(ErrorCode.OffsetOutOfRange, beyond.Error);
    }
}
