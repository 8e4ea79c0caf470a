namespace StreamSync.Identity.Tests;

public class NormalizationTests
{
    static readonly PhoneNormalizer Phones = new();

    [Theory]
    [InlineData("919800000042", "+919800000042", "")]
    [InlineData("+919800000042", "+919800000042", "")]
    [InlineData("5305550144", "+15305550144", "")]
    [InlineData("650-555-0192", "+16505550192", "")]
    [InlineData("1 (202) 555-0103 x12", "+12025550103", "12")]
    [InlineData("202.555.0103 ext 12", "+12025550103", "12")]
    [InlineData("(202) 555-0101", "+12025550101", "")]
    [InlineData("2025550101", "+12025550101", "")]
    [InlineData("12025550101", "+12025550101", "")]
    [InlineData("+1 202 555 0101", "+12025550101", "")]
    public void A_phone_number_has_one_form(string text, string e164, string extension)
    {
        var phone = Phones.Normalize(text);

        Assert.Equal(ContactQuality.Identifying, phone.Quality);
        Assert.Equal(e164, phone.E164);
        Assert.Equal(extension, phone.Extension);
    }

    [Theory]
    [InlineData("111-111-1111", ContactQuality.Junk)]
    [InlineData("0000000000", ContactQuality.Junk)]
    [InlineData("999-999-9999", ContactQuality.Junk)]
    [InlineData("123-456-7890", ContactQuality.Junk)]
    [InlineData("202-555-0100", ContactQuality.Junk)]
    [InlineData("202-555-1212", ContactQuality.Junk)]
    [InlineData("555-0100", ContactQuality.Invalid)]
    [InlineData("5.55E+09", ContactQuality.Invalid)]
    [InlineData("2.02555E+09", ContactQuality.Invalid)]
    [InlineData("none", ContactQuality.Invalid)]
    [InlineData("", ContactQuality.Invalid)]
    [InlineData(null, ContactQuality.Invalid)]
    public void A_junk_or_broken_phone_number_is_no_contact_point(string? text, ContactQuality quality)
    {
        var phone = Phones.Normalize(text);

        Assert.Equal(quality, phone.Quality);
        Assert.Equal("", phone.E164);
    }

    [Fact]
    public void A_toll_free_number_is_kept_but_identifies_nobody() =>
        Assert.Equal(ContactQuality.Shared, Phones.Normalize("1-800-356-9377").Quality);

    [Theory]
    [InlineData(" Ana.Ruiz@Example.org ", "ana.ruiz@example.org", "ana.ruiz@example.org")]
    [InlineData("mailto:ana.ruiz@example.org", "ana.ruiz@example.org", "ana.ruiz@example.org")]
    [InlineData("ana.ruiz+van@example.org", "ana.ruiz+van@example.org", "ana.ruiz@example.org")]
    [InlineData("Ana Ruiz <ana.ruiz@example.org>", "ana.ruiz@example.org", "ana.ruiz@example.org")]
    [InlineData("a.n.a+x@googlemail.com", "a.n.a+x@googlemail.com", "ana@gmail.com")]
    [InlineData("ana@bücher.example", "ana@xn--bcher-kva.example", "ana@xn--bcher-kva.example")]
    public void An_email_address_has_one_form_for_sending_and_one_for_matching(string text, string address, string key)
    {
        var email = EmailNormalizer.Normalize(text);

        Assert.Equal(ContactQuality.Identifying, email.Quality);
        Assert.Equal(address, email.Address);
        Assert.Equal(key, email.MatchKey);
    }

    [Theory]
    [InlineData("none@none.com", ContactQuality.Junk)]
    [InlineData("na@na.com", ContactQuality.Junk)]
    [InlineData("test@test.com", ContactQuality.Junk)]
    [InlineData("noemail@example.org", ContactQuality.Junk)]
    [InlineData("a@a.com", ContactQuality.Junk)]
    [InlineData("none", ContactQuality.Junk)]
    [InlineData("ana.ruiz", ContactQuality.Invalid)]
    [InlineData("ana@example", ContactQuality.Invalid)]
    [InlineData("ana ruiz@example.org", ContactQuality.Invalid)]
    [InlineData("@example.org", ContactQuality.Invalid)]
    public void A_junk_or_broken_email_address_is_no_contact_point(string text, ContactQuality quality)
    {
        var email = EmailNormalizer.Normalize(text);

        Assert.Equal(quality, email.Quality);
        Assert.Equal("", email.Address);
    }

    [Fact]
    public void A_role_mailbox_is_kept_but_identifies_nobody()
    {
        var email = EmailNormalizer.Normalize("info@example.org");

        Assert.Equal(ContactQuality.Shared, email.Quality);
        Assert.Equal("info@example.org", email.Address);
    }

    [Theory]
    [InlineData("1990-05-13", "1990-05-13", BirthDateQuality.Ok)]
    [InlineData("05/13/1990", "1990-05-13", BirthDateQuality.Ok)]
    [InlineData("13/05/1990", "1990-05-13", BirthDateQuality.Ok)]
    [InlineData("19900513", "1990-05-13", BirthDateQuality.Ok)]
    [InlineData("1990-05-13T00:00:00Z", "1990-05-13", BirthDateQuality.Ok)]
    [InlineData("1990", "1990", BirthDateQuality.Partial)]
    [InlineData("1990-05", "1990-05", BirthDateQuality.Partial)]
    [InlineData("0000-00-00", "", BirthDateQuality.Invalid)]
    [InlineData("13/13/1990", "", BirthDateQuality.Invalid)]
    [InlineData("1990-02-30", "", BirthDateQuality.Garbled)]
    [InlineData("1846-09-53", "", BirthDateQuality.Garbled)]
    [InlineData("soon", "", BirthDateQuality.Invalid)]
    [InlineData("1900-01-01", "", BirthDateQuality.DefaultSuspect)]
    [InlineData("", "", BirthDateQuality.Missing)]
    [InlineData("1/2/85", "1985-01-02", BirthDateQuality.Ok)]
    [InlineData("25/12/85", "1985-12-25", BirthDateQuality.Ok)]
    [InlineData("85-02-01", "1985-02-01", BirthDateQuality.Ok)]
    [InlineData("1/2/25", "2025-01-02", BirthDateQuality.Ok)]
    [InlineData("1/2/26", "1926-01-02", BirthDateQuality.Ok)]
    [InlineData("00/00/00", "", BirthDateQuality.Invalid)]
    [InlineData("Feb 3, 1985", "1985-02-03", BirthDateQuality.Ok)]
    [InlineData("September 3rd, 1985", "1985-09-03", BirthDateQuality.Ok)]
    [InlineData("Sunday, 3 February 1985", "1985-02-03", BirthDateQuality.Ok)]
    [InlineData("3-Feb-85", "1985-02-03", BirthDateQuality.Ok)]
    [InlineData("03FEB1985", "1985-02-03", BirthDateQuality.Ok)]
    [InlineData("1985 Feb 3", "1985-02-03", BirthDateQuality.Ok)]
    [InlineData("Feb 1985", "1985-02", BirthDateQuality.Partial)]
    [InlineData("Feb-85", "1985-02", BirthDateQuality.Partial)]
    [InlineData("Feb 30, 1985", "", BirthDateQuality.Invalid)]
    [InlineData("3 Feb", "", BirthDateQuality.Invalid)]
    [InlineData("2/3/1985 0:00", "1985-02-03", BirthDateQuality.Ok)]
    [InlineData("Feb  3 1985 12:00AM", "1985-02-03", BirthDateQuality.Ok)]
    [InlineData("1985.0", "1985", BirthDateQuality.Partial)]
    [InlineData("05131990", "1990-05-13", BirthDateQuality.Ok)]
    [InlineData("5131990", "1990-05-13", BirthDateQuality.Ok)]
    [InlineData("13051990", "1990-05-13", BirthDateQuality.Ok)]
    [InlineData("850203", "1985-02-03", BirthDateQuality.Ok)]
    [InlineData("021385", "1985-02-13", BirthDateQuality.Ok)]
    [InlineData("010203", "", BirthDateQuality.Invalid)]
    [InlineData("31079", "", BirthDateQuality.Invalid)]
    [InlineData("5.6.1990", "1990-06-05", BirthDateQuality.Ok)]
    public void A_birth_date_says_what_it_knows(string text, string date, BirthDateQuality quality)
    {
        var normal = BirthDateNormalizer.Normalize(text);

        Assert.Equal(quality, normal.Quality);
        Assert.Equal(date, normal.ToString());
    }

    [Theory]
    [InlineData("5/6/1990", "13/6/1990", "1990-06-05")]
    [InlineData("5/6/1990", "6/13/1990", "1990-05-06")]
    [InlineData("5/6/1990", "5/7/1990", "1990-05-06")]
    [InlineData("5.6.1990", "6.13.1990", "1990-05-06")]
    [InlineData("5/6/90", "13/6/90", "1990-06-05")]
    [InlineData("02-03-04", "85-03-04", "2002-03-04")]
    [InlineData("02-03-04", "03-04-85", "2004-02-03")]
    [InlineData("31079", "25654", "1985-02-01")]
    [InlineData("010203", "13/6/90", "2003-02-01")]
    public void A_date_that_can_be_read_in_two_ways_is_read_as_those_beside_it(string text, string beside, string date) =>
        Assert.Equal(date, BirthDateNormalizer.Normalize(text, DateOrders.Of([text, beside])).ToString());

    [Fact]
    public void No_short_year_makes_a_date_of_the_future()
    {
        for (var year = 0; year < 100; year++)
        {
            Assert.InRange(BirthDateNormalizer.Normalize($"12/31/{year:00}").Year, 1926, 2025);
        }
    }

    [Theory]
    [InlineData("2118", "MA", "02118", true)]
    [InlineData("2118.0", "MA", "02118", true)]
    [InlineData("02118-1234", "MA", "02118", false)]
    [InlineData("21181234", "MA", "02118", true)]
    [InlineData("601", "PR", "00601", true)]
    [InlineData("48104", "MI", "48104", false)]
    [InlineData("2602", "nsw", "2602", false)]
    [InlineData("wr11 7qp", "", "WR117QP", false)]
    [InlineData("00000", "MI", "", false)]
    public void A_postal_code_gets_its_zeros_back(string text, string state, string code, bool repaired)
    {
        var address = AddressNormalizer.Normalize(new PostalAddress(PostalCode: text, State: state));

        Assert.Equal(code, address.PostalCode);
        Assert.Equal(repaired, address.ZipRepaired);
    }

    [Fact]
    public void A_street_is_the_same_however_its_type_is_written()
    {
        var one = AddressNormalizer.Normalize(new PostalAddress("12 North Main Street, Apt 4"));
        var other = AddressNormalizer.Normalize(new PostalAddress("12 N. Main St #4"));

        Assert.Equal(("12", "n main st"), (one.Number, one.Street));
        Assert.StartsWith("n main st", other.Street, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Michigan", "mi")]
    [InlineData("NEW  HAMPSHIRE", "nh")]
    [InlineData("Québec", "qc")]
    [InlineData("MI", "mi")]
    [InlineData("Bavaria", "bavaria")]
    public void A_state_is_its_code(string state, string code) => Assert.Equal(code, AddressNormalizer.Normalize(new PostalAddress(State: state)).State);

    [Theory]
    [InlineData("José", "Núñez", "jose", "nunez")]
    [InlineData("Siobhán", "O'Neil", "siobhan", "oneil")]
    [InlineData("Dr. Ana", "de la Cruz", "ana", "cruz")]
    [InlineData("Ana", "Ruiz-García", "ana", "ruiz garcia")]
    [InlineData("ANA", "van den Berg", "ana", "berg")]
    [InlineData("Łukasz", "Wałęsa", "lukasz", "walesa")]
    [InlineData("Thị", "Nguyễn", "thi", "nguyen")]
    [InlineData("test", "test", "", "")]
    [InlineData("Resident", "Donor", "", "")]
    [InlineData("Current", "Resident", "", "")]
    [InlineData("", "Occupant", "", "")]
    [InlineData("Voter", "", "", "")]
    [InlineData("Unknown", "Voter", "", "")]
    [InlineData("Or", "Householder #2", "", "")]
    [InlineData("Maria", "Donor", "maria", "donor")]
    [InlineData("Larry", "Householder", "larry", "householder")]
    [InlineData("Resident", "Smith", "resident", "smith")]
    [InlineData("", "Current", "", "current")]
    [InlineData("New", "Current", "new", "current")]
    public void A_name_loses_case_accents_titles_and_particles(string given, string family, string first, string last)
    {
        var name = NameNormalizer.Normalize(new PersonName(given, null, family));

        Assert.Equal((first, last), (name.First, name.Last));
    }

    [Theory]
    [InlineData("Ruiz, Ana Maria", "ana", "maria", "ruiz")]
    [InlineData("Ana Maria Ruiz Jr.", "ana", "maria", "ruiz")]
    [InlineData("Sir Ana de la Cruz", "ana", "", "cruz")]
    [InlineData("Madonna", "", "", "madonna")]
    [InlineData(", Ana", "ana", "", "")]
    [InlineData("Ruiz, ", "", "", "ruiz")]
    [InlineData("To our valued Neighbor", "", "", "")]
    [InlineData("Householder, Ann Member", "ann", "member", "householder")]
    [InlineData("Jennifer Castellano-Whitfield", "jennifer", "", "castellano whitfield")]
    [InlineData("Robert E. Halloran", "robert", "e", "halloran")]
    [InlineData("Robert Y Halloran", "robert", "y", "halloran")]
    [InlineData("Maria Elena Lopez y Garcia", "maria", "elena", "lopez garcia")]
    [InlineData("Maria Lopez y de la Garcia", "maria", "", "lopez garcia")]
    [InlineData("Mary-Jane Castellano-Whitfield Jr.", "mary", "jane", "castellano whitfield")]
    public void A_full_name_is_taken_apart(string full, string first, string middle, string last)
    {
        var name = NameNormalizer.Normalize(new PersonName(Full: full));

        Assert.Equal((first, middle, last), (name.First, name.Middle, name.Last));
    }

    [Theory]
    [InlineData("Okonkwo, Daniel", "Daniel||Okonkwo|")]
    [InlineData("Mr. William Thorsen", "William||Thorsen|")]
    [InlineData("DOLORES VANCE", "DOLORES||VANCE|")]
    [InlineData("Robert E. Halloran, Sr.", "Robert|E.|Halloran|Sr.")]
    [InlineData("María de la Cruz III", "María||de la Cruz|III")]
    [InlineData("Jennifer Castellano-Whitfield", "Jennifer||Castellano-Whitfield|")]
    [InlineData("Paul & Carol Xanders", "Paul||Xanders|")]
    [InlineData("Madonna", "||Madonna|")]
    [InlineData("To our valued Neighbor", "|||")]
    public void A_full_name_is_written_in_parts(string full, string parts)
    {
        var name = NameNormalizer.InParts(new PersonName(Full: full));

        Assert.Equal(parts, $"{name.Given}|{name.Middle}|{name.Family}|{name.Suffix}");
    }

    [Theory]
    [InlineData("Jr.", 2)]
    [InlineData("Sr", 1)]
    [InlineData("III", 3)]
    [InlineData("PhD", 0)]
    public void A_suffix_is_a_generation(string suffix, byte generation) =>
        Assert.Equal(generation, NameNormalizer.Normalize(new PersonName("Jose", null, "Ruiz", suffix)).Suffix);

    [Theory]
    [InlineData("Robert Halloran, Sr.", 1)]
    [InlineData("Robert Halloran, Jr., MD", 2)]
    [InlineData("Halloran, Robert III", 3)]
    [InlineData("Halloran Jr, Robert", 2)]
    public void A_generation_is_read_wherever_it_stands_in_a_full_name(string full, byte generation)
    {
        var name = NameNormalizer.Normalize(new PersonName(Full: full));

        Assert.Equal(("robert", "halloran", generation), (name.First, name.Last, name.Suffix));
    }

    [Theory]
    [InlineData("liz", "elizabeth", true)]
    [InlineData("liz", "beth", true)]
    [InlineData("pepe", "jose", true)]
    [InlineData("bill", "robert", false)]
    [InlineData("leo", "mia", false)]
    public void Short_forms_belong_to_their_names(string a, string b, bool forms) => Assert.Equal(forms, Nicknames.AreForms(a, b));
}
