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

        Crosswalk("77:100200301:4001", "100200301", "4001");
        Settle();
        Assert.True(AreOne("mi-wtp/ngpvan/c77/person/0:MI:100200301", "mi-wtp/mobilize/o9/person/4001"));

        _standardiser.Change("mobilize.van_persons", "mi-wtp/mobilize/o9/van_person/77:100200301:4001", null);
        Settle();
        Assert.False(AreOne("mi-wtp/ngpvan/c77/person/0:MI:100200301", "mi-wtp/mobilize/o9/person/4001"));
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
        "mobilize.van_persons", $"mi-wtp/mobilize/o9/van_person/{id}", new { van_id = van, committee_id = id.Split(':')[0], user_id = user, van_scope = "0:MI" });

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
