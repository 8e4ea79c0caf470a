using StreamSync.Simulators;

namespace StreamSync.Connectors.Tests.Rest;

/// <summary>What a vendor answers on a bad day: each is told, the stream goes on, nothing is lost.</summary>
public class RestFaultTests
{
    public static TheoryData<string, string> Bad => new()
    {
        { nameof(Fault.ServerError), "action_network" },
        { nameof(Fault.BadGatewayPage), "mobilize" },
        { nameof(Fault.HtmlInsteadOfJson), "action_network" },
        { nameof(Fault.HtmlInsteadOfJson), "mobilize" },
        { nameof(Fault.TruncatedJson), "action_network" },
        { nameof(Fault.TruncatedJson), "mobilize" },
        { nameof(Fault.TooManyRequests), "action_network" },
        { nameof(Fault.BrokenConnection), "mobilize" },
        { nameof(Fault.Silence), "action_network" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task A_bad_answer_between_good_pages_is_asked_for_again(string name, string vendor)
    {
        var fault = (Fault)typeof(Fault).GetProperty(name)!.GetValue(null)!;
        await using var tool = await RestHarness.StartAsync(vendor, vendor == "mobilize" ? "attendances" : "people", timeout: name == nameof(Fault.Silence) ? TimeSpan.FromSeconds(10) : null);
        var count = tool.PageSize * 3;
        tool.Put(count, RestHarness.Start.AddDays(-1));
        foreach (var script in new[] { null, fault, null, fault, fault })
        {
            tool.Vendor.Script(script);
        }

        await using var worker = tool.Run();
        await worker.PollsAsync(1);
        tool.AssertEachOnce(count);
        var isPage = name is nameof(Fault.HtmlInsteadOfJson) or nameof(Fault.TruncatedJson);
        Assert.Equal(isPage ? 1 : 0, tool.Cluster.Quarantine.Count);
        Assert.Equal((count + tool.Cluster.Quarantine.Count, 0L), (worker.Counters.Read, worker.Counters.Errors));
        Assert.All(tool.Cluster.Quarantine, q =>
        {
            Assert.Equal("not_json", q.ReasonCode);
            Assert.Equal(fault.Body, System.Text.Encoding.UTF8.GetString(q.Raw));
            Assert.Contains(" page ", q.Place, StringComparison.Ordinal);
            Assert.NotNull(q.Remedy);
        });
    }

    [Fact]
    public async Task An_outage_is_one_entry_and_one_state_and_then_all_is_read()
    {
        await using var tool = await RestHarness.StartAsync("action_network", "people");
        tool.Put(60, RestHarness.Start.AddDays(-1));
        var down = true;
        tool.Vendor.Asked = number =>
        {
            if (number > 1 && down)
            {
                tool.Vendor.Script(Fault.HtmlInsteadOfJson);
            }
        };
        await using var worker = tool.Run();
        var failing = await worker.StatusAsync(r => r.State == "failing" && r.Errors >= 3);
        Assert.Contains("an HTML page where JSON belongs", failing.StateReason, StringComparison.Ordinal);
        Assert.Contains("/api/v2/people page ", failing.StateReason, StringComparison.Ordinal);
        Assert.InRange(tool.Cluster.Quarantine.DistinctBy(q => q.QuarantineId).Count(), 1, 2);
        Assert.Equal(tool.Cluster.Quarantine.Count, tool.Cluster.Quarantine.DistinctBy(q => q.Place).Count());
        down = false;
        await worker.StatusAsync(r => r.State == "fresh" && r.RecordsEmitted == 60);
        tool.AssertEachOnce(60);
    }

    [Theory]
    [InlineData("2")]
    [InlineData("date")]
    public async Task The_pause_that_a_vendor_asks_for_is_kept(string retryAfter)
    {
        await using var tool = await RestHarness.StartAsync("action_network", "people", ourClockAhead: TimeSpan.FromHours(-6));
        tool.Put(60, RestHarness.Start.AddDays(-1));
        DateTimeOffset? until = null;
        tool.Vendor.Script(null);
        tool.Vendor.Asked = number =>
        {
            if (number == 2)
            {
                // A date is meant by the vendor's clock, six hours ahead of ours; whole seconds, so that the pause is 29 s at least.
                until = tool.VendorClock.GetUtcNow().AddSeconds(retryAfter == "date" ? 29 : 2);
                tool.Vendor.Script(Fault.TooManyRequests with { RetryAfter = retryAfter == "date" ? tool.VendorClock.GetUtcNow().AddSeconds(30).ToString("r", System.Globalization.CultureInfo.InvariantCulture) : retryAfter });
            }
        };
        await using var worker = tool.Run();
        await RestHarness.UntilAsync(() => tool.Changes.Count == 60);
        var third = tool.Vendor.Log[2].At;
        Assert.InRange(third, until!.Value, until.Value.AddMinutes(5));
        Assert.Equal(0, worker.Counters.Errors);
    }

    [Theory]
    [InlineData("action_network", "people")]
    [InlineData("mobilize", "attendances")]
    public async Task An_answer_without_its_list_goes_to_quarantine(string vendor, string stream)
    {
        await using var tool = await RestHarness.StartAsync(vendor, stream);
        tool.Put(30, RestHarness.Start.AddDays(-1));
        tool.Vendor.Script(new Fault(200, "application/json", "{\"message\":\"maintenance\"}"));
        tool.Vendor.Script(new Fault(200, "application/json", "[]"));
        await using var worker = tool.Run();
        await worker.PollsAsync(1);
        tool.AssertEachOnce(30);
        Assert.Equal(["{\"message\":\"maintenance\"}", "[]"], tool.Cluster.Quarantine.Select(q => System.Text.Encoding.UTF8.GetString(q.Raw)));
        Assert.All(tool.Cluster.Quarantine, q => Assert.Equal("no_items", q.ReasonCode));
    }

    [Theory]
    [InlineData("events")]
    [InlineData("attendances")]
    public async Task A_bad_item_goes_to_quarantine_once_and_its_neighbours_are_read(string stream)
    {
        await using var tool = await RestHarness.StartAsync("mobilize", stream);
        tool.Put(Enumerable.Range(1, 30), _ => RestHarness.Start.AddDays(-1), item => item["created_date"] = (int)item["id"]! == 7 ? "yesterday" : 1_790_000_000);
        await using var worker = tool.Run();
        await worker.PollsAsync(3);
        Assert.Equal(Enumerable.Range(1, 30).Where(i => i != 7).Select(tool.IdOf).Order(), tool.Keys.Order());
        Assert.Equal((30L, 1L, 0L), (worker.Counters.Read, worker.Counters.Quarantined, worker.Counters.Errors));
        var entry = Assert.Single(tool.Cluster.Quarantine);
        Assert.Equal("wrong_type", entry.ReasonCode);
        Assert.Contains("page 1 item 7", entry.Place, StringComparison.Ordinal);
        Assert.Contains("\"id\":7,", System.Text.Encoding.UTF8.GetString(entry.Raw), StringComparison.Ordinal);

        // Mended in the tool, it is read like any other.
        tool.Put([7], _ => tool.VendorClock.GetUtcNow());
        await RestHarness.UntilAsync(() => tool.Changes.Count == 30);
    }

    [Theory]
    [InlineData("action_network", "people")]
    [InlineData("mobilize", "attendances")]
    public async Task Items_of_every_wrong_kind_are_put_aside_one_by_one(string vendor, string stream)
    {
        await using var tool = await RestHarness.StartAsync(vendor, stream);
        var at = RestHarness.Start.AddDays(-1);
        string[] odd =
        [
            "null", "12", "\"text\"", "[]", "{}",
            tool.Text(2, at).Replace("\"modified_date\":", "\"modified_date\":[1],\"was\":", StringComparison.Ordinal),
            tool.Text(3, at).Replace("{", "{\"given_name\":\"\\ud800\",\"status\":\"\\ud800\",", StringComparison.Ordinal),
        ];
        var page = tool.Page([tool.Text(1, at), .. odd, tool.Text(4, at)]);
        tool.Vendor.Asked = _ => tool.Vendor.Script(new Fault(200, "application/json", page));
        await using var worker = tool.Run();
        await worker.PollsAsync(3);
        Assert.Equal([tool.IdOf(1), tool.IdOf(4)], tool.Keys);
        Assert.Equal(odd.Length, tool.Cluster.Quarantine.Count);
        Assert.Equal(odd.Order(StringComparer.Ordinal), tool.Cluster.Quarantine.Select(q => System.Text.Encoding.UTF8.GetString(q.Raw)).Order(StringComparer.Ordinal));
        Assert.Equal((2L + odd.Length, 0L), (worker.Counters.Read, worker.Counters.Errors));
        Assert.Subset(new HashSet<string>(["missing_id", "unreadable_time", "wrong_encoding", "wrong_type"]), tool.Cluster.Quarantine.Select(q => q.ReasonCode).ToHashSet());
        Assert.Equal("wrong_encoding", tool.Cluster.Quarantine.Single(q => System.Text.Encoding.UTF8.GetString(q.Raw) == odd[^1]).ReasonCode);
    }

    [Theory]
    [InlineData("action_network", "people")]
    [InlineData("mobilize", "attendances")]
    public async Task Bytes_that_are_no_text_are_put_aside(string vendor, string stream)
    {
        await using var tool = await RestHarness.StartAsync(vendor, stream);
        var at = RestHarness.Start.AddDays(-1);
        var page = tool.Page(tool.Text(1, at), tool.Text(2, at).Replace("{", "{\"given_name\":\"\u00e9\",\"status\":\"\u00e9\",", StringComparison.Ordinal));
        tool.Vendor.Asked = _ => tool.Vendor.Script(new Fault(200, "application/json; charset=iso-8859-1", page) { Latin1 = true });
        await using var worker = tool.Run();
        await worker.PollsAsync(2);
        Assert.Equal([tool.IdOf(1)], tool.Keys);
        var entry = Assert.Single(tool.Cluster.Quarantine);
        Assert.Equal("wrong_encoding", entry.ReasonCode);
        Assert.Contains((byte)0xe9, entry.Raw);
    }

    [Theory]
    [InlineData("action_network", "people", "extras")]
    [InlineData("mobilize", "attendances", "extras")]
    public async Task Fields_that_the_schema_does_not_know_are_kept_and_told_once(string vendor, string stream, string field)
    {
        await using var tool = await RestHarness.StartAsync(vendor, stream);
        tool.Put(Enumerable.Range(1, 10), _ => RestHarness.Start.AddDays(-1), item => item[field + "_of_tomorrow"] = new System.Text.Json.Nodes.JsonObject { ["a"] = 1 });
        await using var worker = tool.Run();
        await worker.PollsAsync(3);
        Assert.All(tool.Changes, c => Assert.Equal("{\"extras_of_tomorrow\":{\"a\":1}}", c.Extras));
        var finding = Assert.Single(tool.Cluster.Findings.Values);
        Assert.Equal(("unknown_field", "extras_of_tomorrow", 10L), (finding.Code, finding.Subject, finding.Count));
    }

    [Fact]
    public async Task A_vendor_that_gives_fewer_items_than_it_says_fails_the_run()
    {
        await using var tool = await RestHarness.StartAsync("mobilize", "attendances");
        tool.Put(10, RestHarness.Start.AddDays(-1));
        tool.Vendor.Script(new Fault(200, "application/json", $"{{\"count\":9,\"next\":null,\"data\":[{tool.Text(1, RestHarness.Start)}]}}"));
        await using var worker = tool.Run();
        var failing = await worker.StatusAsync(r => r.State == "failing");
        Assert.Contains("said 9 items and gave 1", failing.StateReason, StringComparison.Ordinal);
        await RestHarness.UntilAsync(() => tool.Keys.Distinct().Count() == 10);
    }

    [Fact]
    public async Task A_vendor_whose_paging_runs_in_a_circle_fails_the_run_and_what_was_read_stays()
    {
        await using var tool = await RestHarness.StartAsync("mobilize", "attendances");
        tool.Vendor.Asked = _ => tool.Vendor.Script(new Fault(200, "application/json", $"{{\"count\":1,\"next\":\"{tool.Vendor.BaseUrl}/v1/organizations/7/attendances?cursor=x\",\"data\":[{tool.Text(1, RestHarness.Start)}]}}"));
        await using var worker = tool.Run();
        Assert.Contains("circle", (await worker.StatusAsync(r => r.State == "failing")).StateReason, StringComparison.Ordinal);
        tool.AssertEachOnce(1);
    }

    [Fact]
    public async Task The_credential_goes_nowhere_else()
    {
        await using var elsewhere = await RestHarness.StartAsync("mobilize", "attendances");
        await using var tool = await RestHarness.StartAsync("mobilize", "attendances");
        tool.Vendor.Asked = _ => tool.Vendor.Script(new Fault(200, "application/json", $"{{\"count\":1,\"next\":\"{elsewhere.Vendor.BaseUrl}/v1/organizations/7/attendances\",\"data\":[{tool.Text(1, RestHarness.Start)}]}}"));
        await using var worker = tool.Run();
        Assert.Contains("is elsewhere", (await worker.StatusAsync(r => r.State == "failing")).StateReason, StringComparison.Ordinal);
        Assert.Equal(0, elsewhere.Vendor.Requests);
    }

    [Fact]
    public async Task A_wrong_key_is_told_with_its_place_and_not_shown()
    {
        await using var tool = await RestHarness.StartAsync("action_network", "people", key: "HOME");
        await using var worker = tool.Run();
        var failing = await worker.StatusAsync(r => r.State == "failing");
        Assert.Contains("refuses the credential (403)", failing.StateReason, StringComparison.Ordinal);
        Assert.Contains("streamsync.yaml:3", failing.StateReason, StringComparison.Ordinal);
        Assert.DoesNotContain(Environment.GetEnvironmentVariable("HOME")! + " ", failing.StateReason + " ", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_without_end_is_given_up_before_it_fills_the_memory()
    {
        await using var tool = await RestHarness.StartAsync("mobilize", "attendances");
        tool.Put(10, RestHarness.Start.AddDays(-1));
        tool.Vendor.Script(Fault.EndlessLine);
        await using var worker = tool.Run();
        var failing = await worker.StatusAsync(r => r.State == "failing");
        Assert.Contains("more than 64 MB", failing.StateReason, StringComparison.Ordinal);
        await RestHarness.UntilAsync(() => tool.Changes.Count == 10);
        Assert.Equal(1, worker.Counters.Errors);
    }

    [Fact]
    public async Task A_host_that_is_not_there_is_told_and_asked_again()
    {
        await using var tool = await RestHarness.StartAsync("mobilize", "attendances");
        await tool.Vendor.DisposeAsync();
        await using var worker = tool.Run();
        var failing = await worker.StatusAsync(r => r.State == "failing");
        Assert.Contains("does not answer", failing.StateReason, StringComparison.Ordinal);
        Assert.Contains("check base_url", failing.StateReason, StringComparison.Ordinal);
    }
}
