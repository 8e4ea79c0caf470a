using System.Text.Json;
using System.Text.Json.Nodes;
using Avro;
using Avro.Generic;
using Avro.IO;
using StreamSync.LocalKafka.Registry.Avro;
using Ours = StreamSync.LocalKafka.Registry.Avro;
using Schema = Avro.Schema;

namespace StreamSync.LocalKafka.Tests.Registry.Avro;

/// <summary>
/// Apache.Avro for .NET, with which the platform writes and reads its topics, held to what Avro Java does. Where it differs, the
/// kind of difference is listed here, so that nobody evolves a schema of the platform in a way that its own reader does not follow.
/// </summary>
public class ApacheAvroVectorTests
{
    /// <summary>The kind of damage that Apache.Avro does not notice.</summary>
    const string LaxAbout = "bad-varint";

    public static TheoryData<string, string> Binaries => Vector.Ids("binary");

    public static TheoryData<string, string> Resolutions => Vector.Ids("resolution");

    /// <summary>One example of each known difference: what Apache.Avro refuses or misreads, and Avro Java reads.</summary>
    public static TheoryData<string, string, string, string> KnownDifferences => new()
    {
        { "string and bytes do not promote to each other", "\"string\"", "\"bytes\"", "0278" },
        { "a field's alias is not looked at, and reading goes astray", Record("a"), Record("b", "\"aliases\":[\"a\"]"), "0278" },
        { "a default of a union's later branch cannot be used", Record("a"), Record("a").Replace("]}", """,{"name":"n","type":["null","string"],"default":"x"}]}""", StringComparison.Ordinal), "0278" },
        { "a record in another namespace is another record", Record("a"), Record("a").Replace("\"R\"", "\"n.R\"", StringComparison.Ordinal), "0278" },
    };

    [Theory]
    [MemberData(nameof(Binaries))]
    public void A_value_is_written_in_the_recorded_bytes_and_read_back_from_them(string id, string name)
    {
        Assert.NotEmpty(name);
        var vector = Vector.Find("binary", id);
        var (schema, json) = (Schema.Parse(vector.Text("schema")), vector.GetProperty("json"));
        using var stream = new MemoryStream();
        new GenericDatumWriter<object?>(schema).Write(GenericValues.FromJson(schema, json), new BinaryEncoder(stream));
        Assert.Equal(vector.Text("hex"), Convert.ToHexStringLower(stream.ToArray()));
        Assert.True(Reads(schema, schema, vector.Text("hex"), json));
        if (vector.Member("blocked_hex") is { ValueKind: JsonValueKind.String } blocked)
        {
            Assert.True(Reads(schema, schema, blocked.GetString()!, json));
        }
    }

    [Theory]
    [MemberData(nameof(Resolutions))]
    public void Bytes_of_one_schema_are_read_with_another_as_recorded_or_in_a_known_other_way(string id, string name)
    {
        Assert.NotEmpty(name);
        var vector = Vector.Find("resolution", id);
        var (writer, reader, hex) = (vector.Text("writer"), vector.Text("reader"), vector.Text("writer_hex"));
        if (vector.Member("error") is { } error)
        {
            if (error.Text("kind") == LaxAbout)
            {
                return;
            }
            Assert.ThrowsAny<Exception>(() => Reads(Schema.Parse(writer), Schema.Parse(reader), hex, default));
            return;
        }
        bool same;
        try
        {
            same = Reads(Schema.Parse(writer), Schema.Parse(reader), hex, vector.GetProperty("result"));
        }
        catch (AvroException)
        {
            same = false;
        }
        Assert.True(same || DiffersKnowingly(AvroSchemaParser.Parse(writer, [], isNew: false), AvroSchemaParser.Parse(reader, [], isNew: false)));
    }

    [Theory]
    [MemberData(nameof(KnownDifferences))]
    public void A_known_difference_still_is_one(string difference, string writer, string reader, string hex)
    {
        // When this fails the library has been mended: take the difference out of the list, and the platform may rely on it.
        Assert.NotEmpty(difference);
        Assert.ThrowsAny<AvroException>(() => Reads(Schema.Parse(writer), Schema.Parse(reader), hex, default));
    }

    [Fact]
    public void A_number_of_too_many_bytes_is_read_where_Java_refuses_it() => Assert.False(Reads(Schema.Parse("\"int\""), Schema.Parse("\"int\""), "ffffffffff01", default));

    static string Record(string field, string more = "\"doc\":\"\"") =>
        $$"""{"type":"record","name":"R","fields":[{"name":"{{field}}","type":"string",{{more}}}]}""";

    static bool Reads(Schema writer, Schema reader, string hex, JsonElement expected)
    {
        var value = new GenericDatumReader<object?>(writer, reader).Read(null, new BinaryDecoder(new MemoryStream(Convert.FromHexString(hex))));
        return expected.ValueKind != JsonValueKind.Undefined
            && JsonNode.DeepEquals(JsonNode.Parse(expected.GetRawText()), GenericValues.ToJson(reader, value));
    }

    static bool DiffersKnowingly(AvroSchema writer, AvroSchema reader)
    {
        var (written, wanted) = (All(writer), All(reader));
        var (names, readerNames) = (written.OfType<Ours.NamedSchema>().ToArray(), wanted.OfType<Ours.NamedSchema>().ToArray());
        var fields = wanted.OfType<Ours.RecordSchema>().SelectMany(record => record.Fields).ToArray();
        var textAndBytes = (Has(written, AvroType.String) && Has(wanted, AvroType.Bytes)) || (Has(written, AvroType.Bytes) && Has(wanted, AvroType.String));
        var aliases = fields.Any(field => field.Aliases.Count > 0) || readerNames.Any(one => one.Aliases.Count > 0);
        var laterDefault = fields.Any(field => field is { Schema: Ours.UnionSchema union, Default: { } value }
            && value.Kind == JsonKind.Null != (union.Branches[0].Type == AvroType.Null));
        var otherNames = names.Any(one => readerNames.All(other => other.FullName != one.FullName));
        return textAndBytes || aliases || laterDefault || otherNames;

        static bool Has(IReadOnlyCollection<AvroSchema> schemas, AvroType type) => schemas.Any(schema => schema.Type == type);
    }

    /// <summary>A schema and every schema in it.</summary>
    static HashSet<AvroSchema> All(AvroSchema schema)
    {
        var found = new HashSet<AvroSchema>(ReferenceEqualityComparer.Instance);
        Collect(schema);
        return found;

        void Collect(AvroSchema one)
        {
            if (!found.Add(one))
            {
                return;
            }
            IEnumerable<AvroSchema> inner = one switch
            {
                Ours.RecordSchema record => record.Fields.Select(field => field.Schema),
                Ours.UnionSchema union => union.Branches,
                Ours.ArraySchema array => [array.Items],
                Ours.MapSchema map => [map.Values],
                _ => [],
            };
            foreach (var schema in inner)
            {
                Collect(schema);
            }
        }
    }
}
