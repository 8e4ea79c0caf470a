using StreamSync.LocalKafka.Registry.Avro;

namespace StreamSync.LocalKafka.Tests.Registry.Avro;

/// <summary>What Avro Java 1.12 takes and refuses beyond the recorded schemas, and how it writes what it took.</summary>
public class SchemaParserTests
{
    [Theory]
    [InlineData("""{"type":"record","name":"A","fields":[{"name":"b","type":"B"},{"name":"c","type":{"type":"enum","name":"B","symbols":["X"]}}]}""",
        """{"type":"record","name":"A","fields":[{"name":"b","type":{"type":"enum","name":"B","symbols":["X"]}},{"name":"c","type":"B"}]}""")]
    [InlineData("""{"type":"record","name":"A","fields":[{"name":"b","type":{"type":"fixed","name":"F","size":1}},{"name":"c","type":{"type":"fixed","size":1,"name":"F"}}]}""",
        """{"type":"record","name":"A","fields":[{"name":"b","type":{"type":"fixed","name":"F","size":1}},{"name":"c","type":"F"}]}""")]
    [InlineData("""/* a comment */ {"type":"string"} """, "\"string\"")]
    [InlineData("""{"type":"int","type":"long"}""", "\"long\"")]
    [InlineData("""{"type":"array","items":{"type":"map","values":{"type":"long","x":1.0}},"y":[1e2,0.00001,1234567890.5,-0.0,12345678901234567890]}""",
        """{"type":"array","items":{"type":"map","values":{"type":"long","x":1.0}},"y":[100.0,1.0E-5,1.2345678905E9,-0.0,12345678901234567890]}""")]
    [InlineData("""{"type":"record","name":"n.s.A","aliases":["B","o.C",".D","B"],"fields":[{"name":"f","type":"float","default":"1.5","order":"IGNORE","doc":"é\n\u0001/","aliases":["g"]}]}""",
        """{"type":"record","name":"A","namespace":"n.s","fields":[{"name":"f","type":"float","doc":"é\n\u0001/","default":1.5,"order":"ignore","aliases":["g"]}],"aliases":["B","o.C","D"]}""")]
    [InlineData("""{"type":"record","name":"A","namespace":"n","fields":[{"name":"f","type":{"type":"record","name":"string","fields":[]}},{"name":"g","type":"n.string"}]}""",
        """{"type":"record","name":"A","namespace":"n","fields":[{"name":"f","type":{"type":"record","name":"string","fields":[]}},{"name":"g","type":"n.string"}]}""")]
    [InlineData("""{"type":"enum","name":"E","symbols":["A"],"default":"A","doc":"d","z":null}""",
        """{"type":"enum","name":"E","doc":"d","symbols":["A"],"default":"A","z":null}""")]
    [InlineData("""{"type":"record","name":"A","fields":[{"name":"f","type":["null","A"],"default":null},{"name":"d","type":"double","default":1}]}""",
        """{"type":"record","name":"A","fields":[{"name":"f","type":["null","A"],"default":null},{"name":"d","type":"double","default":1}]}""")]
    public void A_schema_is_written_in_the_order_that_Java_writes_it(string text, string expected) =>
        Assert.Equal(expected, SchemaText.Of(AvroSchemaParser.Parse(text, [], isNew: true)));

    [Theory]
    [InlineData("\"string\" \"int\"")]
    [InlineData("""{"type":{"type":"string"}}""")]
    [InlineData("""{"type":"record","name":"A","fields":[{"name":"f","type":"int","order":"upward"}]}""")]
    [InlineData("""{"type":"record","name":"A","namespace":"a..b","fields":[]}""")]
    [InlineData("""{"type":"record","name":"A","namespace":"ä","fields":[]}""")]
    [InlineData("""{"type":"record","name":"int","fields":[]}""")]
    [InlineData("""{"type":"record","name":"A","aliases":"B","fields":[]}""")]
    [InlineData("""{"type":"record","name":"A","aliases":["B-C"],"fields":[]}""")]
    [InlineData("""{"type":"fixed","name":"F","size":1.0}""")]
    [InlineData("""{"type":"fixed","name":"F","size":2147483647}""")]
    [InlineData("""["null",{"type":"record","name":"A","fields":[{"name":"f","type":["A","A"]}]}]""")]
    [InlineData("""{"type":"record","name":"A","fields":[{"name":"f","type":"A","default":{}}]}""")]
    [InlineData("""{"type":"record","name":"A","fields":[{"name":"f","type":"Late","default":"X"},{"name":"g","type":{"type":"enum","name":"Late","symbols":["X"]}}]}""")]
    [InlineData("""{"type":"record","name":"A","fields":[{"name":"f","type":"int","default":1.0}]}""")]
    [InlineData("true")]
    [InlineData("")]
    public void A_schema_is_refused_that_Java_refuses(string text) =>
        Assert.Throws<AvroSchemaException>(() => AvroSchemaParser.Parse(text, [], isNew: true));

    [Theory]
    [InlineData("""{"type":"record","name":"A","namespace":"a..b","fields":[{"name":"f","type":"int","default":"x"}]}""")]
    [InlineData("""{"type":"record","name":"Straße","fields":[]}""")]
    public void A_stored_schema_is_taken_as_it_is(string text)
    {
        Assert.NotNull(AvroSchemaParser.Parse(text, [], isNew: false));
        Assert.Throws<AvroSchemaException>(() => AvroSchemaParser.Parse(text, [], isNew: true));
    }

    [Fact]
    public void A_chain_of_types_that_name_each_other_without_end_is_refused_and_ends_nothing()
    {
        var fields = string.Join(',', Enumerable.Range(0, 2_000).Select(i =>
            $$$"""{"name":"f{{{i}}}","type":{"type":"record","name":"T{{{i}}}","fields":[{"name":"next","type":"T{{{i + 1}}}"}]}}"""));
        var text = $$$"""{"type":"record","name":"Main","fields":[{{{fields}}},{"name":"last","type":{"type":"record","name":"T2000","fields":[]}}]}""";
        Assert.Throws<AvroSchemaException>(() => AvroSchemaParser.Parse(text, [], isNew: true));
    }

    [Fact]
    public void Nesting_that_no_hand_would_write_is_refused()
    {
        var text = string.Concat(Enumerable.Repeat("""{"type":"array","items":""", 100_000)) + "\"int\"" + new string('}', 100_000);
        Assert.Throws<AvroSchemaException>(() => AvroSchemaParser.Parse(text, [], isNew: true));
    }

    [Theory]
    [InlineData("""{"type":"error","name":"n.E","doc":"","fields":[{"name":"f","type":["null","string"],"default":"x"}],"z":{"b":1,"a":2},"c":3}""",
        """{"type":"record","name":"E","namespace":"n","fields":[{"name":"f","type":["null","string"]}],"c":3,"z":{"a":2,"b":1}}""")]
    [InlineData("""{"type":"bytes","scale":2,"x":1,"precision":4,"logicalType":"decimal"}""", """{"type":"bytes","logicalType":"decimal","precision":4,"scale":2,"x":1}""")]
    [InlineData("""{"type":"bytes","scale":5,"precision":4,"logicalType":"decimal"}""", """{"type":"bytes","logicalType":"decimal","precision":4,"scale":5}""")]
    [InlineData("""{"type":"record","name":"A","aliases":["Z","B"],"fields":[{"name":"f","type":{"type":"array","items":"float"},"default":[1],"b":1,"a":2}]}""",
        """{"type":"record","name":"A","fields":[{"name":"f","type":{"type":"array","items":"float"},"default":[1.0],"a":2,"b":1}],"aliases":["B","Z"]}""")]
    public void Normalizing_sorts_what_has_no_order_of_its_own(string text, string expected)
    {
        var normalized = AvroSchemaParser.Parse(SchemaNormalizer.Normalize(AvroSchemaParser.Parse(text, [], isNew: true), []), [], isNew: true);
        Assert.Equal(expected, SchemaText.Of(normalized));
    }

    [Theory]
    [InlineData(1d, "1.0")]
    [InlineData(0.001, "0.001")]
    [InlineData(0.00099, "9.9E-4")]
    [InlineData(9999999d, "9999999.0")]
    [InlineData(1e7, "1.0E7")]
    [InlineData(123456.789, "123456.789")]
    [InlineData(1.7976931348623157e308, "1.7976931348623157E308")]
    [InlineData(-2.5e-10, "-2.5E-10")]
    [InlineData(0d, "0.0")]
    [InlineData(double.NaN, "\"NaN\"")]
    [InlineData(double.NegativeInfinity, "\"-Infinity\"")]
    public void A_double_is_written_as_Java_writes_it(double value, string expected) => Assert.Equal(expected, JsonValue.FromDouble(value).ToString());
}
