using StreamSync.Connectors.Sdk;
using StreamSync.Connectors.Tests.Support;

namespace StreamSync.Connectors.Tests.Vendors;

public class SampleTests
{
    [Fact]
    public async Task Contacts_of_both_modes_keep_who_canvassed_and_when()
    {
        await using var files = new FileHarness("ngpvan", "contactscontacts", "time_zone: America/Denver");
        await ReadSampleAsync(files, "tsm_hub_contactscontacts_vf.csv");
        await ReadSampleAsync(files, "tsm_hub_contactscontacts_mym.csv");
        Assert.Equal(["0:MA:88001", "0:MA:88002", "0:CO:88001", "1::88001"], files.Records.Select(Id));

        // B001: the volunteer's row has no name, but the id and the committee in which it is unique.
        var volunteer = files.Records[1];
        Assert.Equal((null, "902001", "77"), ((string?)volunteer.After!["username"], (string)volunteer.After["canvassedby"], (string)volunteer.After["committeeid"]));
        Assert.Equal(new DateTime(2024, 9, 2, 0, 7, 0, DateTimeKind.Utc), volunteer.Occurred!.Value.Instant);
        Assert.Equal(("2024-09-01 18:07:00", "America/Denver", "org_default"), (volunteer.Occurred.Value.Text, volunteer.Occurred.Value.Zone, volunteer.Occurred.Value.ZoneSource));
        Assert.Empty(files.Rejected);
        Assert.Empty(files.Findings);
    }

    [Fact]
    public async Task Public_users_are_unique_within_their_committee()
    {
        await using var files = new FileHarness("ngpvan", "publicusers");
        await ReadSampleAsync(files, "tsm_hub_publicusers.csv");
        Assert.Equal(["77:902001", "80:902001", "80:902003"], files.Records.Select(Id));
        Assert.Equal(["Sam P", "Pat Q", "Maria G"], files.Records.Select(r => r.After!["publicusername"]));
    }

    [Theory]
    [InlineData("users", "tsm_hub_users.csv", 2)]
    [InlineData("results", "results.csv", 4)]
    [InlineData("people", "tsm_hub_people_vf.csv", 2)]
    public async Task The_other_tables_are_read_without_a_word(string stream, string sample, int rows)
    {
        await using var files = new FileHarness("ngpvan", stream);
        await ReadSampleAsync(files, sample);
        Assert.Equal(rows, files.Records.Count);
        Assert.Empty(files.Rejected);
        Assert.Empty(files.Findings);
    }

    [Theory]
    [InlineData("action_network", "users", "users.csv", "11,12")]
    [InlineData("action_network", "core_fields", "core_fields.csv", "901,902")]
    [InlineData("action_network", "phone_dedupe_logs", "phone_dedupe_logs.csv", "1")]
    [InlineData("action_network", "user_merge_logs", "user_merge_logs.csv", "1")]
    [InlineData("mobilize", "van_persons", "van_persons.csv", "77:100200301:4001,80:200900001:4001")]
    public async Task Tables_of_a_mirror_that_say_who_is_who_are_read(string vendor, string stream, string sample, string ids)
    {
        await using var files = new FileHarness(vendor, stream, vendor == "mobilize" ? "organization: \"9\"" : "", secrets: "{ token: \"${env:PATH}\" }");
        await files.ReadAsync(sample, File.ReadAllText(Sample(vendor, sample)));
        Assert.Equal(ids.Split(','), files.Records.Select(Id));
        Assert.Empty(files.Rejected);
    }

    [Fact]
    public async Task Ids_of_the_other_database_come_with_the_scope_that_they_have_there()
    {
        await using var files = new FileHarness("ngpvan", "people");
        await files.ReadAsync("tsm_hub_people_mym.csv", "StateCode,VANID,FirstName,VoterVANID,StateFileID,DWID\nMI,7,Ana,100200301,MI01,7000001\n");
        await files.ReadAsync("tsm_hub_people_vf.csv", "StateCode,VANID,FirstName,MyCampaignID,SurvivingVANID\nMI,9,Ana,7,100200301\n");
        var (mine, voter) = (files.Records[0].After!, files.Records[1].After!);
        Assert.Equal(["1:MI", "100200301", "0:MI", "MI01"], new[] { "van_scope", "voter_van_id", "voter_scope", "state_file_id" }.Select(name => mine[name]));
        Assert.Equal(["0:MI", "7", "1:MI", "100200301"], new[] { "van_scope", "campaign_van_id", "campaign_scope", "merged_into_vanid" }.Select(name => voter[name]));
        Assert.Empty(files.Findings);
    }

    [Fact]
    public async Task A_texting_export_is_read_in_utc_for_the_days_of_the_group()
    {
        await using var files = new FileHarness("thrutext", "opt_outs", "time_zone: America/Los_Angeles");
        await files.ReadAsync("opt_outs.csv", File.ReadAllText(Sample("thrutext", "opt_outs.csv")));
        var record = files.Records.Single();
        Assert.Equal("mi-wtp/thrutext/c77/opt_out/c2:k2", record.Urn);
        Assert.Equal(new DateTime(2024, 10, 1, 4, 0, 0, DateTimeKind.Utc), record.Occurred!.Value.Instant);
        Assert.Equal("America/Los_Angeles", record.Occurred.Value.Zone);
    }

    [Fact]
    public async Task A_refund_is_a_record_of_its_own_beside_the_contribution()
    {
        await using var files = new FileHarness("actblue", "refunded_contributions");
        await files.ReadAsync("refunded_contributions.csv", File.ReadAllText(Sample("actblue", "refunded_contributions.csv")));
        Assert.Equal("9001:refund", Id(files.Records.Single()));
        Assert.Equal(new DateTime(2024, 10, 2, 14, 0, 0, DateTimeKind.Utc), files.Records[0].Occurred!.Value.Instant);
    }

    static Task ReadSampleAsync(FileHarness files, string name) => files.ReadAsync(name, File.ReadAllText(Sample("ngpvan", name)));

    static string Sample(string vendor, string name) => Path.Combine(AppContext.BaseDirectory, "Vendors", vendor, "samples", name);

    static string Id(SourceRecord record) => record.Urn.Split('/')[4];
}
