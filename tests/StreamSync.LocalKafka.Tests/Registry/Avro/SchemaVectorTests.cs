using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using StreamSync.LocalKafka.Registry.Avro;

namespace StreamSync.LocalKafka.Tests.Registry.Avro;

public class SchemaVectorTests
{
    public static TheoryData<string, string> Pairs => Vector.Ids("compatibility_pairs");

    public static TheoryData<string, string> Histories => Vector.Ids("histories");

    public static TheoryData<string, string> Forms => Vector.Ids("canonical_forms");

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_pair_of_schemas_gets_the_recorded_verdict_with_kinds_and_paths(string id, string name)
    {
        Assert.NotEmpty(name);
        var pair = Vector.Find("compatibility_pairs", id);
        var old = Parse(pair.Text("old"));
        if (!pair.GetProperty("new_is_valid").GetBoolean())
        {
            Assert.Throws<AvroSchemaException>(() => Parse(pair.Text("new")));
            return;
        }
        var candidate = Parse(pair.Text("new"));
        Assert.Equal(Recorded(pair, "backward_incompatibilities"), Found(candidate, old));
        Assert.Equal(Recorded(pair, "forward_incompatibilities"), Found(old, candidate));
        AssertVerdicts(pair.GetProperty("verdict"), candidate, [old]);
    }

    [Theory]
    [MemberData(nameof(Histories))]
    public void A_history_of_versions_gets_the_recorded_verdict_at_every_level(string id, string name)
    {
        Assert.NotEmpty(name);
        var history = Vector.Find("histories", id);
        AssertVerdicts(
            history.GetProperty("verdict"),
            Parse(history.Text("candidate")),
            [.. history.GetProperty("history").EnumerateArray().Select(text => Parse(text.GetString()!))]);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_schema_has_the_recorded_canonical_form_and_fingerprints(string id, string name)
    {
        Assert.NotEmpty(name);
        var recorded = Vector.Find("canonical_forms", id);
        var form = CanonicalForm.Of(Parse(recorded.Text("schema")));
        Assert.Equal(recorded.Text("canonical_form"), form);
        Assert.Equal(recorded.Text("crc64_avro_hex"), CanonicalForm.Fingerprint(form).ToString("x16"));
        Assert.Equal(recorded.Text("crc64_avro_little_endian_bytes"), Convert.ToHexStringLower(CanonicalForm.FingerprintBytes(form)));
        Assert.Equal(recorded.Text("sha256"), Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(form))));
    }

    static AvroSchema Parse(string text) => AvroSchemaParser.Parse(text, [], isNew: true);

    static void AssertVerdicts(JsonElement verdicts, AvroSchema candidate, IReadOnlyList<AvroSchema> versions)
    {
        Assert.Equal(6, verdicts.EnumerateObject().Count());
        foreach (var verdict in verdicts.EnumerateObject())
        {
            Assert.True(CompatibilityLevels.TryParse(verdict.Name, out var level));
            var messages = CompatibilityLevels.Check(level, candidate, [.. versions.Select((schema, i) => (i + 1, schema, SchemaText.Of(schema)))]);
            Assert.True(verdict.Value.GetBoolean() == (messages.Count == 0), $"{verdict.Name}: {string.Join('\n', messages)}");
        }
    }

    static IEnumerable<(string Type, string Path)> Recorded(JsonElement pair, string list) =>
        pair.GetProperty(list).EnumerateArray().Select(one => (one.Text("type"), one.Text("path")));

    static IEnumerable<(string Type, string Path)> Found(AvroSchema reader, AvroSchema writer) =>
        SchemaCompatibility.Check(reader, writer).Select(one => (one.TypeName, one.Path));
}
