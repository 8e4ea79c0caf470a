using System.Text.Json;
using StreamSync.Contracts;
using StreamSync.Contracts.Entity;
using StreamSync.Processors.Tests.Standardiser;

namespace StreamSync.Processors.Tests.Identity;

/// <summary>What tools know of each other's ids, from the vendor's record through its mapping to the person.</summary>
public sealed class CrosswalkTests : IDisposable
{
    readonly StandardiserFixture _standardiser = new();
    readonly IdentityFixture _identity = new();

    public void Dispose()
    {
        _standardiser.Dispose();
        _identity.Dispose();
    }

    [Fact]
    public void A_VAN_id_in_a_custom_field_of_Action_Network_is_the_VAN_record()
    {
        Van("0:MI:100200301", "Robert", "Lee");
        ActionNetwork("a1", "Bob", "Leigh", "bob@example.org", new Dictionary<string, string> { ["VanID"] = "100200301" });
        ActionNetwork("a2", "Ada", "Mills", "ada@example.org", new Dictionary<string, string> { ["vanid"] = "100200302" });
        Settle();

        Assert.True(AreOne("mi-wtp/ngpvan/c77/person/0:MI:100200301", "mi-wtp/action_network/g1/person/a1"));
        Assert.Equal(2, _identity.People.Count);
    }

    [Fact]
    public void A_VAN_id_is_another_one_in_another_state_or_mode()
    {
        Van("0:CO:100200301", "Walter", "Nguyen", state: "CO");
        Van("1:MI:100200301", "Xiomara", "Diaz", mode: "1");
        ActionNetwork("a1", "Bob", "Leigh", "bob@example.org", new Dictionary<string, string> { ["VanID"] = "100200301" });
        Settle();

        Assert.Equal(3, _identity.People.Count);
    }

    [Fact]
    public void Mobilizes_crosswalk_to_VAN_joins_user_and_voter()
    {
        Van("0:MI:100200301", "Ana", "Ruiz");
        _standardiser.Change("mobilize.attendances", "mi-wtp/mobilize/o9/attendance/77", new { person = new { user_id = 4001L, given_name = "A.", family_name = "R.", email_addresses = new[] { new { address = "volunteer@example.org" } } } });
        Settle();
        Assert.False(AreOne("mi-wtp/ngpvan/c77/person/0:MI:100200301", "mi-wtp/mobilize/o9/person/4001"));

        Crosswalk("80:100200301:4001", "100200301", "4001");
        Settle();
        Assert.False(AreOne("mi-wtp/ngpvan/c77/person/0:MI:100200301", "mi-wtp/mobilize/o9/person/4001"));

        Crosswalk("77:100200301:4001", "100200301", "4001");
        Settle();
        Assert.True(AreOne("mi-wtp/ngpvan/c77/person/0:MI:100200301", "mi-wtp/mobilize/o9/person/4001"));

        _standardiser.Change("mobilize.van_persons", "mi-wtp/mobilize/o9/van_person/77:100200301:4001", null);
        Settle();
        Assert.False(AreOne("mi-wtp/ngpvan/c77/person/0:MI:100200301", "mi-wtp/mobilize/o9/person/4001"));
    }

    [Fact]
    public void A_committee_in_Mobilizes_crosswalk_has_the_scope_that_the_sync_names()
    {
        Van("0:MI:200900001", "Ana", "Ruiz");
        Van("0:CO:200900001", "Xiomara", "Diaz", state: "CO");
        _standardiser.Change("mobilize.attendances", "mi-wtp/mobilize/o9/attendance/77", new { person = new { user_id = 4001L, given_name = "A.", family_name = "R." } });
        Crosswalk("80:200900001:4001", "200900001", "4001");
        Settle();

        Assert.True(AreOne("mi-wtp/ngpvan/c77/person/0:CO:200900001", "mi-wtp/mobilize/o9/person/4001"));
        Assert.Equal(2, _identity.People.Count);
    }

    [Theory]
    [InlineData("VanID")]
    [InlineData("van_id")]
    [InlineData("VAN ID")]
    [InlineData("VANID")]
    public void A_custom_field_is_known_however_it_is_spelt(string name)
    {
        Van("0:MI:100200301", "Robert", "Lee");
        ActionNetwork("a1", "Bob", "Leigh", "bob@example.org", new Dictionary<string, string> { ["Volunteer"] = "1", [name] = "100200301" });
        _standardiser.Change("spoke.campaign_contact", "mi-wtp/spoke/s1/campaign_contact/7", new { id = 7L, first_name = "Rob", last_name = "L", custom_fields = JsonSerializer.Serialize(new Dictionary<string, string> { [name] = "100200301", ["x"] = "1" }), van_scope = "0:MI" });
        Settle();

        Assert.Single(_identity.People);
    }

    [Fact]
    public void Identifiers_of_Action_Network_name_the_voter()
    {
        Van("0:MI:100200301", "Robert", "Lee", dwid: "7000001");
        _standardiser.Change("action_network.people", "mi-wtp/action_network/g1/person/a1", new { uuid = "a1", given_name = "Bob", van_identifier = "100200301" });
        _standardiser.Change("action_network.people", "mi-wtp/action_network/g1/person/a2", new { uuid = "a2", given_name = "Bobby", dwid_identifier = "7000001" });
        _standardiser.Change("action_network.people", "mi-wtp/action_network/g1/person/a3", new { uuid = "a3", given_name = "Bobby", voterbase_identifier = "MI-7000001" });
        Settle();

        Assert.Equal(2, _identity.People.Count);
        Assert.True(AreOne("mi-wtp/action_network/g1/person/a1", "mi-wtp/action_network/g1/person/a2"));
    }

    [Fact]
    public void VANs_two_databases_name_each_others_records()
    {
        Van("0:MI:100200301", "Robert", "Lee");
        _standardiser.Change("ngpvan.people", "mi-wtp/ngpvan/c77/person/1:MI:7", new { mode = "1", statecode = "MI", vanid = "7", van_scope = "1:MI", voter_van_id = "100200301", voter_scope = "0:MI", firstname = "Bob", lastname = "Leigh" });
        _standardiser.Change("ngpvan.people", "mi-wtp/ngpvan/c77/person/1:CO:7", new { mode = "1", statecode = "CO", vanid = "7", van_scope = "1:CO", voter_van_id = "100200301", voter_scope = "0:CO", firstname = "Walter", lastname = "Nguyen" });
        Settle();

        Assert.True(AreOne("mi-wtp/ngpvan/c77/person/0:MI:100200301", "mi-wtp/ngpvan/c77/person/1:MI:7"));
        Assert.Equal(2, _identity.People.Count);
    }

    [Fact]
    public void A_merge_in_VAN_is_ours_until_it_is_undone()
    {
        Van("0:MI:100200301", "Robert", "Lee");
        Van("0:MI:100200302", "Roberta", "Lied");
        Merge("100200301");
        Settle();
        Assert.True(AreOne("mi-wtp/ngpvan/c77/person/0:MI:100200301", "mi-wtp/ngpvan/c77/person/0:MI:100200302"));

        Merge(null);
        Settle();
        Assert.False(AreOne("mi-wtp/ngpvan/c77/person/0:MI:100200301", "mi-wtp/ngpvan/c77/person/0:MI:100200302"));

        void Merge(string? into) => _standardiser.Change("ngpvan.people", "mi-wtp/ngpvan/c77/person/0:MI:100200302", new { mode = "0", statecode = "MI", vanid = "100200302", van_scope = "0:MI", firstname = "Roberta", lastname = "Lied", merged_into_vanid = into });
    }

    [Fact]
    public void A_number_in_a_states_voter_file_is_another_one_in_another_state()
    {
        State("1", "Robert", "MI");
        State("2", "Bobby", "MI");
        State("3", "Walter", "CO");
        State("4", "Xiomara", null);
        Settle();

        Assert.True(AreOne("mi-wtp/csv_people/list/person/1", "mi-wtp/csv_people/list/person/2"));
        Assert.Equal(3, _identity.People.Count);

        void State(string id, string first, string? state) =>
            _standardiser.Change("csv_people.people", $"mi-wtp/csv_people/list/person/{id}", new { id, first_name = first, state, state_file_id = "0007" });
    }

    [Fact]
    public void A_list_that_knows_the_ids_of_tools_joins_their_records()
    {
        ActionNetwork("a1", "Ana", "Ruiz", "ana@example.org");
        _standardiser.Change("mobilize.attendances", "mi-wtp/mobilize/o9/attendance/77", new { person = new { user_id = 4001L, given_name = "A.", family_name = "R." } });
        _standardiser.Change("csv_people.people", "mi-wtp/csv_people/list/person/1", new { id = "1", action_network_id = "a1", mobilize_user_id = "4001" });
        Settle();

        Assert.Single(_identity.People);
    }

    [Fact]
    public void Orders_of_one_ActBlue_donor_are_one_persons()
    {
        Give("AB1", "333", "Ana");
        Give("AB2", "333", "A");
        Give("AB3", "334", "Walter");
        Settle();

        Assert.True(AreOne("mi-wtp/actblue/e1/donor/AB1", "mi-wtp/actblue/e1/donor/AB2"));
        Assert.Equal(2, _identity.People.Count);

        void Give(string order, string donor, string first) => _standardiser.Change(
            "actblue.paid_contributions", $"mi-wtp/actblue/e1/lineitem/{order}:contribution", new { receipt_id = order, lineitem_id = order, donor_id = donor, donor_first_name = first, amount = "5.00" });
    }

    [Fact]
    public void Merges_in_Action_Network_one_after_the_other_join_all_of_them()
    {
        foreach (var (number, uuid, first) in new[] { ("10", "a0", "Ana"), ("11", "a1", "Xiomara"), ("12", "a2", "Walter") })
        {
            ActionNetwork(uuid, first, "Ruiz", $"{first}@example.org");
            _standardiser.Change("action_network.users", $"mi-wtp/action_network/g1/user/{number}", new { id = number, uuid });
        }

        Settle();
        Assert.Equal(3, _identity.People.Count);

        Merge("2", "11", "10");
        Merge("1", "12", "11");
        Settle();
        Assert.Single(_identity.People);

        _standardiser.Change("action_network.user_merge_logs", "mi-wtp/action_network/g1/merge/2", null);
        Settle();
        Assert.True(AreOne("mi-wtp/action_network/g1/person/a1", "mi-wtp/action_network/g1/person/a2"));
        Assert.False(AreOne("mi-wtp/action_network/g1/person/a0", "mi-wtp/action_network/g1/person/a1"));

        void Merge(string id, string removed, string into) =>
            _standardiser.Change("action_network.user_merge_logs", "mi-wtp/action_network/g1/merge/" + id, new { id, merged_user_id = into, removed_user_id = removed });
    }

    [Fact]
    public void People_whom_Action_Network_merged_by_their_number_are_one()
    {
        foreach (var (number, uuid, first) in new[] { ("11", "a1", "Ana"), ("12", "a2", "Xiomara") })
        {
            ActionNetwork(uuid, first, "Ruiz", $"{first}@example.org");
            _standardiser.Change("action_network.users", $"mi-wtp/action_network/g1/user/{number}", new { id = number, uuid });
            _standardiser.Change("action_network.core_fields", $"mi-wtp/action_network/g1/core_fields/9{number}", new { id = "9" + number, user_id = number, first_name = first, last_name = "Ruiz" });
        }

        Settle();
        Assert.Equal(2, _identity.People.Count);

        _standardiser.Change("action_network.phone_dedupe_logs", "mi-wtp/action_network/g1/phone_merge/1", new { id = "1", kept_core_field_id = "911", removed_core_field_id = "912", phone = "12025550101" });
        Settle();
        Assert.Single(_identity.People);
    }

    [Fact]
    public void A_merge_in_Action_Network_joins_the_holders_of_both_addresses()
    {
        ActionNetwork("a1", "Ana", "Ruiz", "ana.ruiz@example.org");
        ActionNetwork("a2", "Ana", "Ruiz", "ruiz.family@example.com");
        Settle();
        Assert.False(AreOne("mi-wtp/action_network/g1/person/a1", "mi-wtp/action_network/g1/person/a2"));

        _standardiser.Change("action_network.user_merge_logs", "mi-wtp/action_network/g1/merge/1", new { id = "1", merged_user_id = "11", removed_user_id = "12", merged_user_email = "ana.ruiz@example.org", removed_user_email = "ruiz.family@example.com" });
        Settle();
        Assert.True(AreOne("mi-wtp/action_network/g1/person/a1", "mi-wtp/action_network/g1/person/a2"));
        Assert.Single(_identity.People);
    }

    [Fact]
    public void A_record_that_names_the_one_it_was_merged_into_is_of_its_person()
    {
        Listed("1", "Ana", "Ruiz");
        Listed("2", "Anita", "Q", mergedInto: "1");
        Settle();
        Assert.True(AreOne("mi-wtp/csv_people/list/person/1", "mi-wtp/csv_people/list/person/2"));
        Assert.Equal("vendor", _identity.Map["mi-wtp/csv_people/list/person/2"].Evidence[0].Rule);

        Listed("2", "Anita", "Q");
        Settle();
        Assert.False(AreOne("mi-wtp/csv_people/list/person/1", "mi-wtp/csv_people/list/person/2"));
    }

    [Fact]
    public void A_number_of_the_voter_file_joins_lists_and_parts_others()
    {
        Van("0:MI:100200301", "Robert", "Lee", dwid: "7000001");
        Listed("1", "Bobby", "L", dwid: "7000001");
        Listed("2", "Robert", "Lee", dwid: "7000002", email: "lee@example.org");
        Listed("3", "Robert", "Lee", dwid: "7000003", email: "lee@example.org");
        Settle();

        Assert.True(AreOne("mi-wtp/ngpvan/c77/person/0:MI:100200301", "mi-wtp/csv_people/list/person/1"));
        Assert.False(AreOne("mi-wtp/csv_people/list/person/2", "mi-wtp/csv_people/list/person/3"));
    }

    [Fact]
    public void A_texting_list_with_VAN_ids_is_the_voters()
    {
        Van("0:MI:100200301", "Robert", "Lee");
        _standardiser.Change("thrutext.messages", "mi-wtp/thrutext/a1/message/m1", new { message_id = "m1", contact_id = "c9", contact_first_name = "Bob", contact_last_name = "Leigh", contact_phone = "+12025550141", vanid = "100200301", van_scope = "0:MI" });
        Settle();

        Assert.True(AreOne("mi-wtp/ngpvan/c77/person/0:MI:100200301", "mi-wtp/thrutext/a1/contact/c9"));
    }

    void Van(string id, string first, string last, string state = "MI", string mode = "0", string? dwid = null) =>
        _standardiser.Change("ngpvan.people", $"mi-wtp/ngpvan/c77/person/{id}", new { mode, statecode = state, vanid = id.Split(':')[2], van_scope = $"{mode}:{state}", firstname = first, lastname = last, dwid });

    void ActionNetwork(string uuid, string first, string last, string email, IReadOnlyDictionary<string, string>? custom = null) =>
        _standardiser.Change("action_network.people", $"mi-wtp/action_network/g1/person/{uuid}", new { uuid, given_name = first, family_name = last, email_addresses = new[] { new { address = email, primary = true } }, custom_fields = custom ?? new Dictionary<string, string>() });

    void Listed(string id, string first, string last, string? dwid = null, string? email = null, string? mergedInto = null) =>
        _standardiser.Change("csv_people.people", $"mi-wtp/csv_people/list/person/{id}", new { id, first_name = first, last_name = last, email, dwid, merged_into = mergedInto });

    void Crosswalk(string id, string van, string user) => _standardiser.Change(
        "mobilize.van_persons", $"mi-wtp/mobilize/o9/van_person/{id}", new { van_id = van, committee_id = id.Split(':')[0], user_id = user });

    /// <summary>Brings what the standardiser wrote to identity resolution and lets it group.</summary>
    void Settle()
    {
        var (from, to) = (_standardiser.Codecs.For<Person>(TopicCatalog.Entity("person")), _identity.Codecs.For<Person>(TopicCatalog.Entity("person")));
        _standardiser.Harness.Pass(TimeSpan.FromSeconds(2));
        foreach (var written in _standardiser.Harness.Read("entity.person"))
        {
            _identity.Harness.Pipe("entity.person", written.Key, written.Value is null ? null : to.Encode(from.Decode(written.Value)));
        }

        _identity.Settle();
    }

    bool AreOne(string one, string other) => _identity.Map[one].PersonId == _identity.Map[other].PersonId;
}
