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
    public void A_device_stays_anonymous() => Assert.Equal("1 2", Resolve(
        Person("1", "iPhone", kind: RecordKind.Device, phone: "2025550101"), Person("2", "iPhone", phone: "2025550101")));
}
