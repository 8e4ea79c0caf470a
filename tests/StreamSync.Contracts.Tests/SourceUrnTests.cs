using FsCheck.Xunit;

namespace StreamSync.Contracts.Tests;

public class SourceUrnTests
{
    [Fact]
    public void Reads_as_org_vendor_instance_entity_id()
    {
        var urn = SourceUrn.Create("mi-wtp", "everyaction", "c10482", "person", "100133");
        Assert.Equal("mi-wtp/everyaction/c10482/person/100133", urn.ToString());
        Assert.Equal(urn, SourceUrn.Parse(urn.ToString()));
    }

    [Fact]
    public void The_same_van_id_in_another_state_or_mode_is_another_record()
    {
        var ana = SourceUrn.Create("hub", "ngpvan", "tsm", "person", "1", "MA", "100200301");
        var walter = SourceUrn.Create("hub", "ngpvan", "tsm", "person", "0", "CO", "100200301");
        Assert.NotEqual(ana, walter);
        Assert.Equal("hub/ngpvan/tsm/person/1:MA:100200301", ana.ToString());
    }

    [Property]
    public void Different_id_parts_never_give_one_urn(string a, string b, string c, string d)
    {
        if (string.IsNullOrEmpty(a + b) || string.IsNullOrEmpty(c + d) || HasLoneSurrogate(a + b + c + d))
        {
            return;
        }

        var one = SourceUrn.Create("o", "v", "i", "e", a, b);
        var two = SourceUrn.Create("o", "v", "i", "e", c, d);
        Assert.Equal((a ?? "", b ?? "") == (c ?? "", d ?? ""), one == two);
        Assert.Equal([a ?? "", b ?? ""], one.IdParts());
        Assert.Equal(one, SourceUrn.Parse(one.ToString()));
    }

    [Theory]
    [InlineData("a/b/c/d")]
    [InlineData("a//c/d/e")]
    [InlineData("a/b/c/d/")]
    [InlineData("")]
    public void A_text_with_a_missing_part_is_refused(string text) => Assert.Throws<FormatException>(() => SourceUrn.Parse(text));

    [Fact]
    public void A_record_without_a_unique_id_is_refused() =>
        Assert.Contains("no unique ID", Assert.Throws<ArgumentException>(() => SourceUrn.Create("o", "v", "i", "e", "", null)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("mi-wtp/everyaction/c1/person/1")]
    [InlineData("mi-wtp/everyaction/c1/person")]
    [InlineData("mi-wtp/everyaction/c1/person/1/2")]
    [InlineData("mi-wtp/everyaction/c1/person/")]
    [InlineData("mi-wtp//c1/person/1")]
    [InlineData("/everyaction/c1/person/1")]
    [InlineData("")]
    public void The_vendor_alone_is_read_as_with_the_rest(string text) =>
        Assert.Equal(SourceUrn.TryParse(text, out var urn) ? urn.Vendor : "", SourceUrn.VendorOf(text).ToString());

    static bool HasLoneSurrogate(string s) => s.EnumerateRunes().Any(r => r.Value == 0xFFFD);
}
