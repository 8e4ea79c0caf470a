using Avro;
using Avro.Generic;
using StreamSync.Contracts;
using StreamSync.Contracts.Common;
using StreamSync.Contracts.Entity;
using StreamSync.Contracts.Identity;
using StreamSync.Sinks.DuckDb;

namespace StreamSync.Sinks.Tests.DuckDb;

public sealed class ColumnTests
{
    static readonly DateTime At = new(2026, 10, 3, 14, 5, 6, 789, 123, DateTimeKind.Utc);

    [Fact]
    public void Every_topic_of_the_catalogue_has_a_table_and_every_view_can_be_made()
    {
        using var warehouse = new Warehouse([.. TopicCatalog.Mirrored]);
        Assert.All(warehouse.Positions.Values, p => Assert.Null(p.Stopped));
        Assert.All(Views.Names, view => Assert.Empty(warehouse.Query($"SELECT * FROM {view} LIMIT 0").Rows));
        Assert.Equal(0L, warehouse.Scalar("SELECT count(*) FROM duckdb_columns() WHERE schema_name = 'main' AND NOT internal AND table_name IN (SELECT table_name FROM duckdb_tables()) AND comment IS NULL"));
    }

    [Fact]
    public void A_nested_record_becomes_columns_with_its_name_in_front()
    {
        var attempts = TopicCatalog.Entity("contact_attempt");
        using var warehouse = new Warehouse(attempts);
        warehouse.Add(attempts, "mi/van/c1/contact/1", Attempt("1", new Canvasser { CanvasserId = "902001", Name = "Sam P", Kind = "public_user" }))
            .Add(attempts, "mi/van/c1/contact/2", Attempt("2", null)).Write();
        Assert.Equal(
            "1|902001|Sam P|public_user|NULL|2026-10-03 14:05:06.789123\n2|NULL|NULL|NULL|NULL|2026-10-03 14:05:06.789123",
            warehouse.Rows("SELECT source_id, canvasser_id, canvasser_name, canvasser_kind, canvasser_user_scope, occurred_at FROM entity_contact_attempt ORDER BY 1"));
    }

    [Fact]
    public void Arrays_and_maps_stay_lists_structs_and_maps()
    {
        var people = TopicCatalog.Entity("person");
        using var warehouse = new Warehouse(people);
        warehouse.Add(people, "mi/van/c1/person/1", new Person
        {
            SourceUrn = "mi/van/c1/person/1",
            Org = "mi",
            Vendor = "van",
            Instance = "c1",
            SourceId = "1",
            Emails = [new Email { Raw = " Ana@Example.org ", Normalized = "Ana@example.org", Identifying = true }, new Email { Raw = "x", Identifying = false }],
            Phones = [],
            Addresses = [new Address { Lines = ["12 Rue de l'Été", "Apt. 3"], PostalCode = "02118", PostalCodeRepaired = true }],
            ExternalIds = [],
            SameAs = [],
            custom_fields = new Dictionary<string, string> { ["shirt size, long name"] = "XL" },
            Tags = ["leader", ""],
            ObservedAt = At,
            ChangeId = "c",
        }).Write();
        Assert.Equal(
            " Ana@Example.org |false|0|[12 Rue de l'Été,Apt. 3]|02118|XL|[leader,]|1",
            warehouse.Rows("""
                SELECT emails[1].raw, emails[2].identifying::VARCHAR, len(phones), addresses[1].lines, addresses[1].postal_code, custom_fields['shirt size, long name'], tags,
                    (SELECT count(*) FROM (SELECT unnest(emails) AS e) WHERE e.normalized IS NOT NULL)
                FROM entity_person
                """));
    }

    [Fact]
    public void Long_lists_of_structs_survive_growing_and_chunks()
    {
        var map = TopicCatalog.PersonMap;
        static int Links(int person) => person % 1000 == 7 ? 9000 : person % 3;
        using var warehouse = new Warehouse(map);
        for (var i = 0; i < 2500; i++)
        {
            warehouse.Add(map, $"mi/van/c1/person/{i}", new PersonMap
            {
                SourceUrn = $"mi/van/c1/person/{i}",
                Org = "mi",
                PersonId = $"p{i}",
                Evidence = [.. Enumerable.Range(0, Links(i)).Select(l => new LinkEvidence { OtherUrn = $"mi/van/c1/person/{i}-{l}", Rule = "email", Weight = l % 2 == 0 ? l : null })],
                ChangedAt = At,
            });
        }

        warehouse.Write();
        var people = Enumerable.Range(0, 2500).ToList();
        Assert.Equal($"2500|{people.Sum(Links)}|0|{people.Sum(p => (Links(p) + 1) / 2)}", warehouse.Rows("""
            WITH e AS (SELECT source_urn, unnest(evidence) AS link FROM identity_person_map)
            SELECT (SELECT count(*) FROM identity_person_map), count(*), count(*) FILTER (NOT starts_with(link.other_urn, source_urn || '-')), count(link.weight) FROM e
            """));
    }

    [Fact]
    public void A_half_written_list_leaves_nothing_behind()
    {
        var things = Topics.Of("test.things", """{"name":"l","type":{"type":"array","items":"string"}}""", """{"name":"z","type":"long"}""");
        using var warehouse = new Warehouse(things);
        var whole = warehouse.Encode(Topics.Row(things, "2", ("l", new[] { "x", "y" }), ("z", 1L)));
        warehouse.Add(things, "1", Topics.Row(things, "1", ("l", new[] { "a" }), ("z", 1L)))
            .AddRaw(things, "2", whole[..^2])
            .Add(things, "3", Topics.Row(things, "3", ("l", new[] { "b", "c" }), ("z", 1L))).Write();
        Assert.Equal("1|[a]\n3|[b,c]", warehouse.Rows("SELECT id, l FROM test_things ORDER BY id"));
        Assert.Single(warehouse.Rejected);
    }

    [Fact]
    public void Texts_of_every_length_and_script_arrive_as_they_were()
    {
        var things = Topics.Of("test.things", """{"name":"v","type":"string"}""");
        using var warehouse = new Warehouse(things);
        string[] texts = ["", "a", "twelve bytes", "thirteen byte", "é", "日本語のテキスト", "😀😀😀", new string('x', 70_000), "line\nbreak, \"quoted\" 'too'", "nul \0 inside", "nul \0 in a longer text than twelve"];
        for (var i = 0; i < texts.Length; i++)
        {
            warehouse.Add(things, $"{i}", Topics.Row(things, $"{i}", ("v", texts[i])));
        }

        warehouse.Write();
        Assert.Equal(texts, warehouse.Query("SELECT v FROM test_things ORDER BY id::INT").Rows.Select(r => r[0]));
    }

    [Fact]
    public void Text_that_is_no_UTF8_is_rejected()
    {
        var things = Topics.Of("test.things", """{"name":"v","type":"string"}""");
        using var warehouse = new Warehouse(things);
        var bytes = warehouse.Encode(Topics.Row(things, "1", ("v", "abc")));
        bytes[^1] = 0xFF;
        warehouse.AddRaw(things, "1", bytes).Write();
        Assert.Equal("a string is not UTF-8 (schema 1)", Assert.Single(warehouse.Rejected).Reason);
    }

    [Theory]
    [InlineData("timestamp-micros", "long", 253_402_300_799_999_999L, true)]
    [InlineData("timestamp-micros", "long", 253_402_300_800_000_000L, false)]
    [InlineData("timestamp-micros", "long", -62_135_596_800_000_000L, true)]
    [InlineData("timestamp-micros", "long", -62_135_596_800_000_001L, false)]
    [InlineData("timestamp-millis", "long", long.MaxValue, false)]
    [InlineData("timestamp-micros", "long", long.MinValue, false)]
    [InlineData("date", "int", 2_932_896L, true)]
    [InlineData("date", "int", 2_932_897L, false)]
    [InlineData("time-micros", "long", 86_399_999_999L, true)]
    [InlineData("time-micros", "long", 86_400_000_000L, false)]
    [InlineData("time-micros", "long", -1L, false)]
    public void Times_that_no_reader_can_show_are_rejected(string logicalType, string type, long value, bool fits)
    {
        var things = Topics.Of("test.things", $$$"""{"name":"v","type":{"type":"{{{type}}}","logicalType":"{{{logicalType}}}"}}""");
        var plain = Topics.Record($$"""{"name":"v","type":"{{type}}"}""");
        using var warehouse = new Warehouse(things);
        var bytes = warehouse.Encode(Topics.Row(plain, "1", ("v", type == "int" ? (object)(int)value : value)));
        var timed = warehouse.Register(things.ValueSchema);
        bytes[4] = (byte)timed;
        warehouse.AddRaw(things, "1", bytes).Write();
        Assert.Equal(fits ? 0 : 1, warehouse.Rejected.Count);
        Assert.Equal(fits ? 1 : 0, warehouse.Query("SELECT v FROM test_things").Rows.Count);
    }

    [Fact]
    public void Each_Avro_type_has_its_column_type()
    {
        var all = Topics.Of(
            "test.all",
            """{"name":"b","type":"boolean"}""",
            """{"name":"i","type":"int"}""",
            """{"name":"l","type":"long"}""",
            """{"name":"f","type":"float"}""",
            """{"name":"d","type":"double"}""",
            """{"name":"y","type":"bytes"}""",
            """{"name":"x","type":{"type":"fixed","name":"F","size":2}}""",
            """{"name":"e","type":{"type":"enum","name":"E","symbols":["RED","GREEN"]}}""",
            """{"name":"day","type":{"type":"int","logicalType":"date"}}""",
            """{"name":"ms","type":{"type":"long","logicalType":"timestamp-millis"}}""",
            """{"name":"us","type":{"type":"long","logicalType":"timestamp-micros"}}""",
            """{"name":"tod","type":{"type":"int","logicalType":"time-millis"}}""",
            """{"name":"m","type":{"type":"map","values":["null","long"]}}""",
            """{"name":"o","type":["string","null"]}""");
        using var warehouse = new Warehouse(all);
        var schema = (RecordSchema)all.ValueSchema;
        warehouse.Add(all, "1", Topics.Row(
            all,
            "1",
            ("b", true),
            ("i", -5),
            ("l", long.MinValue),
            ("f", 0.5f),
            ("d", double.Epsilon),
            ("y", new byte[] { 0, 255 }),
            ("x", new GenericFixed((FixedSchema)schema["x"].Schema, [1, 2])),
            ("e", new GenericEnum((EnumSchema)schema["e"].Schema, "GREEN")),
            ("day", At.Date),
            ("ms", At),
            ("us", At),
            ("tod", new TimeSpan(0, 14, 5, 6, 789)),
            ("m", new Dictionary<string, object?> { ["k"] = 4L, ["long key of a map"] = -1L }),
            ("o", null))).Write();
        Assert.Equal(
            "1|True|-5|-9223372036854775808|0.5|5E-324|00ff|0102|GREEN|2026-10-03|2026-10-03 14:05:06.789|2026-10-03 14:05:06.789123|14:05:06.789|{\"k\":4,\"long key of a map\":-1}|NULL",
            warehouse.Rows("SELECT * EXCLUDE (_partition, _offset, _published_at, _loaded_at) FROM test_all"));
        Assert.Equal(
            "BOOLEAN|INTEGER|BIGINT|FLOAT|DOUBLE|BLOB|BLOB|VARCHAR|DATE|TIMESTAMP|TIMESTAMP|TIME|MAP(VARCHAR, BIGINT)|VARCHAR",
            string.Join('|', warehouse.Query("SELECT data_type FROM duckdb_columns() WHERE table_name = 'test_all' AND column_name NOT IN ('id', '_partition', '_offset', '_published_at', '_loaded_at') ORDER BY column_index").Rows.Select(r => r[0])));
    }

    [Fact]
    public void Rows_say_where_and_when_they_came_from()
    {
        var things = Topics.Of("test.things");
        using var warehouse = new Warehouse(things);
        warehouse.Add(things, "1", Topics.Row(things, "1"), partition: 3, offset: 41).Write();
        Assert.Equal("3|41|2026-05-28 20:26:40|True", warehouse.Rows("SELECT _partition, _offset, _published_at, abs(date_diff('minute', _loaded_at, now()::TIMESTAMP)) < 5 FROM test_things"));
    }

    static ContactAttempt Attempt(string id, Canvasser? canvasser) => new()
    {
        SourceUrn = "mi/van/c1/contact/" + id,
        Org = "mi",
        Vendor = "van",
        Instance = "c1",
        SourceId = id,
        OccurredAt = At,
        Channel = "door",
        Direction = "outbound",
        Canvasser = canvasser,
        Result = "canvassed",
        ObservedAt = At,
        ChangeId = "c" + id,
    };
}
