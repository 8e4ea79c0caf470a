using System.Diagnostics;
using System.Text.Json;
using StreamSync.Simulators;
using Xunit.Abstractions;

namespace StreamSync.Acceptance.Tests;

/// <summary>What a steward decides on the command line: it reaches every table within the promise, holds over restarts, and can be taken back.</summary>
public sealed class StewardTests(ITestOutputHelper output)
{
    const string Door = "test/ngpvan/tsm/person/0:MA:100200302";
    const string Contact = "test/ngpvan/tsm/contact/0:MA:88002";

    const string List = """
          - id: list
            connector: csv_people
            instance: crm
            settings: { folder: ./people }
        """;

    static readonly TimeSpan Promise = TimeSpan.FromSeconds(2);
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Decisions_reach_the_tables_hold_over_a_restart_and_can_be_taken_back()
    {
        await using var place = await Workplace.CreateAsync(Workplace.Canvass + "\n" + List);
        await WritePeopleAsync(place, ["id,first_name,last_name,email,phone", "1,Robert,Lee,bob@example.org,", "2,Ada,Mills,ada@example.org,", "3,Adele,Mills,,(202) 555-0109", "4,Adela,Mill,adela@example.com,"]);
        place.Drop("tsm_hub_people_vf.csv", ["statecode,vanid,firstname,lastname,dob,datemodified", "MA,100200302,Bo,Li,1980-03-01,2024-08-01 09:00:00"]);
        place.Drop("tsm_hub_contactscontacts_vf.csv", [SampleProgram.VanContactHeader, "MA,88002,100200302,14,77,,2024-09-01 18:07:02,2024-09-01 18:07:00,14,2,,902001,9,,902001,,,,2024-09-01 18:07:02"]);
        var took = new List<TimeSpan>();
        await using (var running = await StreamSyncProcess.Start(place.Data, place.Config).ReadyAsync())
        {
            await running.UntilAsync($"(select count(*) from identity_person_map) = 5 and exists (select 1 from activity_touch where source_urn = '{Contact}' and person_id is not null)", Patience);

            // Another record is the oldest of the merged person, so its id changes, and with it the touch's.
            for (var i = 0; i < 3; i++)
            {
                took.Add(await DecideAsync(place, running, $"{Touch} = {PersonOf(Csv(1))} and {Count} = 4 and {Talks(Csv(1))} = 1", "merge", Door, Csv(1), "--reason", "told us at the door", "--author", "Dana"));
                took.Add(await DecideAsync(place, running, $"{Touch} <> {PersonOf(Csv(1))} and {Count} = 5 and {Talks(Csv(1))} = 0", "forget-decision", Csv(1), Door, "--reason", "another man", "--author", "Eve"));
            }

            output.WriteLine($"decision to touch, map and person_360: {string.Join(", ", took.Select(t => $"{t.TotalMilliseconds:0} ms"))}");
            Assert.InRange(took.Min(), TimeSpan.Zero, Promise);
            Assert.Equal("merged by Dana: told us at the door", await running.ScalarAsync("select distinct reason from identity_change where op = 'merge'"));

            await DecideAsync(place, running, $"{Touch} = {PersonOf(Csv(1))}", "merge", Door, Csv(1), "--reason", "told us at the door", "--author", "Dana");

            var opposite = await RunAsync(place, "split", Csv(1), Door, "--reason", "his father", "--author", "Eve");
            Assert.Equal(0, opposite.Code);
            Assert.Matches("replaces the opposite decision.* by Dana at .*: told us at the door", opposite.Error);
            await running.UntilAsync($"{Touch} <> {PersonOf(Csv(1))}", Patience);
            var again = await RunAsync(place, "merge", Door, Csv(1), "--reason", "asked him once more", "--author", "Dana");
            Assert.Matches("replaces the opposite decision.* by Eve at .*: his father", again.Error);
            await running.UntilAsync($"{Touch} = {PersonOf(Csv(1))}", Patience);
            await running.UntilAsync("(select count(*) from identity_change where op = 'decide' and reason like 'split by Eve: his father (in place of: merge by Dana at %: told us at the door)') = 1", Patience);
            await running.UntilAsync("(select count(*) from identity_change where op = 'take_back' and reason like 'by Eve: another man (it was: merge by Dana at %: told us at the door)') = 3", Patience);
            var shown = await RunAsync(place, "show", Csv(1));
            Assert.Contains("decided: split by Eve: his father (in place of: merge by Dana at ", shown.Out, StringComparison.Ordinal);
            Assert.Contains("taken back: by Eve: another man (it was: merge by Dana at ", shown.Out, StringComparison.Ordinal);

            await DecideAsync(place, running, $"{PersonOf(Csv(2))} = {PersonOf(Csv(3))}", "merge", Csv(2), Csv(3), "--reason", "one woman");
            await DecideAsync(place, running, $"{PersonOf(Csv(3))} = {PersonOf(Csv(4))}", "merge", Csv(3), Csv(4), "--reason", "one woman");
            var split = await RunAsync(place, "split", Csv(2), Csv(4), "--reason", "two women");
            Assert.Equal(0, split.Code);
            Assert.Contains("contradicts", split.Error, StringComparison.Ordinal);
            Assert.Equal(2, split.Error.Split("one woman").Length - 1);
            await running.UntilAsync("(select count(*) from ops_finding where code = 'decisions_contradict') = 1", Patience);
            var status = await StreamSyncProcess.RunAsync(place.Root, "status", "--json", "--data", place.Data);
            Assert.Equal("decisions_contradict", Assert.Single(JsonDocument.Parse(status.Out).RootElement.GetProperty("findings").EnumerateArray()).GetProperty("code").GetString());
            await running.UntilAsync($"{PersonOf(Csv(2))} = {PersonOf(Csv(3))} and {PersonOf(Csv(2))} <> {PersonOf(Csv(4))}", Patience);
            Assert.Matches("merge .*one woman\n.*without effect now", (await RunAsync(place, "show", Csv(3))).Out);
            Assert.Matches("merge .*/3 .*/4 .*one woman\n *without effect now", (await RunAsync(place, "decisions")).Out);
            Assert.Single((await RunAsync(place, "decisions")).Out.Split('\n'), line => line.Contains("without effect", StringComparison.Ordinal));

            await DecideAsync(place, running, $"{PersonOf(Csv(2))} = {PersonOf(Csv(4))} and (select count(*) from ops_finding where code = 'decisions_contradict') = 0", "forget-decision", Csv(2), Csv(4), "--reason", "one woman after all");
            Assert.Equal(0, await running.StopAsync());
        }

        var listed = await RunAsync(place, "decisions", "--config", place.Config);
        Assert.Equal(3, listed.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Count(line => line.Contains("  merge ", StringComparison.Ordinal)));
        Assert.Contains("by Dana at", listed.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("takes effect", (await RunAsync(place, "show", Csv(4), "--config", place.Config)).Error, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync(place, "split", Csv(3), Csv(4), "--reason", "two women", "--config", place.Config)).Code);
        Assert.Contains("takes effect when it runs again", (await RunAsync(place, "show", Csv(4), "--config", place.Config)).Error, StringComparison.Ordinal);

        await using var restarted = await StreamSyncProcess.Start(place.Data, place.Config).ReadyAsync();
        await restarted.UntilAsync($"{PersonOf(Csv(2))} = {PersonOf(Csv(3))} and {PersonOf(Csv(3))} <> {PersonOf(Csv(4))} and {Touch} = {PersonOf(Csv(1))}", Patience);
    }

    [Fact]
    public async Task Decisions_on_a_record_that_was_deleted_are_told_by_its_name()
    {
        await using var place = await Workplace.CreateAsync(List.Replace("./people", "./people, complete: true", StringComparison.Ordinal));
        await WritePeopleAsync(place, ["id,first_name,last_name,email", "1,Ada,Mills,ada@example.org", "2,Bo,Roe,bo@example.org", "3,Adele,Mills,adele@example.com"]);
        await using var running = await StreamSyncProcess.Start(place.Data, place.Config).ReadyAsync();
        await running.UntilAsync("(select count(*) from identity_person_map) = 3", Patience);
        await DecideAsync(place, running, $"{PersonOf(Csv(1))} = {PersonOf(Csv(3))} and (select count(*) from identity_decision) = 1", "merge", Csv(1), Csv(3), "--reason", "one woman", "--author", "Dana");
        Assert.DoesNotContain("without effect", (await RunAsync(place, "decisions")).Out, StringComparison.Ordinal);

        await WritePeopleAsync(place, ["id,first_name,last_name,email", "1,Ada,Mills,ada@example.org", "2,Bo,Roe,bo@example.org"]);
        await running.UntilAsync("(select count(*) from identity_person_map) = 2", Patience);
        foreach (var name in new[] { Csv(3), "3" })
        {
            var (code, _, error) = await RunAsync(place, "show", name);
            Assert.Equal(1, code);
            Assert.Matches("decisions name it.*forget-decision.*\n[0-9a-f]{16}  merge .*/1 .*/3  by Dana at .*: one woman", error);
        }

        Assert.Matches("one woman\n *without effect now: .*a record is not there", (await RunAsync(place, "decisions")).Out);
    }

    [Fact]
    public async Task A_record_goes_by_its_id_in_its_tool_where_only_one_has_it()
    {
        await using var place = await Workplace.CreateAsync(List + "\n" + List.Replace("list", "door", StringComparison.Ordinal).Replace("crm", "door", StringComparison.Ordinal).Replace("./people", "./drops", StringComparison.Ordinal));
        await WritePeopleAsync(place, ["id,first_name,last_name", "1,Ada,Mills", "2,Bo,Roe", "3,Adele,Mills"]);
        place.Drop("people.csv", ["id,first_name,last_name", "2,Cy,Novak"]);
        await using var running = await StreamSyncProcess.Start(place.Data, place.Config).ReadyAsync();
        await running.UntilAsync("(select count(*) from identity_person_map) = 4", Patience);

        await DecideAsync(place, running, $"{PersonOf(Csv(1))} = {PersonOf(Csv(3))}", "merge", "1", "3", "--reason", "one woman");

        var (code, _, error) = await RunAsync(place, "split", "1", "2", "--reason", "two");
        Assert.Equal(1, code);
        Assert.Contains($"name the one that is meant: {Csv(2)}, test/csv_people/door/person/2", error, StringComparison.Ordinal);
        Assert.Contains("name the one that is meant by its id", (await AmbiguousAsync()).Error, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync(place, "forget-decision", "3", "1", "--reason", "no")).Code);
        await running.UntilAsync($"{PersonOf(Csv(1))} <> {PersonOf(Csv(3))}", Patience);
        Assert.Contains("known as '9'", (await RunAsync(place, "split", "1", "9", "--reason", "two")).Error, StringComparison.Ordinal);

        async Task<(int Code, string Out, string Error)> AmbiguousAsync()
        {
            foreach (var urn in new[] { Csv(2), "test/csv_people/door/person/2" })
            {
                Assert.Equal(0, (await RunAsync(place, "split", "3", urn, "--reason", "two")).Code);
            }

            return await RunAsync(place, "forget-decision", "3", "2", "--reason", "no");
        }
    }

    [Fact]
    public async Task A_person_is_explained_alike_while_it_runs_and_when_it_is_stopped()
    {
        await using var place = await Workplace.CreateAsync(List);
        await WritePeopleAsync(place, ["id,first_name,last_name,email,phone", "1,Ana,Ruiz,ruiz@example.org,(202) 555-0109", "2,Ana,Ruiz,ruiz@example.org,", "3,Mia,Ruiz,ruiz@example.org,", "4,Anabel,Ruiz,,(202) 555-0133"]);
        string alive;
        await using (var running = await StreamSyncProcess.Start(place.Data, place.Config).ReadyAsync())
        {
            await running.UntilAsync("(select count(*) from identity_person_map) = 4 and (select count(*) from identity_person) = 3", Patience);
            await DecideAsync(place, running, $"{PersonOf(Csv(1))} = {PersonOf(Csv(4))}", "merge", Csv(1), Csv(4), "--reason", "told us", "--author", "Dana");
            foreach (var name in new[] { Csv(2), "2025550109", "ruiz, anabel", await running.ScalarAsync($"select {PersonOf(Csv(1))}") })
            {
                Assert.Equal(0, (await RunAsync(place, "show", name)).Code);
                Assert.Contains("records (3)", (await RunAsync(place, "show", name)).Out, StringComparison.Ordinal);
            }

            Assert.Contains("2 people", (await RunAsync(place, "show", "ruiz@example.org")).Out, StringComparison.Ordinal);
            Assert.Contains("Mia Ruiz", (await RunAsync(place, "show", "ruiz")).Out, StringComparison.Ordinal);
            Assert.Contains("nobody is known", (await RunAsync(place, "show", "Zebulon")).Error, StringComparison.Ordinal);
            alive = (await RunAsync(place, "show", Csv(1), "--json")).Out;
            Assert.Equal(0, await running.StopAsync());
        }

        var stopped = await RunAsync(place, "show", Csv(1), "--json", "--config", place.Config);
        Assert.True(stopped.Code == 0, stopped.Error);
        Assert.Equal(alive, stopped.Out);

        // Asked before it is ready, the command waits; evidence is there as soon as identity resolution is.
        await using (var starting = StreamSyncProcess.Start(place.Data, place.Config))
        {
            await starting.StartingAsync();
            var early = await RunAsync(place, "show", Csv(1), "--json");
            Assert.True(early.Code == 0, early.Error);
            Assert.Equal(alive, early.Out);
            await starting.ReadyAsync();
            Assert.Equal(0, await starting.StopAsync());
        }

        var report = JsonDocument.Parse(alive).RootElement;
        Assert.Equal("merged by Dana: told us", report.GetProperty("history").EnumerateArray().Last().GetProperty("reason").GetString());
        var links = report.GetProperty("evidence").GetProperty("links").EnumerateArray().ToDictionary(link => link.GetProperty("rule").GetString()!);
        Assert.Equal("Dana", links["decision"].GetProperty("decision").GetProperty("author").GetString());
        Assert.True(links["email"].GetProperty("bits").GetDouble() > 0);
        Assert.All(links.Values, link => Assert.Equal(link.GetProperty("bits").GetDouble(), link.GetProperty("fields").EnumerateArray().Sum(field => field.GetProperty("bits").GetDouble()), 6));
        Assert.Contains(links["email"].GetProperty("fields").EnumerateArray(), field => field.GetProperty("field").GetString() == "given name" && field.GetProperty("level").GetString() == "exact");
        var apart = Assert.Single(report.GetProperty("evidence").GetProperty("apart").EnumerateArray());
        Assert.Equal(Csv(3), apart.GetProperty("b").GetString());
        Assert.Contains("household", apart.GetProperty("why").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_decision_that_can_not_be_is_refused_with_the_remedy()
    {
        await using var place = await Workplace.CreateAsync(Workplace.Canvass);
        var nothing = await RunAsync(place, "merge", Door, Csv(1), "--reason", "x");
        Assert.Equal(2, nothing.Code);
        Assert.Contains("streamsync up", nothing.Error, StringComparison.Ordinal);

        place.Drop("tsm_hub_people_vf.csv", ["statecode,vanid,firstname,lastname,dob,datemodified", "MA,100200302,Bo,Li,1980-03-01,2024-08-01 09:00:00", "MA,100200303,Sam,Roe,1981-03-01,2024-08-01 09:00:00"]);
        await using var running = await StreamSyncProcess.Start(place.Data, place.Config).ReadyAsync();
        await running.UntilAsync("(select count(*) from identity_person_map) = 2", Patience);
        Assert.Contains("no person record", (await RunAsync(place, "merge", Door, Csv(1), "--reason", "x")).Error, StringComparison.Ordinal);
        Assert.Contains("two different records", (await RunAsync(place, "merge", Door, Door, "--reason", "x")).Error, StringComparison.Ordinal);
        Assert.Contains("needs a reason", (await RunAsync(place, "merge", Door, await running.ScalarAsync("select person_id from identity_person where last_name = 'Roe'"), "--reason", " ")).Error, StringComparison.Ordinal);
        var far = await RunAsync(place, "split", Door, await running.ScalarAsync("select person_id from identity_person where last_name = 'Roe'"), "--reason", "two neighbours");
        Assert.Matches($"{Door}  of Bo Li, person [0-9a-f]+, 1 record\n.* of Sam Roe, .*\nThey are two people already", far.Out);
        Assert.Contains("name somebody", (await RunAsync(place, "show", " ")).Error, StringComparison.Ordinal);
        Assert.Contains("person decisions", (await RunAsync(place, "forget-decision", "none", "--reason", "x")).Error, StringComparison.Ordinal);
    }

    static Task WritePeopleAsync(Workplace place, string[] lines) =>
        File.WriteAllLinesAsync(Path.Combine(Directory.CreateDirectory(Path.Combine(place.Root, "people")).FullName, "people.csv"), lines);

    static string Csv(int id) => $"test/csv_people/crm/person/{id}";

    static string PersonOf(string urn) => $"(select person_id from identity_person_map where source_urn = '{urn}')";

    static string Touch => $"(select person_id from activity_touch where source_urn = '{Contact}')";

    static string Count => "(select count(*) from person_360)";

    static string Talks(string urn) => $"(select touches from person_360 where person_id = {PersonOf(urn)})";

    /// <summary>Runs the command and waits for its effect.</summary>
    /// <returns>Time from the command's end, when the decision is kept for good, to the tables.</returns>
    static async Task<TimeSpan> DecideAsync(Workplace place, StreamSyncProcess running, string effect, params string[] arguments)
    {
        var (code, _, error) = await RunAsync(place, arguments);
        Assert.True(code == 0, error);
        var watch = Stopwatch.StartNew();
        await running.UntilAsync(effect, Patience);
        return watch.Elapsed;
    }

    static Task<(int Code, string Out, string Error)> RunAsync(Workplace place, params string[] arguments) =>
        StreamSyncProcess.RunAsync(place.Root, ["person", .. arguments, "--data", place.Data]);
}
