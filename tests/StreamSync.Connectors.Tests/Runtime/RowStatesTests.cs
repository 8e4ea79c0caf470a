using StreamSync.Connectors.Runtime;
using StreamSync.Connectors.Sdk;
using StreamSync.Connectors.Tests.Support;
using StreamSync.Contracts.Source;

namespace StreamSync.Connectors.Tests.Runtime;

public class RowStatesTests
{
    readonly RowStates _states = new(remembersChanges: false);

    [Fact]
    public void The_first_time_is_a_create_another_content_an_update_and_the_same_nothing()
    {
        AssertPublished(ChangeOp.Create, Decide("a", 1));
        Assert.Equal(RowDecision.Unchanged, Decide("a", 1).Decision);
        AssertPublished(ChangeOp.Update, Decide("a", 2));
        AssertPublished(ChangeOp.Create, Decide("b", 2));
    }

    [Fact]
    public void A_lower_version_never_overwrites_and_an_equal_one_with_other_content_does()
    {
        // B077: rows of one instant are read again and told by their content.
        Decide("a", 1, version: 10);
        Assert.Equal(RowDecision.Older, Decide("a", 2, version: 9).Decision);
        Assert.Equal(RowDecision.Publish, Decide("a", 2, version: 10).Decision);
        Assert.Equal(RowDecision.Unchanged, Decide("a", 2, version: 10).Decision);
        Assert.Equal(RowDecision.Older, Decide("a", 1, version: 9).Decision);
    }

    [Fact]
    public void A_row_that_comes_back_to_an_earlier_content_is_another_change()
    {
        var first = _states.Decide(Record("a", 1)).ChangeId;
        var second = _states.Decide(Record("a", 2)).ChangeId;
        var third = _states.Decide(Record("a", 1)).ChangeId;
        Assert.Equal(3, new[] { first, second, third }.Distinct().Count());
    }

    [Fact]
    public void Change_ids_are_the_same_in_every_process()
    {
        var other = new RowStates(remembersChanges: false);
        Assert.Equal(_states.Decide(Record("a", 1)).ChangeId, other.Decide(Record("a", 1)).ChangeId);
        Assert.Equal(_states.Decide(Record("a", 2)).ChangeId, other.Decide(Record("a", 2)).ChangeId);
    }

    [Fact]
    public void What_an_aborted_transaction_decided_is_taken_back()
    {
        Decide("a", 1);
        _states.Commit();
        Decide("a", 2);
        Decide("a", 3);
        Decide("b", 1);
        _states.Rollback();
        Assert.Equal(RowDecision.Unchanged, Decide("a", 1).Decision);
        AssertPublished(ChangeOp.Create, Decide("b", 1));
    }

    [Fact]
    public void A_delete_is_told_once_and_the_row_may_come_back()
    {
        Decide("a", 1, version: 5);
        AssertPublished(ChangeOp.Delete, Decide("a", 1, version: 6, op: ChangeOp.Delete));
        Assert.Equal(RowDecision.Unchanged, Decide("a", 1, version: 6, op: ChangeOp.Delete).Decision);
        Assert.Equal(RowDecision.Older, Decide("a", 1, version: 5).Decision);
        AssertPublished(ChangeOp.Create, Decide("a", 1, version: 7));
    }

    [Fact]
    public void Sources_that_deliver_again_out_of_order_are_told_by_earlier_changes()
    {
        var states = new RowStates(remembersChanges: true);
        states.Decide(Record("a", 1));
        var verdict = states.Decide(Record("a", 2));
        Assert.Equal(RowDecision.Redelivered, states.Decide(Record("a", 1)).Decision);

        var restarted = new RowStates(remembersChanges: true);
        restarted.Load("a", RowStateCodec.Decode(new RowStateCodec(new(MemoryRegistry.Create()), RowStateCodec.Topic("v", "s")).Encode(verdict.State)));
        Assert.Equal(RowDecision.Redelivered, restarted.Decide(Record("a", 1)).Decision);
    }

    [Fact]
    public void Rows_missing_from_a_snapshot_are_those_of_its_scope_that_were_not_seen()
    {
        foreach (var (urn, scope) in new[] { ("a", 1), ("b", 1), ("c", 1), ("x", 2) })
        {
            _states.Decide(Record(urn, 1, scope: scope));
        }

        _states.StartSnapshot(1);
        _states.Decide(Record("a", 1, scope: 1));
        _states.Decide(Record("c", 2, scope: 1));
        var (missing, known) = _states.EndSnapshot(1);
        Assert.Equal(3, known);
        Assert.Equal([RowStates.KeyOf("b")], missing);
    }

    [Theory]
    [InlineData(0UL, null, 0, 0, false, 0)]
    [InlineData(ulong.MaxValue, long.MinValue, int.MaxValue, -1, true, 16)]
    [InlineData(12345UL, 638_000_000_000_000_000L, 3, 2, false, 1)]
    public void States_survive_the_wire(ulong fingerprint, long? version, int changes, int scope, bool deleted, int recent)
    {
        var state = new RowState(fingerprint, version, changes, scope, deleted, [.. Enumerable.Range(0, recent).Select(i => ulong.MaxValue - (ulong)i)]);
        var topic = RowStateCodec.Topic("v", "s");
        var registry = MemoryRegistry.Create();
        var bytes = new RowStateCodec(new(registry), topic).Encode(state);
        var read = RowStateCodec.Decode(bytes);
        Assert.Equal(state with { Recent = [] }, read with { Recent = [] });
        Assert.Equal(state.Recent, read.Recent);

        // Any Avro reader reads the same.
        var record = new Avro.Generic.GenericDatumReader<Avro.Generic.GenericRecord>(topic.ValueSchema, topic.ValueSchema).Read(null!, new Avro.IO.BinaryDecoder(new MemoryStream(bytes, 5, bytes.Length - 5)));
        Assert.Equal((long)fingerprint, record["fingerprint"]);
        Assert.Equal(version, record["version"]);
        Assert.Equal(recent, ((Array)record["recent"]).Length);
    }

    static void AssertPublished(ChangeOp op, RowVerdict verdict)
    {
        Assert.Equal(RowDecision.Publish, verdict.Decision);
        Assert.Equal(op, verdict.Op);
    }

    RowVerdict Decide(string urn, ulong fingerprint, long? version = null, ChangeOp? op = null) => _states.Decide(Record(urn, fingerprint, version, op));

    static SourceRecord Record(string urn, ulong fingerprint, long? version = null, ChangeOp? op = null, int scope = 0) =>
        new() { Urn = urn, IdParts = [urn], Fingerprint = fingerprint, VersionOrder = version, Op = op, Scope = scope };
}
