using StreamSync.Connectors.Files;
using StreamSync.Connectors.Runtime;
using StreamSync.Connectors.Sdk;
using StreamSync.Connectors.Tests.Support;
using StreamSync.Contracts;
using StreamSync.Contracts.Source;
using StreamSync.Kafka.Clients;

namespace StreamSync.Connectors.Tests.Runtime;

/// <summary>The worker over a broken log: whatever breaks and whenever, each row is published once.</summary>
public sealed class StreamWorkerTests : IDisposable
{
    const string File = "publicusers.csv";
    const string Header = "publicuserid,publicusername,vanid,committeeid,datecreated\n";
    readonly TempFolder _folder = new();
    readonly MemoryCluster _cluster = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("produce", 1)]
    [InlineData("produce", 2500)]
    [InlineData("produce", 9000)]
    [InlineData("commit", 1)]
    [InlineData("commit", 2)]
    [InlineData("after-commit", 1)]
    [InlineData("after-commit", 3)]
    public async Task A_fault_at_any_step_loses_and_doubles_nothing(string step, int times)
    {
        _folder.Write(File, Header + string.Concat(Enumerable.Range(1, 6000).Select(Row)) + "bad row\n");
        var left = times;
        _cluster.Fault = s =>
        {
            if (s == step && --left == 0)
            {
                throw new TransactionAbortedException("broken by the test");
            }
        };
        await RunAsync(() => Count() >= 6000, maxMessages: 2000);
        AssertEachOnce(6000);
        Assert.Single(_cluster.Quarantine.DistinctBy(q => q.QuarantineId));
        Assert.True(left <= 0);
    }

    [Fact]
    public async Task A_fault_at_every_commit_in_turn_loses_and_doubles_nothing()
    {
        _folder.Write(File, Header + string.Concat(Enumerable.Range(1, 5000).Select(Row)));
        var commits = 0;
        _cluster.Fault = s =>
        {
            if (s is "commit" or "after-commit" && ++commits % 2 == 1)
            {
                throw new IOException("the connection broke");
            }
        };
        await RunAsync(() => Count() >= 5000, maxMessages: 1000);
        AssertEachOnce(5000);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task A_worker_that_is_stopped_and_started_again_goes_on(int transactions)
    {
        _folder.Write(File, Header + string.Concat(Enumerable.Range(1, 6000).Select(Row)));
        while (Count() < 6000)
        {
            var until = _cluster.Transactions + transactions;
            await RunAsync(() => _cluster.Transactions >= until || Count() >= 6000, maxMessages: 2000);
        }

        AssertEachOnce(6000);
    }

    [Fact]
    public async Task The_second_run_publishes_nothing_and_a_changed_row_one_update()
    {
        _folder.Write(File, Header + string.Concat(Enumerable.Range(1, 100).Select(Row)));
        await RunAsync(() => Count() >= 100);
        _folder.Write("new_" + File, Header + string.Concat(Enumerable.Range(1, 100).Select(i => i == 42 ? Row(42).Replace("Name 42", "New Name") : Row(i))));
        await RunAsync(() => Count() >= 101);
        var last = Published()[^1];
        Assert.Equal(101, Published().Count);
        Assert.Equal(ChangeOp.Update, last.Op);
        Assert.Equal("New Name", last.After!["publicusername"]);
        Assert.Equal($"new_{File}:43", last.Source.Position);
        Assert.All(Published().Take(100), c => Assert.Equal(ChangeOp.Create, c.Op));
    }

    [Fact]
    public async Task Changes_carry_where_they_come_from()
    {
        _folder.Write(File, Header + Row(1));
        await RunAsync(() => Count() >= 1);
        var change = Published().Single();
        Assert.Equal(("mi-wtp", "ngpvan", "c77", "publicusers", "public_user", "drops"), (change.Source.Org, change.Source.Vendor, change.Source.Instance, change.Source.Stream, change.Source.Entity, change.Source.SyncId));
        Assert.Equal(["77", "1"], change.Source.IdParts);
        Assert.Equal($"{File}:2", change.Source.Position);
        Assert.Equal(32, change.ChangeId.Length);
        Assert.Equal(change.ChangeId, _cluster.All.Single(r => r.Topic == "source.ngpvan.publicusers").ChangeId);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("commit")]
    [InlineData("after-commit")]
    public async Task A_mended_file_closes_what_lay_in_quarantine_from_it_and_nothing_else(string broken)
    {
        _folder.Write("other_" + File, Header + "bad row\n");
        _folder.Write(File, Header + Row(1) + "bad row\n" + Row(3) + "4,cut");
        await RunAsync(() => _cluster.OpenQuarantine.Count == 3 && _cluster.Findings.Count == 1);
        var faults = 0;
        _cluster.Fault = step =>
        {
            if (step == broken && ++faults <= 3)
            {
                throw new TransactionAbortedException("broken by the test");
            }
        };
        _folder.Write(File, Header + Row(1) + Row(2) + Row(3) + Row(4));
        await RunAsync(() => _cluster.OpenQuarantine.Count == 1 && _cluster.Findings.Count == 0 && Count() == 4);
        Assert.Equal("other_" + File + ":2", _cluster.OpenQuarantine.Single().Place);
        Assert.All(_cluster.Quarantine, q => Assert.NotEmpty(q.Raw));
        AssertEachOnce(4, inOrder: false);
    }

    [Fact]
    public async Task An_instance_that_another_one_replaced_stops()
    {
        _folder.Write(File, Header + Row(1));
        _cluster.Fault = s =>
        {
            if (s == "commit")
            {
                throw new PublisherFencedException("fenced");
            }
        };
        var worker = new StreamWorker(Plan(), _cluster, _cluster.Codecs);
        await worker.RunAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Empty(_cluster.All);
        Assert.Equal("failing", worker.Status.TakeNews()!.State);
    }

    [Fact]
    public async Task Rows_missing_from_a_complete_file_are_deleted_and_followed_by_a_tombstone()
    {
        var plan = TestSync.Files("csv_people", "people", _folder.Path, TimeProvider.System, "complete: true");
        _folder.Write("people_1.csv", "id,first_name\n" + string.Concat(Enumerable.Range(1, 50).Select(i => $"{i},Ana\n")));
        await RunAsync(() => _cluster.CountOf(plan.Topics) >= 50, plan);
        Age("people_1.csv");
        _folder.Write("people_2.csv", "id,first_name\n" + string.Concat(Enumerable.Range(1, 48).Select(i => $"{i},Ana\n")));
        await RunAsync(() => _cluster.CountOf(plan.Topics) >= 54, plan);
        var after = _cluster.All.Where(r => r.Topic == plan.Topics.Source.Name).Skip(50).ToList();
        Assert.Equal(["49", "49", "50", "50"], after.Select(r => r.Key.Split('/')[4]).Order());
        var deletes = _cluster.Changes(plan.Topics).Skip(50).ToList();
        Assert.Equal(2, deletes.Count(d => d is null));
        Assert.All(deletes.OfType<SourceChange>(), d => Assert.Equal((ChangeOp.Delete, "absence"), (d.Op, d.DeleteKind)));

        Age("people_2.csv");
        _folder.Write("people_3.csv", "id,first_name\n" + string.Concat(Enumerable.Range(1, 50).Select(i => $"{i},Ana\n")));
        await RunAsync(() => _cluster.CountOf(plan.Topics) >= 56, plan);
        Assert.All(_cluster.Changes(plan.Topics).Skip(54), c => Assert.Equal(ChangeOp.Create, c!.Op));
    }

    [Fact]
    public async Task A_complete_file_that_lacks_too_many_rows_deletes_none()
    {
        var plan = TestSync.Files("csv_people", "people", _folder.Path, TimeProvider.System, "complete: true");
        _folder.Write("people_1.csv", "id,first_name\n" + string.Concat(Enumerable.Range(1, 50).Select(i => $"{i},Ana\n")));
        await RunAsync(() => _cluster.CountOf(plan.Topics) >= 50, plan);
        Age("people_1.csv");
        _folder.Write("people_2.csv", File20());
        await RunAsync(() => _cluster.Findings.Count > 0, plan);
        Assert.Equal(50, _cluster.Changes(plan.Topics).Count);
        var finding = _cluster.Findings.Values.Single();
        Assert.Equal(("too_many_absent", 30L), (finding.Code, finding.Count));
        Assert.Equal(
            "check the export; when the rows are really gone, write 'max_absent: 0.6' below 'settings' of the sync 'drops' at streamsync.yaml:3:5, start StreamSync again and drop the file again under another name; then take it out",
            finding.Remedy);

        var told = TestSync.Files("csv_people", "people", _folder.Path, TimeProvider.System, "complete: true, max_absent: 0.6");
        Age("people_2.csv");
        _folder.Write("people_3.csv", File20());
        await RunAsync(() => _cluster.Changes(plan.Topics).OfType<SourceChange>().Count() >= 80, told);
        Assert.Equal(30, _cluster.Changes(plan.Topics).OfType<SourceChange>().Count(change => change is { Op: ChangeOp.Delete, DeleteKind: "absence" }));
        Assert.Empty(_cluster.Findings);

        // All may go only where that was said.
        Age("people_3.csv");
        _folder.Write("people_4.csv", "id,first_name\n");
        await RunAsync(() => _cluster.Findings.Values.Any(f => f.Code == "too_many_absent"), told);
        Assert.Contains("write 'max_absent: 1' ", _cluster.Findings.Values.Single(f => f.Code == "too_many_absent").Remedy, StringComparison.Ordinal);
        var all = TestSync.Files("csv_people", "people", _folder.Path, TimeProvider.System, "complete: true, max_absent: 1");
        Age("people_4.csv");
        _folder.Write("people_5.csv", "id,first_name\n");
        await RunAsync(() => _cluster.Changes(plan.Topics).OfType<SourceChange>().Count(change => change.Op == ChangeOp.Delete) >= 50, all);

        static string File20() => "id,first_name\n" + string.Concat(Enumerable.Range(1, 20).Select(i => $"{i},Ana\n"));
    }

    [Fact]
    public async Task Findings_of_one_code_and_subject_count_together()
    {
        _folder.Write("a_" + File, "publicuserid,committeeid,Color\n1,77,blue\n");
        _folder.Write("b_" + File, "publicuserid,committeeid,Color\n2,77,red\n");
        await RunAsync(() => Count() >= 2);
        var finding = _cluster.Findings["mi-wtp/drops/publicusers/unknown_column/Color"];
        Assert.Equal(2, finding.Count);
        Assert.Equal("warning", finding.Severity);
    }

    [Fact]
    public async Task Counts_are_committed_with_the_records()
    {
        _folder.Write(File, Header + Row(1) + "bad\n" + Row(2));
        await RunAsync(() => Count() >= 2);
        var worker = new StreamWorker(Plan(), _cluster, _cluster.Codecs);
        using var stop = new CancellationTokenSource();
        var running = worker.RunAsync(stop.Token);
        await UntilAsync(() => worker.Status.Counters.Read > 0);
        await stop.CancelAsync();
        await running;
        Assert.Equal((3, 2, 1), (worker.Status.Counters.Read, worker.Status.Counters.Emitted, worker.Status.Counters.Quarantined));
    }

    [Fact]
    public async Task What_was_read_is_what_was_published_kept_unchanged_or_put_aside()
    {
        _folder.Write("a_" + File, Header + Row(1) + "bad\n" + Row(2) + "3,Lee,1,77,2024-08-20 10:00:00\n");
        _folder.Write("b_" + File, Header + Row(1) + "worse\n" + Row(2).Replace("Name", "New"));
        var worker = new StreamWorker(Plan(), _cluster, _cluster.Codecs);
        using var stop = new CancellationTokenSource();
        var running = worker.RunAsync(stop.Token);
        await UntilAsync(() => worker.Status.Counters.Read >= 7);
        await stop.CancelAsync();
        await running;
        var counters = worker.Status.Counters;
        Assert.Equal((7, 4, 2, 1, 0), (counters.Read, counters.Emitted, counters.Quarantined, counters.Unchanged, counters.Older));
    }

    [Fact]
    public async Task A_source_that_fails_is_reported_tried_again_and_then_fresh()
    {
        var style = new ScriptedStyle();
        var plan = Plan() with { Style = style };
        var worker = new StreamWorker(plan, _cluster, _cluster.Codecs);
        using var stop = new CancellationTokenSource();
        var running = worker.RunAsync(stop.Token);
        await UntilAsync(() => style.Runs >= 3);
        await stop.CancelAsync();
        await running;
        Assert.Equal(2, worker.Status.Counters.Errors);
        Assert.Equal("fresh", worker.Status.TakeNews()!.State);
    }

    [Fact]
    public async Task Failed_runs_are_counted_for_good()
    {
        _folder.Write(File, Header + Row(1));
        var left = 3;
        _cluster.Fault = s =>
        {
            if (s == "commit" && left-- > 0)
            {
                throw new TransactionAbortedException("broken by the test");
            }
        };
        await RunAsync(() => Count() >= 1);
        var worker = new StreamWorker(Plan(), _cluster, _cluster.Codecs);
        using var stop = new CancellationTokenSource();
        var running = worker.RunAsync(stop.Token);
        await UntilAsync(() => worker.Status.Counters.Read > 0);
        await stop.CancelAsync();
        await running;
        Assert.Equal(3, worker.Status.Counters.Errors);
    }

    StreamPlan Plan() => TestSync.Files("ngpvan", "publicusers", _folder.Path, TimeProvider.System);

    readonly StreamTopics _topics = StreamTopics.Of("ngpvan", "publicusers");

    int Count() => _cluster.CountOf(_topics);

    IReadOnlyList<SourceChange> Published() => [.. _cluster.Changes(_topics).OfType<SourceChange>()];

    void AssertEachOnce(int rows, bool inOrder = true)
    {
        var published = Published();
        Assert.Equal(rows, published.Count);
        var ids = published.Select(c => c.Source.IdParts[1]);
        Assert.Equal(Enumerable.Range(1, rows).Select(i => i.ToString()), inOrder ? ids : ids.Order());
        Assert.Equal(rows, published.Select(c => c.ChangeId).Distinct().Count());
    }

    async Task RunAsync(Func<bool> until, StreamPlan? plan = null, int maxMessages = 20_000)
    {
        var worker = new StreamWorker(plan ?? Plan(), _cluster, _cluster.Codecs, maxMessages);
        using var stop = new CancellationTokenSource();
        var running = worker.RunAsync(stop.Token);
        await UntilAsync(until);
        await stop.CancelAsync();
        await running;
    }

    /// <summary>Awaits the commit after which a condition holds.</summary>
    static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            await Task.Delay(20, patience.Token);
        }
    }

    void Age(string name) => System.IO.File.SetLastWriteTimeUtc(Path.Combine(_folder.Path, name), TimeProvider.System.GetUtcNow().AddHours(-1).UtcDateTime);

    static string Row(int i) => $"{i},Name {i},{100_200_000 + i},77,2024-08-20 10:00:00\n";

    /// <summary>Fails twice, then has nothing.</summary>
    sealed class ScriptedStyle : IStreamStyle, IStreamReader
    {
        public int Runs { get; private set; }

        public string Name => "file";

        public object ReadOptions(BlockReader block, StreamManifest stream) => new();

        public IStreamReader Open(StreamContext context) => this;

        public async IAsyncEnumerable<ChangeBatch> ReadAsync(ReadStart start, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Yield();
            if (++Runs <= 2)
            {
                throw new SourceException("the tool does not answer", "wait", TimeSpan.FromMilliseconds(10));
            }

            yield break;
        }

        public Task WaitForMoreAsync(CancellationToken cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
