using System.Text.Json;
using System.Text.Json.Nodes;
using Avro;
using Avro.Generic;
using Avro.IO;

namespace StreamSync.LocalKafka.Tests.Registry.Avro;

public class ApacheAvroVectorTests
{
    public static TheoryData<string, string> Binaries => Vector.Ids("binary");

    public static TheoryData<string, string> Resolutions => Vector.Ids("resolution");

    [Theory]
    [MemberData(nameof(Binaries))]
    public void B(string id, string name)
    {
        Assert.NotEmpty(name);
        var vector = Vector.Find("binary", id);
        var schema = Schema.Parse(vector.Text("schema"));
        var value = GenericValues.FromJson(schema, vector.GetProperty("json"));
        using var stream = new MemoryStream();
        new GenericDatumWriter<object?>(schema).Write(value, new BinaryEncoder(stream));
        Assert.Equal(vector.Text("hex"), Convert.ToHexStringLower(stream.ToArray()));
        Check(schema, schema, vector.Text("hex"), vector.GetProperty("json"));
        if (vector.Member("blocked_hex") is { } b && b.ValueKind != JsonValueKind.Null) Check(schema, schema, b.GetString()!, vector.GetProperty("json"));
    }

    [Theory]
    [MemberData(nameof(Resolutions))]
    public void R(string id, string name)
    {
        Assert.NotEmpty(name);
        var vector = Vector.Find("resolution", id);
        Action read = () =>
        {
            var writer = Schema.Parse(vector.Text("writer"));
            var reader = Schema.Parse(vector.Text("reader"));
            Check(writer, reader, vector.Text("writer_hex"), vector.Member("result") ?? default);
        };
        if (vector.Member("error") is null) read(); else Assert.ThrowsAny<Exception>(read);
    }

    static void Check(Schema writer, Schema reader, string hex, JsonElement expected)
    {
        var value = new GenericDatumReader<object?>(writer, reader).Read(null, new BinaryDecoder(new MemoryStream(Convert.FromHexString(hex))));
        var got = GenericValues.ToJson(reader, value);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected.GetRawText()), got), got?.ToJsonString());
    }
}
