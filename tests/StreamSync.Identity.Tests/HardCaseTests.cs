using static StreamSync.Identity.Tests.People;

namespace StreamSync.Identity.Tests;

public class HardCaseTests
{
    [Fact]
    public void Same_email_and_name_is_one_person() => Assert.Equal("1+2", Resolve(
        Person("1", "Ana", "Ruiz", "ana.ruiz@example.org"),
        Person("2", "ANA", "Ruíz", " Ana.Ruiz+van@Example.org ")));

    [Fact]
    public void Same_phone_and_name_is_one_person() => Assert.Equal("1+2", Resolve(
        Person("1", "Elizabeth", "Ruiz", phone: "(202) 555-0101"),
        Person("2", "Liz", "Ruiz", phone: "12025550101 x12")));

    [Fact]
    public void Children_with_a_parents_email_stay_themselves_and_a_signup_goes_to_the_right_one() => Assert.Equal("ana leo mia+signup", Resolve(
        Person("ana", "Ana", "Ruiz", "ana.ruiz@example.org"),
        Person("leo", "Leo", "Ruiz", "ana.ruiz@example.org"),
        Person("mia", "Mia", "Ruiz", "ana.ruiz@example.org"),
        Person("signup", "Mia", "Ruiz", "ana.ruiz@example.org")));

    [Fact]
    public void A_bare_email_joins_the_one_who_holds_it() => Assert.Equal("ana+news", Resolve(
        Person("ana", "Ana", "Ruiz", "ana.ruiz@example.org"),
        Person("news", email: "ana.ruiz@example.org")));

    [Fact]
    public void A_bare_email_joins_nobody_when_several_hold_it() => Assert.Equal("ana mia news", Resolve(
        Person("ana", "Ana", "Ruiz", "ana.ruiz@example.org"),
        Person("mia", "Mia", "Ruiz", "ana.ruiz@example.org"),
        Person("news", email: "ana.ruiz@example.org")));

    [Fact]
    public void A_household_is_not_a_person() => Assert.Equal("ana jose", Resolve(
        Person("ana", "Ana", "Ruiz", phone: "2025550101", line: "12 Main St", zip: "48104"),
        Person("jose", "Jose", "Ruiz", phone: "2025550101", line: "12 Main St", zip: "48104")));

    [Fact]
    public void Twins_are_two() => Assert.Equal("leo mia", Resolve(
        Person("leo", "Leo", "Ruiz", "ana.ruiz@example.org", "2025550101", "2001-04-05", "48104", "12 Main St"),
        Person("mia", "Mia", "Ruiz", "ana.ruiz@example.org", "2025550101", "2001-04-05", "48104", "12 Main St")));

    [Fact]
    public void Junior_and_senior_are_two() => Assert.Equal("jr sr", Resolve(
        Person("sr", "Jose", "Ruiz", "jose@example.org", "2025550101", suffix: "Sr."),
        Person("jr", "Jose", "Ruiz", "jose@example.org", "2025550101", suffix: "Jr")));

    [Fact]
    public void Same_name_with_other_email_and_city_is_no_evidence() => Assert.Equal("1 2", Resolve(
        Person("1", "Ana", "Ruiz", "ana@example.org", city: "Detroit"),
        Person("2", "Ana", "Ruiz", "other@example.com", city: "Flint")));

    [Fact]
    public void Name_and_postal_code_alone_is_for_review() => Assert.Equal("form stored", Resolve(
        Person("stored", "Ana", "Ruiz", "ana.ruiz@example.org", zip: "02118"),
        Person("form", "Ana", "Ruiz", zip: "02118")));

    [Fact]
    public void A_chain_of_shared_contact_points_makes_no_person() => Assert.Equal("a b c d", Resolve(
        Person("a", "Ana", "Ruiz", phone: "2025550101"),
        Person("b", "Walter", "Nguyen", "shared@example.org", "2025550101"),
        Person("c", "Priya", "Shah", "shared@example.org", "2025550102"),
        Person("d", "Tom", "Baker", phone: "2025550102")));

    [Theory]
    [InlineData("none@none.com", null)]
    [InlineData("noemail@example.org", null)]
    [InlineData(null, "000-000-0000")]
    [InlineData(null, "202-555-0100")]
    public void Junk_never_links(string? email, string? phone)
    {
        var records = Enumerable.Range(0, 30).Select(i => Person($"{i:00}", "Ana", "Ruiz", email, phone)).ToArray();

        Assert.Equal(30, Resolve(records).Split(' ').Length);
    }

    [Fact]
    public void A_default_birth_date_never_links() => Assert.Equal("1 2", Resolve(
        Person("1", "Ana", "Ruiz", dob: "1900-01-01"), Person("2", "Ana", "Ruiz", dob: "1900-01-01")));

    [Fact]
    public void A_real_birth_date_links_with_the_name() => Assert.Equal("1+2", Resolve(
        Person("1", "Ana", "Ruiz", dob: "1984-07-02"), Person("2", "Ana", "Ruiz", dob: "07/02/1984")));

    [Fact]
    public void Invalid_birth_dates_are_no_evidence() => Assert.Equal("1 2", Resolve(
        Person("1", "Ana", "Ruiz", dob: "0000-00-00"), Person("2", "Ana", "Ruiz", dob: "0000-00-00")));

    [Fact]
    public void An_external_id_in_its_scope_links() => Assert.Equal("1+2", Resolve(
        Person("1", "Ana", "Ruiz", ids: [new("van", "c1/ma/1", "100200301")]),
        Person("2", "Ana", "Ruiz", "ana@example.org", ids: [new("VAN", "c1/ma/1", "100200301")])));

    [Fact]
    public void The_same_id_in_another_scope_is_another_person() => Assert.Equal("ana walter", Resolve(
        Person("ana", "Ana", "Ruiz", ids: [new("van", "c1/ma/1", "100200301")]),
        Person("walter", "Walter", "Nguyen", ids: [new("van", "c1/co/0", "100200301")])));

    [Fact]
    public void Two_voter_file_ids_of_one_file_are_two_people() => Assert.Equal("1 2", Resolve(
        Person("1", "Ana", "Ruiz", "ana@example.org", "2025550101", ids: [new("statefile", "mi", "111")]),
        Person("2", "Ana", "Ruiz", "ana@example.org", "2025550101", ids: [new("statefile", "mi", "222")])));

    [Fact]
    public void An_organisation_is_no_person() => Assert.Equal("org person", Resolve(
        Person("person", "Ana", "Ruiz", "ana@example.org"),
        Person("org", "Ana", "Ruiz", "ana@example.org", kind: RecordKind.Organization)));

    [Fact]
    public void Swapped_name_fields_are_recognised() => Assert.Equal("1+2", Resolve(
        Person("1", "Ana", "Ruiz", "ana@example.org"), Person("2", "Ruiz", "Ana", "ana@example.org")));

    [Fact]
    public void A_married_name_with_the_same_email_and_birth_date_is_one_person() => Assert.Equal("1+2", Resolve(
        Person("1", "Ana", "Ruiz", "ana@example.org", dob: "1984-07-02"),
        Person("2", "Ana", "Shah", "ana@example.org", dob: "1984-07-02")));

    [Fact]
    public void A_double_surname_agrees_with_its_part() => Assert.Equal("1+2", Resolve(
        Person("1", "Ana", "Ruiz García", phone: "2025550101"), Person("2", "Ana", "Ruiz", phone: "2025550101")));

    [Fact]
    public void Day_and_month_swapped_is_near() => Assert.Equal("1+2", Resolve(
        Person("1", "Ana", "Ruiz", "ana@example.org", dob: "1984-07-02"),
        Person("2", "Ana", "Ruiz", "ana@example.org", dob: "1984-02-07")));

    [Fact]
    public void Records_of_different_groups_are_never_linked() => Assert.Equal("1 2", Resolve(
        Person("1", "Ana", "Ruiz", "ana@example.org", org: "mi-wtp"), Person("2", "Ana", "Ruiz", "ana@example.org", org: "oh-wtp")));

    [Fact]
    public void A_masked_record_stays_alone() => Assert.Equal("1 2 3", Resolve(
        Person("1"), Person("2"), Person("3", "Ana", "Ruiz", "ana@example.org")));

    [Fact]
    public void A_vendors_merge_is_ours() => Assert.Equal("11+12", Resolve(
        Person("11", "Ana", "Ruiz", "ana@example.org"), Person("12", "A", "R", sameAs: ["11"])));

    [Fact]
    public void Members_of_a_household_and_the_household_on_file_are_three() => Assert.Equal("ana household jose", Resolve(
        Person("ana", "Ana", "Ruiz", phone: "2025550101", line: "12 Main St", zip: "48104"),
        Person("jose", "Jose", "Ruiz", phone: "2025550101", line: "12 Main St", zip: "48104"),
        Person("household", family: "Ruiz Household", phone: "2025550101", line: "12 Main St", zip: "48104", kind: RecordKind.Organization)));

    [Theory]
    [InlineData("Elizabeth", "Liz")]
    [InlineData("Robert", "Bob")]
    [InlineData("Margaret", "Peggy")]
    [InlineData("José", "Pepe")]
    public void A_nickname_is_the_name(string name, string nickname) => Assert.Equal("1+2", Resolve(
        Person("1", name, "Okafor", phone: "2025550101"), Person("2", nickname, "Okafor", phone: "2025550101")));

    [Fact]
    public void Twins_of_one_sex_with_one_phone_are_two() => Assert.Equal("ana eva", Resolve(
        Person("ana", "Ana", "Ruiz", phone: "2025550101", dob: "2001-04-05", zip: "48104"),
        Person("eva", "Eva", "Ruiz", phone: "2025550101", dob: "2001-04-05", zip: "48104")));

    [Fact]
    public void A_household_of_four_with_one_phone_is_four_and_each_finds_their_own() => Assert.Equal("ana+ana2 jose leo mia+mia2", Resolve(
        Person("ana", "Ana", "Ruiz", phone: "2025550101"), Person("jose", "Jose", "Ruiz", phone: "2025550101"),
        Person("leo", "Leo", "Ruiz", phone: "2025550101"), Person("mia", "Mia", "Ruiz", phone: "2025550101"),
        Person("ana2", "Ana", "Ruiz", "ana@example.org", "2025550101"), Person("mia2", "Mia", "Ruiz", "mia@example.org", "2025550101")));

    [Fact]
    public void A_generation_on_one_record_alone_forbids_nothing() => Assert.Equal("1+2", Resolve(
        Person("1", "Jose", "Ruiz", "jose@example.org", suffix: "Jr"), Person("2", "Jose", "Ruiz", "jose@example.org")));

    [Fact]
    public void A_married_name_with_one_phone_and_birth_date_is_one_person() => Assert.Equal("1+2", Resolve(
        Person("1", "Priya", "Shah", phone: "2025550101", dob: "1984-07-02"), Person("2", "Priya", "Shah-Baker", phone: "2025550101", dob: "1984-07-02")));

    [Fact]
    public void An_organisation_that_shares_its_officers_phone_and_mail_is_no_person() => Assert.Equal("officer+signup org", Resolve(
        Person("officer", "Walter", "Nguyen", "office@local9.example.org", "2025550101"),
        Person("org", family: "Local 9 Organizing Committee", email: "office@local9.example.org", phone: "2025550101", kind: RecordKind.Organization),
        Person("signup", "Walter", "Nguyen", phone: "2025550101")));

    [Theory]
    [InlineData("test@test.com", null, null)]
    [InlineData("na@na.com", null, null)]
    [InlineData(null, "1111111111", null)]
    [InlineData(null, "999-999-9999", null)]
    [InlineData(null, null, "1900-01-01")]
    [InlineData(null, null, "01/01/1970")]
    public void Placeholders_of_one_name_never_link(string? email, string? phone, string? dob) => Assert.Equal("1 2", Resolve(
        Person("1", "Test", "Test", email, phone, dob), Person("2", "Test", "Test", email, phone, dob)));

    [Fact]
    public void A_masked_record_joins_nobody_even_with_its_town() => Assert.Equal("1 2", Resolve(
        Person("1", city: "Lansing", zip: "48910"), Person("2", "Ana", "Ruiz", "ana@example.org", city: "Lansing", zip: "48910")));

    [Fact]
    public void A_crosswalk_row_joins_the_holders_of_its_two_ids() => Assert.Equal("row+user+voter", Resolve(
        Person("voter", "Robert", "Lee", ids: [new("van", "0:mi", "100200301")]),
        Person("user", "B.", "L.", "bob@example.org", ids: [new("mobilize_user", "global", "4001")]),
        Person("row", ids: [new("van", "0:mi", "100200301"), new("mobilize_user", "global", "4001")])));

    [Fact]
    public void A_device_stays_anonymous() => Assert.Equal("1 2", Resolve(
        Person("1", "iPhone", kind: RecordKind.Device, phone: "2025550101"), Person("2", "iPhone", phone: "2025550101")));
}
