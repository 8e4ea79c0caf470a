using StreamSync.Contracts;

namespace StreamSync.Sinks.Tests.DuckDb;

public sealed class MirrorTests
{
    static readonly TopicSpec Things = Topics.Of("test.things", """{"name":"n","type":["null","long"],"default":null,"doc":"A number."}""");
    static readonly TopicSpec Others = Topics.Of("test.others", """{"name":"n","type":["null","long"],"default":null}""");

    [Fact]
    public void A_key_twice_in_one_batch_gives_one_row_with_the_later_offset()
    {
        using var warehouse = new Warehouse(Things);
        warehouse.Add(Things, "5", Topics.Row(Things, "5", ("n", 1L)), offset: 10).Add(Things, "5", Topics.Row(Things, "5", ("n", 2L)), offset: 11).Write();
        Assert.Equal("5|2|0|11", warehouse.Rows("SELECT id, n, _partition, _offset FROM test_things"));
    }

    [Fact]
    public void A_later_batch_overwrites_a_row_and_keeps_the_offsets_with_it()
    {
        using var warehouse = new Warehouse(Things);
        warehouse.Add(Things, "a", Topics.Row(Things, "a", ("n", 1L))).Add(Things, "b", Topics.Row(Things, "b", ("n", 2L)), partition: 1).Write();
        warehouse.Add(Things, "a", Topics.Row(Things, "a", ("n", null))).Write();
        Assert.Equal("a|NULL\nb|2", warehouse.Rows("SELECT id, n FROM test_things ORDER BY id"));
        warehouse.Reopen();
        Assert.Equal([(0, 2L), (1, 1L)], warehouse.Positions["test.things"].Next.OrderBy(p => p.Key).Select(p => (p.Key, p.Value)));
    }

    [Fact]
    public void An_older_offset_never_overwrites_a_newer_row()
    {
        using var warehouse = new Warehouse(Things);
        warehouse.Add(Things, "a", Topics.Row(Things, "a", ("n", 2L)), offset: 9).Write();
        warehouse.Add(Things, "a", Topics.Row(Things, "a", ("n", 1L)), offset: 3).Write();
        warehouse.Add(Things, "a", null, offset: 4).Write();
        Assert.Equal("a|2|9", warehouse.Rows("SELECT id, n, _offset FROM test_things"));
    }

    [Fact]
    public void A_tombstone_deletes_the_row_and_is_counted()
    {
        using var warehouse = new Warehouse(Things);
        warehouse.Add(Things, "5", Topics.Row(Things, "5", ("n", 1L))).Add(Things, "6", Topics.Row(Things, "6", ("n", 1L))).Write();
        warehouse.Add(Things, "5", null).Write();
        Assert.Equal("6", warehouse.Rows("SELECT id FROM test_things"));
        Assert.Equal("2|1|0", warehouse.Rows("SELECT rows_written, tombstones, rejected FROM streamsync.mirror_topic"));
    }

    [Fact]
    public void A_tombstone_and_a_new_value_in_one_batch_end_as_the_later_of_the_two()
    {
        using var warehouse = new Warehouse(Things);
        warehouse.Add(Things, "a", Topics.Row(Things, "a", ("n", 1L))).Add(Things, "a", null)
            .Add(Things, "b", null).Add(Things, "b", Topics.Row(Things, "b", ("n", 1L))).Write();
        Assert.Equal("b", warehouse.Rows("SELECT id FROM test_things"));
    }

    [Fact]
    public void A_deleted_row_can_come_again()
    {
        using var warehouse = new Warehouse(Things);
        warehouse.Add(Things, "a", Topics.Row(Things, "a", ("n", 1L))).Write();
        warehouse.Add(Things, "a", null).Write();
        warehouse.Add(Things, "a", Topics.Row(Things, "a", ("n", 3L))).Write();
        Assert.Equal("a|3", warehouse.Rows("SELECT id, n FROM test_things"));
    }

    [Fact]
    public void Rows_and_offsets_of_a_batch_are_kept_together_or_not_at_all()
    {
        using var warehouse = new Warehouse(Things, Others);
        warehouse.Add(Things, "a", Topics.Row(Things, "a", ("n", 1L))).Write();
        warehouse.Add(Things, "b", Topics.Row(Things, "b", ("n", 1L))).Add(Others, "c", Topics.Row(Others, "c", ("n", 1L)))
            .AddRaw(Others, "d", [1, 2, 3]);
        Assert.Throws<InvalidOperationException>(() => warehouse.Mirror.Write(warehouse.Batch, _ => throw new InvalidOperationException("quarantine is down")));
        warehouse.Reopen();
        Assert.Equal("a", warehouse.Rows("SELECT id FROM test_things UNION ALL SELECT id FROM test_others"));
        Assert.Equal(1, warehouse.Positions["test.things"].Next[0]);
        Assert.Empty(warehouse.Positions["test.others"].Next);
    }

    [Fact]
    public void One_bad_record_is_rejected_with_its_place_and_the_others_are_written()
    {
        using var warehouse = new Warehouse(Things);
        var damaged = warehouse.Encode(Topics.Row(Things, "2", ("n", 1L)))[..^1];
        warehouse.Add(Things, "1", Topics.Row(Things, "1", ("n", 1L))).AddRaw(Things, "2", damaged).Add(Things, "3", Topics.Row(Things, "3", ("n", 1L))).Write();
        Assert.Equal("1\n3", warehouse.Rows("SELECT id FROM test_things ORDER BY id"));
        var rejected = Assert.Single(warehouse.Rejected);
        Assert.Equal(("test.things-0-1", "undecodable", "2"), (rejected.Place, rejected.Code, rejected.Key));
        Assert.Equal(damaged, rejected.Value);
        Assert.Equal(1L, warehouse.Scalar("SELECT rejected FROM streamsync.mirror_topic"));
    }

    [Fact]
    public void A_bad_record_leaves_the_good_one_of_its_key_before_it()
    {
        using var warehouse = new Warehouse(Things);
        warehouse.Add(Things, "a", Topics.Row(Things, "a", ("n", 1L))).AddRaw(Things, "a", [0, 0, 0, 0, 1, 2]).Write();
        Assert.Equal("a|1|0", warehouse.Rows("SELECT id, n, _offset FROM test_things"));
        Assert.Equal("test.things-0-1", Assert.Single(warehouse.Rejected).Place);
    }

    [Fact]
    public void A_bad_record_is_reported_once_even_when_a_later_one_makes_up_for_it()
    {
        using var warehouse = new Warehouse(Things);
        warehouse.AddRaw(Things, "a", [0, 0, 0, 0, 1, 2]).Add(Things, "a", Topics.Row(Things, "a", ("n", 1L))).AddRaw(Things, "a", [7]).Write();
        Assert.Equal("a|1|1", warehouse.Rows("SELECT id, n, _offset FROM test_things"));
        Assert.Equal(["test.things-0-0", "test.things-0-2"], warehouse.Rejected.Select(r => r.Place).Order());
    }

    [Theory]
    [InlineData("no_key", null, new byte[] { 0, 0, 0, 0, 1, 2, 97, 0 })]
    [InlineData("no_schema_id", "a", new byte[] { 2, 97, 0 })]
    [InlineData("unknown_schema", "a", new byte[] { 0, 0, 0, 9, 9, 2, 97, 0 })]
    [InlineData("undecodable", "a", new byte[] { 0, 0, 0, 0, 1, 2, 97, 0, 0 })]
    [InlineData("undecodable", "a", new byte[] { 0, 0, 0, 0, 1, 2, 97, 6 })]
    [InlineData("undecodable", "a", new byte[] { 0, 0, 0, 0, 1, 2, 97, 2, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255 })]
    [InlineData("undecodable", "a", new byte[] { 0, 0, 0, 0, 1 })]
    [InlineData("key_mismatch", "b", new byte[] { 0, 0, 0, 0, 1, 2, 97, 0 })]
    public void What_no_row_can_hold_is_rejected_with_a_reason(string code, string? key, byte[] value)
    {
        using var warehouse = new Warehouse(Things);
        warehouse.Encode(Topics.Row(Things, "x", ("n", 1L)));
        warehouse.AddRaw(Things, key, value).Write();
        Assert.Equal(code, Assert.Single(warehouse.Rejected).Code);
        Assert.Equal(0L, warehouse.Scalar("SELECT count(*) FROM test_things"));
    }

    [Fact]
    public void A_record_of_another_kind_is_rejected_and_gives_the_table_no_columns()
    {
        using var warehouse = new Warehouse(Things);
        var stray = (Avro.RecordSchema)Avro.Schema.Parse("""{"type":"record","name":"Stray","fields":[{"name":"id","type":"string"},{"name":"secret","type":"string"}]}""");
        warehouse.Add(Things, "a", Topics.Row(stray, "a", ("secret", "x"))).Add(Things, "b", Topics.Row(Things, "b", ("n", 1L))).Write();
        Assert.Equal("unknown_schema", Assert.Single(warehouse.Rejected).Code);
        Assert.Equal("b|1", warehouse.Rows("SELECT * EXCLUDE (_partition, _offset, _published_at, _loaded_at) FROM test_things"));
    }

    [Fact]
    public void A_registry_that_does_not_answer_rejects_nothing_and_keeps_nothing()
    {
        using var warehouse = new Warehouse(Things);
        warehouse.Add(Things, "a", Topics.Row(Things, "a", ("n", 1L)));
        warehouse.SchemaError = new HttpRequestException("connection refused");
        Assert.Throws<HttpRequestException>(() => warehouse.Write());
        warehouse.SchemaError = null;
        warehouse.Reopen();
        Assert.Empty(warehouse.Rejected);
        warehouse.Write();
        Assert.Equal("a", warehouse.Rows("SELECT id FROM test_things"));
    }

    [Fact]
    public void A_topic_made_anew_overwrites_its_rows_from_offset_zero_and_marks_what_it_did_not_bring_again()
    {
        using var warehouse = new Warehouse(Things);
        warehouse.Add(Things, "a", Topics.Row(Things, "a", ("n", 1L)), offset: 70).Add(Things, "b", Topics.Row(Things, "b", ("n", 1L)), offset: 71).Write();
        warehouse.Mirror.Restart(Things.Name, "new");
        warehouse.Reopen();
        Assert.Empty(warehouse.Positions["test.things"].Next);
        Assert.Equal("new", warehouse.Positions["test.things"].TopicId);
        warehouse.Add(Things, "a", Topics.Row(Things, "a", ("n", 2L)), offset: 0).Write();
        Assert.Equal("a|2|0\nb|1|-1", warehouse.Rows("SELECT id, n, _offset FROM test_things ORDER BY id"));
    }

    [Fact]
    public void Batches_larger_than_a_chunk_lose_no_row()
    {
        using var warehouse = new Warehouse(Things);
        for (var i = 0; i < 5000; i++)
        {
            warehouse.Add(Things, $"key-{i}", Topics.Row(Things, $"key-{i}", ("n", (long)i)), partition: i % 2);
        }

        warehouse.Write();
        Assert.Equal("5000|5000|12497500", warehouse.Rows("SELECT count(*), count(DISTINCT id), sum(n) FROM test_things"));
    }

    [Fact]
    public void Columns_carry_the_documentation_of_their_fields()
    {
        using var warehouse = new Warehouse(Things);
        Assert.Equal("id|VARCHAR|The key.\nn|BIGINT|A number.", warehouse.Rows(
            "SELECT column_name, data_type, comment FROM duckdb_columns() WHERE table_name = 'test_things' AND column_name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY column_index"));
    }
}
