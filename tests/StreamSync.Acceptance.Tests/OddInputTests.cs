namespace StreamSync.Acceptance.Tests;

/// <summary>Odd files beside good ones: each is told, the good rows arrive, nothing vanishes without a word.</summary>
public class OddInputTests
{
    const string Header = "statecode,vanid,firstname,middlename,lastname,suffix,dob,address,city,state,zip,email,phone,dwid,datemodified";

    [Fact]
    public async Task Odd_files_are_told_and_the_rest_goes_on()
    {
        await using var place = await Workplace.CreateAsync(Workplace.Canvass);
        place.Drop("a_people_vf.csv", [Header, Row(1), "MI,2,Only", Row(3)]);
        place.Drop("b_people_vf.csv", ["<!DOCTYPE html>", "<html><body>Please sign in</body></html>"]);
        place.Drop("c_people_vf.csv", []);
        place.Drop("d_people_vf.csv", [Header + ",newcolumn", Row(4) + ",surprise"]);
        await File.WriteAllBytesAsync(Path.Combine(place.Drops, "e_people_vf.csv"), [.. System.Text.Encoding.UTF8.GetBytes(Header + "\n"), .. System.Text.Encoding.Latin1.GetBytes(Row(5).Replace("Ana", "José", StringComparison.Ordinal) + "\n")]);
        place.Drop("f_people_vf.csv", [Header, "MI,,NoId,,Person,,,,,,,,,,"]);
        await using var running = await StreamSyncProcess.Start(place.Data, place.Config).ReadyAsync();
        await running.UntilAsync("(select count(*) from entity_person where source_id in ('0:MI:1', '0:MI:3', '0:MI:4', '0:MI:5')) = 4", TimeSpan.FromMinutes(1));
        await running.UntilAsync("(select count(*) from ops_quarantine) >= 3", TimeSpan.FromSeconds(30));
        var quarantine = await running.RowsAsync("select place, reason_code, reason, remedy is not null, raw is not null from ops_quarantine order by place");
        Assert.Contains(quarantine, q => q.Contains("a_people_vf.csv:3", StringComparison.Ordinal));
        Assert.Contains(quarantine, q => q.Contains("b_people_vf.csv", StringComparison.Ordinal));
        Assert.Contains(quarantine, q => q.Contains("f_people_vf.csv:2", StringComparison.Ordinal));
        Assert.All(quarantine, q => Assert.DoesNotContain("NoId", q, StringComparison.Ordinal));
        await running.UntilAsync("exists (select 1 from ops_finding where code = 'unknown_column' and subject = 'newcolumn') and exists (select 1 from ops_finding where code like '%empty%')", TimeSpan.FromSeconds(30));
        var status = (await StreamSyncProcess.RunAsync(place.Root, "status", "--data", place.Data)).Out;
        Assert.Matches("(?m)^error: the file was not read: ", status);
        Assert.Matches(@"(?m)^\w+ people: [2-9] warnings \(.*empty_file.*unknown_column.*\)$", status);
        Assert.Contains("ops_finding where severity = 'warning'", status, StringComparison.Ordinal);
        Assert.Equal("José", await running.ScalarAsync("select first_name from entity_person where source_id = '0:MI:5'"));
        Assert.Contains("surprise", await running.ScalarAsync("select extras from entity_person where source_id = '0:MI:4'"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipe_is_told_and_what_is_mended_no_longer_stands()
    {
        await using var place = await Workplace.CreateAsync(Workplace.Canvass);
        using (var make = System.Diagnostics.Process.Start("mkfifo", [Path.Combine(place.Drops, "a_people_vf.csv")]))
        {
            await make.WaitForExitAsync();
        }

        place.Drop("b_people_vf.csv", ["<!DOCTYPE html>", "<html><body>Please sign in</body></html>"]);
        place.Drop("c_people_vf.csv", [Header, Row(1), "MI,2,Only"]);
        await using var running = await StreamSyncProcess.Start(place.Data, place.Config).ReadyAsync();
        await running.UntilAsync("(select list(code order by code) from ops_finding where severity = 'error') = ['file_refused', 'not_a_file'] and (select count(*) from ops_quarantine where closed_at is null) = 2", TimeSpan.FromMinutes(1));
        Assert.Equal("a_people_vf.csv", await running.ScalarAsync("select subject from ops_finding where code = 'not_a_file'"));
        File.Delete(Path.Combine(place.Drops, "a_people_vf.csv"));
        place.Drop("b_people_vf.csv", [Header, Row(3)]);
        place.Drop("c_people_vf.csv", [Header, Row(1), Row(2)]);
        await running.UntilAsync("(select count(*) from entity_person where source_id in ('0:MI:1', '0:MI:2', '0:MI:3')) = 3", TimeSpan.FromMinutes(1));
        await running.UntilAsync("(select count(*) from ops_finding where severity = 'error') = 0 and (select count(*) from ops_quarantine where closed_at is null) = 0", TimeSpan.FromSeconds(30));
        Assert.Equal("2", await running.ScalarAsync("select count(*) from ops_quarantine where raw is not null"));
        Assert.Equal("0", await running.ScalarAsync("select sum(quarantined_now) from sync_freshness"));
    }

    static string Row(int id) => $"MI,{id},Ana,,Ruiz{id},,1980-01-0{id},{id} Elm St,Flint,MI,48502,ana{id}@example.org,(202) 555-010{id},,2026-08-01 09:00:00";
}
