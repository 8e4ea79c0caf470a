using System.Text.Json;
using System.Text.Json.Nodes;
using StreamSync.LocalKafka.Registry.Avro;
using StreamSync.LocalKafka.Registry.Avro.Binary;
using JsonValue = StreamSync.LocalKafka.Registry.Avro.JsonValue;

namespace StreamSync.LocalKafka.Tests.Registry.Avro;

public class BinaryVectorTests
{
    const int SomeId = 1;
    const string Header = "0000000001";

    public static TheoryData<string, string> Binaries => Vector.Ids("binary");

    public static TheoryData<string, string> Resolutions => Vector.Ids("resolution");

    public static TheoryData<string, string> Frames => Vector.Ids("frames");

    [Theory]
    [MemberData(nameof(Binaries))]
    public void A_value_is_written_in_the_recorded_bytes_and_read_back_from_them(string id, string name)
    {
        Assert.NotEmpty(name);
        var vector = Vector.Find("binary", id);
        var schema = Parse(vector.Text("schema"));
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        new BinaryOutput(buffer).Write(schema, JsonValue.Parse(vector.GetProperty("json").GetRawText()));
        Assert.Equal(vector.Text("hex"), Convert.ToHexStringLower(buffer.WrittenSpan));
        AssertReads(schema, schema, vector.Text("hex"), vector.GetProperty("json"));
        if (vector.Member("blocked_hex") is { ValueKind: JsonValueKind.String } blocked)
        {
            AssertReads(schema, schema, blocked.GetString()!, vector.GetProperty("json"));
        }
    }

    [Theory]
    [MemberData(nameof(Resolutions))]
    public void Bytes_of_one_schema_are_read_with_another_as_recorded(string id, string name)
    {
        Assert.NotEmpty(name);
        var vector = Vector.Find("resolution", id);
        var (writer, reader) = (Parse(vector.Text("writer")), Parse(vector.Text("reader")));
        if (vector.Member("error") is { } error)
        {
            var problem = Assert.Throws<AvroDataException>(() => Read(writer, reader, vector.Text("writer_hex")));
            Assert.Equal(error.Text("kind"), Kind(problem.Problem));
        }
        else
        {
            AssertReads(writer, reader, vector.Text("writer_hex"), vector.GetProperty("result"));
        }
        if (vector.Member("pair_compatible") is { } compatible)
        {
            Assert.Equal(compatible.GetBoolean(), SchemaCompatibility.Check(reader, writer).Count == 0);
        }
    }

    [Theory]
    [MemberData(nameof(Frames))]
    public void A_message_has_the_recorded_frame(string id, string name)
    {
        Assert.NotEmpty(name);
        var vector = Vector.Find("frames", id);
        var schema = vector.Text("schema");
        var registered = vector.GetProperty("registered_id").GetInt32();
        string? ById(int asked) => asked == registered ? schema : null;
        if (vector.Member("json") is { } json)
        {
            var frame = AvroMessage.FromJson(registered, schema, json.GetRawText());
            Assert.Equal(vector.GetProperty("frame_hex").GetString(), frame is null ? null : Convert.ToHexStringLower(frame));
            if (frame is not null)
            {
                AssertSame(json, AvroMessage.ToJson(frame, ById));
            }
            return;
        }
        var bytes = Convert.FromHexString(vector.Text("frame_hex"));
        if (vector.Member("decodes_to") is { } value)
        {
            AssertSame(value, AvroMessage.ToJson(bytes, ById));
        }
        else
        {
            Assert.NotNull(vector.Member("error"));
            Assert.Throws<AvroDataException>(() => AvroMessage.ToJson(bytes, ById));
        }
    }

    [Theory]
    [InlineData("""{"type":"array","items":"null"}""", "feffffff0f00")]
    [InlineData("""{"type":"array","items":"string"}""", "feffffffffffffffff01")]
    [InlineData("""{"type":"map","values":{"type":"record","name":"Empty","fields":[]}}""", "feffffff0f")]
    [InlineData("\"bytes\"", "feffffff0f")]
    [InlineData("\"string\"", "ffffffffffffffffff01")]
    public void Lengths_that_the_bytes_do_not_hold_are_refused_before_anything_is_allocated(string schema, string hex)
    {
        var parsed = Parse(schema);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<AvroDataException>(() => Read(parsed, parsed, hex));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void A_value_nested_without_end_is_refused()
    {
        var list = Parse("""{"type":"record","name":"List","fields":[{"name":"next","type":["null","List"]}]}""");
        var problem = Assert.Throws<AvroDataException>(() => Read(list, list, string.Concat(Enumerable.Repeat("02", 1_000_000)) + "00"));
        Assert.Equal(AvroDataProblem.BadLength, problem.Problem);
    }

    [Fact]
    public void A_message_is_read_with_the_schema_of_a_later_version()
    {
        const string Old = """{"type":"record","name":"Knock","fields":[{"name":"tel","type":"string"}]}""";
        const string New = """{"type":"record","name":"Knock","fields":[{"name":"phone","type":"string","aliases":["tel"]},{"name":"n","type":"int","default":1}]}""";
        var frame = AvroMessage.FromJson(SomeId, Old, """{"tel":"+15550100"}""");
        Assert.StartsWith(Header, Convert.ToHexStringLower(frame!));
        Assert.Equal("""{"phone":"+15550100","n":1}""", AvroMessage.ToJson(frame, _ => Old, New));
    }

    static AvroSchema Parse(string schema) => AvroSchemaParser.Parse(schema, [], isNew: false);

    static JsonValue Read(AvroSchema writer, AvroSchema reader, string hex) => new ResolvingReader(writer, reader).Read(Convert.FromHexString(hex));

    static void AssertReads(AvroSchema writer, AvroSchema reader, string hex, JsonElement expected) => AssertSame(expected, Read(writer, reader, hex).ToString());

    static void AssertSame(JsonElement expected, string actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected.GetRawText()), JsonNode.Parse(actual)), $"{actual} is not {expected}");

    static string Kind(AvroDataProblem problem) => problem switch
    {
        AvroDataProblem.CannotResolve => "cannot-resolve",
        AvroDataProblem.Truncated => "truncated",
        AvroDataProblem.BadIndex => "bad-index",
        AvroDataProblem.BadLength => "bad-length",
        AvroDataProblem.BadVarint => "bad-varint",
        _ => problem.ToString(),
    };
}
