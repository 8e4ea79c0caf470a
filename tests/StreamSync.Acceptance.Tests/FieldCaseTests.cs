using System.Net;
using System.Text;
using System.Text.Json;
using StreamSync.Simulators;

namespace StreamSync.Acceptance.Tests;

/// <summary>One run of the platform over files and webhooks that hold what hubs have reported as going wrong.</summary>
public sealed class FieldCases : IAsyncLifetime
{
    const string PeopleHeader = "id,first_name,last_name,email,phone,dob,address,city,state,zip";
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    Workplace? _place;
    StreamSyncProcess? _running;

    internal StreamSyncProcess Running => _running!;

    public async Task InitializeAsync()
    {
        _place = await Workplace.CreateAsync(Workplace.Canvass + "\n" + """
              - id: list
                connector: csv_people
                instance: crm
                settings: { folder: ./people, complete: true }
              - id: donations
                connector: actblue
                instance: main
                settings: { folder: ./donations }
            """);
        var (people, donations) = (Directory.CreateDirectory(Path.Combine(_place.Root, "people")).FullName, Directory.CreateDirectory(Path.Combine(_place.Root, "donations")).FullName);
        _place.Drop("tsm_hub_publicusers.csv", ["publicuserid,publicusername,vanid,committeeid,datecreated", "902001,Sam P,100200399,77,2024-08-20 10:00:00", "902001,Pat Q,100200400,80,2024-08-21 10:00:00"]);
        _place.Drop("tsm_hub_contactscontacts_vf.csv", [SampleProgram.VanContactHeader, Contact(88002, 902001), Contact(88003, 902999)]);
        const string van = "statecode,vanid,firstname,lastname,dob,datemodified";
        _place.Drop("tsm_hub_people_vf.csv", [van, "CO,100200301,Walter,Nguyen,1950-02-01,2024-08-01 09:00:00", "MA,100200302,Bo,Li,1980-03-01,2024-08-01 09:00:00"]);
        _place.Drop("tsm_hub_people_mym.csv", [van, "MA,100200301,Ana,Ruiz,1975-09-18,2024-08-01 09:00:00"]);
        string[] junkEmails = ["none@none.com", "na@na.com", "test@test.com", "noemail@example.org"], junkPhones = ["0000000000", "111-111-1111", "999-999-9999"];
        string[] rows =
        [
            .. Enumerable.Range(1, 30).Select(i => $"junk{i},{(char)('A' + (i % 26))}lex,Jones,{junkEmails[i % 4]},{junkPhones[i % 3]}"),
            "plus1,Priya,Rao,,919800000042", "plus2,Priya,Rao,,+919800000042",
            "ext1,Ann,Lee,,1 (202) 555-0103 x12", "ext2,Ann,Lee,,202.555.0103 ext 12",
            "mail1,Ana,Ruiz, Ana.Ruiz@Example.org ,", "mail2,Ana,Ruiz,mailto:ana.ruiz@example.org,", "mail3,Ana,Ruiz,ana.ruiz+van@example.org,",
            "5,First,Wins,,", "5,Second,Wins,,",
            "chain1,Ada,Alpha,,202-555-0131", "chain2,Ben,Bravo,chain@example.org,202-555-0131", "chain3,Cleo,Carter,chain@example.org,202-555-0132", "chain4,Dan,Delta,,202-555-0132",
            "kids1,Ines,Soto,ines.soto@example.org,", "kids2,Leo,Soto,ines.soto@example.org,", "kids3,Mia,Soto,ines.soto@example.org,", "kids4,Mia,Soto,ines.soto@example.org,",
            "house1,Olga,Petrov,,,,41 Cedar Ct,Lansing,MI,48910", "house2,Ivan,Petrov,,,,41 Cedar Ct,Lansing,MI,48910",
            "either1,Nora,Quist,nora@example.org,,,,Detroit,MI,48201", "either2,Nora,Quist,quist@example.com,,,,Flint,MI,48502",
            "form1,Tess,Umber,tess@example.org,,,,,MI,49007", "form2,Tess,Umber,,,,,,MI,49007",
            "date1,Vera,Wolf,,,0000-00-00", "date2,Vera,Wolf,,,0000-00-00", "date3,Yuri,Zeller,,,13/13/1990", "date4,Yuri,Zeller,,,13/13/1990",
            "marks1,Kai,Lund,,(202) 555-0141", "marks2,Kai,Lund,,2025550141", "marks3,Kai,Lund,not a mail,12-34",
        ];
        rows = [PeopleHeader, .. rows.Select(Padded)];
        await File.WriteAllLinesAsync(Path.Combine(people, "people_1.csv"), [.. rows, Padded("gone,Gone,Away,gone@example.org,")]);
        await File.WriteAllLinesAsync(
            Path.Combine(donations, "paid_contributions.csv"),
            ["Receipt ID,Date,Amount,Reserved,Lineitem ID,Reserved,Donor Email,Reserved", "AB1,2024-09-30 23:58:41,25.00,one,9001,two,ana.ruiz@example.org,three"]);
        _running = await StreamSyncProcess.Start(_place.Data, _place.Config).ReadyAsync();
        await Running.UntilAsync("(select count(*) from identity_person_map where source_urn like '%/gone' or source_urn like '%/mail3') = 2", Patience);
        await File.WriteAllLinesAsync(Path.Combine(people, "people_2.csv"), rows);
        await Running.UntilAsync("(select count(*) from entity_person where source_id = 'gone') = 0", Patience);
        await PostAsync(new SampleProgram(people: 3, contacts: 0, texts: 0, signups: 0, donations: 2).ActBlueBodies().First(), times: 46);
        await Running.UntilAsync("(select count(*) from activity_touch where kind = 'donation') = 2 and (select count(*) from activity_touch where canvasser_name = 'Sam P') = 1", Patience);

        // What the tests read without waiting: every record has its person, and the status of the webhook's stream tells of all deliveries.
        await Running.UntilAsync("(select count(*) from entity_person where source_urn not in (select source_urn from identity_person_map join identity_person using (person_id))) = 0", Patience);
        await Running.UntilAsync("(select max(records_read) from ops_sync where stream = 'contributions') = 46", Patience);
    }

    public async Task DisposeAsync()
    {
        if (_running is not null)
        {
            await _running.DisposeAsync();
        }

        if (_place is not null)
        {
            await _place.DisposeAsync();
        }
    }

    async Task PostAsync(string body, int times)
    {
        using var http = new HttpClient { BaseAddress = new Uri(Running.Instance.GetProperty("webhook_url").GetString()!) };
        for (var i = 0; i < times; i++)
        {
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            using var response = await http.PostAsync(new Uri("/hooks/donations/contributions", UriKind.Relative), content);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    /// <summary>A row with all fields: one with fewer would be taken as cut short.</summary>
    static string Padded(string row) => row + new string(',', PeopleHeader.Count(c => c == ',') - row.Count(c => c == ','));

    static string Contact(int id, int canvasser) => $"MA,{id},100200302,14,77,,2024-09-01 18:07:02,2024-09-01 18:07:00,14,2,,{canvasser},9,,{canvasser},,,,2024-09-01 18:07:02";
}

/// <summary>What hubs have reported as going wrong ends right in the warehouse.</summary>
public class FieldCaseTests(FieldCases cases) : IClassFixture<FieldCases>
{
    /// <summary>Field case B001.</summary>
    [Fact]
    public async Task A_volunteer_who_canvassed_has_a_name_by_id_and_committee_and_one_without_keeps_the_id()
    {
        Assert.Equal(
            ["88002|902001|Sam P|public_user|publicusers|test/ngpvan/tsm/public_user/77:902001", "88003|902999|||unknown|"],
            await RowsAsync("select split_part(source_urn, ':', 3), canvasser_id, canvasser_name, case when canvasser_name is not null then canvasser_kind end, canvasser_basis, case when canvasser_name is not null then canvasser_ref end from activity_touch where source_urn like '%:88%' order by 1"));
        Assert.EndsWith(":100200399", await cases.Running.ScalarAsync("select canvasser_person_ref from activity_touch where source_urn like '%:88002'"), StringComparison.Ordinal);
        Assert.Equal("0", await cases.Running.ScalarAsync("select count(*) from activity_touch where canvasser_name = 'Pat Q'"));
        await cases.Running.UntilAsync("exists (select 1 from ops_finding where sync_id = 'canvass' and lower(code || ' ' || message) like '%canvasser%')", TimeSpan.FromMinutes(1));
    }

    /// <summary>Field case B009.</summary>
    [Fact]
    public async Task One_VAN_id_in_two_scopes_is_two_people() => Assert.Equal(
        ["test/ngpvan/tsm/person/0:CO:100200301|Walter", "test/ngpvan/tsm/person/1:MA:100200301|Ana"],
        await RowsAsync("select m.source_urn, p.first_name from identity_person_map m join identity_person p using (person_id) where m.source_urn like '%/person/%:100200301' order by 1"));

    /// <summary>Field case B064.</summary>
    [Fact]
    public async Task A_number_with_and_without_plus_is_one_contact_point() => Assert.Equal(
        ["[+919800000042]|2"],
        await RowsAsync("select distinct p.phones::text, p.record_count from identity_person_map m join identity_person p using (person_id) where m.source_urn like '%/plus_'"));

    /// <summary>Field case B067.</summary>
    [Fact]
    public async Task An_id_twice_in_one_batch_is_one_row_with_the_later_content() =>
        Assert.Equal(["Second"], await RowsAsync("select first_name from entity_person where source_id = '5'"));

    /// <summary>Field case B074.</summary>
    [Fact]
    public async Task A_webhook_delivered_forty_six_times_is_one_donation()
    {
        Assert.Equal(["1"], await RowsAsync("select count(*) from activity_touch where source_urn like '%/lineitem/90000:contribution'"));
        Assert.Equal(["1"], await RowsAsync("select records_emitted from ops_sync where stream = 'contributions'"));
    }

    /// <summary>Field case B076.</summary>
    [Fact]
    public async Task Columns_of_one_name_are_read_by_position()
    {
        Assert.Equal(["25.00"], await RowsAsync("select amount from entity_donation where source_id = '9001:contribution'"));
        Assert.Equal(["duplicate_header"], await RowsAsync("select distinct code from ops_finding where sync_id = 'donations' and subject ilike '%reserved%' and code = 'duplicate_header'"));
    }

    /// <summary>Field cases B085 and B096.</summary>
    [Fact]
    public async Task A_row_that_the_tool_deleted_is_in_no_table()
    {
        Assert.Equal(["0|0"], await RowsAsync("select (select count(*) from entity_person where source_id = 'gone'), (select count(*) from entity_person where first_name = 'Gone')"));
        await cases.Running.UntilAsync("(select count(*) from identity_person_map where source_urn like '%/gone') = 0 and (select count(*) from identity_person where first_name = 'Gone') = 0", TimeSpan.FromMinutes(1));
    }

    /// <summary>Field case B115.</summary>
    [Fact]
    public async Task Junk_addresses_join_nobody_and_are_no_contact_points()
    {
        Assert.Equal(["30"], await RowsAsync("select count(distinct person_id) from identity_person_map where source_urn like '%/junk%'"));
        Assert.Equal(["0"], await RowsAsync("select count(*) from identity_person p join identity_person_map m using (person_id) where m.source_urn like '%/junk%' and (p.email is not null or p.phone is not null or len(p.emails) > 0 or len(p.phones) > 0)"));
    }

    /// <summary>Field case B106.</summary>
    [Fact]
    public async Task A_chain_of_shared_contact_points_makes_nobody_one_person() => Assert.Equal(
        ["4"], await RowsAsync("select count(distinct person_id) from identity_person_map where source_urn like '%/chain_'"));

    /// <summary>Field case B108.</summary>
    [Fact]
    public async Task Children_with_a_parents_address_stay_themselves_and_a_signup_goes_to_the_right_one() => Assert.Equal(
        ["kids1", "kids2", "kids3+kids4"], await PeopleAsync("kids"));

    /// <summary>Field case B109; that a household on file is no person is among the hard cases.</summary>
    [Fact]
    public async Task An_address_is_no_household() => Assert.Equal(["house1", "house2"], await PeopleAsync("house"));

    /// <summary>Field case B110.</summary>
    [Fact]
    public async Task A_name_with_another_address_of_mail_in_another_city_is_another_person() => Assert.Equal(["either1", "either2"], await PeopleAsync("either"));

    /// <summary>Field case B112: for a steward to see, neither merged nor silently another.</summary>
    [Fact]
    public async Task A_form_without_the_address_of_mail_is_a_candidate_for_review()
    {
        Assert.Equal(["form1", "form2"], await PeopleAsync("form"));
        var report = JsonDocument.Parse((await StreamSyncProcess.RunAsync(Path.GetDirectoryName(cases.Running.Data)!, "person", "show", "form2", "--json", "--data", cases.Running.Data)).Out).RootElement;
        var near = report.GetProperty("evidence").GetProperty("apart").EnumerateArray().Single(pair => pair.GetProperty("b").GetString()!.EndsWith("/form1", StringComparison.Ordinal));
        Assert.Equal("nothing agrees but names and a wide area", near.GetProperty("why").GetString());
    }

    /// <summary>Field case B113.</summary>
    [Fact]
    public async Task A_date_that_is_none_is_no_evidence()
    {
        Assert.Equal(["date1", "date2", "date3", "date4"], await PeopleAsync("date"));
        Assert.Equal(["4"], await RowsAsync("select count(*) from entity_person where source_id like 'date_' and date_of_birth is null and dob_quality is not null"));
    }

    /// <summary>Field case B118.</summary>
    [Fact]
    public async Task Marks_in_a_number_make_no_other_number_and_what_is_none_is_kept_and_told()
    {
        Assert.Equal(["marks1+marks2", "marks3"], await PeopleAsync("marks"));
        Assert.Equal(["not a mail|False|12-34|False"], await RowsAsync("select emails[1].raw, emails[1].identifying, phones[1].raw, phones[1].identifying from entity_person where source_id = 'marks3'"));
    }

    /// <summary>Field case B122.</summary>
    [Fact]
    public async Task An_extension_is_kept_and_no_part_of_the_number()
    {
        Assert.Equal(["+12025550103|12"], await RowsAsync("select distinct phones[1].normalized, phones[1].extension from entity_person where source_id in ('ext1', 'ext2')"));
        Assert.Equal(["1"], await RowsAsync("select count(distinct person_id) from identity_person_map where source_urn like '%/ext_'"));
    }

    /// <summary>Field case B123.</summary>
    [Fact]
    public async Task Case_spaces_and_mailto_make_no_other_address_and_a_plus_tag_is_kept_for_sending()
    {
        Assert.Equal(
            ["mail1|ana.ruiz@example.org", "mail2|ana.ruiz@example.org", "mail3|ana.ruiz+van@example.org"],
            await RowsAsync("select source_id, emails[1].normalized from entity_person where source_id like 'mail_' order by 1"));
        Assert.Equal(["1"], await RowsAsync("select count(distinct person_id) from identity_person_map where source_urn like '%/mail_'"));
    }

    /// <summary>The people of records whose ids start alike, as ids joined by a plus sign.</summary>
    Task<IReadOnlyList<string>> PeopleAsync(string start) => RowsAsync(
        $"select string_agg(split_part(source_urn, '/', 5), '+' order by source_urn) from identity_person_map where source_urn like '%/{start}_' group by person_id order by 1");

    Task<IReadOnlyList<string>> RowsAsync(string sql) => cases.Running.RowsAsync(sql);
}
