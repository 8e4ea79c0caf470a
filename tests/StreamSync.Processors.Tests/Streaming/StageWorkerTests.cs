using System.Text;
using Confluent.Kafka;
using StreamSync.Processors.Streaming;

namespace StreamSync.Processors.Tests.Streaming;

public sealed class StageWorkerTests
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    readonly FailureLedger _ledger = new();

    [Fact]
    public void Records_and_calls_are_taken_one_after_the_other_in_their_order()
    {
        var seen = new List<string>();
        var worker = new StageWorker(new Stage(record => seen.Add(Encoding.UTF8.GetString(record.Key))), _ledger);
        for (var i = 0; i < 500; i++)
        {
            worker.Post(Record(i));
            if (i % 100 == 99)
            {
                worker.Post(() => seen.Add("call"));
            }
        }

        worker.Finish();
        Assert.Equal([.. Enumerable.Range(0, 500).SelectMany(i => i % 100 == 99 ? (string[])[$"{i}", "call"] : [$"{i}"])], seen);
    }

    [Fact]
    public void What_was_sent_carries_the_record_that_made_it_and_is_taken_once()
    {
        StageWorker worker = null!;
        worker = new StageWorker(new Stage(record => worker.Send("out", record.Key, null, null)), _ledger);
        worker.Post(Record(7));
        worker.Post(() => worker.Send("out", "clock"u8.ToArray(), null, null));
        worker.Finish();

        var sent = worker.TakeSent();
        Assert.Equal([new TopicPartitionOffset("in", 0, 7), null], sent.Select(sending => sending.Origin));
        Assert.Empty(worker.TakeSent());
    }

    [Fact]
    public void After_a_failure_nothing_more_is_done_and_nothing_sent_is_given_away()
    {
        StageWorker worker = null!;
        worker = new StageWorker(
            new Stage(record =>
            {
                worker.Send("out", record.Key, null, null);
                if (record.Offset == 3)
                {
                    throw new InvalidOperationException("bad record");
                }
            }),
            _ledger);
        for (var i = 0; i < 10; i++)
        {
            worker.Post(Record(i));
        }

        var failure = Assert.Throws<InvalidOperationException>(worker.Finish);
        Assert.Same(failure, _ledger.Failure);
        Assert.Same(failure, Assert.Throws<InvalidOperationException>(() => worker.TakeSent()));
        Assert.Same(failure, Assert.Throws<InvalidOperationException>(() => worker.Post(Record(10))));

        // The stream thread meets it again when it hears of it: it counts once against the record, as a stage's own failure does.
        _ledger.Fail(Record(10), failure);
        Assert.False(_ledger.IsHopeless(Record(10)));
    }

    [Fact]
    public void A_stop_waits_for_the_record_at_hand_and_forgets_the_rest()
    {
        using var began = new SemaphoreSlim(0);
        using var go = new SemaphoreSlim(0);
        var done = 0;
        var worker = new StageWorker(
            new Stage(_ =>
            {
                began.Release();
                go.Wait();
                done++;
            }),
            _ledger);
        for (var i = 0; i < 100; i++)
        {
            worker.Post(Record(i));
        }

        Assert.True(began.Wait(Patience));
        var stop = new Thread(worker.Stop);
        stop.Start();
        Assert.True(SpinWait.SpinUntil(() => (stop.ThreadState & ThreadState.WaitSleepJoin) != 0, Patience));
        go.Release(100);
        Assert.True(stop.Join(Patience));
        Assert.Equal(1, done);
    }

    static StageRecord Record(int number) => new()
    {
        Topic = "in",
        Partition = 0,
        Offset = number,
        Key = Encoding.UTF8.GetBytes($"{number}"),
        Value = null,
        Headers = null,
    };

    sealed class Stage(Action<StageRecord> process) : IStage
    {
        public void Start(IStageContext context)
        {
        }

        public void Process(in StageRecord record) => process(record);
    }
}
