using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;

namespace StreamSync.Console.Tests;

public sealed partial class PageTests(ConsoleFixture console) : IClassFixture<ConsoleFixture>
{
    const string VanFiles = "/syncs/mi/van-files";

    [Fact]
    public async Task The_overview_lists_the_worst_stream_first_and_sees_by_itself_which_is_late()
    {
        var text = Words(await console.GetAsync("/"));
        Assert.Contains("3 streams: 1 failing, 1 late, 1 fresh.", text, StringComparison.Ordinal);
        Assert.Matches("people.*✗ failing.*the drop folder can't be read.*users.*! late.*3 h.*of 15 min.*contacts.*✓ fresh", text);
        Assert.Contains("1,234,560", text, StringComparison.Ordinal);
        Assert.Contains("nobody named", text, StringComparison.Ordinal);
        Assert.Contains("Data desk data@example.org", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_comes_from_outside_is_text_and_never_markup()
    {
        Assert.DoesNotContain("odd <b>", await console.GetAsync("/"), StringComparison.Ordinal);
        Assert.DoesNotContain("<coffee>", await console.GetAsync("/program"), StringComparison.Ordinal);
        Assert.DoesNotContain("<script>alert", await console.GetAsync("/sql?q=" + Uri.EscapeDataString("select '<script>alert(1)</script>' as \"<b>\"")), StringComparison.Ordinal);
        Assert.DoesNotContain("\"><img", await console.GetAsync("/people?q=" + Uri.EscapeDataString("\"><img src=x>")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sync_shows_findings_with_their_remedy_and_quarantine_without_personal_data()
    {
        var html = await console.GetAsync(VanFiles);
        var text = Words(html);
        Assert.Contains("What to do: send publicusers with the contacts", text, StringComparison.Ordinal);
        Assert.Contains("the row has 3 of 9 fields", text, StringComparison.Ordinal);
        Assert.Contains("Xxx Xxxx,9999-99-99,+99999999999", text, StringComparison.Ordinal);
        Assert.Contains("4 bytes that are no text", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Ruiz", html, StringComparison.Ordinal);
        Assert.DoesNotContain("2025550103", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_says_what_starts_its_next_run()
    {
        Assert.Contains("Next run waits for files in /drop", Words(await console.GetAsync(VanFiles)), StringComparison.Ordinal);
        Assert.Matches("Next run in [12] h.* after a failure", Words(await console.GetAsync("/syncs/mi/" + Uri.EscapeDataString("odd <b>&\"'"))));
    }

    [Fact]
    public async Task The_program_page_shows_channels_canvassers_and_events_with_the_unknown_ones()
    {
        var text = Words(await console.GetAsync("/program"));
        Assert.Contains("Of 4 contacts 2 (50 %) have no canvasser's name; 1 have no id either.", text, StringComparison.Ordinal);
        Assert.Matches("2026-10-03 2 1 1 4", text);
        Assert.Matches("Sam P publicusers 2 2 1 2026-10-03", text);
        Assert.Matches("unknown id 902002 unknown 0 1 1 2026-10-03", text);
        Assert.Matches("Canvass & <coffee> mobilize 2026-10-03 1 1 1 1 0 0 1", text);
    }

    [Theory]
    [InlineData("ruiz")]
    [InlineData("ANA.RUIZ@example.org")]
    [InlineData("(202) 555-0103")]
    [InlineData("100133")]
    [InlineData("mi/van/c1/person/100133")]
    [InlineData("p1")]
    [InlineData("p0")]
    [InlineData("Ruíz, ANA")]
    public async Task People_are_found_by_what_is_known_of_them(string words) =>
        Assert.Contains("href=\"/people/p1\"", await console.GetAsync("/people?q=" + Uri.EscapeDataString(words)), StringComparison.Ordinal);

    [Theory]
    [InlineData("nobody of this name")]
    [InlineData("%")]
    [InlineData("a_a")]
    public async Task People_are_not_found_by_what_is_not(string words) =>
        Assert.Contains("Nobody found.", await console.GetAsync("/people?q=" + Uri.EscapeDataString(words)), StringComparison.Ordinal);

    [Fact]
    public async Task A_person_shows_touches_records_and_history()
    {
        var text = Words(await console.GetAsync("/people/p1"));
        Assert.Contains("Ana Ruiz", text, StringComparison.Ordinal);
        Assert.Contains("mi/van/c1/contact/1", text, StringComparison.Ordinal);
        Assert.Contains("mi/van/c1/person/100133", text, StringComparison.Ordinal);
        Assert.Contains("identity resolution does not run in this process", text, StringComparison.Ordinal);
        Assert.Contains("merge", text, StringComparison.Ordinal);
        Assert.Contains("merged by Dana: one woman", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_link_leads_somewhere_and_every_number_to_rows_that_can_be_read()
    {
        var seen = new HashSet<string>();
        var queue = new Queue<string>(["/", "/program", "/people?q=ana", "/sql"]);
        while (queue.TryDequeue(out var path))
        {
            if (!seen.Add(path))
            {
                continue;
            }

            using var response = await console.Http.GetAsync(path);
            var html = await response.Content.ReadAsStringAsync();
            Assert.True(response.IsSuccessStatusCode, path);
            Assert.False(html.Contains("role=\"alert\"", StringComparison.Ordinal), $"{path} shows an error: {Words(html)}");
            if (!path.StartsWith("/sql?", StringComparison.Ordinal))
            {
                foreach (Match link in Links().Matches(html))
                {
                    queue.Enqueue(WebUtility.HtmlDecode(link.Groups[1].Value));
                }
            }
        }

        Assert.True(seen.Count > 40, $"only {seen.Count} links were found");
    }

    [Theory]
    [InlineData("/")]
    [InlineData(VanFiles)]
    [InlineData("/program")]
    [InlineData("/people?q=ana")]
    [InlineData("/people/p1")]
    [InlineData("/sql?q=select%201")]
    [InlineData("/nowhere")]
    public async Task Pages_can_be_read_by_keyboard_and_screen_reader(string path)
    {
        using var response = await console.Http.GetAsync(path);
        var html = await response.Content.ReadAsStringAsync();
        Assert.StartsWith("<!doctype html>", html, StringComparison.Ordinal);
        Assert.Contains("<html lang=\"en\">", html, StringComparison.Ordinal);
        Assert.Single(Regex.Matches(html, "<h1[ >]"));
        Assert.Single(Regex.Matches(html, "<main[ >]"));
        Assert.Contains("href=\"#content\"", html, StringComparison.Ordinal);
        Assert.Equal(Regex.Count(html, "<table"), Regex.Count(html, "<caption"));
        Assert.Equal(Regex.Count(html, "<th[ >]"), Regex.Count(html, "<th [^>]*scope="));
        Assert.All(Regex.Matches(html, "<(?:input|textarea)[^>]*id=\"([^\"]+)\""), field => Assert.Contains($"<label for=\"{field.Groups[1].Value}\">", html, StringComparison.Ordinal));
        Assert.DoesNotContain(" style=\"", html, StringComparison.Ordinal);
        Assert.DoesNotMatch(" on[a-z]+=\"", html);
        var ids = Regex.Matches(html, " id=\"([^\"]+)\"").Select(m => m.Groups[1].Value).ToList();
        Assert.Equal(ids.Distinct(), ids);
    }

    [Fact]
    public async Task A_sync_that_nobody_reported_is_not_found()
    {
        using var response = await console.Http.GetAsync("/syncs/mi/none");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Without_a_warehouse_the_pages_say_so()
    {
        using var other = console.Platform.BuildOther((services, config) => services.AddConsole(config));
        await other.StartAsync();
        using var http = new HttpClient { BaseAddress = other.Services.GetRequiredService<ConsoleAddress>().Url };
        await StreamSync.Sinks.Tests.Platform.UntilAsync(() => http.GetStringAsync("/"), html => html.Contains("van-files", StringComparison.Ordinal), "the overview to list the syncs");
        foreach (var path in new[] { "/program", "/people?q=ana", "/sql?q=select%201", VanFiles })
        {
            Assert.Contains("runs without a warehouse", await http.GetStringAsync(path), StringComparison.Ordinal);
        }

        await other.StopAsync();
    }

    /// <summary>What a reader sees, in one line.</summary>
    static string Words(string html) => Regex.Replace(WebUtility.HtmlDecode(Regex.Replace(html, "<svg.*?</svg>|<[^>]+>", " ", RegexOptions.Singleline)), @"\s+", " ");

    [GeneratedRegex("href=\"(/[^\"]*)\"")]
    private static partial Regex Links();
}
