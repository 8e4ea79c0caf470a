using static StreamSync.Identity.Tests.People;

namespace StreamSync.Identity.Tests;

/// <summary>What the graph's log of changes holds, and what comes back out of it.</summary>
public class GraphTableTests
{
    readonly FeatureExtractor _extractor = new();
    readonly Dictionary<(bool IsMark, string Urn), byte[]> _log = [];
    GraphTable _table = new(isLogged: true);
    PersonGraph _graph;

    public GraphTableTests() => _graph = new PersonGraph("mi-wtp", IdentityModel.Default, _table);

    [Fact]
    public void A_mark_is_in_the_log_only_while_a_flush_is_due()
    {
        Take(Person("a", "Ana", "Ruiz"));
        Write();
        Assert.Contains((true, Urn("a")), _log.Keys);

        _graph.Flush();
        Write();

        Assert.Equal([(false, Urn("a"))], _log.Keys);
    }

    [Fact]
    public void A_restart_before_the_flush_forgets_nothing()
    {
        Take(Person("a", "Ana", "Ruiz"));
        Restart();

        Assert.Equal(Urn("a"), Assert.Single(_graph.Flush().Map).Urn);
        Write();
        Restart();
        Assert.False(_table.IsDirty);
        Assert.NotNull(_graph.Find(Urn("a"))!.PersonId);
    }

    [Fact]
    public void What_is_gone_is_written_as_gone_also_when_others_came_since()
    {
        Take(Person("a", "Ana", "Ruiz"));
        _graph.Flush();
        Write();

        _graph.Delete(Urn("a"));
        foreach (var name in (string[])["b", "c", "d"])
        {
            _graph.Flush();
            Take(Person(name, "Leo", "Shah"));
        }

        _graph.Flush();
        Write();

        Assert.Equal([Urn("b"), Urn("c"), Urn("d")], _log.Keys.Select(key => key.Urn).Order());
    }

    [Fact]
    public void A_record_that_comes_and_goes_between_two_writings_leaves_nothing()
    {
        Take(Person("a", "Ana", "Ruiz"));
        _graph.Flush();
        _graph.Delete(Urn("a"));
        _graph.Flush();
        Write();

        Assert.Empty(_log);
        Assert.Null(_graph.Find(Urn("a")));
    }

    [Fact]
    public void A_record_that_comes_back_is_as_new()
    {
        for (var i = 0; i < 3; i++)
        {
            Take(Person("a", "Ana", "Ruiz"));
            Assert.Null(Assert.Single(_graph.Flush().Map).PreviousPersonId);
            _graph.Delete(Urn("a"));
            Assert.Null(Assert.Single(_graph.Flush().Map).PersonId);
        }
    }

    [Fact]
    public void What_the_log_says_is_gone_takes_no_number()
    {
        for (var i = 0; i < 10; i++)
        {
            _table.Restore(isMark: false, Urn($"{i}"), null);
            _table.Restore(isMark: true, Urn($"{i}"), null);
        }

        Take(Person("a", "Ana", "Ruiz"));
        Assert.Equal(0, _graph.Find(Urn("a"))!.Number);
    }

    [Fact]
    public void Numbers_of_records_that_are_gone_go_to_others()
    {
        for (var i = 0; i < 1000; i++)
        {
            Take(Person($"{i}", "Ana", "Ruiz"));
            _graph.Flush();
            _graph.Delete(Urn($"{i}"));
            _graph.Flush();
            Write();
        }

        Take(Person("last", "Ana", "Ruiz"));
        Assert.InRange(_graph.Find(Urn("last"))!.Number, 0, 3);
    }

    [Fact]
    public void Links_decisions_and_the_vendors_word_come_back()
    {
        Take(Person("a", "Ana", "Ruiz", "ana@example.org"));
        Take(Person("b", "Ana", "Ruiz", "ana@example.org"));
        Take(Person("c", "Leo", "Shah") with { SameAs = [Urn("d")] });
        var value = new LinkValue(900, 300, -20, MatchKeyId.BitOf(MatchKeyKind.Email), PairFlags.SameAddress);
        _graph.Apply(new LinkChange("mi-wtp", Urn("a"), Urn("b"), value), partition: 3);
        _graph.Apply(new LinkChange("mi-wtp", Urn("a"), Urn("b"), value with { Base = 905 }), partition: 1);
        _graph.Apply(new IdentityDecision("1", DecisionKind.CannotLink, Urn("a"), Urn("c"), "sam", "two people", DateTimeOffset.UnixEpoch));
        _graph.Flush();

        Restart();

        var node = _graph.Find(Urn("a"))!;
        var edge = node.EdgeTo(_graph.Find(Urn("b"))!);
        Assert.Equal([(1, 905), (3, 900)], edge.Links.ToArray().Select(link => (link.Partition, link.Value.Base)));
        Assert.Equal(value, edge.Links[1].Value);
        Assert.Equal("two people", Assert.Single(node.Decisions).Reason);
        Assert.Equal(1, _graph.Find(Urn("d"))!.EdgeTo(_graph.Find(Urn("c"))!).Assertions);
        Assert.True(_graph.Link(Urn("a"), Urn("b"))!.Value.SamePerson);
        Assert.Equal(Person("c", "Leo", "Shah").Names, _graph.Find(Urn("c"))!.ReadRecord()!.Names);

        Write();
        Assert.Equal(4, _log.Count);
    }

    void Take(PersonRecord record) => _graph.Apply(record, _extractor.Extract(record));

    void Write() => _table.WriteChanges((isMark, urn, value) =>
    {
        _log.Remove((isMark, urn));
        if (value is not null)
        {
            _log.Add((isMark, urn), value);
        }
    });

    void Restart()
    {
        Write();
        _table = new GraphTable(isLogged: true);
        _graph = new PersonGraph("mi-wtp", IdentityModel.Default, _table);
        foreach (var ((isMark, urn), value) in _log)
        {
            _table.Restore(isMark, urn, value);
        }
    }
}
