using System.Text.Json;
using StreamSync.Simulators;

namespace StreamSync.Acceptance.Tests;

/// <summary>What a newcomer sees: the sample tools in the warehouse, the commands while it runs and when it is stopped, a restart.</summary>
public class SampleBasketTests
{
    [Fact]
    public async Task The_sample_program_loads_can_be_asked_for_and_survives_a_restart()
    {
        var root = Directory.CreateTempSubdirectory("streamsync-basket-").FullName;
        var data = Path.Combine(root, "data");
        var program = SampleProgram.Demo();
        var touches = program.Contacts + program.Texts + program.Signups + program.Donations;
        var loaded = $"(select count(*) from activity_touch where kind in ('contact_attempt', 'signup', 'donation') and person_id is not null) = {touches} and (select count(*) from identity_person) = {program.People}";
        try
        {
            string people;
            await using (var first = await StreamSyncProcess.Start(data).ReadyAsync())
            {
                await first.UntilAsync(loaded, TimeSpan.FromMinutes(2));
                await first.UntilAsync($"(select count(*) from who_talked_to_voters where canvasser_name is null and vendor = 'ngpvan') = 0", TimeSpan.FromSeconds(30));
                Assert.Equal("0", await first.ScalarAsync("select count(*) from who_talked_to_voters where canvasser_name = 'Pat Q'"));
                Assert.Equal($"{program.Donations}", await first.ScalarAsync("select count(*) from entity_donation"));
                Assert.NotEqual("0", await first.ScalarAsync("select count(*) from person_360 where list_contains(tools, 'mobilize') and list_contains(tools, 'ngpvan')"));
                Assert.NotEqual("0", await first.ScalarAsync("select sum(attended) from event_funnel"));
                people = string.Join('\n', await first.RowsAsync("select source_urn, person_id from identity_person_map order by 1"));

                var status = JsonDocument.Parse((await StreamSyncProcess.RunAsync(root, "status", "--json", "--data", data)).Out).RootElement;
                Assert.Equal("running", status.GetProperty("state").GetString());
                Assert.Equal(first.Instance.GetProperty("console_url").GetString(), status.GetProperty("console_url").GetString());
                Assert.True(status.GetProperty("ports").GetProperty("broker").GetInt32() > 0);
                Assert.NotEmpty(status.GetProperty("syncs").EnumerateArray());

                var (code, csv, _) = await StreamSyncProcess.RunAsync(root, "query", "select count(*) as n from identity_person", "--format", "csv", "--data", data);
                Assert.Equal((0, $"n\n{program.People}\n"), (code, csv));
                var second = await StreamSyncProcess.RunAsync(root, "up", "--data", data);
                Assert.Equal(1, second.Code);
                Assert.Contains("runs already", second.Error, StringComparison.Ordinal);
                Assert.Equal(0, await first.StopAsync());
            }

            var stopped = await StreamSyncProcess.RunAsync(root, "query", "select count(*) as n from identity_person", "--format", "json", "--data", data);
            Assert.Equal(program.People, JsonDocument.Parse(stopped.Out).RootElement[0].GetProperty("n").GetInt32());
            var after = JsonDocument.Parse((await StreamSyncProcess.RunAsync(root, "status", "--json", "--data", data)).Out).RootElement;
            Assert.Equal("stopped", after.GetProperty("state").GetString());
            Assert.NotEmpty(after.GetProperty("syncs").EnumerateArray());

            await using var again = await StreamSyncProcess.Start(data).ReadyAsync();
            await again.UntilAsync(loaded, TimeSpan.FromMinutes(1));
            Assert.Equal(people, string.Join('\n', await again.RowsAsync("select source_urn, person_id from identity_person_map order by 1")));
            Assert.Equal($"{program.Contacts}", await again.ScalarAsync("select max(records_read) from ops_sync where sync_id = 'canvass' and stream = 'contactscontacts'"));
            Assert.Equal(0, await again.StopAsync());
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }
}
