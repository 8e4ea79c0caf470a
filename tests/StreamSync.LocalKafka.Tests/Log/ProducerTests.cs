using StreamSync.LocalKafka.Log;
using StreamSync.LocalKafka.Log.Batches;
using StreamSync.LocalKafka.Protocol;

namespace StreamSync.LocalKafka.Tests.Log;

public sealed class ProducerTests
{
    static TestBatch Batch(long producer, short epoch, int sequence, int count = 1, bool transactional = false) => new()
    {
        Records = [.. Enumerable.Range(0, count).Select(i => new TestRecord($"{producer}", $"{sequence}+{i}"))],
        ProducerId = producer,
        ProducerEpoch = epoch,
        BaseSequence = sequence,
        Transactional = transactional,
    };

    static void Expect(LogFixture fixture, TestBatch batch, ErrorCode error, long baseOffset = -1)
    {
        var result = fixture.Append(batch);
        Assert.Equal((error, baseOffset), (result.Error, result.BaseOffset));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Repetitions_of_the_last_five_batches_are_answered_with_the_original(bool restart)
    {
        using var fixture = new LogFixture();
        Expect(fixture, Batch(100, 0, 5), ErrorCode.None, 0); // unknown producer: any sequence
        Expect(fixture, Batch(100, 0, 6, 2), ErrorCode.None, 1);
        Restart();
        Expect(fixture, Batch(100, 0, 6, 2), ErrorCode.None, 1);
        Expect(fixture, Batch(100, 0, 5), ErrorCode.None, 0);
        Expect(fixture, Batch(100, 0, 6, 1), ErrorCode.OutOfOrderSequenceNumber); // part of a batch
        Expect(fixture, Batch(100, 0, 9), ErrorCode.OutOfOrderSequenceNumber); // gap
        Expect(fixture, Batch(100, 0, 7), ErrorCode.OutOfOrderSequenceNumber);
        for (var i = 8; i < 14; i++)
        {
            Expect(fixture, Batch(100, 0, i), ErrorCode.None, i - 5);
        }

        Restart();
        Expect(fixture, Batch(100, 0, 5), ErrorCode.OutOfOrderSequenceNumber);
        Expect(fixture, Batch(100, 0, 8), ErrorCode.OutOfOrderSequenceNumber); // the sixth back
        Expect(fixture, Batch(100, 0, 9), ErrorCode.None, 4); // the fifth back
        Assert.Equal(9, fixture.Log.LogEndOffset);

        void Restart()
        {
            if (restart)
            {
                fixture.Crash();
                fixture.Reopen();
            }
        }
    }

    [Fact]
    public void A_repetition_tells_the_timestamp_of_the_original()
    {
        using var fixture = new LogFixture();
        var sent = Batch(1, 0, 0).Build(fixture.NowMs);
        fixture.Log.Append((byte[])sent.Clone(), true);
        var first = fixture.NowMs;
        fixture.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(new AppendResult(ErrorCode.None, null, 0, first, 0), fixture.Log.Append(sent, true));
    }

    [Fact]
    public void A_new_epoch_starts_at_zero_and_fences_the_old_one()
    {
        using var fixture = new LogFixture();
        Expect(fixture, Batch(1, 0, 0), ErrorCode.None, 0);
        Expect(fixture, Batch(1, 1, 3), ErrorCode.OutOfOrderSequenceNumber);
        Expect(fixture, Batch(1, 1, 0), ErrorCode.None, 1);
        Expect(fixture, Batch(1, 0, 1), ErrorCode.InvalidProducerEpoch);
        Expect(fixture, Batch(1, 1, 1), ErrorCode.None, 2);
    }

    [Fact]
    public void Sequences_go_on_at_zero_after_the_largest()
    {
        using var fixture = new LogFixture();
        Expect(fixture, Batch(1, 0, int.MaxValue - 1, 2), ErrorCode.None, 0);
        Expect(fixture, Batch(1, 0, 0), ErrorCode.None, 2);
        Expect(fixture, Batch(2, 0, int.MaxValue, 2), ErrorCode.None, 3); // wraps inside the batch
        Expect(fixture, Batch(2, 0, 1), ErrorCode.None, 5);
        Expect(fixture, Batch(2, 0, int.MaxValue, 2), ErrorCode.None, 3);
    }

    [Fact]
    public void An_idle_producer_is_forgotten_by_the_clock_and_not_by_its_records_timestamps()
    {
        using var fixture = new LogFixture();
        Expect(fixture, Batch(1, 0, 7) with { BaseTimestamp = 1000 }, ErrorCode.None, 0);
        fixture.Clock.Advance(TimeSpan.FromHours(23));
        fixture.Log.Maintain();
        Expect(fixture, Batch(1, 0, 9), ErrorCode.OutOfOrderSequenceNumber);
        fixture.Clock.Advance(TimeSpan.FromHours(2));
        fixture.Log.Maintain();
        Assert.Empty(fixture.Log.ActiveProducers());
        Expect(fixture, Batch(1, 0, 9), ErrorCode.None, 1);
    }

    [Fact]
    public void A_transactional_batch_needs_a_transaction_that_the_coordinator_knows()
    {
        using var fixture = new LogFixture();
        Assert.Equal(ErrorCode.InvalidTxnState, fixture.Append(Batch(1, 0, 0, transactional: true), verified: false).Error);
        Assert.Equal(ErrorCode.None, fixture.Append(Batch(1, 0, 0, transactional: true), verified: true).Error);
        Assert.True(fixture.Log.IsTransactionOngoing(1, 0));
        Assert.False(fixture.Log.IsTransactionOngoing(1, 1));
        Assert.Equal(ErrorCode.None, fixture.Append(Batch(1, 0, 1, transactional: true), verified: false).Error); // ongoing here
        Assert.Equal(ErrorCode.InvalidTxnState, fixture.Append(Batch(1, 0, 2)).Error); // outside it
        fixture.Log.AppendControl(1, 0, commit: true, 0);
        Assert.Equal(ErrorCode.None, fixture.Append(Batch(1, 0, 2)).Error);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_last_stable_offset_waits_for_the_oldest_open_transaction(bool restart)
    {
        using var fixture = new LogFixture(new LogOptions { SegmentBytes = 250 });
        fixture.AppendValues("plain"); // 0
        Expect(fixture, Batch(1, 0, 0, 2, true), ErrorCode.None, 1); // 1, 2
        Expect(fixture, Batch(2, 0, 0, 1, true), ErrorCode.None, 3);
        fixture.AppendValues("plain"); // 4
        Check(1, []);
        Assert.Equal(5, fixture.Log.AppendControl(1, 0, commit: false, 0));
        Check(3, [new(1, 1)]);
        Expect(fixture, Batch(1, 0, 2, 1, true), ErrorCode.None, 6);
        Assert.Equal(7, fixture.Log.AppendControl(2, 0, commit: true, 0));
        Check(6, [new(1, 1)]);
        Assert.Equal(8, fixture.Log.AppendControl(1, 0, commit: false, 0));
        Check(9, [new(1, 1), new(1, 6)]);
        using (var late = fixture.Log.Read(6, 1 << 20, readCommitted: true, true))
        {
            Assert.Equal([new AbortedTxn(1, 6)], late.Aborted!);
        }

        using var plain = fixture.Log.Read(0, 1 << 20, readCommitted: false, true);
        Assert.Null(plain.Aborted);

        void Check(long stable, AbortedTxn[] aborted)
        {
            if (restart)
            {
                fixture.Crash();
            }

            Assert.Equal(stable, fixture.Log.LastStableOffset);
            var seen = new HashSet<AbortedTxn>();
            for (var next = 0L; next < stable;)
            {
                using var read = fixture.Log.Read(next, 1 << 20, readCommitted: true, true);
                Assert.False(read.Records.IsEmpty);
                seen.UnionWith(read.Aborted!);
                for (var rest = read.Records; !rest.IsEmpty; rest = rest[(int)BatchHeader.Parse(rest.Span).TotalSize..])
                {
                    next = BatchHeader.Parse(rest.Span).LastOffset + 1;
                }
            }

            Assert.Equal(aborted.ToHashSet(), seen);
            using var end = fixture.Log.Read(stable, 1 << 20, readCommitted: true, true);
            Assert.Equal((ErrorCode.None, 0), (end.Error, end.Records.Length));
        }
    }

    [Fact]
    public void A_marker_with_an_old_epoch_or_from_an_old_coordinator_is_fenced()
    {
        using var fixture = new LogFixture();
        Expect(fixture, Batch(1, 5, 0, 1, true), ErrorCode.None, 0);
        Assert.Equal(ErrorCode.InvalidProducerEpoch, Assert.Throws<LogAppendException>(() => fixture.Log.AppendControl(1, 4, true, 3)).Error);
        fixture.Log.AppendControl(1, 6, commit: false, 3); // a coordinator that fences bumps the epoch
        Assert.Equal(ErrorCode.TransactionCoordinatorFenced, Assert.Throws<LogAppendException>(() => fixture.Log.AppendControl(1, 6, true, 2)).Error);
        Expect(fixture, Batch(1, 5, 1, 1, true), ErrorCode.InvalidProducerEpoch);
        Expect(fixture, Batch(1, 6, 0, 1, true), ErrorCode.None, 2);
    }

    [Fact]
    public void A_marker_without_transaction_is_written_and_aborts_nothing()
    {
        using var fixture = new LogFixture();
        Assert.Equal(0, fixture.Log.AppendControl(1, 0, commit: false, 0));
        using var read = fixture.Log.Read(0, 1000, readCommitted: true, true);
        Assert.Empty(read.Aborted!);
        Assert.Equal(ControlType.Abort, Assert.Single(fixture.Log.ReadRecords(0)).Control);
    }

    [Fact]
    public void Internal_records_may_belong_to_a_transaction_without_sequence_numbers()
    {
        using var fixture = new LogFixture();
        InternalRecord[] records = [new("k"u8.ToArray(), "v"u8.ToArray()), new("gone"u8.ToArray(), null)];
        Assert.Equal(0, fixture.Log.AppendInternal(records));
        Assert.Equal(2, fixture.Log.AppendInternal(records, 77, producerId: 9, producerEpoch: 1, transactional: true));
        Assert.Equal(4, fixture.Log.AppendInternal(records, 78, producerId: 9, producerEpoch: 1, transactional: true));
        Assert.Equal(2, fixture.Log.LastStableOffset);
        fixture.Crash();
        Assert.Equal(2, fixture.Log.LastStableOffset);
        fixture.Log.AppendControl(9, 1, commit: true, 0);
        var read = fixture.Log.ReadRecords(0).ToList();
        Assert.Equal([-1, -1, 9, 9, 9, 9, 9], read.Select(r => r.ProducerId));
        Assert.Equal(ControlType.Commit, read[6].Control);
        Assert.Equal((77L, true, (byte[]?)null), (read[3].Timestamp, read[3].IsTransactional, read[3].Value));
        Assert.Equal(ErrorCode.InvalidProducerEpoch, Assert.Throws<LogAppendException>(
            () => fixture.Log.AppendInternal(records, null, producerId: 9, producerEpoch: 0, transactional: true)).Error);
    }
}
