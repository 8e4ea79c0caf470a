using StreamSync.Contracts.Identity;

namespace StreamSync.Contracts.Tests;

public class DecisionsTests
{
    [Fact]
    public void A_pair_has_one_id_whichever_record_is_named_first()
    {
        Assert.Equal(Decisions.IdFor("a", "b"), Decisions.IdFor("b", "a"));
        Assert.NotEqual(Decisions.IdFor("a", "b"), Decisions.IdFor("a", "c"));
    }

    [Theory]
    [InlineData("a=b b=c", "a!c", "a=b b=c")]
    [InlineData("a=b b=c c=d", "d!a", "c=d b=c a=b")]
    [InlineData("a=b a!c", "b=c", "a=b a!c")]
    [InlineData("a!b", "a=b", "")]
    [InlineData("a=b", "b!a", "")]
    [InlineData("a=b c=d", "b!c", "")]
    [InlineData("a!b", "b=c", "")]
    [InlineData("a=b b=c a!c", "d=e", "")]
    [InlineData("a=b b=c", "a-c", "")]
    public void What_can_not_hold_together_is_named(string known, string next, string inTheWay) => Assert.Equal(
        inTheWay,
        string.Join(' ', Decisions.InTheWayOf(known.Split(' ').Select(Decision), Decision(next)).Select(d => $"{d.AUrn}{(d.Kind == Decisions.MustLink ? '=' : '!')}{d.BUrn}")));

    [Theory]
    [InlineData("link", "o/v/i/person/1", "o/v/i/person/2", "x", "must_link, cannot_link or withdrawn")]
    [InlineData(Decisions.MustLink, "1", "o/v/i/person/2", "x", "no source URN")]
    [InlineData(Decisions.MustLink, "o/v/i/person/1", "o/v/i/person/1", "x", "two different")]
    [InlineData(Decisions.MustLink, "o/v/i/person/1", "p/v/i/person/1", "x", "different groups")]
    [InlineData(Decisions.MustLink, "o/v/i/person/1", "o/v/i/person/2", " ", "reason")]
    [InlineData(Decisions.Withdrawn, "o/v/i/person/1", "o/v/i/person/2", " ", "reason")]
    public void A_decision_that_can_not_be_says_why(string kind, string one, string other, string reason, string why) =>
        Assert.Contains(why, new NewDecision(kind, one, other, "Dana", reason).WhatIsWrong(), StringComparison.Ordinal);

    static IdentityDecision Decision(string text) => new()
    {
        DecisionId = Decisions.IdFor(text[..1], text[2..]),
        Org = "o",
        Kind = text[1] switch { '=' => Decisions.MustLink, '!' => Decisions.CannotLink, _ => Decisions.Withdrawn },
        AUrn = text[..1],
        BUrn = text[2..],
        Author = "Dana",
        Reason = "x",
    };
}
