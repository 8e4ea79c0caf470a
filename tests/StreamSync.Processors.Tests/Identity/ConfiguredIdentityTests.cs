using StreamSync.Identity;
using StreamSync.Kafka.Configuration;
using StreamSync.Processors.Identity;

namespace StreamSync.Processors.Tests.Identity;

public sealed class ConfiguredIdentityTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("streamsync-model-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Without_a_key_the_shipped_model_decides()
    {
        var identity = Load("org: a");
        Assert.Equal((IdentityModel.Default.Stamp, "US"), (identity.Model.Stamp, identity.Region));
    }

    [Fact]
    public void A_named_model_is_found_beside_the_file_that_names_it()
    {
        File.WriteAllText(Path.Combine(_folder, "model.json"), ModelFile.Write(IdentityModel.Default with { Version = "ours-1" }));
        var identity = Load("identity: { model: model.json, region: CA }");
        Assert.Equal(("ours-1", "CA"), (identity.Model.Version, identity.Region));
        Assert.NotEqual(IdentityModel.Default.Stamp, identity.Model.Stamp);
    }

    [Theory]
    [InlineData("org: a\nidentity:\n  model: none.json", 3, "there is no such file", "identity train")]
    [InlineData("org: a\nidentity:\n  model: text.json", 3, "'model' names no model of this version", "text.json, line 1")]
    [InlineData("org: a\nidentity:\n  region: ZZ", 3, "'region' is 'ZZ'", "ISO code")]
    public void What_is_wrong_is_told_with_place_and_remedy(string yaml, int line, string message, string remedy)
    {
        File.WriteAllText(Path.Combine(_folder, "text.json"), "who,what\n");
        var error = Assert.Single(Assert.Throws<ConfigException>(() => Load(yaml)).Errors);
        Assert.Equal(line, error.Line);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, error.Remedy, StringComparison.Ordinal);
    }

    ConfiguredIdentity Load(string yaml) => ConfiguredIdentity.Load(StreamSyncConfig.Parse(yaml, Path.Combine(_folder, "streamsync.yaml")));
}
