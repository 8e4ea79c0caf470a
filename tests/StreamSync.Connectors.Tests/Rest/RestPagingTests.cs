using StreamSync.Connectors.Runtime;
using StreamSync.Connectors.Sdk;

namespace StreamSync.Connectors.Tests.Rest;

/// <summary>Pages, filters and what changes while they are read: every item once, whatever moves.</summary>
public class RestPagingTests
{
    public static TheoryData<string, string> Streams => new()
    {
        { "action_network", "people" },
        { "action_network", "events" },
        { "mobilize", "events" },
        { "mobilize", "attendances" },
    };

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task All_pages_are_read_and_each_item_once(string vendor, string stream)
    {
        await using var tool = await RestHarness.StartAsync(vendor, stream);
        var count = (2 * tool.PageSize) + 7;
        tool.Put(count, RestHarness.Start.AddDays(-3));
        await using var worker = tool.Run();
        await worker.PollsAsync();
        tool.AssertEachOnce(count);
        Assert.Equal((count, count, 0L), (worker.Counters.Read, worker.Counters.Emitted, worker.Counters.Quarantined));
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task An_empty_list_is_fresh(string vendor, string stream)
    {
        await using var tool = await RestHarness.StartAsync(vendor, stream);
        await using var worker = tool.Run();
        Assert.Equal("fresh", (await worker.StatusAsync(r => r.State != "starting")).State);
        Assert.Empty(tool.Cluster.All);
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task Polls_ask_for_what_changed_and_publish_no_more(string vendor, string stream)
    {
        await using var tool = await RestHarness.StartAsync(vendor, stream);
        tool.Put(Enumerable.Range(1, 60), i => RestHarness.Start.AddDays(-60 + i));
        await using var worker = tool.Run();
        await worker.PollsAsync(1);
        var asked = tool.Vendor.Requests;
        tool.Put([3], _ => RestHarness.Start, item => item["title"] = "Another");
        await RestHarness.UntilAsync(() => tool.Changes.Count == 61);
        Assert.Equal((tool.IdOf(3), "Update"), (string.Join(':', tool.Changes[^1].Source.IdParts), tool.Changes[^1].Op.ToString()));

        // The overlap of five minutes before the newest item, as the vendor writes times.
        var since = vendor == "mobilize" ? $"updated_since={RestHarness.Start.AddMinutes(-5).ToUnixTimeSeconds()}" : "filter=modified_date gt '2026-10-01T11:55:00Z'";
        Assert.All(tool.Vendor.Log.Skip(asked).Where(r => !r.Target.Contains("deleted", StringComparison.Ordinal)), r => Assert.Contains(since, r.Target, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task Polls_that_bring_nothing_write_nothing_and_count_nothing(string vendor, string stream)
    {
        await using var tool = await RestHarness.StartAsync(vendor, stream);
        tool.Put(40, RestHarness.Start);
        await using var worker = tool.Run();
        await worker.PollsAsync(1);
        var (counters, written) = (worker.Counters, tool.Cluster.All.Count);
        await worker.StatusAsync(r => r.State == "fresh" && r.RecordsRead == 40);
        await worker.PollsAsync(5);
        Assert.Equal(counters, worker.Counters);
        Assert.Equal(written, tool.Cluster.All.Count);
        Assert.Null(worker.Status.TakeNews());
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task Equal_times_at_the_edge_of_pages_and_polls_lose_nothing(string vendor, string stream)
    {
        await using var tool = await RestHarness.StartAsync(vendor, stream);
        var first = tool.PageSize * 2;
        tool.Put(first, RestHarness.Start.AddHours(-1));
        await using var worker = tool.Run();
        await RestHarness.UntilAsync(() => tool.Changes.Count == first);

        // Committed late: the same second as all that was read, and some minutes before it.
        tool.Put(Enumerable.Range(first + 1, 5), _ => RestHarness.Start.AddHours(-1));
        tool.Put(Enumerable.Range(first + 6, 5), _ => RestHarness.Start.AddHours(-1).AddMinutes(-4));
        await RestHarness.UntilAsync(() => tool.Changes.Count >= first + 10);
        tool.AssertEachOnce(first + 10);
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task Items_that_change_and_come_while_pages_are_read_are_not_missed(string vendor, string stream)
    {
        await using var tool = await RestHarness.StartAsync(vendor, stream);
        var count = tool.PageSize * 3;
        tool.Put(count, RestHarness.Start.AddDays(-1));
        tool.Vendor.Asked = number =>
        {
            if (number == 3)
            {
                // Behind the walk: on page one, which was read before.
                tool.Put([2], _ => tool.VendorClock.GetUtcNow(), item => item["title"] = "Another");
                tool.Put([count + 1], _ => tool.VendorClock.GetUtcNow());
            }
        };
        await using var worker = tool.Run();
        await RestHarness.UntilAsync(() => tool.Changes.Count == count + 2);
        Assert.Equal(Enumerable.Range(1, count + 1).Append(2).Select(tool.IdOf).Order(), tool.Keys.Order());
        await worker.PollsAsync();
        Assert.Equal(count + 2, tool.Changes.Count);
        Assert.Equal(0, worker.Counters.Errors);
    }

    [Theory]
    [InlineData("action_network", "people")]
    [InlineData("mobilize", "attendances")]
    public async Task A_worker_that_is_killed_between_pages_again_and_again_reads_each_item_once(string vendor, string stream)
    {
        await using var tool = await RestHarness.StartAsync(vendor, stream);
        var count = tool.PageSize * 8;
        tool.Put(count, RestHarness.Start.AddDays(-1));
        for (var pages = 1; pages <= 7; pages++)
        {
            var until = tool.Vendor.Requests + pages;
            await using var worker = tool.Run();
            await RestHarness.UntilAsync(() => tool.Vendor.Requests >= until);
        }

        await using var last = tool.Run();
        await last.PollsAsync(1);
        tool.AssertEachOnce(count);
        Assert.Equal((count, 0L), (last.Counters.Read, last.Counters.Errors));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_long_walk_goes_on_near_its_page_after_a_kill_or_anew_when_the_link_has_expired(bool expired)
    {
        await using var tool = await RestHarness.StartAsync("action_network", "people");
        const int pages = 50;
        var count = pages * tool.PageSize;
        tool.Put(count, RestHarness.Start.AddDays(-1));
        await using (var worker = tool.Run())
        {
            await RestHarness.UntilAsync(() => tool.Vendor.Requests >= 45);
        }

        var before = tool.Vendor.Requests;
        if (expired)
        {
            tool.Vendor.Script(new StreamSync.Simulators.Fault(404, "application/json", "{\"error\":\"no such page\"}"));
        }

        await using (var worker = tool.Run())
        {
            await worker.PollsAsync(1);
        }

        var again = tool.Vendor.Log.Skip(before).ToList();
        Assert.Contains("page=40&", again[0].Target, StringComparison.Ordinal);
        Assert.Equal(expired, again.Exists(r => !r.Target.Contains("page=", StringComparison.Ordinal) || r.Target.Contains("page=2&", StringComparison.Ordinal)));
        tool.AssertEachOnce(count);
    }

    [Fact]
    public async Task A_walk_that_paused_for_long_starts_anew()
    {
        await using var tool = await RestHarness.StartAsync("action_network", "people");
        tool.Put(25 * tool.PageSize, RestHarness.Start.AddDays(-1));
        tool.Vendor.Asked = number =>
        {
            if (number >= 22)
            {
                tool.Vendor.Script(StreamSync.Simulators.Fault.ServerError);
            }
        };
        await using (var worker = tool.Run())
        {
            await worker.StatusAsync(r => r.State == "failing");
        }

        tool.Vendor.Asked = null;
        Assert.Contains(tool.Cluster.All, r => r.Key == "mi-wtp/tool/people");
        var plan = tool.Plan;
        var before = tool.Vendor.Requests;
        var later = new Support.FastClock(20, tool.Clock.GetUtcNow().AddHours(2));
        await using var again = new LaterWorker(tool, plan with { Context = plan.Context with { Clock = later, Budget = new RequestBudget(null, later) } });
        await RestHarness.UntilAsync(() => tool.Changes.Count == 25 * tool.PageSize);
        Assert.DoesNotContain("page=", tool.Vendor.Log[before].Target.Replace("per_page=", string.Empty, StringComparison.Ordinal), StringComparison.Ordinal);
        tool.AssertEachOnce(25 * tool.PageSize);
    }

    [Theory]
    [InlineData(3, 0)]
    [InlineData(-3, 0)]
    [InlineData(0, 5)]
    [InlineData(0, -5)]
    public async Task Clocks_that_disagree_lose_nothing(int oursAhead, int vendorsDateAhead)
    {
        await using var tool = await RestHarness.StartAsync("mobilize", "attendances", ourClockAhead: TimeSpan.FromHours(oursAhead));
        tool.Vendor.Ahead = TimeSpan.FromHours(vendorsDateAhead);
        tool.Put(30, RestHarness.Start.AddMinutes(-10));

        // One item is dated years ahead: it must not carry the cursor past what comes meanwhile.
        tool.Put([31], _ => RestHarness.Start.AddYears(3));
        await using var worker = tool.Run();
        await RestHarness.UntilAsync(() => tool.Changes.Count == 31);
        for (var i = 32; i <= 36; i++)
        {
            tool.Put([i], _ => tool.VendorClock.GetUtcNow());
            await worker.PollsAsync(1);
        }

        await RestHarness.UntilAsync(() => tool.Changes.Count == 36);
        tool.AssertEachOnce(36);
    }

    [Fact]
    public async Task A_deleted_event_is_deleted_once_and_a_cancelled_attendance_is_an_update()
    {
        await using (var tool = await RestHarness.StartAsync("mobilize", "events"))
        {
            tool.Put(5, RestHarness.Start.AddHours(-1));
            await using var worker = tool.Run();
            await RestHarness.UntilAsync(() => tool.Changes.Count == 5);
            tool.Mobilize.DeleteEvent(3, tool.VendorClock.GetUtcNow().ToUnixTimeSeconds());
            await RestHarness.UntilAsync(() => tool.Changes.Count == 6);
            await worker.PollsAsync(3);
            var delete = tool.Changes[^1];
            Assert.Equal(("Delete", "explicit", "3"), (delete.Op.ToString(), delete.DeleteKind, string.Join(':', delete.Source.IdParts)));
            var last = tool.Cluster.All.Where(r => r.Topic == tool.Plan.Topics.Source.Name).TakeLast(2).ToList();
            Assert.Equal((last[0].Key, null), (last[1].Key, last[1].Value));
            Assert.Equal((6, 6L), (tool.Changes.Count, worker.Counters.Read));
        }

        await using (var tool = await RestHarness.StartAsync("mobilize", "attendances"))
        {
            tool.Put(5, RestHarness.Start.AddHours(-1));
            await using var worker = tool.Run();
            await RestHarness.UntilAsync(() => tool.Changes.Count == 5);
            tool.Put([2], _ => tool.VendorClock.GetUtcNow(), item => item["status"] = "CANCELLED");
            await RestHarness.UntilAsync(() => tool.Changes.Count == 6);
            Assert.Equal(("Update", "CANCELLED"), (tool.Changes[^1].Op.ToString(), (string)tool.Changes[^1].After!["status"]));
        }
    }

    sealed class LaterWorker : IAsyncDisposable
    {
        readonly CancellationTokenSource _stop = new();
        readonly Task _running;

        public LaterWorker(RestHarness tool, StreamPlan plan) => _running = new StreamWorker(plan, tool.Cluster, tool.Cluster.Codecs).RunAsync(_stop.Token);

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running;
            _stop.Dispose();
        }
    }
}
