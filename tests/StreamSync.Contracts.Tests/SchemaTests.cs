using Avro;
using StreamSync.Contracts.Source;
using StreamSync.SchemaGenerator;
using StreamSync.Tests;

namespace StreamSync.Contracts.Tests;

public class SchemaTests
{
    static readonly string SchemasFolder = Path.Combine(RepositoryRoot.Path, "schemas");

    [Fact]
    public void Generated_classes_are_current()
    {
        var folder = Path.Combine(RepositoryRoot.Path, "services", "StreamSync.Contracts", "Generated");
        var expected = ContractGenerator.Generate(SchemasFolder);
        Assert.Equal(expected.Keys, Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
        foreach (var (name, text) in expected)
        {
            Assert.True(text == File.ReadAllText(Path.Combine(folder, name)), $"{name} is not what schemas/ says: run 'make generate'");
        }
    }

    [Fact]
    public void Every_record_and_field_has_a_doc()
    {
        foreach (var schema in SchemaFolder.Load(SchemasFolder).Values.Cast<RecordSchema>())
        {
            Assert.False(string.IsNullOrWhiteSpace(schema.Documentation), schema.Fullname);
            Assert.All(schema.Fields, f => Assert.False(string.IsNullOrWhiteSpace(f.Documentation), $"{schema.Fullname}.{f.Name}"));
        }
    }

    [Fact]
    public void Every_optional_field_defaults_to_null_so_that_old_readers_and_old_data_go_on()
    {
        foreach (var schema in SchemaFolder.Load(SchemasFolder).Values.Cast<RecordSchema>())
        {
            foreach (var field in schema.Fields.Where(f => f.Schema is UnionSchema))
            {
                Assert.Equal(Schema.Type.Null, ((UnionSchema)field.Schema).Schemas[0].Tag);
                Assert.True(field.DefaultValue is { Type: Newtonsoft.Json.Linq.JTokenType.Null }, $"{schema.Fullname}.{field.Name} needs \"default\": null");
            }
        }
    }

    [Fact]
    public void Every_entity_schema_is_in_the_topic_catalogue()
    {
        var files = Directory.EnumerateFiles(Path.Combine(SchemasFolder, "entity")).Select(f => Path.GetFileNameWithoutExtension(f)!);
        Assert.Equal(files.Order(StringComparer.Ordinal), TopicCatalog.EntityKinds.Keys.Order(StringComparer.Ordinal));
        Assert.All(TopicCatalog.EntityKinds.Values, k => Assert.True(typeof(IEntity).IsAssignableFrom(k.ClrType)));
    }

    [Fact]
    public void An_envelope_holds_the_vendors_own_record()
    {
        var schema = SourceSchemas.Compose("my-tool", "people", """{"type":"record","name":"Person","fields":[{"name":"id","type":"string"}]}""");
        Assert.Equal("streamsync.source.my_tool.people.Change", schema.Fullname);
        Assert.Equal("streamsync.source.my_tool.people.Person", SourceSchemas.RecordOf(schema).Fullname);
        Assert.Equal(
            ["op", "delete_kind", "before", "after", "changed_fields", "source", "occurred_at", "occurred_at_text", "time_zone", "time_zone_source", "observed_at", "source_version", "extras", "change_id"],
            schema.Fields.Select(f => f.Name));
    }

    [Fact]
    public void A_stream_without_a_schema_names_the_file_to_write()
    {
        var error = Assert.Throws<FileNotFoundException>(() => SourceSchemas.Load("nobody", "nothing"));
        Assert.EndsWith(Path.Combine("source", "nobody", "nothing.avsc"), error.Message, StringComparison.Ordinal);
    }
}
