using Avro;
using StreamSync.Contracts;

namespace StreamSync.Sinks.Tests.DuckDb;

public sealed class EvolutionTests
{
    static readonly TopicSpec Things = Topics.Of("test.things", """{"name":"n","type":["null","int"],"default":null}""");
    static readonly TopicSpec Others = Topics.Of("test.others");

    [Fact]
    public void A_new_field_becomes_a_column_and_older_rows_hold_null()
    {
        using var warehouse = new Warehouse(Things);
        var wider = Topics.Record("""{"name":"n","type":["null","int"],"default":null}""", """{"name":"note","type":["null","string"],"default":null,"doc":"What was said."}""");
        warehouse.Add(Things, "1", Topics.Row(Things, "1", ("n", 1))).Write();
        warehouse.Add(Things, "3", Topics.Row(Things, "3", ("n", 3))).Add(Things, "2", Topics.Row(wider, "2", ("n", 2), ("note", "a longer text than twelve bytes"))).Write();
        warehouse.Add(Things, "4", Topics.Row(Things, "4", ("n", 4))).Write();
        Assert.Equal("1|1|NULL\n2|2|a longer text than twelve bytes\n3|3|NULL\n4|4|NULL", warehouse.Rows("SELECT id, n, note FROM test_things ORDER BY id"));
        Assert.Equal("What was said.", warehouse.Scalar("SELECT comment FROM duckdb_columns() WHERE table_name = 'test_things' AND column_name = 'note'"));
    }

    [Fact]
    public void A_field_that_goes_leaves_its_column_with_what_it_held()
    {
        using var warehouse = new Warehouse(Things);
        warehouse.Add(Things, "1", Topics.Row(Things, "1", ("n", 1))).Add(Things, "2", Topics.Row(Topics.Record(), "2")).Write();
        Assert.Equal("1|1\n2|NULL", warehouse.Rows("SELECT id, n FROM test_things ORDER BY id"));
    }

    [Fact]
    public void A_type_that_holds_more_widens_the_column_and_loses_nothing()
    {
        using var warehouse = new Warehouse(Things);
        var wider = Topics.Record("""{"name":"n","type":["null","long"],"default":null}""");
        warehouse.Add(Things, "1", Topics.Row(Things, "1", ("n", 120))).Write();
        warehouse.Add(Things, "2", Topics.Row(wider, "2", ("n", 7_000_000_000L))).Add(Things, "3", Topics.Row(Things, "3", ("n", 4))).Write();
        Assert.Equal("1|120\n2|7000000000\n3|4", warehouse.Rows("SELECT id, n FROM test_things ORDER BY id"));
    }

    [Theory]
    [InlineData("\"int\"", 7, "\"string\"", "n/a", "VARCHAR", "7")]
    [InlineData("\"long\"", 7L, "\"string\"", "n/a", "VARCHAR", "7")]
    [InlineData("\"boolean\"", true, "\"string\"", "n/a", "VARCHAR", "true")]
    [InlineData("\"double\"", 0.1, "\"string\"", "n/a", "VARCHAR", "0.1")]
    [InlineData("\"float\"", 0.5f, "\"double\"", 0.25, "DOUBLE", "0.5")]
    [InlineData("\"int\"", 7, "\"double\"", 0.25, "DOUBLE", "7")]
    [InlineData("\"int\"", 16_777_217, "\"float\"", 0.25f, "DOUBLE", "16777217")]
    public void Widening_keeps_every_digit(string narrow, object narrowValue, string wide, object wideValue, string columnType, string kept)
    {
        var before = Topics.Of("test.things", $$"""{"name":"v","type":{{narrow}}}""");
        var after = Topics.Record($$"""{"name":"v","type":{{wide}}}""");
        using var warehouse = new Warehouse(before);
        warehouse.Add(before, "1", Topics.Row(before, "1", ("v", narrowValue))).Write();

        // The narrow writer goes on beside the wide one: its values are converted on the way in.
        warehouse.Add(before, "2", Topics.Row(after, "2", ("v", wideValue))).Add(before, "3", Topics.Row(before, "3", ("v", narrowValue))).Write();
        Assert.Equal(columnType, warehouse.Scalar("SELECT data_type FROM duckdb_columns() WHERE table_name = 'test_things' AND column_name = 'v'"));
        Assert.Equal($"1|{kept}\n3|{kept}", warehouse.Rows("SELECT id, CASE WHEN typeof(v) = 'DOUBLE' THEN format('{:.17g}', v::DOUBLE) ELSE v::VARCHAR END FROM test_things WHERE id <> '2' ORDER BY id"));
    }

    [Fact]
    public void A_type_that_would_lose_values_stops_its_table_alone_and_nothing_is_lost()
    {
        using var warehouse = new Warehouse(Things, Others);
        var clash = Topics.Record("""{"name":"n","type":{"type":"array","items":"int"}}""");
        warehouse.Add(Things, "1", Topics.Row(Things, "1", ("n", 1)))
            .Add(Things, "2", Topics.Row(clash, "2", ("n", new[] { 1 })))
            .Add(Things, "3", Topics.Row(Things, "3", ("n", 3)))
            .Add(Others, "a", Topics.Row(Others, "a"));
        var stopped = warehouse.Write();

        Assert.Contains("test_things.n is INTEGER and the schema asks for INTEGER[]", stopped["test.things"], StringComparison.Ordinal);
        Assert.Equal("1|a", warehouse.Rows("SELECT (SELECT string_agg(id) FROM test_things), (SELECT string_agg(id) FROM test_others)"));
        var rejected = Assert.Single(warehouse.Rejected);
        Assert.Equal(("test.things-0-1", "schema_conflict", true), (rejected.Place, rejected.Code, rejected.StopsTable));
        Assert.Equal("stopped", warehouse.Scalar("SELECT state FROM streamsync.mirror_topic WHERE topic = 'test.things'"));

        warehouse.Reopen();
        Assert.Equal(1, warehouse.Positions["test.things"].Next[0]);
        Assert.Equal(1, warehouse.Positions["test.others"].Next[0]);
    }

    [Fact]
    public void Another_key_field_stops_the_table()
    {
        using var warehouse = new Warehouse(Things);
        var other = (RecordSchema)Schema.Parse("""{"type":"record","name":"T","fields":[{"name":"number","type":"string"}]}""");
        var record = new Avro.Generic.GenericRecord(other);
        record.Add("number", "1");
        Assert.Contains("the key of the table test_things is id", warehouse.Add(Things, "1", record).Write()["test.things"], StringComparison.Ordinal);
    }

    [Fact]
    public void A_stopped_table_goes_on_where_it_stopped_once_the_column_fits()
    {
        using var warehouse = new Warehouse(Things);
        var clash = Topics.Record("""{"name":"n","type":{"type":"array","items":"int"}}""");
        warehouse.Add(Things, "1", Topics.Row(clash, "1", ("n", new[] { 4, 5 }))).Write();
        warehouse.Mirror.Close();
        using (var connection = warehouse.Files.OpenWriter())
        {
            Sinks.DuckDb.DuckDbDatabase.Execute(connection, "DROP TABLE test_things; CREATE TABLE test_things (id VARCHAR NOT NULL, n INTEGER[])");
        }

        warehouse.Files.CloseWriter();
        using var again = new Warehouse(warehouse.Folder, Topics.Of("test.things", """{"name":"n","type":{"type":"array","items":"int"}}"""));
        Assert.Null(again.Positions["test.things"].Stopped);
        again.Add(Things, "1", Topics.Row(clash, "1", ("n", new[] { 4, 5 })), offset: again.Positions["test.things"].Next[0]).Write();
        Assert.Equal("1|[4,5]", again.Rows("SELECT id, n FROM test_things"));
    }

    [Fact]
    public void A_table_that_can_not_take_the_catalogue_s_schema_stops_at_open_with_the_reason()
    {
        using var warehouse = new Warehouse(Things);
        warehouse.Mirror.Close();
        using var again = new Warehouse(warehouse.Folder, Topics.Of("test.things", """{"name":"n","type":"bytes"}"""), Others);
        Assert.Contains("test_things.n is INTEGER and the schema asks for BLOB", again.Positions["test.things"].Stopped, StringComparison.Ordinal);
        Assert.Null(again.Positions["test.others"].Stopped);
    }

    [Theory]
    [InlineData("""{"name":"v","type":["null","string","long"]}""", "union of 2 types")]
    [InlineData("""{"name":"_offset","type":"long"}""", "two fields give the column _offset")]
    [InlineData("""{"name":"ID","type":"long"}""", "two fields give the column ID")]
    [InlineData("""{"name":"v","type":{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}}""", "logical type decimal")]
    public void A_schema_that_no_table_can_mirror_says_which_field(string field, string message)
    {
        using var warehouse = new Warehouse(Topics.Of("test.things", field));
        Assert.Contains(message, warehouse.Positions["test.things"].Stopped, StringComparison.Ordinal);
    }

    [Fact]
    public void A_struct_in_a_list_gets_new_fields_too()
    {
        static string Phones(string fields) => """{"name":"phones","type":{"type":"array","items":{"type":"record","name":"Phone","fields":[""" + fields + "]}}}";
        var before = Topics.Of("test.things", Phones("""{"name":"raw","type":"string"}"""));
        var after = Topics.Record(Phones("""{"name":"kind","type":["null","string"],"default":null},{"name":"raw","type":"string"}"""));
        using var warehouse = new Warehouse(before);
        warehouse.Add(before, "1", Topics.Row(before, "1", ("phones", new object[] { Item(before.ValueSchema, ("raw", "555-0100")) }))).Write();
        warehouse.Add(before, "2", Topics.Row(after, "2", ("phones", new object[] { Item(after, ("raw", "555-0101"), ("kind", "cell")) })))
            .Add(before, "3", Topics.Row(before, "3", ("phones", new object[] { Item(before.ValueSchema, ("raw", "555-0102")) }))).Write();
        Assert.Equal("1|555-0100|NULL\n2|555-0101|cell\n3|555-0102|NULL", warehouse.Rows("SELECT id, phones[1].raw, phones[1].kind FROM test_things ORDER BY id"));
    }

    static Avro.Generic.GenericRecord Item(Schema schema, params (string Field, object Value)[] values)
    {
        var record = new Avro.Generic.GenericRecord((RecordSchema)((ArraySchema)((RecordSchema)schema)["phones"].Schema).ItemSchema);
        foreach (var (field, value) in values)
        {
            record.Add(field, value);
        }

        return record;
    }
}
